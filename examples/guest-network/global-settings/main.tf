# Host name, domain and DNS of the whole guest. With cloud-init, the DNS settings are the
# defaults of interfaces that name none.
resource "vmoperator_virtual_machine" "global" {
  name       = "global-vm"
  class_name = "small"
  image_name = "Rocky Linux 9"

  network {
    host_name      = "my-vm" # at most 63 characters, 15 for Windows
    domain_name    = "example.com"
    nameservers    = ["8.8.8.8", "8.8.4.4"]
    search_domains = ["example.com", "local"]
  }

  bootstrap {
    cloud_init {}
  }
}
