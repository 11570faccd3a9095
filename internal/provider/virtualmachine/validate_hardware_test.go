package virtualmachine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// dice throws the values of a configuration, each from few, so that they meet.
type dice struct{ *rand.Rand }

// maybe is one of the values, or none.
func maybe[T any](d dice, from ...T) known.Value[T] {
	if i := d.IntN(len(from) + 1); i < len(from) {
		return known.Of(from[i])
	}
	return known.Value[T]{}
}

func (d dice) address(types []string) addressSpec {
	return addressSpec{
		ControllerType: maybe(d, types...), BusNumber: maybe[int64](d, -1, 0, 0, 1, 1, 2, 4), UnitNumber: maybe[int64](d, 0, 1, 2, 7, 29, 30, 64, 65),
	}
}

func (d dice) volumes(count int) known.Value[[]volumeSpec] {
	out := make([]volumeSpec, count)
	for i := range out {
		out[i] = volumeSpec{
			Name: known.Of(fmt.Sprintf("v%d", d.IntN(12))), CapacityBytes: known.Of[int64](1 << 30), Provisioning: maybe(d, provisioningWords...),
			DiskMode: maybe(d, diskModeWords...), SharingMode: maybe(d, sharingWords...), ApplicationType: maybe(d, append([]string{"", ""}, applicationWords...)...),
			At: d.address(volumeControllerWords),
		}
		if out[i].ApplicationType.Or("x") == "" {
			out[i].ApplicationType = known.Value[string]{}
		}
	}
	return known.Of(out)
}

func (d dice) drives(count int) known.Value[[]cdromSpec] {
	out := make([]cdromSpec, count)
	for i := range out {
		out[i] = cdromSpec{
			Name: known.Of(fmt.Sprintf("cd%d", d.IntN(5))), ImageName: maybe(d, "vmi-0a0044d7c690bcbea", "cvmi-0a0044d7c690bcbea", "vmi-1a0044d7c690bcbea"),
			Connected: maybe(d, true, false), At: d.address(driveControllerWords),
		}
	}
	return known.Of(out)
}

func (d dice) amounts() amounts {
	return amounts{CPU: maybe[int64](d, -1, 0, 1, 2000, 4000), Memory: maybe[int64](d, -1, 0, 1, 1<<20, 4<<30, 8<<30)}
}

func (d dice) spec() hardwareSpec {
	order := make([]bootEntry, d.IntN(4))
	for i := range order {
		order[i] = bootEntry{Type: maybe(d, bootDeviceWords...), Name: maybe(d, "v0", "v1", "eth0", "eth1")}
	}
	return hardwareSpec{
		MinHardware: maybe[int64](d, 0, 12, 13, 22, 23),
		Resources:   resourcesSpec{Size: d.amounts(), Requests: d.amounts(), Limits: d.amounts()},
		Boot: bootSpec{
			Firmware: maybe(d, firmwareWords...), DelayMS: maybe[int64](d, 0), Retry: maybe(d, true, false), RetryDelayMS: maybe[int64](d, 0, 1),
			SecureBoot: maybe(d, true, false), Order: known.Of(order),
		},
		Advanced: advancedSpec{
			BootDiskBytes: maybe[int64](d, 0, 1, 1<<30),
			ExtraConfig:   maybe(d, map[string]known.Value[string]{"a": known.Of("1"), "A": known.Of("2"), "guestinfo.x": known.Of(""), "b": {}}),
		},
		Volumes: d.volumes(d.IntN(6)), Managed: known.Of(true), CDROMs: d.drives(d.IntN(4)),
	}
}

// blanked is a copy in which some of what is known is not known yet.
func (d dice) blanked(spec hardwareSpec) hardwareSpec {
	out := reflect.New(reflect.TypeOf(spec)).Elem()
	out.Set(reflect.ValueOf(spec))
	d.blank(out)
	return out.Interface().(hardwareSpec)
}

// blank changes a struct of known values, and those in lists of them.
func (d dice) blank(at reflect.Value) {
	switch {
	case at.Kind() == reflect.Struct && at.Addr().MethodByName("IsUnknown").IsValid():
		if d.IntN(6) == 0 {
			at.Set(unknownLike(at))
			return
		}
		if at.Addr().MethodByName("IsAbsent").Call(nil)[0].Bool() {
			return
		}
		inner := at.Addr().MethodByName("Get").Call(nil)[0]
		if inner.Kind() != reflect.Slice || inner.Len() == 0 {
			return
		}
		list := reflect.MakeSlice(inner.Type(), inner.Len(), inner.Len())
		reflect.Copy(list, inner)
		for i := range list.Len() {
			d.blank(list.Index(i))
		}
		at.Set(setLike(list))
	case at.Kind() == reflect.Struct:
		for i := range at.NumField() {
			d.blank(at.Field(i))
		}
	}
}

func unknownLike(at reflect.Value) reflect.Value {
	switch at.Interface().(type) {
	case known.Value[string]:
		return reflect.ValueOf(known.Unknown[string]())
	case known.Value[bool]:
		return reflect.ValueOf(known.Unknown[bool]())
	case known.Value[int64]:
		return reflect.ValueOf(known.Unknown[int64]())
	case known.Value[[]volumeSpec]:
		return reflect.ValueOf(known.Unknown[[]volumeSpec]())
	case known.Value[[]cdromSpec]:
		return reflect.ValueOf(known.Unknown[[]cdromSpec]())
	case known.Value[[]bootEntry]:
		return reflect.ValueOf(known.Unknown[[]bootEntry]())
	case known.Value[map[string]known.Value[string]]:
		return reflect.ValueOf(known.Unknown[map[string]known.Value[string]]())
	}
	panic("unknown what: " + at.Type().String())
}

func setLike(list reflect.Value) reflect.Value {
	switch l := list.Interface().(type) {
	case []volumeSpec:
		return reflect.ValueOf(known.Of(l))
	case []cdromSpec:
		return reflect.ValueOf(known.Of(l))
	case []bootEntry:
		return reflect.ValueOf(known.Of(l))
	}
	panic("a list of what: " + list.Type().String())
}

// kindOf is what a problem is about. Of an address without a controller, the first number that is
// known is named.
func kindOf(problem network.Problem) string {
	return strings.TrimPrefix(strings.TrimPrefix(problem.Summary, "A bus number "), "A unit number ")
}

// A problem stands whatever the unknown values turn out to be: with less known, nothing else is
// wrong than with everything known.
func TestWhatIsUnknownIsNotJudged(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(3, 4))} //nolint:gosec // the same at every run
	cards := known.Of([]string{"eth0"})
	judged, silent := 0, 0
	for range 4000 {
		spec := d.spec()
		whole := map[string]bool{}
		for _, problem := range validateHardware(&spec, cards) {
			whole[kindOf(problem)] = true
		}
		judged += len(whole)
		part := d.blanked(spec)
		seen := cards
		if d.IntN(2) == 0 {
			seen = known.Unknown[[]string]()
		}
		problems := validateHardware(&part, seen)
		for _, problem := range problems {
			if !whole[kindOf(problem)] {
				t.Fatalf("%s: %s %s\nis not said of the whole:\n%s\nbut of the part:\n%s", problem.Path, problem.Summary, problem.Detail,
					strings.Join(told("", reflect.ValueOf(spec)), "\n"), strings.Join(told("", reflect.ValueOf(part)), "\n"))
			}
		}
		if len(problems) == 0 {
			silent++
		}
	}
	if judged < 4000 || silent > 2000 {
		t.Errorf("%d problems, and nothing said of %d parts: the dice are loaded", judged, silent)
	}
	later := hardwareSpec{
		MinHardware: known.Unknown[int64](), Volumes: known.Unknown[[]volumeSpec](), CDROMs: known.Unknown[[]cdromSpec](), Managed: known.Unknown[bool](),
		Boot: bootSpec{Order: known.Of([]bootEntry{{Type: known.Of("Disk"), Name: known.Of("x")}, {Type: known.Of("Network"), Name: known.Of("x")}, {Type: known.Of("CDRom")}})},
	}
	if problems := validateHardware(&later, known.Unknown[[]string]()); len(problems) > 0 {
		t.Errorf("said of nothing: %v", problems)
	}
}

// wanted are volumes and drives as a reconfiguration takes them.
func wantedDevices(spec *hardwareSpec) (volumes []machine.Volume, drives []machine.CDROM) {
	at := func(a addressSpec) machine.Address {
		out := machine.Address{Type: machine.ControllerType(a.ControllerType.Or(""))}
		if bus, ok := a.BusNumber.Get(); ok {
			number := int32(bus)
			out.Bus = &number
		}
		if unit, ok := a.UnitNumber.Get(); ok {
			number := int32(unit)
			out.Unit = &number
		}
		return out
	}
	for _, v := range spec.Volumes.Or(nil) {
		volumes = append(volumes, machine.Volume{
			Name: v.Name.Or(""), CapacityBytes: v.CapacityBytes.Or(0), Address: at(v.At), Mode: machine.DiskMode(v.DiskMode.Or("")),
			Sharing: machine.DiskSharing(v.SharingMode.Or("")), Application: machine.Application(v.ApplicationType.Or("")),
		})
	}
	for _, c := range spec.CDROMs.Or(nil) {
		iso := ""
		if name, ok := c.ImageName.Get(); ok {
			iso = "[ds] " + name
		}
		drives = append(drives, machine.CDROM{Name: c.Name.Or(""), ISO: iso, Address: at(c.At), Connected: c.Connected.Or(false)})
	}
	return volumes, drives
}

// crossed tells whether a volume may be put where a drive is to be: volumes come first, and one
// that leaves its unit open takes the first free one.
func crossed(spec *hardwareSpec) bool {
	for _, v := range spec.Volumes.Or(nil) {
		for _, c := range spec.CDROMs.Or(nil) {
			if v.At.ControllerType.IsSet() && v.At.ControllerType == c.At.ControllerType && v.At.UnitNumber.IsAbsent() && c.At.UnitNumber.IsSet() {
				return true
			}
		}
	}
	return false
}

// What passes validation can be made, and what is refused for its place or its application
// cannot: there is one set of rules.
func TestWhatIsRefusedCannotBeMade(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(5, 6))} //nolint:gosec // the same at every run
	made, refused := 0, 0
	for range 20000 {
		spec := hardwareSpec{Volumes: d.volumes(d.IntN(3)), Managed: known.Of(true), CDROMs: d.drives(d.IntN(3))}
		var about, other []network.Problem
		for _, problem := range validateHardware(&spec, known.Value[[]string]{}) {
			switch {
			case problem.Rule == "5.6", strings.HasPrefix(problem.Summary, "The volume's application"), problem.Summary == "Nothing to connect":
				about = append(about, problem)
			default: // names, and what VMFS would refuse
				other = append(other, problem)
			}
		}
		if len(other) > 0 || crossed(&spec) {
			continue
		}
		volumes, drives := wantedDevices(&spec)
		slots := machine.NewSlots(nil, 0)
		_, _, err := machine.DiskChanges(volumes, nil, nil, slots)
		if err == nil {
			_, _, err = machine.CDROMChanges(drives, nil, nil, slots)
		}
		switch {
		case err == nil && len(about) == 0:
			made++
		case err != nil && len(about) > 0:
			refused++
		default:
			t.Fatalf("refused for %v, and made with the error: %v\n%s", about, err, strings.Join(told("", reflect.ValueOf(spec)), "\n"))
		}
	}
	if made < 500 || refused < 500 {
		t.Errorf("%d made and %d refused: the dice are loaded", made, refused)
	}
}

func TestNamesOfInterfacesAreKnownTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spec network.Spec
		want string
	}{
		"none written":    {network.Spec{}, `[]string{"eth0"}`},
		"disabled":        {network.Spec{Disabled: known.Of(true)}, "[]string{}"},
		"perhaps so":      {network.Spec{Disabled: known.Unknown[bool]()}, "unknown"},
		"written":         {network.Spec{Interfaces: known.Of([]network.Interface{{Name: known.Of("lan")}, {Name: known.Of("dmz")}})}, `[]string{"lan", "dmz"}`},
		"one is unknown":  {network.Spec{Interfaces: known.Of([]network.Interface{{Name: known.Of("lan")}, {Name: known.Unknown[string]()}})}, "unknown"},
		"all are unknown": {network.Spec{Interfaces: known.Unknown[[]network.Interface]()}, "unknown"},
	} {
		if got := spelled(interfaceNames(test.spec)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
