package virtualmachine

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// attributesByPlace are the attributes of a model that are not null, by place.
func attributesByPlace(m *model) map[string]string {
	out := map[string]string{}
	var walk func(at string, value attr.Value)
	walk = func(at string, value attr.Value) {
		switch v := value.(type) {
		case interface{ Attributes() map[string]attr.Value }:
			for name, inner := range v.Attributes() {
				walk(at+"."+name, inner)
			}
			if !value.IsNull() && len(v.Attributes()) > 0 {
				return
			}
		case interface{ Elements() []attr.Value }:
			for i, inner := range v.Elements() {
				walk(at+"["+string(rune('0'+i))+"]", inner)
			}
			if len(v.Elements()) > 0 {
				return
			}
		}
		if !value.IsNull() {
			out[strings.TrimPrefix(at, ".")] = value.String()
		}
	}
	for name, value := range map[string]attr.Value{
		"guest_id": m.GuestID, "min_hardware_version": m.MinHardwareVersion, "resources": m.Resources, "advanced": m.Advanced,
		"boot_options": m.BootOptions, "hardware": m.Hardware, "volume": m.Volume,
	} {
		walk(name, value)
	}
	return out
}

// changed are the attributes that a change changes, as place: was -> is.
func changed(t *testing.T, m *model, observed *hardwareSpec) []string {
	t.Helper()
	before := attributesByPlace(m)
	if diags := m.setHardware(t.Context(), observed); len(diags) > 0 {
		t.Fatal(diags)
	}
	after := attributesByPlace(m)
	var out []string
	for place, was := range before {
		if after[place] != was {
			out = append(out, strings.TrimSpace(place+": "+was+" -> "+after[place]))
		}
	}
	for place, is := range after {
		if _, ok := before[place]; !ok {
			out = append(out, place+": -> "+is)
		}
	}
	slices.Sort(out)
	return out
}

// seenAs is what is observed of a machine that is as it is written.
func seenAs(t *testing.T, m *model) hardwareSpec {
	t.Helper()
	spec, diags := m.hardware(t.Context())
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return spec
}

func TestAMachineAsItIsWrittenChangesNothing(t *testing.T) {
	t.Parallel()
	m := modelOf(t, wholeHardware())
	seen := seenAs(t, m)
	if got := changed(t, m, &seen); len(got) > 0 {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if got := changed(t, m, &hardwareSpec{}); len(got) > 0 {
		t.Errorf("of a machine of which nothing was observed:\n%s", strings.Join(got, "\n"))
	}
}

// What differs by value is set, in the machine's spelling, and nothing else is.
func TestWhatWasObservedIsSetWhereItIsWritten(t *testing.T) {
	t.Parallel()
	disk := func(change func(*volumeSpec)) func(*hardwareSpec) {
		return func(s *hardwareSpec) { change(&s.Volumes.Or(nil)[0]) }
	}
	drive := func(i int, change func(*cdromSpec)) func(*hardwareSpec) {
		return func(s *hardwareSpec) { change(&s.CDROMs.Or(nil)[i]) }
	}
	for name, test := range map[string]struct {
		change func(*hardwareSpec)
		want   []string
	}{
		"guest id":               {func(s *hardwareSpec) { s.GuestID = known.Of("other") }, []string{`guest_id: "photon64Guest" -> "other"`}},
		"a higher version":       {func(s *hardwareSpec) { s.MinHardware = known.Of[int64](21) }, nil},
		"a lower version":        {func(s *hardwareSpec) { s.MinHardware = known.Of[int64](15) }, []string{"min_hardware_version: 19 -> 15"}},
		"a version of no number": {func(s *hardwareSpec) { s.MinHardware = known.Of[int64](0) }, nil},
		"processors":             {func(s *hardwareSpec) { s.Resources.Size.CPU = known.Of[int64](2) }, []string{`resources.size.cpu: "4000m" -> "2"`}},
		"memory":                 {func(s *hardwareSpec) { s.Resources.Size.Memory = known.Of[int64](6 << 30) }, []string{`resources.size.memory: "8192Mi" -> "6Gi"`}},
		"reservation":            {func(s *hardwareSpec) { s.Resources.Requests.CPU = known.Of[int64](0) }, []string{`resources.requests.cpu: "2k" -> "0"`}},
		"limit":                  {func(s *hardwareSpec) { s.Resources.Limits.CPU = known.Of[int64](4000) }, []string{`resources.limits.cpu: "-1" -> "4000"`}},
		"no limit":               {func(s *hardwareSpec) { s.Resources.Limits.Memory = known.Of[int64](-1) }, []string{`resources.limits.memory: "8388608Ki" -> "-1"`}},
		"boot disk":              {func(s *hardwareSpec) { s.Advanced.BootDiskBytes = known.Of[int64](50 << 30) }, []string{`advanced.boot_disk_capacity: "40960Mi" -> "50Gi"`}},
		"tracking":               {func(s *hardwareSpec) { s.Advanced.ChangeTracking = known.Of(false) }, []string{"advanced.change_block_tracking: true -> false"}},
		"keys": {
			func(s *hardwareSpec) {
				s.Advanced.ExtraConfig = known.Of(map[string]known.Value[string]{"NUMA.NODEAFFINITY": known.Of("1"), "other": known.Of("x")})
			},
			[]string{`advanced.extra_config: {"numa.nodeAffinity":"0","svga.Present":"FALSE"} -> {"numa.nodeAffinity":"1"}`},
		},
		"keys in another case": {
			func(s *hardwareSpec) {
				s.Advanced.ExtraConfig = known.Of(map[string]known.Value[string]{"numa.nodeaffinity": known.Of("0"), "svga.present": known.Unknown[string]()})
			}, nil,
		},
		"firmware":         {func(s *hardwareSpec) { s.Boot.Firmware = known.Of("bios") }, []string{`boot_options.firmware: "EFI" -> "bios"`}},
		"boot delay":       {func(s *hardwareSpec) { s.Boot.DelayMS = known.Of[int64](90000) }, []string{`boot_options.boot_delay: "1500ms" -> "1m30s"`}},
		"boot retry":       {func(s *hardwareSpec) { s.Boot.Retry = known.Of(false) }, []string{`boot_options.boot_retry: "Enabled" -> "Disabled"`}},
		"boot retry delay": {func(s *hardwareSpec) { s.Boot.RetryDelayMS = known.Of[int64](0) }, []string{`boot_options.boot_retry_delay: "90s" -> "0s"`}},
		"secure boot":      {func(s *hardwareSpec) { s.Boot.SecureBoot = known.Of(true) }, []string{`boot_options.efi_secure_boot: "Disabled" -> "Enabled"`}},
		"boot protocol":    {func(s *hardwareSpec) { s.Boot.NetworkBootProtocol = known.Of("IP4") }, []string{`boot_options.network_boot_protocol: "IP6" -> "IP4"`}},
		"boot order": {
			func(s *hardwareSpec) {
				s.Boot.Order = known.Of([]bootEntry{{Type: known.Of("Disk"), Name: known.Of("log")}})
			},
			[]string{
				`boot_options.boot_order[0].name: -> "log"`, `boot_options.boot_order[0].type: "CDRom" -> "Disk"`, `boot_options.boot_order[1].name: "data" ->`,
				`boot_options.boot_order[1].type: "Disk" ->`, `boot_options.boot_order[2].type: "Disk" ->`, `boot_options.boot_order[3].name: "eth0" ->`, `boot_options.boot_order[3].type: "Network" ->`,
			},
		},
		"half a boot order": {func(s *hardwareSpec) { s.Boot.Order = known.Of([]bootEntry{{Type: known.Unknown[string]()}}) }, nil},

		"capacity":        {disk(func(v *volumeSpec) { v.CapacityBytes = known.Of[int64](30 << 30) }), []string{`volume[0].capacity: "20480Mi" -> "30Gi"`}},
		"storage class":   {disk(func(v *volumeSpec) { v.StorageClass = known.Of("silver") }), []string{`volume[0].storage_class: "gold" -> "silver"`}},
		"disk mode":       {disk(func(v *volumeSpec) { v.DiskMode = known.Of("Persistent") }), []string{`volume[0].disk_mode: "IndependentPersistent" -> "Persistent"`}},
		"sharing mode":    {disk(func(v *volumeSpec) { v.SharingMode = known.Of("None") }), []string{`volume[0].sharing_mode: "MultiWriter" -> "None"`}},
		"an unknown mode": {disk(func(v *volumeSpec) { v.DiskMode = known.Unknown[string]() }), nil},
		"place":           {disk(func(v *volumeSpec) { v.At.UnitNumber = known.Of[int64](0) }), []string{"volume[0].unit_number: 8 -> 0"}},
		"a place of open": {func(s *hardwareSpec) {
			s.Volumes.Or(nil)[1].At = addressSpec{known.Of("SCSI"), known.Of[int64](0), known.Of[int64](1)}
		}, nil},
		"a mode of open":   {func(s *hardwareSpec) { s.Volumes.Or(nil)[1].DiskMode = known.Of("Persistent") }, nil},
		"kept for good":    {func(s *hardwareSpec) { s.Volumes.Or(nil)[1].ReclaimPolicy = known.Of("Retain") }, []string{`volume[1].reclaim_policy: -> "Retain"`}},
		"not removable":    {func(s *hardwareSpec) { s.Volumes.Or(nil)[1].Removable = known.Of(false) }, []string{"volume[1].removable: -> false"}},
		"connection":       {drive(0, func(c *cdromSpec) { c.Connected = known.Of(true) }), []string{"hardware.cdrom[0].connected: false -> true"}},
		"open connection":  {drive(1, func(c *cdromSpec) { c.Connected = known.Of(false) }), []string{"hardware.cdrom[1].connected: -> false"}},
		"no connection":    {drive(2, func(c *cdromSpec) { c.Connected = known.Of(true) }), []string{"hardware.cdrom[2].connected: -> true"}},
		"guest control":    {drive(1, func(c *cdromSpec) { c.AllowGuestControl = known.Of(false) }), []string{"hardware.cdrom[1].allow_guest_control: -> false"}},
		"another image":    {drive(1, func(c *cdromSpec) { c.ImageName = known.Of("vmi-2a0044d7c690bcbea") }), []string{`hardware.cdrom[1].image.name: "vmi-1a0044d7c690bcbea" -> "vmi-2a0044d7c690bcbea"`}},
		"the same image":   {drive(0, func(c *cdromSpec) { c.ImageName = known.Of("vmi-0a0044d7c690bcbea") }), nil},
		"an unseen image":  {drive(0, func(c *cdromSpec) { c.ImageName, c.ImageKind = known.Unknown[string](), known.Unknown[string]() }), nil},
		"a place of drive": {drive(0, func(c *cdromSpec) { c.At.BusNumber = known.Of[int64](0) }), []string{"hardware.cdrom[0].controller_bus_number: 1 -> 0"}},
		"another kind": {
			drive(1, func(c *cdromSpec) { c.ImageKind = known.Of("ClusterVirtualMachineImage") }),
			[]string{`hardware.cdrom[1].image.kind: -> "ClusterVirtualMachineImage"`},
		},
		"no image": {
			drive(1, func(c *cdromSpec) { c.ImageName, c.Connected = known.Value[string]{}, known.Of(false) }),
			[]string{`hardware.cdrom[1].image.name: "vmi-1a0044d7c690bcbea" ->`},
		},
		"an image in an empty drive": {
			drive(2, func(c *cdromSpec) {
				c.ImageName, c.ImageKind, c.Connected = known.Of("vmi-2a0044d7c690bcbea"), known.Of("VirtualMachineImage"), known.Of(true)
			}),
			[]string{`hardware.cdrom[2].image.name: -> "vmi-2a0044d7c690bcbea"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := modelOf(t, wholeHardware())
			seen := seenAs(t, m)
			test.change(&seen)
			if diff := cmp.Diff(test.want, changed(t, m, &seen)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := changed(t, m, &seen); len(again) > 0 {
				t.Errorf("a second time:\n%s", strings.Join(again, "\n"))
			}
		})
	}
}

func TestVolumesAndDrivesAreThoseThatWereObserved(t *testing.T) {
	t.Parallel()
	m := modelOf(t, writtenBlock{
		"volume":   []writtenBlock{{"name": "a", "capacity": "1024Mi"}, {"name": "b", "capacity": "2Gi"}, {"name": "c", "capacity": "3Gi"}},
		"hardware": writtenBlock{"cdrom": []writtenBlock{{"name": "cd1"}, {"name": "cd2", "image": writtenBlock{"name": "vmi-0a0044d7c690bcbea"}}}},
	})
	seen := hardwareSpec{
		Volumes: known.Of([]volumeSpec{
			{Name: known.Of("c"), CapacityBytes: known.Of[int64](4 << 30)},
			{
				Name: known.Of("new"), CapacityBytes: known.Of[int64](5 << 30), DiskMode: known.Of("Persistent"),
				At: addressSpec{known.Of("SCSI"), known.Of[int64](0), known.Of[int64](3)}, Removable: known.Of(true), ReclaimPolicy: known.Of("Delete"), StorageClass: known.Unknown[string](),
			},
			{Name: known.Of("a"), CapacityBytes: known.Of[int64](1 << 30)},
		}),
		CDROMs: known.Of([]cdromSpec{
			{
				Name: known.Of("cd9"), ImageKind: known.Of("ClusterVirtualMachineImage"), ImageName: known.Of("vmi-1a0044d7c690bcbea"), Connected: known.Of(true),
				AllowGuestControl: known.Of(true), At: addressSpec{ControllerType: known.Of("IDE")},
			},
			{Name: known.Of("cd8"), ImageKind: known.Unknown[string](), ImageName: known.Unknown[string](), Connected: known.Unknown[bool]()},
			{Name: known.Of("cd1"), Connected: known.Of(false)},
		}),
	}
	changed(t, m, &seen)
	want := map[string]string{
		"volume[0].name": `"a"`, "volume[0].capacity": `"1024Mi"`, "volume[1].name": `"c"`, "volume[1].capacity": `"4Gi"`,
		"volume[2].name": `"new"`, "volume[2].capacity": `"5Gi"`, "volume[2].disk_mode": `"Persistent"`,
		"volume[2].controller_type": `"SCSI"`, "volume[2].controller_bus_number": "0", "volume[2].unit_number": "3",
		"hardware.cdrom[0].name": `"cd1"`, "hardware.cdrom[1].name": `"cd9"`, "hardware.cdrom[1].image.kind": `"ClusterVirtualMachineImage"`,
		"hardware.cdrom[1].image.name": `"vmi-1a0044d7c690bcbea"`, "hardware.cdrom[1].controller_type": `"IDE"`, "hardware.cdrom[2].name": `"cd8"`,
	}
	if diff := cmp.Diff(want, attributesByPlace(m)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	changed(t, m, &hardwareSpec{Volumes: known.Of([]volumeSpec{}), CDROMs: known.Of([]cdromSpec{})})
	if got := attributesByPlace(m); len(m.Volume.Elements()) > 0 || len(got) != 2 || m.Hardware.IsNull() {
		t.Errorf("of a machine without volumes and drives: %v", got)
	}
}

// What the configuration has no block for is not its business.
func TestBlocksThatAreNotThereStayAway(t *testing.T) {
	t.Parallel()
	seen := seenAs(t, modelOf(t, wholeHardware()))
	seen.Volumes = known.Value[[]volumeSpec]{}
	m := modelOf(t, writtenBlock{})
	if diff := cmp.Diff([]string{`guest_id: -> "photon64Guest"`}, changed(t, m, &seen)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	empty := modelOf(t, writtenBlock{
		"guest_id": "photon64Guest", "resources": writtenBlock{"size": writtenBlock{}}, "advanced": writtenBlock{}, "boot_options": writtenBlock{},
	})
	if got := changed(t, empty, &seen); len(got) > 0 {
		t.Errorf("of blocks that write nothing:\n%s", strings.Join(got, "\n"))
	}
}

// some is a part of a configuration: of each block and list, some of what is in it.
func (d dice) some(written writtenBlock) writtenBlock {
	out := writtenBlock{}
	for name, value := range written {
		required := name == "name" || name == "capacity" || name == "type"
		switch v := value.(type) {
		case writtenBlock:
			value = d.some(v)
		case []writtenBlock:
			var list []writtenBlock
			for _, one := range v {
				if d.IntN(3) > 0 {
					list = append(list, d.some(one))
				}
			}
			d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			value = list
		}
		if required || d.IntN(4) > 0 {
			out[name] = value
		}
	}
	return out
}

// Whatever is written: what it decodes to changes nothing, and whatever else is observed is set
// once and for all.
func TestWhatIsSetStaysSet(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(7, 8))} //nolint:gosec // the same at every run
	other := wholeHardware()
	other["resources"] = writtenBlock{"size": writtenBlock{"cpu": "8", "memory": "1Gi"}, "requests": writtenBlock{"cpu": "0"}, "limits": writtenBlock{"cpu": "1"}}
	other["volume"] = []writtenBlock{{"name": "log", "capacity": "2Gi", "disk_mode": "Persistent"}, {"name": "new", "capacity": "1Mi", "removable": false}}
	other["boot_options"] = writtenBlock{"boot_delay": "1s", "boot_retry": "Disabled", "boot_order": []writtenBlock{{"type": "Disk"}}}
	moved := 0
	for range 400 {
		m := modelOf(t, d.some(wholeHardware()))
		seen := seenAs(t, m)
		if got := changed(t, m, &seen); len(got) > 0 {
			t.Fatalf("as it is written:\n%s", strings.Join(got, "\n"))
		}
		seen = seenAs(t, modelOf(t, d.some(other)))
		moved += len(changed(t, m, &seen))
		if got := changed(t, m, &seen); len(got) > 0 {
			t.Fatalf("a second time:\n%s", strings.Join(got, "\n"))
		}
		now := seenAs(t, m)
		names := func(volumes known.Value[[]volumeSpec]) []string {
			var out []string
			for _, v := range volumes.Or(nil) {
				out = append(out, v.Name.Or(""))
			}
			slices.Sort(out)
			return out
		}
		if diff := cmp.Diff(names(seen.Volumes), names(now.Volumes)); diff != "" {
			t.Fatalf("volumes (-observed +state):\n%s", diff)
		}
	}
	if moved < 400 {
		t.Errorf("only %d attributes changed: the dice are loaded", moved)
	}
}
