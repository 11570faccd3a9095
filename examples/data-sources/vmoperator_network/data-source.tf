# The network of interfaces that name none.
data "vmoperator_network" "default" {}

# By name; also by inventory path, or below a distributed switch as in "DVS0/pooled".
data "vmoperator_network" "pooled" {
  name = "pooled"
}

output "default" {
  value = data.vmoperator_network.default.path
}

output "pooled" {
  value = {
    vlan    = data.vmoperator_network.pooled.vlan.id
    subnet  = data.vmoperator_network.pooled.profile.ip4.subnet
    gateway = data.vmoperator_network.pooled.profile.ip4.gateway
    ranges  = data.vmoperator_network.pooled.profile.ip4.ranges
  }
}
