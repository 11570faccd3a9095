package provider_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// life is the configuration of a machine that changes in the course of its life.
type life struct {
	name, power, class, resources, cards, volumes, advanced string
}

// hcl writes it.
func (l life) hcl() string {
	return namespaces + fmt.Sprintf(`
resource "vmoperator_virtual_machine" "web" {
  name              = %q
  image_name        = "Photon OS 5.0"
  class_name        = %q
  power_state       = %q
  power_off_mode    = "Hard"
  allow_power_cycle = true

  network {
    host_name = "web"
%s  }

  bootstrap {
    cloud_init {
      cloud_config { timezone = "Europe/Sofia" }
    }
  }

  advanced {
%s  }

%s%s}
`, l.name, l.class, l.power, l.cards, l.advanced, l.resources, l.volumes)
}

// Parts of such a configuration.
const (
	lifeCard0    = "    interface { name = \"eth0\" }\n"
	lifeCard1    = "    interface {\n      name      = \"eth1\"\n      addresses = [\"10.0.1.100/24\"]\n      network { name = \"backend\" }\n    }\n"
	lifeCard2    = "    interface {\n      name  = \"eth2\"\n      dhcp4 = true\n      network { name = \"frontend\" }\n    }\n"
	lifeMoved    = "    interface {\n      name      = \"eth1\"\n      addresses = [\"10.0.7.100/24\"]\n      network { name = \"frontend\" }\n    }\n"
	lifeData     = "  volume {\n    name           = \"data\"\n    capacity       = \"5Gi\"\n    reclaim_policy = \"Retain\"\n  }\n"
	lifeScratch  = "  volume {\n    name     = \"scratch\"\n    capacity = \"1Gi\"\n  }\n"
	lifeKeys     = "    extra_config = { \"numa.nodeAffinity\" = \"0\" }\n"
	lifeGrown    = lifeKeys + "    boot_disk_capacity = \"40Gi\"\n"
	lifeResource = "  resources {\n    size { cpu = \"4\" }\n    limits { memory = \"16Gi\" }\n  }\n"
)

// reordered are the paths of two interfaces that change places.
var reordered = []string{
	"network.interface.0.dhcp4", "network.interface.0.mac_addr", "network.interface.0.name", "network.interface.0.network",
	"network.interface.2.dhcp4", "network.interface.2.mac_addr", "network.interface.2.name", "network.interface.2.network",
	"status.network.config.interfaces.0.guest_device_name", "status.network.config.interfaces.0.name", "status.network.config.interfaces.0.sources.dhcp4",
	"status.network.config.interfaces.2.guest_device_name", "status.network.config.interfaces.2.name", "status.network.config.interfaces.2.sources.dhcp4",
}

// machineFiles are the disks of machines in the datastore, by the paths of their files in it.
func machineFiles(t *testing.T, sim *simulator.Simulator) []string {
	t.Helper()
	client, out := provider.SignIn(t, sim)
	defer out()
	store, err := find.NewFinder(client.Client).Datastore(t.Context(), "/"+simulator.Datacenter+"/datastore/"+simulator.Datastore0)
	if err != nil {
		t.Fatal(err)
	}
	var seen mo.Datastore
	if err := store.Properties(t.Context(), store.Reference(), []string{"info"}, &seen); err != nil {
		t.Fatal(err)
	}
	root := filepath.Clean(seen.Info.GetDatastoreInfo().Url)
	var files []string
	err = filepath.WalkDir(root, func(at string, _ fs.DirEntry, err error) error {
		file := strings.TrimPrefix(at, root+"/")
		if strings.HasSuffix(file, ".vmdk") && !strings.HasSuffix(file, "-flat.vmdk") && !strings.HasPrefix(file, "contentlib-") {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// biography tells a machine's life, step by step.
type biography struct {
	*testing.T
	sim   *simulator.Simulator
	now   life
	id    string
	steps []resource.TestStep
}

// alone checks that there is one machine, with that many files of disks beside it and its own.
func (b *biography) alone(files int) check {
	name := b.now.name
	return look(func() {
		b.Helper()
		if got := b.sim.Machines(); !slices.Equal(got, []string{name}) {
			b.Errorf("there are %v", got)
		}
		if got := machineFiles(b.T, b.sim); len(got) != files {
			b.Errorf("there are the disks %v instead of %d", got, files)
		}
	})
}

// only checks which values a plan changes, apart from what is reported of the machine.
func (b *biography) only(step int, paths []string) plancheck.PlanCheck {
	return planJSON(func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			var found []string
			differing("", change.Change.Before, change.Change.After, change.Change.AfterUnknown, &found)
			found = slices.DeleteFunc(found, func(path string) bool {
				return strings.HasPrefix(path, "status.") && !strings.HasPrefix(path, "status.network.config")
			})
			if diff := cmp.Diff(paths, found, cmpopts.EquateEmpty()); diff != "" {
				b.Errorf("step %d plans otherwise (-want +got):\n%s", step, diff)
			}
		}
		return nil
	})
}

// change changes the configuration, or what somebody did to the machine back: the plan has that
// action and these paths, and apply makes these requests.
func (b *biography) change(behind func() error, to life, paths, requests []string, files int, checks ...statecheck.StateCheck) {
	b.now = to
	at := len(b.steps) + 1
	plans := []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate), b.only(at, paths), look(func() { b.sim.ResetRequests() })}
	same := unchanged("id", &b.id)
	if at == 1 {
		plans = []plancheck.PlanCheck{does(plancheck.ResourceActionCreate), look(func() { b.sim.ResetRequests() })}
		same = remember("id", &b.id)
	}
	sent := look(func() {
		if diff := cmp.Diff(requests, operations(b.sim.Requests(changing...)), cmpopts.EquateEmpty()); diff != "" {
			b.Errorf("step %d changed vCenter otherwise (-want +got):\n%s", at, diff)
		}
	})
	b.steps = append(b.steps, resource.TestStep{
		PreConfig: func() {
			if behind == nil {
				return
			}
			if err := behind(); err != nil {
				b.Fatalf("step %d: %v", at, err)
			}
		},
		Config: to.hcl(), ConfigPlanChecks: planned(plans...),
		ConfigStateChecks: append([]statecheck.StateCheck{same, sent, b.alone(files)}, checks...),
	})
}

// refused is a step that fails in plan, and changes nothing.
func (b *biography) refused(behind func() error, to life, says ...string) {
	b.steps = append(b.steps, resource.TestStep{
		PreConfig: func() {
			if err := behind(); err != nil {
				b.Fatal(err)
			}
		},
		Config: to.hcl(), ExpectError: fails(says[0], "", says[1:]...),
	})
}

// device finds a device of the machine, as it is now.
func (b *biography) device(name string, is func(types.BaseVirtualDevice) bool) types.BaseVirtualDevice {
	b.Helper()
	devices, _ := devicesOf(b.T, b.sim, name)
	i := slices.IndexFunc(devices, is)
	if i < 0 {
		b.Fatalf("%s has no such device", name)
	}
	return devices[i]
}

func TestTheLifeOfAMachine(t *testing.T) {
	t.Parallel()
	b := &biography{T: t, sim: start(t)}
	sim := b.sim
	reconfigure := func(spec types.VirtualMachineConfigSpec) error { return sim.Reconfigure("lively", spec) }
	option := func(key, value string) types.VirtualMachineConfigSpec {
		return types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: key, Value: value}}}
	}
	l := life{name: "lively", power: "PoweredOn", class: "best-effort-small", cards: lifeCard0, advanced: lifeKeys}
	b.change(nil, l, nil, []string{opDeploy, opReconfigure, opPowerOn, opReconfigure}, 1)

	l.class, l.resources = "best-effort-medium", lifeResource
	b.change(nil, l, []string{"class_name", "resources"}, []string{"PowerOffVM_Task", opReconfigure, opPowerOn}, 1, shows("status.class", is("best-effort-medium")))

	l.cards = lifeCard0 + lifeCard1 + lifeCard2
	b.change(nil, l, []string{"network.interface", "status.network.config.interfaces"}, []string{opReconfigure, opReconfigure}, 1, shows("network.interface.2.mac_addr", knownvalue.NotNull()))
	l.cards = lifeCard2 + lifeCard1 + lifeCard0
	b.change(nil, l, reordered, []string{opReconfigure}, 1, sends(t, sim, []string{"extraConfig"}, []string{"vmoperator.record"}))
	l.cards = lifeCard1 + lifeCard0
	b.change(nil, l, []string{"network.interface", "status.network.config.interfaces"}, []string{opReconfigure}, 1)

	l.volumes = lifeData + lifeScratch
	// The second one notes which disks have been made.
	b.change(nil, l, []string{"volume"}, []string{opReconfigure, opReconfigure}, 3)
	l.advanced = lifeGrown
	b.change(nil, l, []string{"advanced.boot_disk_capacity"}, []string{opReconfigure}, 3)

	// What somebody does in vCenter is seen, and set right.
	b.change(func() error { return sim.PowerOff("lively") }, l, []string{"power_state"}, []string{opPowerOn}, 3)
	b.change(func() error {
		card := &types.VirtualVmxnet3{}
		card.Key, card.Backing = -1, &types.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "VM Network"}}
		return reconfigure(types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
			&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: card},
		}})
	}, l, []string{"network.interface"}, []string{opReconfigure}, 3)
	b.change(func() error { return suspend(t, sim, "lively") }, l, []string{"power_state"}, []string{opPowerOn}, 3)
	b.change(func() error { return reconfigure(option("numa.nodeAffinity", "1")) }, l, []string{"advanced.extra_config.numa.nodeAffinity"},
		[]string{"PowerOffVM_Task", opReconfigure, opPowerOn}, 3) // which is read at power-on
	b.steps = append(b.steps, resource.TestStep{
		PreConfig: func() {
			if err := sim.Reconfigure("lively", option("numa.other", "1")); err != nil {
				t.Fatal(err)
			}
		},
		Config: l.hcl(), PlanOnly: true,
	})
	// A disk does not shrink: the configuration has to follow.
	grow := func() error {
		disk, _ := b.device("lively", func(d types.BaseVirtualDevice) bool {
			disk, ok := d.(*types.VirtualDisk)
			return ok && disk.CapacityInBytes == 5<<30
		}).(*types.VirtualDisk)
		disk.CapacityInBytes, disk.CapacityInKB = 8<<30, 8<<20
		return sim.Reconfigure("lively", types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
			&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: disk},
		}})
	}
	b.refused(grow, l, "The machine cannot have this", "cannot shrink", "Ask for at least what it has")
	l.volumes = strings.Replace(lifeData, "5Gi", "8Gi", 1) + lifeScratch
	b.steps = append(b.steps, resource.TestStep{Config: l.hcl(), ConfigPlanChecks: planned(does(plancheck.ResourceActionNoop))})

	l.power = "PoweredOff"
	b.change(nil, l, []string{"power_state"}, []string{"PowerOffVM_Task", opReconfigure}, 3)
	l.cards = lifeMoved + lifeCard0
	b.change(nil, l, []string{"network.interface.0.addresses.0", "network.interface.0.network.name", "status.network.config.interfaces.0.ip.addresses.0"}, []string{opReconfigure}, 3)
	l.power = "PoweredOn"
	b.change(nil, l, []string{"power_state"}, []string{opReconfigure, opPowerOn}, 3)
	l.volumes = strings.Replace(lifeData, "5Gi", "8Gi", 1)
	b.change(nil, l, []string{"volume"}, []string{opReconfigure}, 2)
	l.name = "renamed"
	b.change(nil, l, []string{"name"}, []string{"Rename_Task"}, 2)
	b.steps = append(b.steps, importsUnchanged()...)
	b.steps = append(b.steps, resource.TestStep{
		Config: namespaces, ConfigPlanChecks: planned(does(plancheck.ResourceActionDestroy), look(func() { sim.ResetRequests() })),
		ConfigStateChecks: stateChecks(asked(t, sim, "PowerOffVM_Task", opReconfigure, opDestroy)),
	})
	story(t, b.steps...)
	if left := sim.Machines(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if left := machineFiles(t, sim); len(left) != 1 {
		t.Errorf("of the volumes only the one that is to be retained is to be left, and %v are", left)
	}
}

// suspend suspends a machine behind everybody's back.
func suspend(t *testing.T, sim *simulator.Simulator, name string) error {
	t.Helper()
	ctx := t.Context()
	client, out := provider.SignIn(t, sim)
	defer out()
	found, err := find.NewFinder(client.Client).VirtualMachine(ctx, "/"+simulator.Datacenter+"/vm/"+simulator.FolderTeamA+"/"+name)
	if err != nil {
		return err
	}
	task, err := object.NewVirtualMachine(client.Client, found.Reference()).Suspend(ctx)
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}
