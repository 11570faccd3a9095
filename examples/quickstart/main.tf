terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = { source = "vmoperator/vmoperator" }
  }
}

# Where vCenter is, and who asks, comes from VSPHERE_SERVER, VSPHERE_USER and VSPHERE_PASSWORD.
provider "vmoperator" {
  cluster_content_libraries = ["base-images"]
  default_namespace         = "team-a"

  namespace {
    name              = "team-a"
    content_libraries = ["team-a-images"]
    resource_pool     = "team-a"
    folder            = "team-a"
    datastore         = "LocalDS_0"
    default_network   = "VM Network"
    nameservers       = ["10.0.1.53"]
  }

  virtual_machine_class {
    name = "small"
    hardware {
      cpus   = 2
      memory = "4Gi"
    }
    policies {
      resources {
        requests { memory = "2Gi" }
      }
    }
  }
}

variable "route_via" {
  description = "Next hop of the web servers' route to the storage network."
  type        = string
  default     = "10.0.1.254"
}

locals {
  ops = {
    name = "ops"
    sudo = "ALL=(ALL) NOPASSWD:ALL"
    key  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKxC7F6vFhDMQq3cb8mEzXl8c4m0Vb5JpT2mYk0wYb8n ops@example.com"
  }
}

# A machine with a management interface on DHCP, and a static one with jumbo frames and a route.
resource "vmoperator_virtual_machine" "web" {
  name       = "web-1"
  image_name = "Photon OS 5.0"
  class_name = "small"

  network {
    domain_name    = "example.com"
    nameservers    = ["10.0.0.53", "10.0.1.53"]
    search_domains = ["example.com"]

    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
    }

    interface {
      name      = "eth1"
      addresses = ["10.0.1.100/24", "2001:db8:1::100/64"]
      gateway4  = "None"
      gateway6  = "2001:db8:1::1"
      mtu       = 9000
      network { name = "backend" }
      route {
        to     = "10.0.2.0/24"
        via    = var.route_via
        metric = 100
      }
    }
  }

  bootstrap {
    cloud_init {
      cloud_config {
        timezone = "Etc/UTC"
        runcmd   = ["echo ready > /var/lib/ready", ["chmod", "0644", "/var/lib/ready"]]
        user {
          name                = local.ops.name
          sudo                = local.ops.sudo
          ssh_authorized_keys = [local.ops.key]
        }
        write_file {
          path    = "/etc/motd"
          content = "Managed by Terraform.\n"
        }
      }
    }
  }
}

# A machine whose only address is static. Its DNS server is the namespace's.
resource "vmoperator_virtual_machine" "database" {
  name       = "db-1"
  image_name = "Ubuntu 22.04 LTS"
  class_name = "best-effort-medium"

  network {
    interface {
      name      = "eth0"
      addresses = ["10.0.1.20/24"]
      gateway4  = "10.0.1.1"
      network { name = "backend" }
    }
  }

  bootstrap {
    cloud_init {
      ssh_authorized_keys = [local.ops.key]
    }
  }
}

# A machine that says nothing about its network: one interface on the namespace's default
# network, with DHCP.
resource "vmoperator_virtual_machine" "worker" {
  name       = "worker-1"
  image_name = "Ubuntu 22.04 LTS"
  class_name = "best-effort-small"

  bootstrap {
    cloud_init {
      raw_cloud_config {
        value = <<-YAML
          #cloud-config
          package_update: true
          packages: [podman]
        YAML
      }
    }
  }
}

output "machines" {
  description = "What each machine was deployed from, and what its guest reports."
  value = {
    for machine in [
      vmoperator_virtual_machine.web,
      vmoperator_virtual_machine.database,
      vmoperator_virtual_machine.worker,
      ] : machine.name => {
      image     = machine.image.name
      host_name = machine.status.network.host_name
      address   = machine.status.network.primary_ip4
    }
  }
}
