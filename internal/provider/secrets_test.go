package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// The secrets are written backwards, so that they are nowhere in the configuration's text.
const (
	secretPasswd = "canary-passwd-1f0c"
	secretFile   = "canary-file-77ab"
	secretRaw    = "canary-raw-93de"
	secretValue  = "canary-value-5e21"
)

func backwards(text string) string {
	letters := []rune(text)
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters)
}

func canaryVM() string {
	return fmt.Sprintf(`
resource "vmoperator_virtual_machine" "web" {
  name       = "canary-vm"
  image_name = "Photon OS 5.0"
  bootstrap {
    secrets_wo = { s = { passwd = strrev(%q), file = strrev(%q) } }
    cloud_init {
      cloud_config {
        user {
          name = "admin"
          passwd {
            from {
              name = "s"
              key  = "passwd"
            }
          }
        }
        user {
          name = "second"
          passwd { value = strrev(%q) }
        }
        write_file {
          path = "/etc/token"
          content_from {
            name = "s"
            key  = "file"
          }
        }
      }
    }
  }
}

resource "vmoperator_virtual_machine" "raw" {
  name       = "canary-raw"
  image_name = "Photon OS 5.0"
  bootstrap {
    secrets_wo = { s = { raw = "#cloud-config\npassword: ${strrev(%q)}\n" } }
    cloud_init {
      raw_cloud_config {
        from {
          name = "s"
          key  = "raw"
        }
      }
    }
  }
}
`, backwards(secretPasswd), backwards(secretFile), backwards(secretValue), backwards(secretRaw))
}

func TestSecretsAreInTheGuestAndNowhereElse(t *testing.T) {
	sim := start(t)
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("TF_LOG", "TRACE")
	t.Setenv("TF_ACC_LOG_PATH", log)
	writeOnly := []string{secretPasswd, secretFile, secretRaw}
	told := func(where, text string, secrets ...string) {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s contains %q", where, secret)
			}
		}
	}
	rotated := strings.Replace(canaryVM(), backwards(secretFile), backwards(secretFile+"-next"), 1)
	work := t.TempDir()
	plan := planJSON(func(plan *tfjson.Plan) error {
		text, err := json.Marshal(plan)
		told("the plan", string(text), writeOnly...)
		return err
	})
	resource.UnitTest(t, resource.TestCase{
		WorkingDir:               work,
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{
				Config: namespaces + canaryVM(),
				ConfigPlanChecks: planned(plan,
					plancheck.ExpectSensitiveValue(web, pathTo("bootstrap.cloud_init.cloud_config.user.1.passwd.value"))),
				ConfigStateChecks: stateChecks(
					look(func() {
						told("the state", everyState(t, work), writeOnly...)
						for name, secrets := range map[string][]string{"canary-vm": {secretPasswd, secretFile, secretValue}, "canary-raw": {secretRaw}} {
							report, err := sim.GuestReport(name)
							if err != nil {
								t.Error(err)
							}
							for _, secret := range secrets {
								if !strings.Contains(report.UserData, secret) {
									t.Errorf("the guest of %s did not get %q", name, secret)
								}
							}
						}
						for _, request := range sim.Requests(opReconfigure) {
							told("the machine's record", extraConfigValue(request, "vmoperator.record"), append(writeOnly, secretValue)...)
						}
					}),
					// Sensitive, and in state by design.
					shows("bootstrap.cloud_init.cloud_config.user.1.passwd.value", is(secretValue)),
				),
			},
			{ // A changed secret is planned and applied without being told.
				Config:           namespaces + rotated,
				ConfigPlanChecks: planned(plan, changesOnly{"status.bootstrap.revision"}),
				ConfigStateChecks: stateChecks(
					look(func() { told("the state", everyState(t, work), writeOnly...) }),
					shows("status.bootstrap.revision", knownvalue.Int64Exact(2)),
				),
			},
			{ // Nor does an error tell, which is in the log, too.
				Config:      namespaces + edited(t, rotated, `"canary-raw"`, `"canary-vm"`),
				ExpectError: fails("Unable to update the virtual machine", ""),
			},
		},
	})
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) < 10_000 || !strings.Contains(string(text), "vmoperator_virtual_machine") {
		t.Errorf("nothing was logged: %d bytes", len(text))
	}
	told("the log", string(text), append(writeOnly, secretValue, simulator.Password)...)
}

// everyState is the text of all state files under a directory, private state unpacked.
func everyState(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	private := regexp.MustCompile(`"private": "([^"]+)"`)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(filepath.Base(path), "terraform.tfstate") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		out.Write(text)
		for _, found := range private.FindAllSubmatch(text, -1) {
			unpacked, err := base64.StdEncoding.DecodeString(string(found[1]))
			if err != nil {
				return err
			}
			out.Write(unpacked)
			var keys map[string]string
			if err := json.Unmarshal(unpacked, &keys); err != nil {
				return err
			}
			for _, value := range keys {
				inner, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					return err
				}
				out.Write(inner)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.Len() == 0 {
		t.Error("there is no state to look at")
	}
	return out.String()
}
