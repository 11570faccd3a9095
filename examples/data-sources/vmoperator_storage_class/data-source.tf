# By the storage policy's own name, or by the name that VM Operator has for it.
data "vmoperator_storage_class" "vsan" {
  name = "vsan-default-storage-policy"
}

output "vsan" {
  value = {
    policy     = data.vmoperator_storage_class.vsan.storage_policy_name
    datastores = data.vmoperator_storage_class.vsan.datastores[*].name
  }
}
