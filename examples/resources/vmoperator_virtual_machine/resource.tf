resource "vmoperator_virtual_machine" "web" {
  name       = "web-1"
  image_name = "Photon OS 5.0" # a display name, or a VMI ID
  class_name = "small"

  network {
    domain_name    = "example.com"
    nameservers    = ["10.0.1.53"]
    search_domains = ["example.com"]

    # DHCP on the namespace's default network.
    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
    }

    # Static addresses of both families, and a way to the storage network.
    interface {
      name      = "eth1"
      addresses = ["10.0.1.100/24", "2001:db8:1::100/64"]
      gateway6  = "2001:db8:1::1"
      mtu       = 9000
      network { name = "backend" }

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
        timezone = "Etc/UTC"

        user {
          name                = "ops"
          sudo                = "ALL=(ALL) NOPASSWD:ALL"
          ssh_authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKxC7F6vFhDMQq3cb8mEzXl8c4m0Vb5JpT2mYk0wYb8n ops@example.com"]
        }

        write_file {
          path    = "/etc/motd"
          content = "Managed by Terraform.\n"
        }
      }
    }
  }
}

output "web_address" {
  value = vmoperator_virtual_machine.web.status.network.primary_ip4
}
