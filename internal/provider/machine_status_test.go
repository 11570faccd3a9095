package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// addMachine makes an empty machine in a folder, as somebody does who does not use Terraform.
func addMachine(t *testing.T, sim *simulator.Simulator, folder, name, instanceUUID string) {
	t.Helper()
	ctx := t.Context()
	client, out := provider.SignIn(t, sim)
	defer out()
	finder := find.NewFinder(client.Client)
	into, err := finder.Folder(ctx, "/DC0/vm/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := finder.ResourcePool(ctx, "/DC0/host/DC0_C1/Resources")
	if err != nil {
		t.Fatal(err)
	}
	task, err := into.CreateVM(ctx, types.VirtualMachineConfigSpec{
		Name: name, InstanceUuid: instanceUUID, GuestId: "otherGuest", NumCPUs: 1, MemoryMB: 64,
		Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_1]"},
	}, pool, nil)
	if err == nil {
		err = task.Wait(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheStatusOfAnyMachineIsShown(t *testing.T) {
	t.Parallel()
	sim := start(t)
	const (
		foreign = "0b5f6d1e-58c1-4c1e-9d53-1f6c2a7b9e10"
		of      = "data.vmoperator_virtual_machine."
	)
	addMachine(t, sim, "team-b", "legacy", foreign)
	managed := namespaces + imageVM(`image_name = "Photon OS 5.0"`, `class_name = "best-effort-small"`, "network {\n    interface {\n      name  = \"eth0\"\n      dhcp4 = true\n    }\n  }", "bootstrap {\n    cloud_init {}\n  }")
	managed = edited(t, managed, `power_state = "PoweredOff"`, `power_state = "PoweredOn"`)
	sources := `
		data "vmoperator_virtual_machine" "by_name" {
		  name = vmoperator_virtual_machine.web.name
		  depends_on = [vmoperator_virtual_machine.web]
		}
		data "vmoperator_virtual_machine" "by_uuid" { instance_uuid = vmoperator_virtual_machine.web.id }
		data "vmoperator_virtual_machine" "legacy" { name = "/DC0/vm/team-b/legacy" }
		data "vmoperator_virtual_machine" "legacy_by_uuid" { instance_uuid = "` + foreign + `" }
	`
	story(t,
		resource.TestStep{Config: managed},
		resource.TestStep{
			PreConfig: sim.Settle,
			Config: managed + sources + `
				output "same" {
				  value = [for s in [data.vmoperator_virtual_machine.by_name.status, data.vmoperator_virtual_machine.by_uuid.status] : s == vmoperator_virtual_machine.web.status]
				}
			`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("same", knownvalue.ListExact([]knownvalue.Check{knownvalue.Bool(true), knownvalue.Bool(true)})),
				statecheck.ExpectKnownValue(of+"by_name", pathTo("path"), is("/DC0/vm/team-a/image-vm")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("name"), is("image-vm")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("namespace"), is("team-a")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("folder"), is("team-a")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("status.class"), is("best-effort-small")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("status.bootstrap.provider"), is("CloudInit")),
				statecheck.ExpectKnownValue(of+"by_uuid", pathTo("status.network.primary_ip4"), knownvalue.NotNull()),

				statecheck.ExpectKnownValue(of+"legacy", pathTo("instance_uuid"), is(foreign)),
				statecheck.ExpectKnownValue(of+"legacy", pathTo("resource_pool"), is("DC0_C1")),
				statecheck.ExpectKnownValue(of+"legacy", pathTo("status.power_state"), is("PoweredOff")),
				statecheck.ExpectKnownValue(of+"legacy", pathTo("status.class"), knownvalue.Null()),
				statecheck.ExpectKnownValue(of+"legacy", pathTo("status.network.config"), knownvalue.Null()),
				statecheck.ExpectKnownValue(of+"legacy", pathTo("status.guest.guest_id"), is("otherGuest")),
				statecheck.ExpectKnownValue(of+"legacy_by_uuid", pathTo("path"), is("/DC0/vm/team-b/legacy")),
				statecheck.ExpectKnownValue(of+"legacy_by_uuid", pathTo("namespace"), knownvalue.Null()),
			},
		},
	)
}

func TestAMachineThatIsNotThereIsSaidWithThoseThatAre(t *testing.T) {
	t.Parallel()
	sim := start(t)
	addMachine(t, sim, "team-a", "web-1", "0b5f6d1e-58c1-4c1e-9d53-1f6c2a7b9e11")
	addMachine(t, sim, "team-b", "db-1", "0b5f6d1e-58c1-4c1e-9d53-1f6c2a7b9e12")
	const gone = "0b5f6d1e-58c1-4c1e-9d53-1f6c2a7b9e13"
	source := func(arguments ...string) string {
		text := ""
		for _, argument := range arguments {
			text += "  " + argument + "\n"
		}
		return namespaces + fmt.Sprintf("data \"vmoperator_virtual_machine\" \"it\" {\n%s}\n", text)
	}
	known := namespaces + `
resource "terraform_data" "name" {
  input = "web-11"
}
data "vmoperator_virtual_machine" "it" {
  name = terraform_data.name.output
}
`
	story(t,
		resource.TestStep{Config: source(`name = "web-11"`), ExpectError: fails("Unable to find the virtual machine", `name = "web-11"`, `no virtual machine "web-11"`, "/DC0/vm/team-a", `"web-1"`)},
		resource.TestStep{Config: source(`name = "db-1"`), ExpectError: fails("Unable to find the virtual machine", `name = "db-1"`, "/DC0/vm/team-b/db-1 is meant")},
		resource.TestStep{Config: source(`name = "web-1"`, `namespace = "team-z"`), ExpectError: fails("No such namespace", `namespace = "team-z"`, `"team-a"`)},
		resource.TestStep{Config: source(`instance_uuid = "` + gone + `"`), ExpectError: fails("Unable to find the virtual machine", `instance_uuid = "`+gone+`"`, gone)},
		resource.TestStep{Config: source(`instance_uuid = "web-1"`), ExpectError: fails("Invalid Attribute Value Match", `instance_uuid = "web-1"`, "must be a UUID")},
		resource.TestStep{Config: source(), ExpectError: fails("Missing Attribute Configuration", "", "name", "instance_uuid")},
		resource.TestStep{Config: source(`name = "web-1"`, `instance_uuid = "`+gone+`"`), ExpectError: fails("Invalid Attribute Combination", "")},
		resource.TestStep{Config: source(`namespace = "team-a"`, `instance_uuid = "`+gone+`"`), ExpectError: fails("Invalid Attribute Combination", "")},
		resource.TestStep{Config: known, ExpectError: fails("Unable to find the virtual machine", "name = terraform_data.name.output", `"web-1"`)},
	)
}
