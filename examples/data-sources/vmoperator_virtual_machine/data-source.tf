resource "vmoperator_virtual_machine" "web" {
  name       = "status-web"
  image_name = "Photon OS 5.0"
  class_name = "small"

  network {
    interface {
      name  = "eth0"
      dhcp4 = true
    }
  }

  bootstrap {
    cloud_init {}
  }
}

# By name or inventory path: a machine of the namespace, or any other of the datacenter.
data "vmoperator_virtual_machine" "by_name" {
  name = vmoperator_virtual_machine.web.name

  depends_on = [vmoperator_virtual_machine.web]
}

# By instance UUID, wherever in vCenter it is.
data "vmoperator_virtual_machine" "by_uuid" {
  instance_uuid = vmoperator_virtual_machine.web.id
}

output "web" {
  value = {
    path  = data.vmoperator_virtual_machine.by_name.path
    state = data.vmoperator_virtual_machine.by_name.status.power_state
    host  = data.vmoperator_virtual_machine.by_uuid.status.node_name
    tools = one([for condition in data.vmoperator_virtual_machine.by_uuid.status.conditions : condition.status if condition.type == "VirtualMachineTools"])
  }
}
