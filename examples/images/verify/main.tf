data "vmoperator_virtual_machine_images" "all" {}

# The image is looked up, and held to what the machine needs, before anything is deployed.
data "vmoperator_virtual_machine_image" "photon" {
  image_name = "Photon OS 5.0"

  lifecycle {
    postcondition {
      condition     = anytrue([for condition in self.status.conditions : condition.type == "Ready" && condition.status == "True"])
      error_message = "${self.status.name} cannot be deployed: ${join("", [for condition in self.status.conditions : condition.message if condition.type == "Ready" && condition.status == "False"])}."
    }
    postcondition {
      condition     = contains(self.status.capabilities, "cloud-init")
      error_message = "${self.status.name} has no cloud-init."
    }
    postcondition {
      condition     = one(self.status.disks).capacity_bytes <= 40 * 1024 * 1024 * 1024
      error_message = "The disk of ${self.status.name} is larger than the 40 GiB that the machine may have."
    }
  }
}

# The VMI ID, rather than the display name, goes on meaning this image when another one gets its
# name.
resource "vmoperator_virtual_machine" "verified" {
  name       = "verified"
  class_name = "small"
  image_name = data.vmoperator_virtual_machine_image.photon.name
}

# Other content, under the same VMI ID: what the machine was made of, and what the image is today.
output "content" {
  value = {
    deployed = vmoperator_virtual_machine.verified.status.image.provider_content_version
    current  = data.vmoperator_virtual_machine_image.photon.status.provider_content_version
  }
}

# An image that is not found: what has a name like it?
output "like_ubuntu" {
  value = [for image in data.vmoperator_virtual_machine_images.all.images : "${image.status.name} (${image.name})" if strcontains(lower(image.status.name), "ubuntu")]
}

# A display name that is not resolved: which are there more than once? Between the namespace and
# the cluster, the namespace's image is meant; within one of them, only the VMI ID tells.
output "name_conflicts" {
  value = {
    for name, images in { for image in data.vmoperator_virtual_machine_images.all.images : image.status.name => "${image.kind} ${image.name}"... } :
    name => images if length(images) > 1
  }
}

# A machine that cannot be deployed: which images are not ready, and why?
output "not_ready" {
  value = {
    for image in data.vmoperator_virtual_machine_images.all.images :
    image.status.name => one([for condition in image.status.conditions : condition.message if condition.type == "Ready"])
    if anytrue([for condition in image.status.conditions : condition.type == "Ready" && condition.status == "False"])
  }
}
