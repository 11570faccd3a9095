# A device name of one's own, jumbo frames and a static route. The next hop of a route has to
# be in one of the interface's subnets, or the guest cannot reach it.
resource "vmoperator_virtual_machine" "advanced" {
  name       = "advanced-vm"
  class_name = "small"
  image_name = "Photon OS 5.0"

  network {
    interface {
      name              = "eth0"
      guest_device_name = "ens33"
      mtu               = 9000
      addresses         = ["192.168.1.100/24"]
      network { name = "backend" }

      route {
        to     = "10.0.0.0/8"
        via    = "192.168.1.254"
        metric = 100
      }
    }
  }

  bootstrap {
    cloud_init {}
  }
}
