package vapp

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// info is a property that can be set.
func info(id, propertyType, value string) types.VAppPropertyInfo {
	return types.VAppPropertyInfo{
		Key: int32(len(id)), Id: id, Type: propertyType, Value: value, UserConfigurable: types.NewBool(true),
		Category: "General", Label: "The " + id, DefaultValue: "default", Description: "What it is for",
	}
}

// edited is the edit of a property.
func edited(property types.VAppPropertyInfo) types.VAppPropertySpec {
	return types.VAppPropertySpec{
		ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationEdit}, Info: &property,
	}
}

// edits is what is sent when values change.
func edits(properties ...types.VAppPropertyInfo) *types.VmConfigSpec {
	spec := &types.VmConfigSpec{OvfEnvironmentTransport: []string{"com.vmware.guestInfo"}}
	for _, property := range properties {
		spec.Property = append(spec.Property, edited(property))
	}
	return spec
}

func TestChangesEditsWhatDiffersAndNothingElse(t *testing.T) {
	t.Parallel()
	classed := func(class, instance, value string) types.VAppPropertyInfo {
		property := info("ip", "ip", value)
		property.ClassId, property.InstanceId = class, instance
		return property
	}
	computed := info("gateway", "expression", "10.0.0.9")
	computed.UserConfigurable, computed.DefaultValue = nil, "${gateway:VM Network}"
	settled := func(value string) types.VAppPropertyInfo {
		property := computed
		property.Type, property.DefaultValue, property.UserConfigurable, property.Value = "string", " ", types.NewBool(true), value
		return property
	}
	sentBefore := func(v Value) bool { return v == Value{Key: "pw", Text: "hunter2", Secret: true} }
	for name, test := range map[string]struct {
		vm     []types.VAppPropertyInfo
		wanted Wanted
		want   *types.VmConfigSpec
	}{
		"no values": {[]types.VAppPropertyInfo{info("a", "string", "1")}, Wanted{}, nil},
		"equal values": {
			[]types.VAppPropertyInfo{info("a", "string", "1"), info("b", "boolean", "True"), info("c", "int", "7")},
			Wanted{Values: []Value{{Key: "c", Text: "07"}, {Key: "b", Text: "true"}, {Key: "a", Text: " 1"}}},
			nil,
		},
		"values in the order of the machine": {
			[]types.VAppPropertyInfo{info("a", "string", "1"), info("b", "boolean", ""), info("left", "string", "alone")},
			Wanted{Values: []Value{{Key: "b", Text: "true"}, {Key: "a", Text: "2"}}},
			edits(info("a", "string", "2"), info("b", "boolean", "True")),
		},
		"a default in force": {
			[]types.VAppPropertyInfo{info("a", "boolean", ""), info("b", "int", "")},
			Wanted{Values: []Value{{Key: "a"}, {Key: "b"}}},
			nil,
		},
		"a default back in force": {
			[]types.VAppPropertyInfo{info("a", "string(1..)", "1"), info("b", "int", "2"), info("c", "boolean", "True")},
			Wanted{Values: []Value{{Key: "a"}, {Key: "b"}, {Key: "c"}}},
			edits(info("a", "string(1..)", " "), info("b", "int", " "), info("c", "boolean", " ")),
		},
		"the value of the default": {
			[]types.VAppPropertyInfo{info("a", "string", "")},
			Wanted{Values: []Value{{Key: "a", Text: "default"}}},
			edits(info("a", "string", "default")),
		},
		"a class and an instance": {
			[]types.VAppPropertyInfo{classed("net", "0", ""), classed("net", "1", "")},
			Wanted{Values: []Value{{Key: "net.ip.1", Text: "10.0.0.1"}}},
			edits(classed("net", "1", "10.0.0.1")),
		},
		"properties that nothing tells apart": {
			[]types.VAppPropertyInfo{info("a", "string", ""), info("a", "int", "7")},
			Wanted{Values: []Value{{Key: "a", Text: "7"}}},
			edits(info("a", "string", "7")),
		},
		"a password that nobody sent": {
			[]types.VAppPropertyInfo{info("pw", "password", "")},
			Wanted{Values: []Value{{Key: "pw", Text: "hunter2", Secret: true}}},
			edits(info("pw", "password", "hunter2")),
		},
		"a password that was sent": {
			[]types.VAppPropertyInfo{info("pw", "password", "")},
			Wanted{Values: []Value{{Key: "pw", Text: "hunter2", Secret: true}}, Sent: sentBefore},
			nil,
		},
		"a password that was changed": {
			[]types.VAppPropertyInfo{info("pw", "password", "")},
			Wanted{Values: []Value{{Key: "pw", Text: "hunter3", Secret: true}}, Sent: sentBefore},
			edits(info("pw", "password", "hunter3")),
		},
		"a password that was taken away": {
			[]types.VAppPropertyInfo{info("pw", "password(8..)", "")},
			Wanted{Values: []Value{{Key: "pw", Secret: true}}, Sent: sentBefore},
			edits(info("pw", "password(8..)", " ")),
		},
		"no password": {
			[]types.VAppPropertyInfo{info("pw", "password", "")}, Wanted{Values: []Value{{Key: "pw", Secret: true}}}, nil,
		},
		"a password that reads back": {
			[]types.VAppPropertyInfo{info("pw", "password", "hunter2")},
			Wanted{Values: []Value{{Key: "pw", Text: "hunter2", Secret: true}}},
			nil,
		},
		"what vSphere computes, left alone": {[]types.VAppPropertyInfo{computed}, Wanted{}, nil},
		"what vSphere computes, with a value": {
			[]types.VAppPropertyInfo{computed}, Wanted{Values: []Value{{Key: "gateway", Text: "10.0.0.9"}}}, edits(settled("10.0.0.9")),
		},
		"what vSphere computes, just deployed": {
			[]types.VAppPropertyInfo{computed, info("a", "string", "1")},
			Wanted{Deployed: true},
			&types.VmConfigSpec{Property: []types.VAppPropertySpec{edited(settled(" "))}},
		},
		"what vSphere computes, just deployed with a value": {
			[]types.VAppPropertyInfo{computed}, Wanted{Deployed: true, Values: []Value{{Key: "gateway", Text: "10.0.0.9"}}}, edits(settled("10.0.0.9")),
		},
		"what vSphere computes, with an empty value": {
			[]types.VAppPropertyInfo{computed}, Wanted{Values: []Value{{Key: "gateway"}}}, edits(settled(" ")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vm := &types.VmConfigInfo{Property: test.vm}
			before := append([]types.VAppPropertyInfo(nil), test.vm...)
			got, err := Changes(vm, test.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, vm.Property); diff != "" {
				t.Errorf("the machine's own properties were changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangesRefusesWhatTheMachineCannotTake(t *testing.T) {
	t.Parallel()
	fixed := info("fixed", "string", "1")
	fixed.UserConfigurable = nil
	vm := &types.VmConfigInfo{Property: []types.VAppPropertyInfo{info("port", "int", "1"), info("pin", "int", "1"), info("a", "string", "1"), fixed}}
	got, err := Changes(vm, Wanted{Values: []Value{
		{Key: "prot", Text: "2"},
		{Key: "fixed", Text: "2"},
		{Key: "port", Text: "ssh"},
		{Key: "pin", Text: "canary", Secret: true},
		{Key: "a", Text: "2"},
		{Key: "a", Text: "3"},
	}})
	const want = `property "prot": there is no such property. Did you mean "port"?
property "fixed": the property is not user-configurable. Those that can be set are "port", "pin", "a".
property "a": both "a" and "a" mean it. Keep one of the two
property "port" of type "int": "ssh" is not a whole number of 32 bits with sign
property "pin" of type "int": the value is not a whole number of 32 bits with sign`
	if got != nil || err == nil || err.Error() != want {
		t.Errorf("%v, error %v\nwant %s", got, err, want)
	}
	var wrong *ValueError
	if !errors.Is(err, ErrNoProperty) || !errors.Is(err, ErrNotConfigurable) || errors.Is(err, ErrAmbiguous) || !errors.As(err, &wrong) {
		t.Errorf("the kinds of %v", err)
	}
}

func TestMachineWithoutVAppTakesNoValues(t *testing.T) {
	t.Parallel()
	if got, err := Changes(nil, Wanted{Deployed: true}); got != nil || err != nil {
		t.Errorf("nothing wanted: %v, %v", got, err)
	}
	if got, err := Changes(nil, Wanted{Values: []Value{{Key: "a"}}}); got != nil || !errors.Is(err, ErrNoVApp) {
		t.Errorf("a value wanted: %v, %v", got, err)
	}
}

func TestWhatWasEditedNeedsNoSecondEdit(t *testing.T) {
	t.Parallel()
	vm := &types.VmConfigInfo{Property: []types.VAppPropertyInfo{
		info("a", "string", "1"), info("flag", "boolean", ""), info("port", "int(1..5)", "2"), info("gateway", "expression", ""), info("network", "ip:net", ""),
	}}
	wanted := Wanted{Deployed: true, Values: []Value{{Key: "a"}, {Key: "flag", Text: "yes"}, {Key: "port", Text: "5"}, {Key: "gateway", Text: "10.0.0.1"}}}
	first, err := Changes(vm, wanted)
	if err != nil || len(first.Property) != len(vm.Property) {
		t.Fatalf("%v, %v", first, err)
	}
	for i, edit := range first.Property {
		vm.Property[i] = *edit.Info
	}
	if second, err := Changes(vm, wanted); second != nil || err != nil {
		t.Errorf("a second edit: %v, %v", second, err)
	}
}
