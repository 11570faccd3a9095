package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// isoVM is a machine that is installed from a medium: it begins empty, with a disk, and boots from
// the medium first.
const isoVM = `
resource "vmoperator_virtual_machine" "web" {
  name       = "of-iso"
  image_name = "Debian 12 Installer"
  guest_id   = "debian12_64Guest"
  class_name = "best-effort-small"

  network {
    interface {
      name = "eth0"
      network { name = "frontend" }
    }
  }

  volume {
    name     = "boot"
    capacity = "16Gi"
  }

  boot_options {
    firmware = "EFI"
    boot_order {
      type = "CDRom"
    }
    boot_order {
      type = "Disk"
      name = "boot"
    }
  }
}
`

// holding is what the CD-ROM drives of a machine hold, in the order of their units, with a mark
// where a drive is connected at power-on.
func holding(t *testing.T, sim *simulator.Simulator, name string) []string {
	t.Helper()
	devices, _ := devicesOf(t, sim, name)
	found := []string{}
	for _, device := range devices.SelectByType((*types.VirtualCdrom)(nil)) {
		drive, text := device.GetVirtualDevice(), "nothing"
		if backing, ok := drive.Backing.(*types.VirtualCdromIsoBackingInfo); ok {
			text = backing.FileName
		}
		if drive.Connectable != nil && drive.Connectable.StartConnected {
			text += ", connected"
		}
		found = append(found, text)
	}
	return found
}

// holds checks what the drives of a machine hold.
func holds(t *testing.T, sim *simulator.Simulator, name string, want ...string) check {
	return look(func() {
		t.Helper()
		if want == nil {
			want = []string{}
		}
		if diff := cmp.Diff(want, holding(t, sim, name)); diff != "" {
			t.Errorf("what the drives of %s hold (-want +got):\n%s", name, diff)
		}
	})
}

// Files of ISO images on their datastore.
const (
	debianISO = "[LocalDS_0] contentlib-" + simulator.LibraryInstallersID + "/" + simulator.ItemInstaller + "/debian-12-amd64-netinst.iso"
	ubuntuISO = "[LocalDS_0] contentlib-" + simulator.LibraryBaseImagesID + "/" + simulator.ItemISO + "/ubuntu-22.04-live-server-amd64.iso"
	almaISO   = "[LocalDS_0] contentlib-" + simulator.LibrarySubscribedID + "/" + simulator.ItemSubscribedISO + "/AlmaLinux-9-x86_64-minimal.iso"
)

func TestAMachineIsInstalledFromAnISO(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	var refreshed []simulator.Request
	steps := []resource.TestStep{{
		Config: everyLibrary + isoVM,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				does(plancheck.ResourceActionCreate), plans("image.name", is(installerImage)),
				plans("status.image.provider_item_id", is(simulator.ItemInstaller)),
				look(func() { sim.ResetRequests() }),
			},
			PostApplyPreRefresh:  []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), look(func() { sim.ResetRequests() })},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), look(func() { refreshed = sim.ResetRequests() })},
		},
		ConfigStateChecks: []statecheck.StateCheck{
			check(func() error {
				countCalls(t, "creating a machine of an ISO", sim.Requests(), installCalls)
				text, err := transcript(sim.Requests(changing...))
				if err != nil {
					return err
				}
				return golden("create_iso.txt", text)
			}),
			holds(t, sim, "of-iso", debianISO+", connected"),
			shows("hardware", knownvalue.Null()),
			shows("status.guest.guest_id", is("debian12_64Guest")), // of the configuration: nothing runs that would tell
			shows("status.image.provider_content_version", is("1")),
		},
	}}
	steps = append(steps, importsUnchanged()...)
	// The medium has done its work: an empty hardware block says that there are no drives.
	const bare = "\n  allow_power_cycle = true\n  hardware {}\n"
	steps = append(steps, resource.TestStep{
		Config:            everyLibrary + edited(t, isoVM, "boot_order {\n      type = \"CDRom\"\n    }\n    ", "", "  boot_options {", bare+"  boot_options {"),
		ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate), look(func() { sim.ResetRequests() })),
		ConfigStateChecks: []statecheck.StateCheck{holds(t, sim, "of-iso"), asked(t, sim, "ShutdownGuest", opPowerOff, opReconfigure, opPowerOn)},
	})
	story(t, steps...)
	countCalls(t, "refreshing a machine of an ISO", refreshed, refreshCalls)
}

// What one apply that creates a machine of an ISO asks of vCenter, logging in included. There is
// nothing to be read but where the file is.
var installCalls = map[string]int{
	"RetrieveServiceContent":            1,
	"Login":                             1,
	"POST /rest/com/vmware/cis/session": 1,
	"GET /api/vcenter/namespace-management/virtual-machine-classes": 1,
	"POST /rest/com/vmware/content/library?~action=find":            5, // one for each library that the configuration names
	"GET /rest/com/vmware/content/library/{id}":                     5,
	"POST /rest/com/vmware/content/library/item?~action=find":       4, // by name, and by id in the items of each type
	"GET /rest/com/vmware/content/library/item/{id}":                1,
	"GET /rest/com/vmware/content/library/item/storage":             1,
	"RetrievePropertiesEx":                                          7,
	"FindChild":                                                     3,
	"QueryIpPools":                                                  1,
	opCreate:                                                        1,
	opReconfigure:                                                   2,
	opPowerOn:                                                       1,
	"CreatePropertyCollector":                                       1,
	"CreateListView":                                                1,
	"CreateFilter":                                                  1,
	"ModifyListView":                                                4,
}
