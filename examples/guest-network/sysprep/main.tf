# A Windows guest that joins a domain. The passwords are write-only: they are in no plan and in no state.
variable "administrator_password" {
  description = "Password of the guest's Administrator, which auto_logon needs."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "domain_password" {
  description = "Password of the account that joins machines to the domain."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "vmoperator_virtual_machine" "sysprep" {
  name       = "sysprep-vm"
  class_name = "small"
  image_name = "Windows Server 2022"

  network {
    host_name   = "my-windows-vm"
    domain_name = "example.com"
    nameservers = ["192.168.1.1", "8.8.8.8"]

    interface {
      name      = "ethernet0"
      addresses = ["192.168.1.101/24"]
      gateway4  = "192.168.1.1"
    }
  }

  bootstrap {
    secrets_wo = {
      domain-credentials = { password = var.domain_password }
      guest              = { administrator = var.administrator_password }
    }

    sysprep {
      sysprep {
        identification {
          domain_admin = "EXAMPLE\\administrator"
          join_domain  = "example.com"

          domain_admin_password {
            from {
              name = "domain-credentials"
              key  = "password"
            }
          }
        }

        gui_unattended {
          auto_logon       = true
          auto_logon_count = 1

          password {
            from {
              name = "guest"
              key  = "administrator"
            }
          }
        }
      }
    }
  }
}
