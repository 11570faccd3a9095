package simulator

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// maxNICs is how many network cards vSphere gives a machine.
const maxNICs = 10

// missing is the fault for a reference to an object that does not exist.
func missing(ref types.ManagedObjectReference) types.BaseMethodFault {
	return &types.ManagedObjectNotFound{Obj: ref}
}

// checkPlacement checks the references of a new machine's place; vcsim would end the process.
func checkPlacement(reg *vcsim.Registry, pool, host, datastore *types.ManagedObjectReference) types.BaseMethodFault {
	if pool != nil {
		switch reg.Get(*pool).(type) {
		case *vcsim.ResourcePool, *vcsim.VirtualApp:
		default:
			return missing(*pool)
		}
	}
	if host != nil {
		if _, ok := reg.Get(*host).(*vcsim.HostSystem); !ok {
			return missing(*host)
		}
	}
	if datastore != nil {
		if _, ok := reg.Get(*datastore).(*vcsim.Datastore); !ok {
			return missing(*datastore)
		}
	}
	return nil
}

// checkPath checks that a datastore path names a datastore that exists.
func checkPath(reg *vcsim.Registry, path string) types.BaseMethodFault {
	if path == "" {
		return nil
	}
	invalid := func() types.BaseMethodFault {
		f := &types.InvalidDatastorePath{DatastorePath: path}
		f.FaultMessage = explain("the datastore path %q names no datastore", path)
		return f
	}
	var p object.DatastorePath
	if !p.FromString(path) {
		return invalid()
	}
	for _, e := range reg.All("Datastore") {
		if e.Entity().Name == p.Datastore {
			return nil
		}
		if ds, ok := e.(*vcsim.Datastore); ok && ds.Name == p.Datastore {
			return nil
		}
	}
	return invalid()
}

func explain(format string, args ...any) []types.LocalizableMessage {
	return []types.LocalizableMessage{{Key: "vcsim.check", Message: fmt.Sprintf(format, args...)}}
}

func isTrue(b *bool) bool { return b != nil && *b }

// extraConfig makes a change of ExtraConfig as vCenter stores it: values are strings, keys
// are found whatever their case, an empty value of an unknown key is no change.
func extraConfig(existing, change []types.BaseOptionValue) ([]types.BaseOptionValue, types.BaseMethodFault) {
	known := map[string]string{"govcsim": "govcsim"}
	for _, o := range existing {
		known[strings.ToLower(o.GetOptionValue().Key)] = o.GetOptionValue().Key
	}
	out := make([]types.BaseOptionValue, 0, len(change))
	for _, o := range change {
		v := *o.GetOptionValue()
		if strings.HasPrefix(v.Key, "SET.") || v.Key == "" {
			// In vcsim such a key changes the property itself, and a wrong one ends the process.
			return nil, &types.InvalidArgument{InvalidProperty: "configSpec.extraConfig[" + v.Key + "]"}
		}
		key, exists := known[strings.ToLower(v.Key)]
		if exists {
			v.Key = key
		}
		value := ""
		switch x := v.Value.(type) {
		case nil:
		case string:
			value = x
		case bool:
			value = strings.ToUpper(fmt.Sprint(x))
		default:
			value = fmt.Sprint(x)
		}
		if value == "" && !exists {
			continue
		}
		known[strings.ToLower(v.Key)] = v.Key
		out = append(out, &types.OptionValue{Key: v.Key, Value: value})
	}
	return out, nil
}
