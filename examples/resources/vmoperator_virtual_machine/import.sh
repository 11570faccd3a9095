# By instance UUID. `govc vm.info -json web-1` shows it as config.instanceUuid.
terraform import vmoperator_virtual_machine.web 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a

# By inventory path.
terraform import vmoperator_virtual_machine.web /DC0/vm/team-a/web-1

# By managed object id.
terraform import vmoperator_virtual_machine.web vm-123
