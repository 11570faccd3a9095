package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// bootstrapSecrets are the secrets of bootstrapCanaries, by the way in which they reach a guest.
var bootstrapSecrets = map[string]string{
	"root":     "canary-root-1f0d",
	"script":   "canary-script-88ab",
	"product":  "CANAR-YPROD-UCT11-22222-33333",
	"admin":    "canary-admin-93df",
	"domain":   "canary-domain-5e22",
	"batch":    "canary-batch-77f0",
	"answers":  "canary-answers-41aa",
	"property": "canary-property-0c1d",
	"template": "canary-template-6d2e",
	"rawprop":  "canary-rawprop-9b3f",
}

// bootstrapCanaries are machines that take a secret by every way that there is beside
// cloud-init. The secrets are written backwards.
func bootstrapCanaries() string {
	config := `
resource "vmoperator_virtual_machine" "linux" {
  name              = "canary-linux"
  image_name        = "Photon OS 5.0"
  power_off_mode    = "Hard"
  allow_power_cycle = true
  bootstrap {
    secrets_wo = { s = { password = strrev("<root>"), script = "#!/bin/sh\n# ${strrev("<script>")}\n" } }
    linux_prep {
      password {
        from { name = "s" }
      }
      script_text {
        from {
          name = "s"
          key  = "script"
        }
      }
    }
  }
}

resource "vmoperator_virtual_machine" "windows" {
  name              = "canary-windows"
  image_name        = "Windows Server 2022"
  power_off_mode    = "Hard"
  allow_power_cycle = true
  network {
    host_name   = "windows"
    domain_name = "example.com"
  }
  bootstrap {
    secrets_wo = { s = {
      product_id            = strrev("<product>")
      password              = strrev("<admin>")
      domain_admin_password = strrev("<domain>")
      script                = "rem ${strrev("<batch>")}"
    } }
    sysprep {
      sysprep {
        user_data {
          full_name = "A User"
          org_name  = "Example"
          product_id {
            from { name = "s" }
          }
        }
        gui_unattended {
          auto_logon       = true
          auto_logon_count = 1
          password {
            from { name = "s" }
          }
        }
        identification {
          domain_admin = "EXAMPLE\\admin"
          domain_admin_password {
            from { name = "s" }
          }
        }
        script_text {
          from {
            name = "s"
            key  = "script"
          }
        }
      }
    }
  }
}

resource "vmoperator_virtual_machine" "raw" {
  name              = "canary-raw"
  image_name        = "Windows Server 2022"
  power_off_mode    = "Hard"
  allow_power_cycle = true
  bootstrap {
    secrets_wo = { s = { unattend = "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><!-- ${strrev("<answers>")} {{ .V1alpha6.VM.Name }} --></unattend>" } }
    sysprep {
      raw_sysprep {
        from {
          name = "s"
          key  = "unattend"
        }
      }
    }
  }
}

resource "vmoperator_virtual_machine" "appliance" {
  name       = "canary-appliance"
  image_name = "Custom Appliance"
  bootstrap {
    secrets_wo = { s = { password = strrev("<property>"), dns = "${strrev("<template>")} {{ .V1alpha6.VM.Name }}" } }
    vapp_config {
      property {
        key   = "ip0"
        value = "10.0.0.9"
      }
      property {
        key = "password"
        from {
          name = "s"
          key  = "password"
        }
      }
      property {
        key = "dns"
        from {
          name = "s"
          key  = "dns"
        }
      }
    }
  }
}

resource "vmoperator_virtual_machine" "everything" {
  name       = "canary-everything"
  image_name = "Custom Appliance"
  bootstrap {
    secrets_wo = { s = { "network.ip0" = "10.0.0.10", dns = strrev("<rawprop>") } }
    vapp_config { raw_properties = "s" }
  }
}
`
	for name, secret := range bootstrapSecrets {
		config = strings.ReplaceAll(config, "<"+name+">", backwards(secret))
	}
	return config
}

func TestSecretsOfEveryProviderAreInTheGuestAndNowhereElse(t *testing.T) {
	sim := start(t)
	if err := sim.SetAPIVersion("9.1.0.0"); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("TF_LOG", "TRACE")
	t.Setenv("TF_ACC_LOG_PATH", log)
	work := t.TempDir()
	told := func(where, text string) {
		for name, secret := range bootstrapSecrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s contains the secret %s", where, name)
			}
		}
	}
	plan := planJSON(func(plan *tfjson.Plan) error {
		text, err := json.Marshal(plan)
		told("the plan", string(text))
		return err
	})
	quiet := look(func() {
		told("the state", everyState(t, work))
		for _, request := range sim.Requests(opReconfigure) {
			told("a machine's record", extraConfigValue(request, "vmoperator.record"))
		}
	})
	reached := look(func() {
		sim.Settle()
		var sent strings.Builder
		for _, request := range sim.Requests(opReconfigure, "CustomizeVM_Task") {
			sent.WriteString(request.Body)
		}
		for name, secret := range bootstrapSecrets {
			if name != "product" && !strings.Contains(sent.String(), secret) {
				t.Errorf("the secret %s was not sent", name)
			}
		}
		for _, machine := range sim.Machines() {
			if report, err := sim.GuestReport(machine); err != nil || len(report.Problems) > 0 {
				t.Errorf("the guest of %s is %v, %v", machine, report.Problems, err)
			}
		}
		environment, err := sim.OVFEnvironment("canary-appliance")
		if err != nil || environment.Properties["network.dns"] != bootstrapSecrets["template"]+" canary-appliance" {
			t.Errorf("the appliance has %v, %v", environment.Properties, err)
		}
	})
	config := bootstrapCanaries()
	var rotated []string
	for name, secret := range bootstrapSecrets {
		if name != "product" {
			// Written backwards, the beginning is the end.
			rotated = append(rotated, backwards(secret), backwards(secret+"-next"))
		}
	}
	inject := func(operation, fault string) func() {
		return func() {
			sim.Settle()
			sim.ClearRules()
			if err := sim.Inject(simulator.Rule{Operation: operation, Fault: fault, Message: "injected", Times: -1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	next := namespaces + edited(t, config, rotated...)
	resource.UnitTest(t, resource.TestCase{
		WorkingDir:               work,
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{Config: namespaces + config, ConfigPlanChecks: planned(plan), ConfigStateChecks: stateChecks(quiet, reached)},
			// What fails is in the log, with all that it says.
			{PreConfig: inject(opReconfigure, "GenericVmConfigFault"), Config: next, ExpectError: fails("Unable to update the virtual machine", "", "injected")},
			{PreConfig: inject("CustomizeVM_Task", "CustomizationFault"), Config: next, ExpectError: fails("Unable to update the virtual machine", "", "injected")},
			{PreConfig: sim.ClearRules, Config: next, ConfigPlanChecks: planned(plan), ConfigStateChecks: stateChecks(quiet, reached)},
			// What does not fit is refused without being told.
			{
				Config:      strings.Replace(next, `key = "password"`, `key = "workers"`, 1),
				ExpectError: fails("The value does not fit the type of the property", "from {", `"app.workers.main"`),
			},
			{
				Config:      strings.Replace(next, `{{ .V1alpha6.VM.Name }} --></unattend>`, `{{ .V1alpha6.VM.Nam }} --></unattend>`, 1),
				ExpectError: fails("The template of the answer file does not render", "raw_sysprep {"),
			},
			{Config: next, Destroy: true},
		},
	})
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "injected") || !strings.Contains(string(text), "vmoperator_virtual_machine") {
		t.Errorf("the log of %d bytes does not have what failed", len(text))
	}
	told("the log", string(text))
}
