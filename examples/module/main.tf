terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

# Where vCenter is, and who asks, comes from VSPHERE_SERVER, VSPHERE_USER and VSPHERE_PASSWORD.
provider "vmoperator" {
  default_namespace = "team-a"

  namespace {
    name            = "team-a"
    resource_pool   = "team-a"
    folder          = "team-a"
    datastore       = "LocalDS_0"
    default_network = "VM Network"
  }
}

locals {
  machines = {
    "app-1" = [
      { name = "eth0", network = "frontend", addresses = ["10.0.0.11/24"], gateway4 = "10.0.0.1", nameservers = ["10.0.0.53"] },
      { name = "eth1", network = "backend", addresses = ["10.0.1.11/24"], routes = { "10.0.2.0/24" = "10.0.1.254" } },
    ]
    "app-2" = [
      { name = "eth0", network = "frontend", addresses = ["10.0.0.12/24"], gateway4 = "10.0.0.1", nameservers = ["10.0.0.53"] },
    ]
    # No interface at all: one on the namespace's default network, with DHCP.
    "batch-1" = []
  }
}

module "machine" {
  source   = "./modules/machine"
  for_each = local.machines

  name       = each.key
  interfaces = each.value
  ssh_keys   = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKxC7F6vFhDMQq3cb8mEzXl8c4m0Vb5JpT2mYk0wYb8n ops@example.com"]
}

output "addresses" {
  value = { for name, machine in module.machine : name => machine.address }
}
