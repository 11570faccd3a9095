# An appliance that reads its network from OVF properties. The keys and the types of their values are
# checked in plan against the image. A value may be a template of what the guest's network is.
resource "vmoperator_virtual_machine" "vapp" {
  name       = "vapp-vm"
  class_name = "small"
  image_name = "Custom Appliance"

  network {
    interface {
      name = "eth0"
      network { name = "backend" }
    }
  }

  bootstrap {
    vapp_config {
      property {
        key   = "network.ip0"
        value = "192.168.1.102/24"
      }
      property {
        key   = "network.gateway"
        value = "192.168.1.1"
      }
      property {
        key   = "network.dns"
        value = "8.8.8.8,8.8.4.4"
      }
    }
  }
}
