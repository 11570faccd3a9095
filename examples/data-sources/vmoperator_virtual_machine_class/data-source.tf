# A virtual_machine_class block of the provider, or a class of vCenter.
data "vmoperator_virtual_machine_class" "small" {
  name = "best-effort-small"
}

output "small" {
  value = "${data.vmoperator_virtual_machine_class.small.hardware.cpus} CPUs, ${data.vmoperator_virtual_machine_class.small.hardware.memory}"
}
