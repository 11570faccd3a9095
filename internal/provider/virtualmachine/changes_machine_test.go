package virtualmachine

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// valueOf makes a value of a type of what is written. What is left out is null.
func valueOf(shape tftypes.Type, written any) tftypes.Value {
	switch w := written.(type) {
	case lines:
		members := map[string]tftypes.Value{}
		switch s := shape.(type) {
		case tftypes.Object:
			for name, kind := range s.AttributeTypes {
				members[name] = valueOf(kind, w[name])
			}
			for name := range w {
				if s.AttributeTypes[name] == nil {
					panic("there is no " + name)
				}
			}
		case tftypes.Map:
			for key, value := range w {
				members[key] = valueOf(s.ElementType, value)
			}
		}
		return tftypes.NewValue(shape, members)
	case []any:
		elements := make([]tftypes.Value, len(w))
		if list, ok := shape.(tftypes.List); ok {
			for i := range w {
				elements[i] = valueOf(list.ElementType, w[i])
			}
			return tftypes.NewValue(shape, elements)
		}
		for i := range w { // of what may be of any type
			elements[i] = tftypes.NewValue(tftypes.String, w[i])
		}
		return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
	case nil:
		if isRepeatedBlock(shape) {
			return tftypes.NewValue(shape, []tftypes.Value{})
		}
	}
	return tftypes.NewValue(shape, written)
}

// decoded is the model of a configuration, with what a plan fills in.
func decoded(t *testing.T, config lines) *model {
	t.Helper()
	var schema resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &schema)
	config = maps.Clone(config)
	for name, value := range (lines{"namespace": "team-a", "power_state": poweredOn, "min_hardware_version": 0}) {
		if config[name] == nil {
			config[name] = value
		}
	}
	if name, ok := config["image_name"].(string); ok {
		config["image"] = pinned(name)
	}
	var m model
	plan := tfsdk.Plan{Schema: schema.Schema, Raw: valueOf(schema.Schema.Type().TerraformType(t.Context()), config)}
	if diags := plan.Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	return &m
}

// worldFor is what a configuration refers to, as if vCenter had it all.
func worldFor(t *testing.T, m *model) *world {
	t.Helper()
	w := &world{networks: map[string]inventory.Network{}, volumes: map[string]*inventory.StoragePolicy{}, discs: map[string]*image.Image{}}
	classes := map[string]inventory.Class{
		simulator.ClassBestSmall: {CPUs: 2, MemoryBytes: 4 * gibibyte}, simulator.ClassBestLarge: {CPUs: 4, MemoryBytes: 16 * gibibyte},
	}
	if class, ok := classes[m.ClassName.ValueString()]; ok {
		w.class = &class
	}
	if name := m.StorageClass.ValueString(); name != "" {
		w.policy = &inventory.StoragePolicy{ID: name}
	}
	hardware, diags := m.hardware(t.Context())
	spec, more := m.networkSpec(t.Context())
	if diags.Append(more...); diags.HasError() {
		t.Fatal(diags)
	}
	for _, volume := range hardware.Volumes.Or(nil) {
		if name, ok := volume.StorageClass.Get(); ok {
			w.volumes[volume.Name.Or("")] = &inventory.StoragePolicy{ID: name}
		}
	}
	for _, drive := range hardware.CDROMs.Or(nil) {
		if id, ok := drive.ImageName.Get(); ok {
			w.discs[drive.Name.Or("")] = &image.Image{ItemID: drive.ImageKind.Or("") + " " + id}
		}
	}
	for _, nic := range spec.EffectiveInterfaces().Or(nil) {
		w.networks[nic.Name.Or("")] = inventory.Network{Object: inventory.Object{Name: nic.Network.Or("")}}
	}
	return w
}

// bare is a machine as it was deployed, and is off.
func bare(hotPlug bool) *machine.Observation {
	unit := int32(0)
	device := &govmomi.VirtualDisk{VirtualDevice: govmomi.VirtualDevice{
		Key: 2000, ControllerKey: 1000, UnitNumber: &unit, Backing: &govmomi.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent", Uuid: "boot"},
	}}
	return &machine.Observation{
		Name: "web", PowerState: govmomi.VirtualMachinePowerStatePoweredOff, CPUs: 1, MemoryMB: 2048, GuestID: "vmwarePhoton64Guest", Firmware: "efi",
		BootOptions:     &govmomi.VirtualMachineBootOptions{EfiSecureBootEnabled: govmomi.NewBool(true)},
		HardwareVersion: 19, HotPlug: machine.HotPlug{CPUs: hotPlug, Memory: hotPlug},
		Disks:           []machine.Disk{{Key: 2000, ControllerKey: 1000, Place: machine.Place{Type: machine.SCSI}, UUID: "boot", CapacityBytes: 20 * gibibyte, Mode: "persistent", Device: device}},
		Controllers:     []machine.Controller{{Key: 1000, Type: machine.SCSI, Sharing: machine.NoBusSharing, Units: []int32{0, 7}}, {Key: 200, Type: machine.IDE, Sharing: machine.NoBusSharing}, {Key: 201, Type: machine.IDE, Bus: 1, Sharing: machine.NoBusSharing}},
		StoragePolicies: machine.Policies{Known: true, Disks: map[int32]string{}},
		ExtraConfig:     machine.ExtraConfig{},
	}
}

// standsAs is the machine that a configuration makes, and is as it says. The hardware is what the
// comparison with a bare machine asks for.
func standsAs(t *testing.T, m *model, hotPlug bool) *machine.Observation {
	t.Helper()
	have := bare(hotPlug)
	remembered := record{Devices: map[string]int32{}}
	for lacks := true; lacks; {
		w := wishOf(t, m, m, have, remembered.Devices)
		d, err := machine.Compare(w.machine(new(record), have), have, remembered.recorded(have))
		if err != nil {
			t.Fatal(err)
		}
		lacks = d.Reorder // a boot order waits for the devices that it names
		takeOver(have, d, w)
		remembered.note(w, d, have)
		for i := range d.NICs.Add {
			remembered.Devices[d.NICs.Add[i]] = have.NICs[i].Key
		}
	}
	value, err := remembered.encode()
	if err != nil {
		t.Fatal(err)
	}
	have.ExtraConfig[recordKey] = value
	return have
}

// wishOf is what a configuration wants of a machine.
func wishOf(t *testing.T, m, before *model, have *machine.Observation, devices map[string]int32) *wish {
	t.Helper()
	spec, diags := m.hardware(t.Context())
	earlier, more := before.hardware(t.Context())
	diags.Append(more...)
	network, more := m.networkSpec(t.Context())
	if diags.Append(more...); diags.HasError() {
		t.Fatal(diags)
	}
	w := &wish{spec: spec, before: earlier, world: worldFor(t, m), class: m.ClassName.ValueString()}
	w.planNICs(network, have, devices)
	w.discs, w.installer = plannedDiscs(w.world, new(record), have)
	return w
}

// takeOver gives a machine what it lacks.
func takeOver(have *machine.Observation, d *machine.Difference, w *wish) {
	spec := &d.Rest.Spec
	have.CPUs, have.MemoryMB = max(have.CPUs, spec.NumCPUs), max(have.MemoryMB, spec.MemoryMB)
	have.CPUAllocation = cmp.Or(spec.CpuAllocation, have.CPUAllocation)
	have.MemoryAllocation = cmp.Or(spec.MemoryAllocation, have.MemoryAllocation)
	have.ChangeTracking = cmp.Or(spec.ChangeTrackingEnabled, have.ChangeTracking)
	have.HardwareVersion = max(have.HardwareVersion, d.Upgrade)
	for _, option := range spec.ExtraConfig {
		have.ExtraConfig[option.GetOptionValue().Key], _ = option.GetOptionValue().Value.(string)
	}
	if options := spec.BootOptions; options != nil {
		into, from := reflect.ValueOf(have.BootOptions).Elem(), reflect.ValueOf(*options)
		for i := range from.NumField() {
			if !from.Field(i).IsZero() {
				into.Field(i).Set(from.Field(i))
			}
		}
	}
	for i, change := range d.Cards.Spec.DeviceChange {
		card := change.GetVirtualDeviceConfigSpec().Device.(govmomi.BaseVirtualEthernetCard)
		key := int32(4000 + i)
		card.GetVirtualEthernetCard().Key = key
		nic := w.nics[i]
		if nic.Type == "" {
			nic.Type = machine.DefaultNICType
		}
		if nic.MAC == "" {
			nic.MAC = "00:50:56:00:00:01"
		}
		have.NICs = append(have.NICs, machine.ObservedNIC{
			Key: key, UnitNumber: int32(7 + i), Label: nic.Name, MAC: nic.MAC, Type: nic.Type,
			Backing: machine.BackingOf(card.GetVirtualEthernetCard().Backing), Device: card,
		})
	}
	var disks []*govmomi.VirtualDisk
	var drives []*govmomi.VirtualCdrom
	for _, change := range spec.DeviceChange {
		switch device := change.GetVirtualDeviceConfigSpec().Device.(type) {
		case *govmomi.VirtualDisk:
			disks = append(disks, device)
		case *govmomi.VirtualCdrom:
			drives = append(drives, device)
		}
	}
	for i, name := range d.Disks.Add {
		backing := disks[i].Backing.(*govmomi.VirtualDiskFlatVer2BackingInfo)
		backing.Uuid = name
		key := int32(2001 + i)
		disks[i].Key, disks[i].ControllerKey = key, attach(have, d.Disks.Places[name])
		have.Disks = append(have.Disks, machine.Disk{
			Key: key, ControllerKey: disks[i].ControllerKey, UnitNumber: d.Disks.Places[name].Unit, Place: d.Disks.Places[name], UUID: name,
			CapacityBytes: disks[i].CapacityInBytes, Mode: backing.DiskMode, MultiWriter: backing.Sharing == string(govmomi.VirtualDiskSharingSharingMultiWriter),
			Device: disks[i],
		})
		if policy := w.world.volumes[name]; policy != nil {
			have.StoragePolicies.Disks[key] = policy.ID
		}
	}
	for i, name := range d.CDROMs.Add {
		key := int32(16000 + i)
		drives[i].Key, drives[i].ControllerKey = key, attach(have, d.CDROMs.Places[name])
		drive := machine.ObservedCDROM{Key: key, Place: d.CDROMs.Places[name], Label: "CD/DVD drive of " + name, ISO: w.discs[name].ISO, Client: w.discs[name].ISO == "", Device: drives[i]}
		drive.StartConnected, drive.AllowGuestControl = drives[i].Connectable.StartConnected, drives[i].Connectable.AllowGuestControl
		have.CDROMs = append(have.CDROMs, drive)
	}
}

// attach takes a place, and adds the controller that it is on. It returns the controller's key.
func attach(have *machine.Observation, place machine.Place) int32 {
	i := slices.IndexFunc(have.Controllers, func(c machine.Controller) bool { return c.Type == place.Type && c.Bus == place.Bus })
	if i < 0 {
		i = len(have.Controllers)
		have.Controllers = append(have.Controllers, machine.Controller{Key: 15000 + int32(i), Type: place.Type, Bus: place.Bus, Sharing: machine.NoBusSharing})
	}
	have.Controllers[i].Units = append(have.Controllers[i].Units, place.Unit)
	return have.Controllers[i].Key
}

// inPowerState is the same machine in a power state. The drives of one that runs are connected.
func inPowerState(have *machine.Observation, state govmomi.VirtualMachinePowerState) *machine.Observation {
	out := *have
	out.PowerState = state
	out.CDROMs = slices.Clone(have.CDROMs)
	for i := range out.CDROMs {
		out.CDROMs[i].Connected = state != govmomi.VirtualMachinePowerStatePoweredOff && out.CDROMs[i].StartConnected
	}
	return &out
}
