terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

provider "vmoperator" {
  cluster_content_libraries = ["templates"]

  namespace {
    name            = "default"
    resource_pool   = "team-a"
    folder          = "team-a"
    datastore       = "LocalDS_0"
    default_network = "VM Network"
  }
}

# A virtual machine template of a content library. It tells as much as an OVF template does: its
# status is that of the machine which the library keeps.
data "vmoperator_virtual_machine_image" "ubuntu" {
  image_name = "Ubuntu 24.04 Template"
}

# The machine is a copy, told by nothing of what the template was told: its guest configuration,
# its network cards and its UUIDs are the machine's own.
resource "vmoperator_virtual_machine" "web" {
  name          = "of-a-template"
  image_name    = data.vmoperator_virtual_machine_image.ubuntu.name
  class_name    = "best-effort-medium"
  storage_class = "gold"

  network {
    host_name = "web-1"
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
      gateway4  = "10.0.1.1"
      network { name = "backend" }
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

  # The disk of the template has 12 GiB.
  advanced {
    boot_disk_capacity = "20Gi"
  }

  volume {
    name     = "data"
    capacity = "5Gi"
  }
}

output "image" {
  description = "What is known about the template."
  value = {
    type     = data.vmoperator_virtual_machine_image.ubuntu.status.type
    guest_id = data.vmoperator_virtual_machine_image.ubuntu.status.os_info.id
    firmware = data.vmoperator_virtual_machine_image.ubuntu.status.firmware
    disks    = data.vmoperator_virtual_machine_image.ubuntu.status.disks[*].capacity
  }
}

# A machine that was checked out of the library, changed, and checked in again is other content of
# the template. Machines keep what they were made of.
output "content" {
  value = {
    deployed = vmoperator_virtual_machine.web.status.image.provider_content_version
    current  = data.vmoperator_virtual_machine_image.ubuntu.status.provider_content_version
  }
}
