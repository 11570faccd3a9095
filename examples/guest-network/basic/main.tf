# One interface on a network. With no address of either family, and a network that offers
# none, the guest uses DHCP for IPv4.
resource "vmoperator_virtual_machine" "basic" {
  name          = "my-vm"
  class_name    = "small"
  image_name    = "Photon OS 5.0"
  storage_class = "gold"

  network {
    interface {
      name = "eth0"
      network { name = "VM Network" }
    }
  }

  bootstrap {
    cloud_init {}
  }
}
