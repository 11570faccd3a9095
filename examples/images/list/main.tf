# The images of the namespace's own libraries: kubectl get vmi.
data "vmoperator_virtual_machine_images" "namespace" {
  kind = "VirtualMachineImage"
}

# The images of the libraries that all namespaces share: kubectl get cvmi.
data "vmoperator_virtual_machine_images" "cluster" {
  kind = "ClusterVirtualMachineImage"
}

locals {
  images = concat(
    data.vmoperator_virtual_machine_images.namespace.images,
    data.vmoperator_virtual_machine_images.cluster.images,
  )
  header = ["NAME", "DISPLAY NAME", "TYPE", "IMAGE VERSION", "OS NAME", "OS VERSION", "HARDWARE VERSION"]
  # An ISO has no operating system, and an image that cannot be read has nothing of all this.
  rows = [for image in local.images : [
    image.name,
    image.status.name,
    image.status.type,
    try(coalesce(image.status.product_info.version), ""),
    try(coalesce(image.status.os_info.type), ""),
    try(coalesce(image.status.os_info.version), ""),
    try(tostring(coalesce(image.status.hardware_version)), ""),
  ]]
}

output "table" {
  description = "One line for each image, as kubectl get -o wide prints them."
  value       = join("\n", [for row in concat([local.header], local.rows) : trimspace(format("%-23s%-24s%-6s%-15s%-9s%-12s%s", row...))])
}

output "versions" {
  description = "The same as values: version of each image by display name and VMI ID."
  value       = { for image in local.images : "${image.status.name} (${image.name})" => try(image.status.product_info.version, null) }
}
