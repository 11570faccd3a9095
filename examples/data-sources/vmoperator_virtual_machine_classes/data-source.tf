data "vmoperator_virtual_machine_classes" "all" {}

# Classes that reserve all of their memory.
output "guaranteed" {
  value = [
    for class in data.vmoperator_virtual_machine_classes.all.classes : class.name
    if class.policies.resources.requests.memory == class.hardware.memory
  ]
}

# Classes of which this provider makes no machine, with the reason.
output "not_ready" {
  value = {
    for class in data.vmoperator_virtual_machine_classes.all.classes :
    class.name => one(class.status.conditions).message if one(class.status.conditions).status == "False"
  }
}
