data "vmoperator_networks" "all" {}

# Networks that hand out IPv4 addresses, by their subnets.
output "pools" {
  value = {
    for network in data.vmoperator_networks.all.networks :
    network.name => network.profile.ip4.subnet if try(network.profile.ip4.pool_enabled, false)
  }
}
