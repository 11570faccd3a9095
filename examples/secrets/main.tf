# Secrets that are in no plan and in no state: ephemeral variables go into the write-only
# argument secrets_wo, and `from` points to them by name and key.

variable "ops_password_hash" {
  description = "Password of the user ops, as `openssl passwd -6` writes it."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "api_token" {
  description = "Token that the agent in the guest logs in with."
  type        = string
  ephemeral   = true
  sensitive   = true
}

resource "vmoperator_virtual_machine" "agent" {
  name       = "agent-1"
  class_name = "small"
  image_name = "Ubuntu 22.04 LTS"

  bootstrap {
    # A changed value is noticed and sent to the guest, without a version to count up.
    secrets_wo = {
      ops   = { password = var.ops_password_hash }
      agent = { token = var.api_token }
    }

    cloud_init {
      cloud_config {
        ssh_pwauth = true

        user {
          name        = "ops"
          lock_passwd = false
          passwd {
            from {
              name = "ops"
              key  = "password"
            }
          }
        }

        write_file {
          path        = "/etc/agent/token"
          permissions = "0600"
          content_from {
            name = "agent"
            key  = "token"
          }
        }
      }
    }
  }
}
