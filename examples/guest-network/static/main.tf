# Static addresses of both families, with gateways and DNS. They turn DHCP of their family off.
resource "vmoperator_virtual_machine" "static" {
  name       = "static-vm"
  class_name = "small"
  image_name = "Ubuntu 22.04 LTS"

  network {
    interface {
      name           = "eth0"
      addresses      = ["192.168.1.100/24", "2001:db8::100/64"]
      gateway4       = "192.168.1.1"
      gateway6       = "2001:db8::1"
      nameservers    = ["8.8.8.8", "8.8.4.4"]
      search_domains = ["example.com", "local"]
      network { name = "backend" }
    }
  }

  bootstrap {
    cloud_init {}
  }
}
