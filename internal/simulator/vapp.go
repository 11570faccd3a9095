package simulator

import (
	"slices"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// secrets are the values of password properties by key: vCenter answers with empty texts.
type secrets map[int32]secret

type secret struct{ value, defaultValue string }

// vapp is the vApp configuration of a machine, with the values that vCenter does not show.
type vapp struct {
	info    *types.VmConfigInfo
	secrets secrets
}

// vappOf is the vApp configuration of a machine, nil where it has none. The caller holds the
// machine's lock.
func (s *Simulator) vappOf(vm *vcsim.VirtualMachine) *vapp {
	if vm.Config.VAppConfig == nil {
		return nil
	}
	v := &vapp{info: vm.Config.VAppConfig.GetVmConfigInfo()}
	s.agent.with(vm.Self, func(g *guest) { v.secrets = g.secrets })
	return v
}

// setVApp gives a machine a vApp configuration, or takes it away. The caller holds its lock.
func (s *Simulator) setVApp(ctx *vcsim.Context, vm *vcsim.VirtualMachine, v *vapp) {
	if v == nil {
		vm.Config.VAppConfig = nil
		s.agent.with(vm.Self, func(g *guest) { g.secrets = nil })
		return
	}
	s.agent.with(vm.Self, func(g *guest) { g.secrets = v.secrets })
	ctx.Update(vm, []types.PropertyChange{{Name: "config.vAppConfig", Val: v.info}})
}

// change returns the configuration after a change of it, which may make the first one, and
// leaves this one as it is.
//
// A running machine takes a change, too: the documentation of the vSphere Client names no
// power state for the vApp options of a virtual machine (it does for those of a vApp), VM
// Operator writes properties in any state, and of a client's change after power-on it is told
// that it worked (vmware/govmomi#2201). The guest gets to know at the next power-on, because
// that is when the OVF environment is made.
func (v *vapp) change(spec *types.VmConfigSpec) (*vapp, types.BaseMethodFault) {
	next := &vapp{info: &types.VmConfigInfo{}, secrets: secrets{}}
	if v != nil {
		*next.info = *v.info
		next.info.Property, next.info.Product = v.plain(), slices.Clone(v.info.Product)
		next.info.OvfSection = slices.Clone(v.info.OvfSection)
	}
	for _, p := range spec.Property {
		if f := next.changeProperty(p); f != nil {
			return nil, f
		}
	}
	for _, p := range spec.Product {
		if f := next.changeProduct(p); f != nil {
			return nil, f
		}
	}
	if f := next.checkIDs(); f != nil {
		return nil, f
	}
	next.info.Eula = replaced(next.info.Eula, spec.Eula)
	next.info.OvfEnvironmentTransport = replaced(next.info.OvfEnvironmentTransport, spec.OvfEnvironmentTransport)
	if spec.IpAssignment != nil {
		next.info.IpAssignment = *spec.IpAssignment
	}
	if spec.InstallBootRequired != nil {
		next.info.InstallBootRequired = *spec.InstallBootRequired
	}
	if spec.InstallBootStopDelay != 0 {
		next.info.InstallBootStopDelay = spec.InstallBootStopDelay
	}
	next.hide()
	return next, nil
}

// replaced is a list after a change of it: none is no change, and one empty text clears it.
func replaced(now, to []string) []string {
	switch {
	case len(to) == 0:
		return now
	case len(to) == 1 && to[0] == "":
		return nil
	default:
		return to
	}
}

// plain are the properties with the values of passwords.
func (v *vapp) plain() []types.VAppPropertyInfo {
	properties := slices.Clone(v.info.Property)
	for i := range properties {
		if hidden, ok := v.secrets[properties[i].Key]; ok {
			properties[i].Value, properties[i].DefaultValue = hidden.value, hidden.defaultValue
		}
	}
	return properties
}

// hide takes the values of passwords out of what vCenter answers.
func (v *vapp) hide() {
	for i := range v.info.Property {
		p := &v.info.Property[i]
		if t, _ := parsePropertyType(p.Type); t.base == "password" {
			v.secrets[p.Key] = secret{p.Value, p.DefaultValue}
			p.Value, p.DefaultValue = "", ""
		}
	}
}

func invalidVApp(property string) types.BaseMethodFault {
	return &types.InvalidArgument{InvalidProperty: "configSpec.vAppConfig." + property}
}

// changeProperty adds, edits or removes a property, which is found by its key alone.
func (v *vapp) changeProperty(spec types.VAppPropertySpec) types.BaseMethodFault {
	key, ok := spec.RemoveKey.(int32)
	if spec.Info != nil {
		key, ok = spec.Info.Key, true
	}
	at := slices.IndexFunc(v.info.Property, func(p types.VAppPropertyInfo) bool { return p.Key == key })
	switch {
	case !ok:
		return invalidVApp("property")
	case spec.Operation == types.ArrayUpdateOperationRemove && at >= 0:
		v.info.Property = slices.Delete(v.info.Property, at, at+1)
		return nil
	case spec.Info == nil:
		return invalidVApp("property.info")
	case spec.Operation == types.ArrayUpdateOperationAdd && at < 0:
		p := *spec.Info
		if f := checkVAppProperty(&p, nil); f != nil {
			return f
		}
		v.info.Property = append(v.info.Property, p)
		return nil
	case spec.Operation == types.ArrayUpdateOperationEdit && at >= 0:
		p := v.info.Property[at]
		mergeProperty(&p, spec.Info)
		if f := checkVAppProperty(&p, &v.info.Property[at]); f != nil {
			return f
		}
		v.info.Property[at] = p
		return nil
	default: // one that is there already, or one that is not there
		return invalidVApp("property.key")
	}
}

// mergeProperty edits a property. What is left out stays: clients edit a value by its key
// alone, and cannot empty one by an empty text, which does not go over the wire
// (vmware/terraform-provider-vsphere#2616). They send a blank, which vCenter trims.
func mergeProperty(p, with *types.VAppPropertyInfo) {
	for _, field := range []struct{ now, to *string }{
		{&p.ClassId, &with.ClassId},
		{&p.InstanceId, &with.InstanceId},
		{&p.Id, &with.Id},
		{&p.Category, &with.Category},
		{&p.Label, &with.Label},
		{&p.Type, &with.Type},
		{&p.TypeReference, &with.TypeReference},
		{&p.DefaultValue, &with.DefaultValue},
		{&p.Value, &with.Value},
		{&p.Description, &with.Description},
	} {
		if *field.to != "" {
			*field.now = *field.to
		}
	}
	if with.UserConfigurable != nil {
		p.UserConfigurable = with.UserConfigurable
	}
}

// checkVAppProperty checks and normalises a property as it is to be; before is what it was.
func checkVAppProperty(p, before *types.VAppPropertyInfo) types.BaseMethodFault {
	p.Value, p.DefaultValue = strings.TrimSpace(p.Value), strings.TrimSpace(p.DefaultValue)
	if p.Id == "" || strings.ContainsAny(p.Id+p.ClassId+p.InstanceId, " \t\r\n") {
		return invalidVApp("property.id")
	}
	t, ok := parsePropertyType(p.Type)
	if !ok {
		f := &types.InvalidPropertyType{VAppPropertyFault: propertyFault(p)}
		f.FaultMessage = explain("Property '%s' has the type %q, which is none.", qualified(p), p.Type)
		return f
	}
	if before != nil && p.Value != before.Value && (!isTrue(p.UserConfigurable) || t.base == "expression") {
		f := &types.NotUserConfigurableProperty{VAppPropertyFault: propertyFault(p)}
		f.FaultMessage = explain("Property %s is not user configurable.", qualified(p))
		return f
	}
	if t.base == "expression" {
		return nil // its default is the expression, and nobody sets its value
	}
	for _, value := range []*string{&p.DefaultValue, &p.Value} {
		if *value == "" {
			continue
		}
		normal, err := t.normalise(*value)
		if err != nil {
			f := &types.InvalidPropertyValue{VAppPropertyFault: propertyFault(p)}
			f.FaultMessage = explain("Property '%s' has a value that is not of the type %s: %s.", qualified(p), p.Type, err)
			return f
		}
		*value = normal
	}
	return nil
}

// checkIDs checks that no two properties are one to the guest.
func (v *vapp) checkIDs() types.BaseMethodFault {
	seen := map[string]bool{}
	for i := range v.info.Property {
		id := qualified(&v.info.Property[i])
		if seen[id] {
			return invalidVApp("property.id")
		}
		seen[id] = true
	}
	return nil
}

// changeProduct adds, edits or removes a product.
func (v *vapp) changeProduct(spec types.VAppProductSpec) types.BaseMethodFault {
	key, ok := spec.RemoveKey.(int32)
	if spec.Info != nil {
		key, ok = spec.Info.Key, true
	}
	at := slices.IndexFunc(v.info.Product, func(p types.VAppProductInfo) bool { return p.Key == key })
	switch {
	case ok && spec.Operation == types.ArrayUpdateOperationRemove && at >= 0:
		v.info.Product = slices.Delete(v.info.Product, at, at+1)
	case spec.Info != nil && spec.Operation == types.ArrayUpdateOperationAdd && at < 0:
		v.info.Product = append(v.info.Product, *spec.Info)
	case spec.Info != nil && spec.Operation == types.ArrayUpdateOperationEdit && at >= 0:
		v.info.Product[at] = *spec.Info
	default:
		return invalidVApp("product.key")
	}
	return nil
}

// qualified is the name that a property has in the OVF environment.
func qualified(p *types.VAppPropertyInfo) string {
	parts := slices.DeleteFunc([]string{p.ClassId, p.Id, p.InstanceId}, func(s string) bool { return s == "" })
	return strings.Join(parts, ".")
}

// propertyFault says which property a fault is about. It does not say a secret.
func propertyFault(p *types.VAppPropertyInfo) types.VAppPropertyFault {
	f := types.VAppPropertyFault{Id: qualified(p), Category: p.Category, Label: p.Label, Type: p.Type, Value: p.Value}
	if t, _ := parsePropertyType(p.Type); t.base == "password" {
		f.Value = ""
	}
	return f
}
