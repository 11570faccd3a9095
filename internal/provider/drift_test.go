package provider_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestWhatChangedInVCenterIsSetRight(t *testing.T) {
	t.Parallel()
	sim := start(t)
	var id, mac0, mac1 string
	behind := func(do func() error) func() {
		return func() {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	step := func(drift func() error, plan resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{PreConfig: behind(drift), Config: namespaces + cloudInitVM, ConfigPlanChecks: plan, ConfigStateChecks: checks}
	}
	reset := look(func() { sim.ResetRequests() })
	option := func(key, value string) types.VirtualMachineConfigSpec {
		return types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: key, Value: value}}}
	}
	revision := func(want int64) statecheck.StateCheck {
		return shows("status.bootstrap.revision", knownvalue.Int64Exact(want))
	}
	story(t,
		step(func() error { return nil }, planned(does(plancheck.ResourceActionCreate)),
			remember("id", &id), remember("network.interface.0.mac_addr", &mac0), remember("network.interface.1.mac_addr", &mac1)),
		step(func() error { return sim.Rename("cloud-init-vm", "other") },
			planned(does(plancheck.ResourceActionUpdate), changesOnly{"name"}, reset), asked(t, sim, "Rename_Task"), unchanged("id", &id)),
		step(func() error { return sim.PowerOff("cloud-init-vm") },
			planned(does(plancheck.ResourceActionUpdate), plans("power_state", is("PoweredOn")), plans("status.bootstrap.revision", knownvalue.Int64Exact(1)), reset),
			asked(t, sim, opPowerOn), revision(1)),
		// User data that somebody else wrote.
		step(func() error {
			return errors.Join(sim.Reconfigure("cloud-init-vm", option("guestinfo.userdata", "I2Nsb3VkLWNvbmZpZwo=")),
				sim.Reconfigure("cloud-init-vm", option("guestinfo.userdata.encoding", "base64")))
		},
			planned(does(plancheck.ResourceActionUpdate), changesOnly{"status.bootstrap.revision"}, reset),
			sends(t, sim, []string{"extraConfig"}, []string{"guestinfo.userdata", "guestinfo.userdata.encoding", "vmoperator.record"}),
			reconfigured(t, sim, func(request simulator.Request) {
				if got := extraConfigValue(request, "guestinfo.userdata"); !strings.Contains(got, "name: vmware") {
					t.Errorf("the guest is sent %q", got)
				}
			}),
			asked(t, sim, opReconfigure), revision(2)),
		// A key that is nobody's business here, and the same text in another encoding.
		resource.TestStep{
			PreConfig: behind(func() error { return sim.Reconfigure("cloud-init-vm", option("guestinfo.other", "1")) }),
			Config:    namespaces + cloudInitVM, PlanOnly: true,
		},
		// A card that somebody took out.
		step(func() error {
			return sim.Reconfigure("cloud-init-vm", types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
				&types.VirtualDeviceConfigSpec{
					Operation: types.VirtualDeviceConfigSpecOperationRemove,
					Device:    &types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: types.VirtualEthernetCard{VirtualDevice: types.VirtualDevice{Key: 4000}}}},
				},
			}})
		},
			planned(does(plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(web, pathTo("network.interface.0.mac_addr")), plans("network.interface.1.name", is("eth1")), reset),
			unchanged("network.interface.1.mac_addr", &mac1), shows("network.interface.0.name", is("eth0")), unchanged("id", &id)),
		// A card that somebody put in.
		step(func() error {
			return sim.Reconfigure("cloud-init-vm", types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
				&types.VirtualDeviceConfigSpec{
					Operation: types.VirtualDeviceConfigSpecOperationAdd,
					Device: &types.VirtualE1000{VirtualEthernetCard: types.VirtualEthernetCard{VirtualDevice: types.VirtualDevice{
						Key:     -1,
						Backing: &types.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "VM Network"}},
					}}},
				},
			}})
		},
			planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, []string{"deviceChange"}, nil), asked(t, sim, opReconfigure), unchanged("network.interface.1.mac_addr", &mac1)),
		step(func() error { return sim.Destroy("cloud-init-vm") }, planned(does(plancheck.ResourceActionCreate))),
	)
}
