package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// applied are the members of a config_spec that Class.Base holds.
var applied = map[string]bool{
	"annotation": true, "numCoresPerSocket": true,
	"cpuHotAddEnabled": true, "cpuHotRemoveEnabled": true, "memoryHotAddEnabled": true,
	"latencySensitivity": true, "memoryReservationLockedToMax": true,
	"nestedHVEnabled": true, "vPMCEnabled": true, "changeTrackingEnabled": true, "flags": true,
}

// deniedPrefixes begin the ExtraConfig keys that are about one machine and not about a class: a
// guest's configuration, and the notes of VM Operator, of the image registry and of this
// provider. VM Operator filters an image's keys so.
var deniedPrefixes = []string{"guestinfo.", "vmservice.", "imageregistry.", "vmoperator."}

// baseOf is what of a class's sanitized specification a machine is made of beside its size,
// hardware version, firmware and devices; nil where that is nothing.
func baseOf(spec *types.VirtualMachineConfigSpec) *types.VirtualMachineConfigSpec {
	base := types.VirtualMachineConfigSpec{
		Annotation:                   spec.Annotation,
		NumCoresPerSocket:            spec.NumCoresPerSocket,
		CpuHotAddEnabled:             spec.CpuHotAddEnabled,
		CpuHotRemoveEnabled:          spec.CpuHotRemoveEnabled,
		MemoryHotAddEnabled:          spec.MemoryHotAddEnabled,
		MemoryReservationLockedToMax: spec.MemoryReservationLockedToMax,
		NestedHVEnabled:              spec.NestedHVEnabled,
		VPMCEnabled:                  spec.VPMCEnabled,
		ChangeTrackingEnabled:        spec.ChangeTrackingEnabled,
		ExtraConfig:                  spec.ExtraConfig,
	}
	if spec.LatencySensitivity != nil && spec.LatencySensitivity.Level != "" {
		base.LatencySensitivity = spec.LatencySensitivity
	}
	if spec.Flags != nil {
		flags := *spec.Flags
		if flags.VbsEnabled != nil && *flags.VbsEnabled {
			flags.VbsEnabled = nil // it needs secure boot, which is not taken from classes
		}
		if flags != (types.VirtualMachineFlagInfo{}) {
			base.Flags = &flags
		}
	}
	if reflect.ValueOf(base).IsZero() {
		return nil
	}
	return &base
}

// settings takes ExtraConfig keys that a machine may have of its class, their values as text and
// in the order of the keys.
func settings(options []types.BaseOptionValue) []types.BaseOptionValue {
	var kept []types.BaseOptionValue
	for _, option := range options {
		o := option.GetOptionValue()
		key := strings.ToLower(o.Key)
		denied := key == "" || key == evacuationKey || slices.ContainsFunc(deniedPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if denied || o.Value == nil {
			continue
		}
		kept = append(kept, &types.OptionValue{Key: o.Key, Value: fmt.Sprint(o.Value)})
	}
	slices.SortStableFunc(kept, func(a, b types.BaseOptionValue) int {
		return strings.Compare(a.GetOptionValue().Key, b.GetOptionValue().Key)
	})
	return kept
}

// lost are the members within an applied member, such as flags.vbsEnabled, that ask for something
// and are not in what the class was understood to be.
func lost(member string, asked any, base *types.VirtualMachineConfigSpec) []string {
	var kept map[string]any
	if base != nil {
		var text bytes.Buffer
		if types.NewJSONEncoder(&text).Encode(*base) != nil || json.Unmarshal(text.Bytes(), &kept) != nil {
			return []string{member}
		}
	}
	return missing(member, asked, kept[member])
}

func missing(name string, asked, kept any) []string {
	members, nested := asked.(map[string]any)
	if !nested {
		if number, ok := asked.(float64); asks(asked) && kept == nil && (!ok || number != 0) {
			return []string{name}
		}
		return nil
	}
	within, _ := kept.(map[string]any)
	var names []string
	for _, member := range slices.Sorted(maps.Keys(members)) {
		if member != "_typeName" {
			names = append(names, missing(name+"."+member, members[member], within[member])...)
		}
	}
	return names
}
