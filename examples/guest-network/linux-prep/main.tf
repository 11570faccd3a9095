# A Linux guest without cloud-init: vSphere customizes it when it is first turned on. Name servers and
# search domains are those of the whole guest, because LinuxPrep has none for an interface.
resource "vmoperator_virtual_machine" "linux_prep" {
  name       = "linuxprep-vm"
  class_name = "small"
  image_name = "Photon OS 5.0"

  network {
    host_name      = "my-linux-vm"
    domain_name    = "example.com"
    nameservers    = ["192.168.1.1", "8.8.8.8"]
    search_domains = ["example.com", "local"]

    interface {
      name      = "eth0"
      addresses = ["192.168.1.100/24"]
      gateway4  = "192.168.1.1"
    }

    interface {
      name  = "eth1"
      dhcp4 = true
    }
  }

  bootstrap {
    linux_prep {
      hardware_clock_is_utc = true
      time_zone             = "America/Los_Angeles"
    }
  }
}

# GuestCustomization says whether the guest took it, and what it says if it did not.
output "conditions" {
  value = { for c in vmoperator_virtual_machine.linux_prep.status.conditions : c.type => c.status }
}
