# DHCP for both families. dhcp6 also makes the guest honour router advertisements.
resource "vmoperator_virtual_machine" "dhcp" {
  name       = "dhcp-vm"
  class_name = "small"
  image_name = "Ubuntu 22.04 LTS"

  network {
    interface {
      name  = "eth0"
      dhcp4 = true
      dhcp6 = true
      network { name = "VM Network" }
    }
  }

  bootstrap {
    cloud_init {}
  }
}
