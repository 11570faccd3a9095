data "vmoperator_storage_classes" "all" {}

# The storage classes that have a datastore in the namespace.
output "usable" {
  value = [for class in data.vmoperator_storage_classes.all.storage_classes : class.name if length(class.datastores) > 0]
}
