package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// templateVM is a machine of a virtual machine template, with what machines of OVF items have.
const templateVM = `
resource "vmoperator_virtual_machine" "web" {
  name          = "of-template"
  image_name    = "Ubuntu 24.04 Template"
  class_name    = "best-effort-medium"
  storage_class = "gold"

  network {
    host_name = "web-1"
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
      gateway4  = "10.0.1.1"
      network { name = "backend" }
    }
  }

  bootstrap {
    cloud_init {
      cloud_config {
        user {
          name = "vmware"
          sudo = "ALL=(ALL) NOPASSWD:ALL"
        }
      }
    }
  }

  advanced {
    boot_disk_capacity = "20Gi"
  }

  volume {
    name     = "data"
    capacity = "5Gi"
  }
}
`

func TestAMachineOfATemplateIsWhatItsConfigurationSays(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	var refreshed []simulator.Request
	steps := []resource.TestStep{{
		Config: everyLibrary + templateVM,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				does(plancheck.ResourceActionCreate),
				plans("image.kind", is("ClusterVirtualMachineImage")), plans("image.name", is(templateImage)),
				plans("guest_id", is("ubuntu64Guest")),
				plans("status.image.provider_item_id", is(simulator.ItemTemplate)),
				plans("status.network.config.interfaces.0.ip.gateway4", is("10.0.1.1")),
				look(func() { sim.ResetRequests() }),
			},
			PostApplyPreRefresh:  []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), look(func() { sim.ResetRequests() })},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), look(func() { refreshed = sim.ResetRequests() })},
		},
		ConfigStateChecks: []statecheck.StateCheck{
			check(func() error {
				countCalls(t, "creating a machine of a template", sim.Requests(), cloneCalls)
				text, err := transcript(sim.Requests(changing...))
				if err != nil {
					return err
				}
				return golden("create_template.txt", text)
			}),
			look(func() { seesTemplateMachine(t, sim) }),
			shows("image_name", is(simulator.TemplateMachine)), shows("guest_id", is("ubuntu64Guest")),
			shows("status.image.provider_content_version", is("2")),
			shows("status.network.host_name", is("web-1")),
			shows("status.network.primary_ip4", is("10.0.1.100")),
			shows("status.bootstrap.revision", knownvalue.Int64Exact(1)),
		},
	}}
	steps = append(steps, importsUnchanged()...)
	story(t, append(steps, resource.TestStep{Config: everyLibrary + templateVM, Destroy: true})...)
	countCalls(t, "refreshing a machine of a template", refreshed, refreshCalls)
	if diff := cmp.Diff([]string{simulator.TemplateMachine}, sim.Machines()); diff != "" {
		t.Errorf("machines after the destruction (-want +got):\n%s", diff)
	}
}

// seesTemplateMachine looks at the machine as vCenter and its guest have it.
func seesTemplateMachine(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	report, err := sim.GuestReport("of-template")
	if err != nil {
		t.Error(err)
		return
	}
	if len(report.Problems) != 0 || report.HostName != "web-1" || report.InstanceID == "golden" || report.UserDataRuns != 1 {
		t.Errorf("the guest is %q, instance %q, with %d runs and problems %v", report.HostName, report.InstanceID, report.UserDataRuns, report.Problems)
	}
	devices, keys := devicesOf(t, sim, "of-template")
	var disks []int64
	for _, device := range devices.SelectByType((*types.VirtualDisk)(nil)) {
		disks = append(disks, device.(*types.VirtualDisk).CapacityInBytes>>30)
	}
	if diff := cmp.Diff([]int64{20, 5}, disks); diff != "" {
		t.Errorf("disks in GiB (-want +got):\n%s", diff)
	}
	if cards := devices.SelectByType((*types.VirtualEthernetCard)(nil)); len(cards) != 1 {
		t.Errorf("there are %d cards: the template's are not the machine's", len(cards))
	}
	if keys["vmoperator.create"] != "" || keys["disk.enableUUID"] != "TRUE" {
		t.Errorf("ExtraConfig is %v", keys)
	}
}

// What one apply that creates a machine of a template asks of vCenter, logging in included: its
// name is looked for in all libraries at once, its VMI ID in the items of each type, up to the type
// that has it.
var cloneCalls = map[string]int{
	"RetrieveServiceContent":            1,
	"Login":                             1,
	"POST /rest/com/vmware/cis/session": 1,
	"GET /api/vcenter/namespace-management/virtual-machine-classes": 1,
	"POST /rest/com/vmware/content/library?~action=find":            5, // one for each library that the configuration names
	"GET /rest/com/vmware/content/library/{id}":                     5,
	"POST /rest/com/vmware/content/library/item?~action=find":       3,
	"GET /rest/com/vmware/content/library/item/{id}":                1,
	"GET /rest/vcenter/vm-template/library-items/{id}":              2, // to describe the image, and to copy what it keeps today
	"PbmRetrieveServiceContent":                                     1,
	"PbmQueryProfile":                                               1,
	"PbmRetrieveContent":                                            1,
	"PbmCheckRequirements":                                          1, // a copy needs a datastore, which the storage policy chooses
	"RetrievePropertiesEx":                                          8,
	"FindChild":                                                     3,
	"QueryIpPools":                                                  1,
	opClone:                                                         1,
	opReconfigure:                                                   2,
	opPowerOn:                                                       1,
	"CreatePropertyCollector":                                       1,
	"CreateListView":                                                1,
	"CreateFilter":                                                  1,
	"ModifyListView":                                                4,
}

// The template has been a machine, and a guest of it must not take itself for that one.
func TestAMachineOfATemplateDoesNotInheritItsGuestInfo(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	story(t, resource.TestStep{
		Config:           everyLibrary + imageVM(`image_name = "`+templateImage+`"`),
		ConfigPlanChecks: planned(plans("image.name", is(templateImage)), plans("guest_id", is("ubuntu64Guest"))),
		ConfigStateChecks: []statecheck.StateCheck{
			look(func() {
				_, keys := devicesOf(t, sim, "image-vm")
				for key := range keys {
					if strings.HasPrefix(strings.ToLower(key), "guestinfo.") {
						t.Errorf("the machine has %s = %q", key, keys[key])
					}
				}
				if got := operations(sim.Requests(changing...)); !slices.Equal(got, []string{opClone, opReconfigure}) {
					t.Errorf("the machine was made by %v", got)
				}
			}),
		},
	})
}

// An OVF item that was captured of a machine, or made by hand, may hold what was meant for another
// guest. What is not about a guest stays.
func TestAMachineOfAnOVFItemDoesNotInheritItsGuestInfo(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	editDescriptor(t, sim, simulator.ItemUbuntu, "</VirtualHardwareSection>", `
      <vmw:ExtraConfig ovf:required="false" vmw:key="guestinfo.userdata" vmw:value="I2Nsb3VkLWNvbmZpZwo="/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="guestinfo.userdata.encoding" vmw:value="base64"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="imageregistry.note" vmw:value="1"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="vmservice.vmi.labels" vmw:value="a:b"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="appliance.role" vmw:value="node"/>
    </VirtualHardwareSection>`)
	story(t, resource.TestStep{
		Config: everyLibrary + imageVM(`image_name = "Ubuntu 22.04 LTS"`),
		ConfigStateChecks: []statecheck.StateCheck{look(func() {
			_, keys := devicesOf(t, sim, "image-vm")
			for key, want := range map[string]string{
				"guestinfo.userdata": "", "guestinfo.userdata.encoding": "", "imageregistry.note": "", "vmservice.vmi.labels": "a:b", "appliance.role": "node",
			} {
				if keys[key] != want {
					t.Errorf("the machine has %s = %q, want %q", key, keys[key], want)
				}
			}
			if got := operations(sim.Requests(changing...)); !slices.Equal(got, []string{opDeploy, opReconfigure}) {
				t.Errorf("the machine was made by %v", got)
			}
		})},
	})
}

// What cannot be copied is known before anything is asked of vCenter.
func TestATemplateWithoutItsMachineIsRefusedInPlan(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	inLibraries(t, sim, func(items *library.Manager) error {
		_, err := items.CreateLibraryItem(t.Context(), library.Item{LibraryID: simulator.LibraryTemplatesID, Name: "Nothing", Type: library.ItemTypeVMTX})
		return err
	})
	story(t, resource.TestStep{
		Config:      everyLibrary + imageVM(`image_name = "Nothing"`),
		ExpectError: fails("The image cannot be deployed", `image_name = "Nothing"`, `which virtual machine "Nothing"`, `library "templates"`, "use another image"),
	})
	if got := operations(sim.Requests(changing...)); len(got) != 0 {
		t.Errorf("vCenter was changed: %v", got)
	}
}
