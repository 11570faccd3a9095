terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

provider "vmoperator" {
  cluster_content_libraries = ["subscribed-images"]

  # The images of this library are copies of what another library publishes. With their source's
  # ids, they have the VMI IDs that they have there: one configuration for every site.
  content_library {
    name            = "subscribed-images"
    naming_strategy = "PreferItemSourceID"
  }

  namespace {
    name            = "default"
    resource_pool   = "team-a"
    folder          = "team-a"
    datastore       = "LocalDS_0"
    default_network = "VM Network"
  }
}

# The library is subscribed on demand: only the descriptors are in it, which is enough to know all
# about an image.
data "vmoperator_virtual_machine_image" "alma" {
  image_name = "AlmaLinux 9"
}

# The disks are transferred before the machine is deployed: the first machine takes longer.
resource "vmoperator_virtual_machine" "web" {
  name       = "of-a-subscribed-library"
  image_name = data.vmoperator_virtual_machine_image.alma.name
  class_name = "best-effort-medium"

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

  # An ISO image of such a library is transferred before it is in the drive.
  hardware {
    cdrom {
      name      = "tools"
      image     = { kind = "ClusterVirtualMachineImage", name = provider::vmoperator::vmi_id("7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1602") }
      connected = false
    }
  }
}

output "published" {
  description = "The VMI ID of the published item, which is also that of its copy."
  value       = data.vmoperator_virtual_machine_image.alma.name == provider::vmoperator::vmi_id("7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1601")
}

output "item" {
  description = "The copy that machines are made of."
  value       = vmoperator_virtual_machine.web.status.image.provider_item_id
}
