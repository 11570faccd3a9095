package vapp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// transportGuestInfo is the way of properties into the guest that VMware Tools read.
const transportGuestInfo = "com.vmware.guestInfo"

// ErrNoVApp tells that a machine has no vApp configuration that could hold properties.
var ErrNoVApp = errors.New("the virtual machine has no vApp configuration, and with it no properties: its image has none, or it was removed")

// Wanted is what the properties of a machine are to be.
type Wanted struct {
	// Values are what Render returned.
	Values []Value
	// Deployed tells that the machine has just been made of an image. Its properties that
	// vSphere would compute from the networks of a vApp then become texts, because a machine
	// outside of a vApp does not start with them.
	Deployed bool
	// Sent tells whether a password, which reads back empty, is what was sent the last time.
	// Without it nothing was sent before.
	Sent func(Value) bool
}

// Changes returns the edits that give a machine's properties the values that are wanted, or
// nil where nothing differs. Each edit holds the whole property, as VM Operator sends
// it, and edits of values come with the transport that VMware Tools read.
// Properties are never added or removed, and those without a value are left alone.
//
// An empty value takes an earlier one away, so that the property's default is in force
// again. The errors are ErrNoVApp, those of keys that lead nowhere or to one property twice, and
// ValueErrors; all of them are joined.
func Changes(vm *types.VmConfigInfo, wanted Wanted) (*types.VmConfigSpec, error) {
	if vm == nil {
		if len(wanted.Values) > 0 {
			return nil, ErrNoVApp
		}
		return nil, nil
	}
	values, err := assign(vm.Property, wanted.Values)
	failures := []error{err}
	var spec types.VmConfigSpec
	for i, property := range vm.Property {
		value, has := values[i]
		changed, edited, err := edit(property, value, has, wanted)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if !changed {
			continue
		}
		spec.Property = append(spec.Property, types.VAppPropertySpec{
			ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationEdit},
			Info:            &edited,
		})
		if has {
			spec.OvfEnvironmentTransport = []string{transportGuestInfo}
		}
	}
	if err := errors.Join(failures...); err != nil || len(spec.Property) == 0 {
		return nil, err
	}
	return &spec, nil
}

// assign finds the property of each value, by the property's index.
func assign(properties []types.VAppPropertyInfo, values []Value) (map[int]Value, error) {
	candidates := make([]candidate, len(properties))
	for i, property := range properties {
		configurable := property.UserConfigurable != nil && *property.UserConfigurable
		candidates[i] = candidate{
			class: property.ClassId, id: property.Id, instance: property.InstanceId,
			configurable: configurable || ParseType(property.Type).IsComputed(),
		}
	}
	assigned := map[int]Value{}
	var failures []error
	for _, value := range values {
		matches, err := find(value.Key, candidates)
		if err != nil {
			failures = append(failures, err)
		}
		for _, i := range matches {
			if other, taken := assigned[i]; taken {
				failures = append(failures, fmt.Errorf("property %q: both %q and %q mean it. Keep one of the two",
					candidates[i].qualified(), other.Key, value.Key))
			}
			assigned[i] = value
		}
	}
	return assigned, errors.Join(failures...)
}

// blank takes a value away. An empty member is not sent at all, and vCenter keeps what a request
// does not name; a blank it trims to nothing (vmware/terraform-provider-vsphere#2616).
const blank = " "

// edit returns a property as it is to be, and whether that differs from what it is.
func edit(property types.VAppPropertyInfo, value Value, has bool, wanted Wanted) (changed bool, edited types.VAppPropertyInfo, err error) {
	if ParseType(property.Type).IsComputed() && (has || wanted.Deployed) {
		property.Type, property.DefaultValue, property.UserConfigurable = "string", blank, types.NewBool(true)
		property.Value = blank // computed for an earlier start, if at all
		changed = true
	}
	if !has {
		return changed, property, nil
	}
	propertyType := ParseType(property.Type)
	if wanted.has(propertyType, value, strings.TrimSpace(property.Value)) {
		return changed, property, nil
	}
	if value.Text == "" {
		property.Value = blank
		return true, property, nil
	}
	key := candidate{class: property.ClassId, id: property.Id, instance: property.InstanceId}.qualified()
	property.Value, err = propertyType.convert(key, value.Text, value.Secret)
	return err == nil, property, err
}

// has tells whether a property that reads back as current holds the value that is wanted. A
// password reads back empty: whether it has the value, only who sent it knows.
func (w Wanted) has(t Type, value Value, current string) bool {
	if !t.IsPassword() || current != "" {
		return t.Equal(value.Text, current)
	}
	if w.Sent == nil {
		return value.Text == ""
	}
	return w.Sent(value)
}
