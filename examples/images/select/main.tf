# Images with cloud-init: kubectl get vmi,cvmi -l capability.image.vmoperator.vmware.com/cloud-init.
data "vmoperator_virtual_machine_images" "cloud_init" {
  label_selector = "capability.image.vmoperator.vmware.com/cloud-init"
}

# Images for graphics cards.
data "vmoperator_virtual_machine_images" "gpu" {
  label_selector = "capability.image.vmoperator.vmware.com/nvidia-gpu"
}

# By operating system: -l os.image.vmoperator.vmware.com/type=Linux.
data "vmoperator_virtual_machine_images" "linux" {
  label_selector = "os.image.vmoperator.vmware.com/type=Linux"
}

data "vmoperator_virtual_machine_images" "windows" {
  label_selector = "os.image.vmoperator.vmware.com/type=Windows"
}

# An image has to meet every requirement: Ubuntu of one of two versions, with cloud-init.
data "vmoperator_virtual_machine_images" "ubuntu" {
  label_selector = join(",", [
    "os.image.vmoperator.vmware.com/id=ubuntu64Guest",
    "os.image.vmoperator.vmware.com/version in (22.04, 24.04)",
    "capability.image.vmoperator.vmware.com/cloud-init",
  ])
}

# Everything that has no operating system: installation media, and images that cannot be read.
data "vmoperator_virtual_machine_images" "no_system" {
  label_selector = "!os.image.vmoperator.vmware.com/type"
}

# A machine of the only image that was selected. Its VMI ID does not change, so that a second
# image which meets the requirements is an error here, and no surprise.
resource "vmoperator_virtual_machine" "selected" {
  name       = "selected"
  class_name = "small"
  image_name = one(data.vmoperator_virtual_machine_images.ubuntu.images).name
}

output "selected" {
  description = "Display names of the images."
  value = {
    for selection, images in {
      cloud_init = data.vmoperator_virtual_machine_images.cloud_init.images
      gpu        = data.vmoperator_virtual_machine_images.gpu.images
      linux      = data.vmoperator_virtual_machine_images.linux.images
      windows    = data.vmoperator_virtual_machine_images.windows.images
      ubuntu     = data.vmoperator_virtual_machine_images.ubuntu.images
      no_system  = data.vmoperator_virtual_machine_images.no_system.images
    } : selection => [for image in images : image.status.name]
  }
}
