package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// exampleVM is the machine of an example of guest networking, of a class that the tests have.
func exampleVM(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examplesDir, "guest-network", name, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	// The test writes the values of the variables in their places.
	_, machine, found := strings.Cut(string(text), "\nresource ")
	if !found {
		t.Fatalf("the example %s has no machine", name)
	}
	return edited(t, "resource "+machine, `"small"`, `"best-effort-small"`)
}

// everySysprep has every argument of an inline Sysprep.
const everySysprep = `
resource "vmoperator_virtual_machine" "web" {
  name       = "windows-all"
  image_name = "Windows Server 2022"

  network {
    host_name      = "win-all"
    domain_name    = "example.com"
    nameservers    = ["192.168.1.1"]
    search_domains = ["example.com", "example.org"]
    interface {
      name        = "ethernet0"
      addresses   = ["192.168.1.101/24", "2001:db8::101/64"]
      gateway4    = "192.168.1.1"
      gateway6    = "2001:db8::1"
      nameservers = ["192.168.1.53", "2001:db8::53"]
    }
  }

  bootstrap {
    secrets_wo = {
      win = { product_id = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", password = "adm1n", domain_admin_password = "d0main", script = "echo hello" }
    }
    sysprep {
      sysprep {
        expire_password_after_next_login = true
        user_data {
          full_name = "A User"
          org_name  = "Example"
          product_id {
            from { name = "win" }
          }
        }
        gui_unattended {
          auto_logon       = true
          auto_logon_count = 2
          time_zone        = 4
          password {
            from { name = "win" }
          }
        }
        gui_run_once { commands = ["first.cmd", "second.cmd"] }
        identification {
          join_domain  = "example.com"
          domain_admin = "EXAMPLE\\administrator"
          domain_ou    = "OU=Servers,DC=example,DC=com"
          domain_admin_password {
            from { name = "win" }
          }
        }
        license_file_print_data {
          auto_mode  = "perServer"
          auto_users = 5
        }
        script_text {
          from {
            name = "win"
            key  = "script"
          }
        }
      }
    }
  }
}
`

// rawSysprep has an answer file that is a template.
const rawSysprep = `
resource "vmoperator_virtual_machine" "web" {
  name       = "windows-raw"
  image_name = "Windows Server 2022"

  network {
    interface {
      name      = "ethernet0"
      addresses = ["192.168.1.101/24"]
      gateway4  = "192.168.1.1"
    }
  }

  bootstrap {
    sysprep {
      raw_sysprep {
        value = <<-XML
          <unattend xmlns="urn:schemas-microsoft-com:unattend">
            <!-- {{ .V1alpha6.VM.Name }} has {{ V1alpha6_FirstIP }} at {{ V1alpha6_FirstNicMacAddr }}, and \{\{ braces \}\} -->
          </unattend>
        XML
      }
    }
  }
}
`

// besideLinuxPrep has OVF properties beside a customization.
const besideLinuxPrep = `
resource "vmoperator_virtual_machine" "web" {
  name       = "beside"
  image_name = "Photon OS 5.0"

  network {
    domain_name = "example.com"
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
      gateway4  = "10.0.1.1"
    }
  }

  bootstrap {
    secrets_wo = { root = { password = "r00t" } }
    linux_prep {
      time_zone                        = "Europe/Sofia"
      expire_password_after_next_login = true
      password {
        from { name = "root" }
      }
      script_text { value = "#!/bin/sh\ntrue\n" }
    }
    vapp_config {
      property {
        key   = "hostname"
        value = "{{ .V1alpha6.VM.Spec.Network.DomainName }}-{{ V1alpha6_IP \"10.0.1.7\" }}"
      }
    }
  }
}
`

// everyAdapter has an interface for each row of the table of adapters.
const everyAdapter = `
resource "vmoperator_virtual_machine" "web" {
  name       = "adapters"
  image_name = "Windows Server 2022"

  network {
    interface {
      name  = "lease"
      dhcp4 = true
    }
    interface {
      name        = "static"
      addresses   = ["10.0.1.100/24"]
      gateway4    = "10.0.1.1"
      nameservers = ["10.0.1.53"]
    }
    interface {
      name      = "both"
      addresses = ["192.168.1.10/24", "fd8e:b5a0:f172:123::f/48"]
      gateway4  = "192.168.1.1"
      gateway6  = "fd8e:b5a0:f172:123::1"
    }
    interface {
      name      = "mixed"
      dhcp4     = true
      addresses = ["2001:db8::100/64", "2001:db8::101/64"]
      gateway6  = "2001:db8::1"
    }
    interface {
      name  = "dhcp"
      dhcp4 = true
      dhcp6 = true
    }
    interface {
      name      = "twice"
      addresses = ["192.168.5.7/24", "192.168.5.8/24"]
      gateway4  = "192.168.5.1"
    }
    interface {
      name      = "six"
      dhcp4     = false
      addresses = ["2001:db8:1::100/64"]
      gateway6  = "2001:db8:1::1"
    }
    interface {
      name  = "slaac"
      dhcp4 = false
      dhcp6 = true
    }
    interface {
      name  = "nothing"
      dhcp4 = false
    }
  }

  bootstrap {
    sysprep {
      sysprep {}
    }
  }
}
`

// TestWhatVCenterIsAskedToTellGuests holds the requests that change something in a create against
// files: the secrets are there, since this is where they belong.
func TestWhatVCenterIsAskedToTellGuests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config, version string
		operations      []string
	}{
		"linux-prep": {exampleVM(t, "linux-prep"), "", changing},
		"sysprep": {
			edited(t, exampleVM(t, "sysprep"), "= var.domain_password", `= "d0main"`, "= var.administrator_password", `= "adm1n"`), "", changing,
		},
		"vapp-config":  {exampleVM(t, "vapp-config"), "", changing},
		"sysprep-all":  {everySysprep, "9.1.0.0", []string{"CustomizeVM_Task"}},
		"sysprep-raw":  {rawSysprep, "", []string{"CustomizeVM_Task"}},
		"linux-beside": {besideLinuxPrep, "9.1.0.0", []string{opReconfigure, "CustomizeVM_Task", opPowerOn}},
		"adapters":     {everyAdapter, "9.1.0.0", []string{"CustomizeVM_Task"}},
		"adapters-old": {everyAdapter, "8.0.3.0", []string{"CustomizeVM_Task"}},
	} {
		t.Run(name, func(t *testing.T) {
			sim := start(t)
			if test.version != "" {
				if err := sim.SetAPIVersion(test.version); err != nil {
					t.Fatal(err)
				}
			}
			story(t, resource.TestStep{
				Config: namespaces + test.config,
				ConfigStateChecks: stateChecks(
					check(func() error {
						text, err := transcript(untilPowerOn(sim.Requests(test.operations...)))
						if err != nil {
							return err
						}
						return golden(filepath.Join("bootstrap", name+".txt"), recordValue.ReplaceAllString(text, "${1}(not shown)\n"))
					}),
					look(func() { withoutProblems(t, sim) }),
				),
			})
		})
	}
}

// recordValue is what a machine's record holds. It is the provider's own affair.
var recordValue = regexp.MustCompile(`(key: vmoperator\.record\n\s+value \(xsd:string\): ?)(?:[^\n|]*)\n(?:\s+\|[^\n]*\n)+`)

// untilPowerOn cuts requests off after the first power-on: what follows tells the guest nothing.
func untilPowerOn(requests []simulator.Request) []simulator.Request {
	for i, request := range requests {
		if request.Operation == opPowerOn {
			return requests[:i+1]
		}
	}
	return requests
}

// withoutProblems checks the guest of the only machine.
func withoutProblems(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	sim.Settle()
	report, err := sim.GuestReport(sim.Machines()[0])
	if err != nil || !report.Running || len(report.Problems) > 0 {
		t.Errorf("the guest is %+v, %v", report, err)
	}
}
