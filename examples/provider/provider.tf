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
  # Images that every namespace sees.
  cluster_content_libraries = ["base-images"]
  default_namespace         = "team-a"

  # Where the machines of a team live, and what they may use.
  namespace {
    name              = "team-a"
    content_libraries = ["team-a-images"]
    resource_pool     = "team-a"
    folder            = "team-a"
    datastore         = "LocalDS_0"
    default_network   = "VM Network"
    nameservers       = ["10.0.1.53"]
    search_domains    = ["example.com"]
  }

  # A size by name. vCenter's own classes work as well.
  virtual_machine_class {
    name = "small"
    hardware {
      cpus   = 2
      memory = "4Gi"
    }
  }
}
