# A machine to prepare.
resource "vmoperator_virtual_machine" "prepared" {
  name       = "prepared"
  class_name = "small"
  image_name = "Photon OS 5.0"
}

# An image of it. The machine may change or go afterwards.
resource "vmoperator_virtual_machine_image" "golden" {
  content_library = "team-a-images"
  name            = "Golden Photon OS"
  description     = "Photon OS with what every machine of the team needs."

  source {
    virtual_machine = vmoperator_virtual_machine.prepared.id
  }
}

# A machine of the image. It keeps the content that it was made of when the image gets another.
resource "vmoperator_virtual_machine" "web" {
  name       = "web"
  class_name = "small"
  image      = vmoperator_virtual_machine_image.golden.image
}

output "image" {
  description = "What the image is."
  value = {
    id      = vmoperator_virtual_machine_image.golden.image.name
    version = vmoperator_virtual_machine_image.golden.status.provider_content_version
  }
}
