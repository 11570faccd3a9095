package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const secretVM = `
resource "vmoperator_virtual_machine" "web" {
  name       = "secret-vm"
  image_name = "Photon OS 5.0"
  class_name = "best-effort-small"

  bootstrap {
    secrets_wo = { users = { admin = "$6$first" } }
    cloud_init {
      cloud_config {
        timezone = "Etc/UTC"
        user {
          name = "admin"
          passwd {
            from {
              name = "users"
              key  = "admin"
            }
          }
        }
      }
    }
  }
}
`

func TestChangedSecretsAreSentToTheGuest(t *testing.T) {
	t.Parallel()
	sim := start(t)
	revision := func(want int64) statecheck.StateCheck {
		return shows("status.bootstrap.revision", knownvalue.Int64Exact(want))
	}
	reset := look(func() { sim.ResetRequests() })
	userdata := []string{"guestinfo.userdata", "vmoperator.record"}
	extraConfig := []string{"extraConfig"}
	holds := func(want string) check {
		return reconfigured(t, sim, func(request simulator.Request) {
			if got := extraConfigValue(request, "guestinfo.userdata"); !strings.Contains(got, want) {
				t.Errorf("the guest is sent %q, without %q", got, want)
			}
		})
	}
	step := func(config string, plan resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{Config: namespaces + config, ConfigPlanChecks: plan, ConfigStateChecks: checks}
	}
	second := edited(t, secretVM, "$6$first", "$6$second")
	versioned := edited(t, second, "    cloud_init {", "    secrets_wo_version = \"1\"\n    cloud_init {")
	third := edited(t, versioned, "$6$second", "$6$third")
	thirdNow := edited(t, third, `"1"`, `"2"`)
	elsewhere := edited(t, thirdNow, "$6$third", "$6$fourth", "Etc/UTC", "Europe/Paris")
	file := edited(t, elsewhere, `timezone = "Europe/Paris"`, "timezone = \"Europe/Paris\"\n        runcmd = [\"true\"]")
	before, _, _ := strings.Cut(secretVM, "  bootstrap {")
	without := before + "}\n"
	story(t,
		step(secretVM, planned(does(plancheck.ResourceActionCreate)), revision(1)),
		// The same secret once more, and one that is not used.
		step(edited(t, secretVM, `users = { admin = "$6$first" }`, `users = { admin = "$6$first", other = "x" }`),
			planned(plancheck.ExpectEmptyPlan()), revision(1)),
		step(second, planned(does(plancheck.ResourceActionUpdate), changesOnly{"status.bootstrap.revision"}, reset),
			sends(t, sim, extraConfig, userdata), holds("$6$second"), asked(t, sim, opReconfigure), revision(2)),
		// A version is written down. It does not say by itself that the secrets changed, but it is new.
		step(versioned, planned(does(plancheck.ResourceActionUpdate), changesOnly{"bootstrap.secrets_wo_version", "status.bootstrap.revision"}), revision(3)),
		step(third, planned(plancheck.ExpectEmptyPlan()), revision(3)),
		step(thirdNow, planned(does(plancheck.ResourceActionUpdate), changesOnly{"bootstrap.secrets_wo_version", "status.bootstrap.revision"}, reset),
			sends(t, sim, extraConfig, userdata), holds("$6$third"), asked(t, sim, opReconfigure), revision(4)),
		// What is written beside the secrets goes to the guest whatever the version, and the
		// secrets with it, since they are one document.
		step(elsewhere, planned(changesOnly{"bootstrap.cloud_init.cloud_config.timezone", "status.bootstrap.revision"}, reset),
			sends(t, sim, extraConfig, userdata), holds("Europe/Paris"), asked(t, sim, opReconfigure), revision(5)),
		step(file, planned(does(plancheck.ResourceActionUpdate), reset), holds("runcmd"), revision(6)),
		step(without, planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, extraConfig, []string{
				"guestinfo.metadata", "guestinfo.metadata.encoding", "guestinfo.userdata", "guestinfo.userdata.encoding", "vmoperator.record",
			}),
			reconfigured(t, sim, func(request simulator.Request) {
				for _, key := range extraConfigKeys(request) {
					if value := extraConfigValue(request, key); strings.HasPrefix(key, "guestinfo.") && value != "" {
						t.Errorf("%s is left as %q", key, value)
					}
				}
			}),
			asked(t, sim, opReconfigure), shows("bootstrap", knownvalue.Null()), shows("status.bootstrap.provider", knownvalue.Null())),
	)
}
