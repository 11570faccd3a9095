package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// A module for guests of every kind: which blocks there are depends on a variable, which is
// unknown while a configuration is validated. Only a CLI sends what such blocks look like then.
const anyGuest = `
variable "os" { type = string }
variable "inline" { type = bool }

resource "vmoperator_virtual_machine" "any" {
  name       = "any-vm-0123456789"
  image_name = "Photon OS 5.0"

  network {
    host_name   = "any-vm"
    domain_name = "example.com"
  }
  bootstrap {
    secrets_wo = { root = { password = "hunter2", text = "#!/bin/sh", unattend = "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"/>" } }
    dynamic "cloud_init" {
      for_each = var.os == "cloud" ? [1] : []
      content {
        dynamic "cloud_config" {
          for_each = var.inline ? [1] : []
          content {
            user {
              name = "admin"
              dynamic "passwd" {
                for_each = var.inline ? [1] : []
                content { value = "hunter2" }
              }
              dynamic "hashed_passwd" {
                for_each = var.inline ? [] : [1]
                content { value = "hash" }
              }
            }
          }
        }
        dynamic "raw_cloud_config" {
          for_each = var.inline ? [] : [1]
          content { value = "#cloud-config\n" }
        }
      }
    }
    dynamic "linux_prep" {
      for_each = var.os == "linux" ? [1] : []
      content {
        time_zone = "Europe/Sofia"
        script_text {
          value = var.inline ? "#!/bin/sh" : null
          dynamic "from" {
            for_each = var.inline ? [] : [1]
            content {
              name = "root"
              key  = "text"
            }
          }
        }
      }
    }
    dynamic "sysprep" {
      for_each = var.os == "windows" ? [1] : []
      content {
        dynamic "sysprep" {
          for_each = var.inline ? [1] : []
          content {
            gui_unattended { time_zone = 1 }
          }
        }
        dynamic "raw_sysprep" {
          for_each = var.inline ? [] : [1]
          content {
            from { name = "root" }
          }
        }
      }
    }
  }
  readiness_probe {
    dynamic "guest_heartbeat" {
      for_each = var.os == "cloud" ? [1] : []
      content {}
    }
    dynamic "tcp_socket" {
      for_each = var.os == "linux" ? [1] : []
      content { port = 22 }
    }
    dynamic "guest_info" {
      for_each = var.os == "windows" ? [1] : []
      content { key = "ready" }
    }
  }
}
`

// guestOf gives the variables of a module their values.
func guestOf(os string, inline bool) config.Variables {
	return config.Variables{"os": config.StringVariable(os), "inline": config.BoolVariable(inline)}
}

func TestAModuleForEveryGuestIsPlannedByItsVariables(t *testing.T) {
	t.Parallel()
	sim := start(t)
	windows := strings.NewReplacer("Photon OS 5.0", "Windows Server 2022", "any-vm-0123456789", "any-vm").Replace(anyGuest)
	var steps []resource.TestStep
	for _, inline := range []bool{true, false} {
		for _, os := range []string{"cloud", "linux"} {
			steps = append(steps, resource.TestStep{Config: namespaces + anyGuest, ConfigVariables: guestOf(os, inline), PlanOnly: true, ExpectNonEmptyPlan: true})
		}
		steps = append(steps, resource.TestStep{Config: namespaces + windows, ConfigVariables: guestOf("windows", inline), PlanOnly: true, ExpectNonEmptyPlan: true})
	}
	story(t, steps...)
	nothingWasMade(t, sim)
}

func TestATriggerIsRefusedWhereNothingIsCustomized(t *testing.T) {
	t.Parallel()
	sim := start(t)
	const refused = "Nothing to customize"
	trigger := `customize_trigger = "1"`
	steps := mistakes(t, whole, []mistake{{old: "    cloud_init {", mistake: "    customize_trigger = \"1\"\n    cloud_init {", at: trigger, summary: refused, details: []string{"linux_prep and sysprep"}}})
	steps = append(steps, mistakes(t, wholeAppliance, []mistake{{old: "    vapp_config {", mistake: "    customize_trigger = \"1\"\n    vapp_config {", at: trigger, summary: refused}})...)
	variable := edited(t, anyGuest, "    dynamic \"linux_prep\" {", "    customize_trigger = \"1\"\n    dynamic \"linux_prep\" {")
	steps = append(steps,
		resource.TestStep{Config: namespaces + variable, ConfigVariables: guestOf("cloud", true), ExpectError: fails(refused, trigger)},
		resource.TestStep{Config: namespaces + variable, ConfigVariables: guestOf("linux", true), PlanOnly: true, ExpectNonEmptyPlan: true},
	)
	story(t, steps...)
	nothingWasMade(t, sim)
}

// What variables say is judged in plan as what is written, at the block around a dynamic one: a
// CLI does not find the line of that.
func TestBlocksOfVariablesThatExcludeEachOtherAreErrorsInPlan(t *testing.T) {
	t.Parallel()
	sim := start(t)
	story(t,
		resource.TestStep{
			Config:          namespaces + edited(t, anyGuest, `for_each = var.os == "windows" ? [1] : []`+"\n      content {\n        dynamic", `for_each = [1]`+"\n      content {\n        dynamic"),
			ConfigVariables: guestOf("linux", true), ExpectError: fails("Bootstrap providers exclude each other", "bootstrap {"),
		},
		resource.TestStep{
			Config:          namespaces + edited(t, anyGuest, "for_each = var.inline ? [] : [1]\n          content { value = \"#cloud-config", "for_each = [1]\n          content { value = \"#cloud-config"),
			ConfigVariables: guestOf("cloud", true), ExpectError: fails("cloud_config and raw_cloud_config exclude each other", ""),
		},
		resource.TestStep{
			Config:          namespaces + edited(t, anyGuest, "for_each = var.os == \"linux\" ? [1] : []\n      content { port", "for_each = [1]\n      content { port"),
			ConfigVariables: guestOf("cloud", true), ExpectError: fails("A readiness probe is of one kind", ""),
		},
	)
	nothingWasMade(t, sim)
}
