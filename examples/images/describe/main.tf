# Everything about one image: kubectl describe vmi.
data "vmoperator_virtual_machine_image" "photon" {
  image_name = "Photon OS 5.0"
}

# The same image by its VMI ID, which a content library item keeps for life. The id can also be
# computed: provider::vmoperator::vmi_id("e1968c25-dd84-4506-8dc7-9beacb6b688e").
data "vmoperator_virtual_machine_image" "by_id" {
  kind = "ClusterVirtualMachineImage"
  name = "vmi-0a0044d7c690bcbea"
}

# An appliance tells by its OVF properties what it wants to know.
data "vmoperator_virtual_machine_image" "appliance" {
  image_name = "Custom Appliance"
}

locals {
  photon = data.vmoperator_virtual_machine_image.photon
}

output "status" {
  description = "What is known about the image."
  value       = local.photon.status
}

output "provider_ref" {
  description = "The content library item that it was made of."
  value       = data.vmoperator_virtual_machine_image.by_id.spec.provider_ref
}

output "capabilities" {
  description = "kubectl get vmi -o jsonpath='{.status.capabilities}'"
  value       = local.photon.status.capabilities
}

output "conditions" {
  description = "kubectl get vmi -o jsonpath='{.status.conditions}'"
  value       = local.photon.status.conditions
}

output "labels" {
  description = "kubectl get vmi --show-labels"
  value       = local.photon.labels
}

output "disks" {
  description = "Virtual and populated size of each disk."
  value       = { for disk in local.photon.status.disks : disk.name => "${disk.capacity}, of which ${coalesce(disk.size, "an unknown part")} is used" }
}

output "questions" {
  description = "The OVF properties that a deployment can set, with their types."
  value       = { for property in data.vmoperator_virtual_machine_image.appliance.status.ovf_properties : property.key => property.type... }
}
