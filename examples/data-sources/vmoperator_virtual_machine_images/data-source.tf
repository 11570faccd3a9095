# Linux images with cloud-init, of the namespace's own libraries and of the shared ones.
data "vmoperator_virtual_machine_images" "linux" {
  label_selector = "os.image.vmoperator.vmware.com/type=Linux,capability.image.vmoperator.vmware.com/cloud-init"
}

# All images of the shared libraries.
data "vmoperator_virtual_machine_images" "shared" {
  kind = "ClusterVirtualMachineImage"
}

output "linux" {
  value = [for image in data.vmoperator_virtual_machine_images.linux.images : "${image.status.name} (${image.name})"]
}

# Images that cannot be deployed, with the reason.
output "not_ready" {
  value = {
    for image in data.vmoperator_virtual_machine_images.shared.images :
    image.name => one([for condition in image.status.conditions : condition.message if condition.type == "Ready"])
    if anytrue([for condition in image.status.conditions : condition.type == "Ready" && condition.status == "False"])
  }
}
