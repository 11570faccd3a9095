# By display name: first in the namespace's own libraries, then in the shared ones.
data "vmoperator_virtual_machine_image" "photon" {
  image_name = "Photon OS 5.0"
}

# By kind and VMI ID, which stays the same for the life of the image.
data "vmoperator_virtual_machine_image" "ubuntu" {
  kind = "ClusterVirtualMachineImage"
  name = "vmi-23ac950a0f5bc47ef"
}

output "photon" {
  value = {
    id           = data.vmoperator_virtual_machine_image.photon.name
    cloud_init   = contains(data.vmoperator_virtual_machine_image.photon.status.capabilities, "cloud-init")
    disk_size    = one(data.vmoperator_virtual_machine_image.photon.status.disks).capacity
    last_version = data.vmoperator_virtual_machine_image.photon.status.provider_content_version
  }
}
