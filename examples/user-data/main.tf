# User data of one's own, as cloud-init documents it, instead of cloud_config. The network
# still comes from the network block.
resource "vmoperator_virtual_machine" "runner" {
  name       = "runner-1"
  class_name = "small"
  image_name = "Ubuntu 22.04 LTS"

  network {
    interface {
      name        = "eth0"
      addresses   = ["10.0.1.30/24"]
      gateway4    = "10.0.1.1"
      nameservers = ["10.0.1.53"]
      network { name = "backend" }
    }
  }

  bootstrap {
    cloud_init {
      # A changed id makes cloud-init run everything once more.
      instance_id = "runner-1-2024-06"

      raw_cloud_config {
        value = <<-YAML
          #cloud-config
          package_update: true
          packages: [podman]
          write_files:
            - path: /etc/containers/registries.conf.d/50-mirror.conf
              content: |
                unqualified-search-registries = ["registry.example.com"]
        YAML
      }
    }
  }
}
