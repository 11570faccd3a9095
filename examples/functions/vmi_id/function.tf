# The VMI ID of the content library item with this id.
output "vmi_id" {
  value = provider::vmoperator::vmi_id("e1968c25-dd84-4506-8dc7-9beacb6b688e") # "vmi-0a0044d7c690bcbea"
}
