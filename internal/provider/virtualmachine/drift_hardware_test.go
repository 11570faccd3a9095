package virtualmachine_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// administrator is somebody else who changes machines in vCenter.
func administrator(t testing.TB, sim *simulator.Simulator) *vim25.Client {
	t.Helper()
	transport := soap.NewClient(sim.URL, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.NewManager(client).Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	return client
}

// devicesOf are the devices of a machine.
func devicesOf(t testing.TB, client *vim25.Client, id string) object.VirtualDeviceList {
	t.Helper()
	found, err := object.NewSearchIndex(client).FindByUuid(t.Context(), nil, id, true, govmomi.NewBool(true))
	if err != nil || found == nil {
		t.Fatalf("%v, %v", found, err)
	}
	var vm mo.VirtualMachine
	if err := object.NewVirtualMachine(client, found.Reference()).Properties(t.Context(), found.Reference(), []string{"config.hardware.device"}, &vm); err != nil {
		t.Fatal(err)
	}
	return vm.Config.Hardware.Device
}

// altering is a change of devices.
func altering(operation govmomi.VirtualDeviceConfigSpecOperation, device govmomi.BaseVirtualDevice) govmomi.VirtualMachineConfigSpec {
	return govmomi.VirtualMachineConfigSpec{DeviceChange: []govmomi.BaseVirtualDeviceConfigSpec{&govmomi.VirtualDeviceConfigSpec{Operation: operation, Device: device}}}
}

// drifts are changes that somebody makes in vCenter, and the places that a plan sets right. Those
// of status count only where nothing else differs.
func drifts() map[string]struct {
	spec func(devices object.VirtualDeviceList) govmomi.VirtualMachineConfigSpec
	want []string
} {
	type spec = govmomi.VirtualMachineConfigSpec
	type row = struct {
		spec func(devices object.VirtualDeviceList) spec
		want []string
	}
	setting := func(s spec, want ...string) row {
		return row{func(object.VirtualDeviceList) spec { return s }, want}
	}
	boot := func(options govmomi.VirtualMachineBootOptions, want string) row {
		return setting(spec{BootOptions: &options}, "boot_options."+want)
	}
	disk := func(gibibytes int64, change func(*govmomi.VirtualDisk, *govmomi.VirtualDiskFlatVer2BackingInfo), want ...string) row {
		return row{func(devices object.VirtualDeviceList) spec {
			found := diskOf(devices, gibibytes)
			change(found, found.Backing.(*govmomi.VirtualDiskFlatVer2BackingInfo))
			return altering(govmomi.VirtualDeviceConfigSpecOperationEdit, found)
		}, want}
	}
	drive := func(change func(*govmomi.VirtualCdrom), want ...string) row {
		return row{func(devices object.VirtualDeviceList) spec {
			found := devices.SelectByType((*govmomi.VirtualCdrom)(nil))[0].(*govmomi.VirtualCdrom)
			change(found)
			return altering(govmomi.VirtualDeviceConfigSpecOperationEdit, found)
		}, want}
	}
	card := func(index int, change func(*govmomi.VirtualEthernetCard), want ...string) row {
		return row{func(devices object.VirtualDeviceList) spec {
			found := devices.SelectByType((*govmomi.VirtualEthernetCard)(nil))[index]
			change(found.(govmomi.BaseVirtualEthernetCard).GetVirtualEthernetCard())
			return altering(govmomi.VirtualDeviceConfigSpecOperationEdit, found)
		}, want}
	}
	gone := func(of func(devices object.VirtualDeviceList) govmomi.BaseVirtualDevice, want ...string) row {
		return row{func(devices object.VirtualDeviceList) spec {
			return altering(govmomi.VirtualDeviceConfigSpecOperationRemove, of(devices))
		}, want}
	}
	extra := func(key, value string) spec {
		return spec{ExtraConfig: []govmomi.BaseOptionValue{&govmomi.OptionValue{Key: key, Value: value}}}
	}
	share := func(reservation, limit int64) *govmomi.ResourceAllocationInfo {
		return &govmomi.ResourceAllocationInfo{
			Reservation: &reservation, Limit: &limit, ExpandableReservation: govmomi.NewBool(false), Shares: &govmomi.SharesInfo{Level: govmomi.SharesLevelHigh},
		}
	}
	cpu := func(reservation, limit int64) spec { return spec{CpuAllocation: share(reservation, limit)} }
	memory := func(reservation, limit int64) spec { return spec{MemoryAllocation: share(reservation, limit)} }
	return map[string]row{
		"guest id":           setting(spec{GuestId: "debian12_64Guest"}, "guest_id"),
		"processors":         setting(spec{NumCPUs: 4}, "resources.size.cpu"),
		"memory":             setting(spec{MemoryMB: 8192}, "resources.size.memory"),
		"cpu reservation":    setting(cpu(250, 4000), "resources.requests.cpu"),
		"cpu limit":          setting(cpu(500, -1), "resources.limits.cpu"),
		"memory reservation": setting(memory(512, 8192), "resources.requests.memory"),
		"memory limit":       setting(memory(1024, 6144), "resources.limits.memory"),
		"block tracking":     setting(spec{ChangeTrackingEnabled: govmomi.NewBool(false)}, "advanced.change_block_tracking"),
		"a key":              setting(extra("svga.present", "FALSE"), "advanced.extra_config.svga.present"),
		"a key that is gone": setting(extra("svga.present", ""), "advanced.extra_config.svga.present"),
		"somebody's key":     setting(extra("some.key", "1")),
		"annotation":         setting(spec{Annotation: "mine"}),
		"user data":          setting(extra("guestinfo.userdata", "I2Nsb3VkLWNvbmZpZwo="), "status.bootstrap.revision"),
		"boot delay":         boot(govmomi.VirtualMachineBootOptions{BootDelay: 3000}, "boot_delay"),
		"boot retry":         boot(govmomi.VirtualMachineBootOptions{BootRetryEnabled: govmomi.NewBool(false)}, "boot_retry"),
		"boot retry delay":   boot(govmomi.VirtualMachineBootOptions{BootRetryDelay: 10000}, "boot_retry_delay"),
		"secure boot":        boot(govmomi.VirtualMachineBootOptions{EfiSecureBootEnabled: govmomi.NewBool(false)}, "efi_secure_boot"),
		"boot protocol":      boot(govmomi.VirtualMachineBootOptions{NetworkBootProtocol: "ipv4"}, "network_boot_protocol"),
		"boot order": boot(govmomi.VirtualMachineBootOptions{BootOrder: []govmomi.BaseVirtualMachineBootOptionsBootableDevice{
			&govmomi.VirtualMachineBootOptionsBootableCdromDevice{},
		}}, "boot_order"),

		"disk mode": disk(20, func(_ *govmomi.VirtualDisk, b *govmomi.VirtualDiskFlatVer2BackingInfo) { b.DiskMode = "persistent" }, "volume[0].disk_mode"),
		"sharing": disk(20, func(_ *govmomi.VirtualDisk, b *govmomi.VirtualDiskFlatVer2BackingInfo) {
			b.Sharing = "sharingMultiWriter"
		}, "volume[0].sharing_mode"),
		"a moved disk": disk(20, func(d *govmomi.VirtualDisk, _ *govmomi.VirtualDiskFlatVer2BackingInfo) {
			d.UnitNumber = govmomi.NewInt32(5)
		}, "volume[0].unit_number"),
		"a disk gone": gone(func(devices object.VirtualDeviceList) govmomi.BaseVirtualDevice { return diskOf(devices, 10) }, "volume"),
		"a free moving": disk(10, func(d *govmomi.VirtualDisk, _ *govmomi.VirtualDiskFlatVer2BackingInfo) {
			d.UnitNumber = govmomi.NewInt32(9)
		}),

		"ejected":  drive(func(c *govmomi.VirtualCdrom) { c.Connectable.StartConnected, c.Connectable.Connected = false, false }, "hardware.cdrom[0].connected"),
		"unlocked": drive(func(c *govmomi.VirtualCdrom) { c.Connectable.AllowGuestControl = true }, "hardware.cdrom[0].allow_guest_control"),
		"another file": drive(func(c *govmomi.VirtualCdrom) {
			c.Backing = &govmomi.VirtualCdromRemotePassthroughBackingInfo{VirtualDeviceRemoteDeviceBackingInfo: govmomi.VirtualDeviceRemoteDeviceBackingInfo{}}
		}, "hardware.cdrom[0].image"),
		"no drive": gone(func(devices object.VirtualDeviceList) govmomi.BaseVirtualDevice {
			return devices.SelectByType((*govmomi.VirtualCdrom)(nil))[0]
		}, "hardware.cdrom"),

		"another address": card(0, func(c *govmomi.VirtualEthernetCard) { c.MacAddress = "00:50:56:0a:0b:0d" }, "network.interface[0].mac_addr"),
		"another network": card(1, func(c *govmomi.VirtualEthernetCard) {
			c.Backing = &govmomi.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: govmomi.VirtualDeviceDeviceBackingInfo{DeviceName: simulator.NetworkStandard}}
		}, "network.interface[1].network.name"),
		"no card": gone(func(devices object.VirtualDeviceList) govmomi.BaseVirtualDevice {
			return devices.SelectByType((*govmomi.VirtualEthernetCard)(nil))[1]
		}, "network.interface", "status.bootstrap.revision"),
	}
}

// diskOf is the disk of that many GiB.
func diskOf(devices object.VirtualDeviceList, gibibytes int64) *govmomi.VirtualDisk {
	for _, device := range devices.SelectByType((*govmomi.VirtualDisk)(nil)) {
		if disk := device.(*govmomi.VirtualDisk); disk.CapacityInBytes == gibibytes<<30 {
			return disk
		}
	}
	return nil
}

// What somebody changes in vCenter is seen where it is written, and nowhere else.
func TestDriftIsSeenThereAndOnlyThere(t *testing.T) {
	t.Parallel()
	sim, d, made := standingMachine(t)
	admin := administrator(t, sim)
	id := textAt(made.state, "id")
	for name, test := range drifts() {
		if err := sim.Reconfigure("web", test.spec(devicesOf(t, admin, id))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		read := d.refreshed(made)
		p, diags := d.plan(read, withHardware())
		got := append(moved(read.state, p.planned, "status."), moved(p.planned, read.state, "status.")...)
		if !within(read.state, "status.bootstrap.revision").Equal(within(p.planned, "status.bootstrap.revision")) {
			got = append(got, "status.bootstrap.revision")
		}
		slices.Sort(got)
		got = slices.Compact(got)
		if diff := cmp.Diff(test.want, got); diff != "" || len(diags) > 0 {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, said(diags))
		}
		if failed(diags) {
			continue
		}
		made = d.applied(read, withHardware())
	}
	if broken := emptyPlan(d, d.refreshed(made), withHardware()); len(broken) > 0 {
		t.Errorf("what was set right is not: %v", broken)
	}
}

func TestANameAndAPowerStateAreSeenThereAndOnlyThere(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "power_state", "PoweredOff")
	made := d.refreshed(d.applied(d.nothing(), config))
	for place, drift := range map[string]func() error{
		"name":        func() error { return sim.Rename("small", "other") },
		"power_state": func() error { return sim.PowerOn("small") },
	} {
		if err := drift(); err != nil {
			t.Fatal(err)
		}
		sim.Settle()
		read := d.refreshed(made)
		p := d.planned(read, config)
		if diff := cmp.Diff([]string{place}, moved(read.state, p.planned, "status.")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		made = d.refreshed(d.applied(read, config))
	}
}

// A disk that somebody grew cannot be made smaller again: the plan says so where its size stands.
func TestADiskThatSomebodyGrewIsSaidWhereItsSizeStands(t *testing.T) {
	t.Parallel()
	sim, d, made := standingMachine(t)
	admin := administrator(t, sim)
	for gibibytes, place := range map[int64]string{20: "volume[0]", 40: "advanced.boot_disk_capacity"} {
		devices := devicesOf(t, admin, textAt(made.state, "id"))
		disk := diskOf(devices, gibibytes)
		disk.CapacityInBytes, disk.CapacityInKB = 50<<30, 50<<20
		if err := sim.Reconfigure("web", altering(govmomi.VirtualDeviceConfigSpecOperationEdit, disk)); err != nil {
			t.Fatal(err)
		}
		_, diags := d.plan(d.refreshed(made), withHardware())
		if text := said(diags); len(diags) != 1 || !strings.HasPrefix(dotted(diags[0].Attribute), place) || !strings.Contains(text, "cannot shrink") {
			t.Errorf("%s: it says %q", place, text)
		}
		disk.CapacityInBytes, disk.CapacityInKB = gibibytes<<30, gibibytes<<20
		if err := sim.Reconfigure("web", altering(govmomi.VirtualDeviceConfigSpecOperationEdit, disk)); err != nil {
			t.Fatal(err)
		}
	}
}
