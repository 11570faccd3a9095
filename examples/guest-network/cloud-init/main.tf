# Two interfaces and the defaults of the whole guest: eth0 takes the DNS servers of the
# machine, eth1 has its own.
resource "vmoperator_virtual_machine" "cloud_init" {
  name       = "cloud-init-vm"
  class_name = "small"
  image_name = "Ubuntu 22.04 LTS"

  network {
    host_name      = "my-vm"
    domain_name    = "example.com"
    nameservers    = ["8.8.8.8", "8.8.4.4"]
    search_domains = ["example.com"]

    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
      dhcp6             = false
    }

    interface {
      name        = "eth1"
      addresses   = ["10.0.1.100/24"]
      gateway4    = "10.0.1.1"
      nameservers = ["10.0.1.53"]

      route {
        to     = "10.0.2.0/24"
        via    = "10.0.1.254"
        metric = 100
      }
    }
  }

  bootstrap {
    cloud_init {
      cloud_config {
        user {
          name = "vmware"
          sudo = "ALL=(ALL) NOPASSWD:ALL"
        }
      }
    }
  }
}

# What the guest was told, and where each value came from.
output "config" {
  value = vmoperator_virtual_machine.cloud_init.status.network.config
}
