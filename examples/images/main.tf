terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

provider "vmoperator" {
  # Images of the namespace are VirtualMachineImages, the others ClusterVirtualMachineImages.
  cluster_content_libraries = ["partner-images"]

  namespace {
    name              = "default"
    content_libraries = ["base-images"]
    resource_pool     = "DC0_C0" # the pool of a whole cluster
    datastore         = "LocalDS_0"
    default_network   = "VM Network"
  }
}

# By kind and VMI ID: an image of the namespace's own libraries.
resource "vmoperator_virtual_machine" "by_id" {
  name       = "by-id"
  class_name = "best-effort-medium"
  image = {
    kind = "VirtualMachineImage"
    name = "vmi-0a0044d7c690bcbea"
  }
}

# By display name. It stays as written, and `image` shows the VMI ID that it resolved to. It
# is resolved once: a later image of the same name changes nothing.
resource "vmoperator_virtual_machine" "by_display_name" {
  name       = "by-display-name"
  class_name = "best-effort-medium"
  image_name = "Photon OS 5.0"
}

# An image of a library that all namespaces share. `cvmi-` is the same as `vmi-`.
resource "vmoperator_virtual_machine" "shared" {
  name       = "shared"
  class_name = "best-effort-medium"
  image = {
    kind = "ClusterVirtualMachineImage"
    name = "cvmi-9f5ae4f9dd550c8c3"
  }
}

# By what an image can do: the images of both kinds that claim a capability.
data "vmoperator_virtual_machine_images" "gpu" {
  label_selector = "capability.image.vmoperator.vmware.com/nvidia-gpu"
}

# By operating system, and by capability: an image has to meet every requirement.
data "vmoperator_virtual_machine_images" "linux" {
  kind           = "VirtualMachineImage"
  label_selector = "os.image.vmoperator.vmware.com/type=Linux,capability.image.vmoperator.vmware.com/cloud-init"
}

output "image" {
  description = "What the display name stands for."
  value       = vmoperator_virtual_machine.by_display_name.image
}

output "gpu" {
  description = "VMI IDs by display name."
  value       = { for image in data.vmoperator_virtual_machine_images.gpu.images : image.status.name => image.name }
}

output "linux" {
  description = "Versions by display name."
  value       = { for image in data.vmoperator_virtual_machine_images.linux.images : image.status.name => image.status.os_info.version }
}
