# What a namespace offers, looked at before a machine is made of it.
terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

provider "vmoperator" {
  cluster_content_libraries = ["base-images"]

  namespace {
    name                  = "team-a"
    resource_pool         = "team-a"
    folder                = "team-a"
    default_network       = "frontend"
    default_storage_class = "gold"
  }
}

variable "namespace" {
  type    = string
  default = "team-a"
}

data "vmoperator_virtual_machine_class" "small" {
  namespace = var.namespace
  name      = "best-effort-small"
}

data "vmoperator_network" "default" {
  namespace = var.namespace
}

data "vmoperator_storage_class" "default" {
  namespace = var.namespace
}

resource "vmoperator_virtual_machine" "web" {
  name          = "namespace-web"
  namespace     = var.namespace
  image_name    = "Photon OS 5.0"
  class_name    = data.vmoperator_virtual_machine_class.small.name
  storage_class = data.vmoperator_storage_class.default.name

  network {
    interface {
      name  = "eth0"
      dhcp4 = true
      network {
        name = data.vmoperator_network.default.path
      }
    }
  }

  bootstrap {
    cloud_init {}
  }

  lifecycle {
    precondition {
      condition     = one(data.vmoperator_virtual_machine_class.small.status.conditions).status == "True"
      error_message = coalesce(one(data.vmoperator_virtual_machine_class.small.status.conditions).message, "The class is ready.")
    }
    precondition {
      condition     = length(data.vmoperator_storage_class.default.datastores) > 0
      error_message = "No datastore of the namespace satisfies its default storage class."
    }
  }
}

output "size" {
  value = data.vmoperator_virtual_machine_class.small.hardware
}
