terraform {
  required_version = ">= 1.11"
  required_providers {
    vmoperator = {
      source = "vmoperator/vmoperator"
    }
  }
}

provider "vmoperator" {
  cluster_content_libraries = ["installers", "base-images"]

  namespace {
    name            = "default"
    resource_pool   = "team-a"
    folder          = "team-a"
    datastore       = "LocalDS_0"
    default_network = "VM Network"
  }
}

# A machine of an ISO image begins empty: what an image of another type would say is written here,
# which is the guest id, a size, and a disk to install to. The image is in a CD-ROM drive, which is
# there without being written.
resource "vmoperator_virtual_machine" "installed" {
  name       = "installed"
  image_name = "Debian 12 Installer"
  guest_id   = "debian12_64Guest"
  class_name = "best-effort-medium"

  volume {
    name     = "boot"
    capacity = "16Gi"
  }

  boot_options {
    firmware = "EFI"
    # The disk is empty at first, so that the machine boots from the drive; afterwards it does not.
    boot_order {
      type = "Disk"
      name = "boot"
    }
    boot_order {
      type = "CDRom"
    }
  }
}

# A drive names its image by kind and VMI ID.
data "vmoperator_virtual_machine_image" "debian" {
  image_name = "Debian 12 Installer"
}

data "vmoperator_virtual_machine_image" "ubuntu" {
  image_name = "Ubuntu 22.04 Installer"
}

# With a hardware block, the machine has the drives that are in it, and no other. What is in a drive
# may change, and be ejected by connected = false, while the machine runs.
resource "vmoperator_virtual_machine" "with_drives" {
  name       = "with-drives"
  guest_id   = "debian12_64Guest"
  image_name = "Debian 12 Installer"

  resources {
    size {
      cpu    = "2"
      memory = "4Gi"
    }
  }

  volume {
    name     = "boot"
    capacity = "16Gi"
  }

  hardware {
    cdrom {
      name  = "installer"
      image = { kind = "ClusterVirtualMachineImage", name = data.vmoperator_virtual_machine_image.debian.name }
    }
    cdrom {
      name      = "rescue"
      image     = { kind = "ClusterVirtualMachineImage", name = data.vmoperator_virtual_machine_image.ubuntu.name }
      connected = false
    }
  }
}

output "media" {
  description = "VMI IDs of everything that is an installation medium."
  value       = { for image in data.vmoperator_virtual_machine_images.media.images : image.status.name => image.name }
}

data "vmoperator_virtual_machine_images" "media" {
  label_selector = "image.vmoperator.vmware.com/type=ISO"
}
