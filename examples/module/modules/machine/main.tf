terraform {
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

variable "name" {
  description = "Name of the machine, and host name of its guest."
  type        = string
}

variable "image" {
  description = "Display name or VMI ID of the image."
  type        = string
  default     = "Ubuntu 22.04 LTS"
}

variable "class" {
  description = "Virtual machine class."
  type        = string
  default     = "best-effort-small"
}

variable "interfaces" {
  description = "The network interfaces, in order. What is left out is the provider's default."
  type = list(object({
    name        = string
    network     = optional(string)
    addresses   = optional(list(string))
    dhcp4       = optional(bool)
    dhcp6       = optional(bool)
    gateway4    = optional(string)
    gateway6    = optional(string)
    mtu         = optional(number)
    nameservers = optional(list(string))
    routes      = optional(map(string), {}) # destination => next hop
  }))
  default = []
}

variable "ssh_keys" {
  description = "SSH public keys of the guest's default user."
  type        = list(string)
}

resource "vmoperator_virtual_machine" "this" {
  name       = var.name
  image_name = var.image
  class_name = var.class

  network {
    dynamic "interface" {
      for_each = var.interfaces
      content {
        name        = interface.value.name
        addresses   = interface.value.addresses
        dhcp4       = interface.value.dhcp4
        dhcp6       = interface.value.dhcp6
        gateway4    = interface.value.gateway4
        gateway6    = interface.value.gateway6
        mtu         = interface.value.mtu
        nameservers = interface.value.nameservers

        network { name = interface.value.network }

        dynamic "route" {
          for_each = interface.value.routes
          content {
            to  = route.key
            via = route.value
          }
        }
      }
    }
  }

  bootstrap {
    cloud_init {
      ssh_authorized_keys = var.ssh_keys
    }
  }
}

output "id" {
  description = "Instance UUID of the machine."
  value       = vmoperator_virtual_machine.this.id
}

output "address" {
  description = "Primary IPv4 address that the guest reports."
  value       = vmoperator_virtual_machine.this.status.network.primary_ip4
}
