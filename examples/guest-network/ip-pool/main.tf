# Addresses from the pools of a Network Protocol Profile. The interface names none of its own,
# and its network has a profile with an enabled pool: vCenter assigns an address of each family
# when the machine is created, and the profile brings gateways, DNS servers, search domains and
# the domain. The machine keeps its addresses until it is destroyed, or until the interface
# leaves the network or gets addresses of its own.
resource "vmoperator_virtual_machine" "pooled" {
  name       = "pooled-vm"
  class_name = "small"
  image_name = "Photon OS 5.0"

  network {
    interface {
      name = "eth0"
      network { name = "pooled" }
    }
  }

  bootstrap {
    cloud_init {}
  }
}

# What the guest was told, and that the network is where it comes from. In a plan everything is
# known but the addresses.
output "config" {
  value = vmoperator_virtual_machine.pooled.status.network.config
}

output "address" {
  value = one(vmoperator_virtual_machine.pooled.status.network.config.interfaces).ip.addresses[0]
}
