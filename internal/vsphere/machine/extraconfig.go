package machine

import (
	"maps"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// ExtraConfig is the advanced configuration of a machine. vCenter does not tell keys apart by
// case.
type ExtraConfig map[string]string

// Get returns the value of key in any case, and whether it is there.
func (e ExtraConfig) Get(key string) (string, bool) {
	if value, ok := e[key]; ok {
		return value, true
	}
	for k, value := range e {
		if strings.EqualFold(k, key) {
			return value, true
		}
	}
	return "", false
}

// Changes returns what must be written for the keys of want to have their values, in the order
// of the keys: nothing for those that have them. An empty value removes a key.
func (e ExtraConfig) Changes(want map[string]string) []types.BaseOptionValue {
	differing := make(map[string]string, len(want))
	for key, value := range want {
		if have, _ := e.Get(key); have != value {
			differing[key] = value
		}
	}
	return ExtraConfigChange(differing)
}

// ExtraConfigChange writes values for a ConfigSpec's ExtraConfig, in the order of their keys.
// An empty value removes a key.
func ExtraConfigChange(values map[string]string) []types.BaseOptionValue {
	if len(values) == 0 {
		return nil
	}
	options := make([]types.BaseOptionValue, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		options = append(options, &types.OptionValue{Key: key, Value: values[key]})
	}
	return options
}

// rebootIsPowerCycle is the key that has the next restart of the guest be a power-off and a
// power-on, by which a machine reads its ExtraConfig again. vSphere takes it back itself.
const rebootIsPowerCycle = "vmx.reboot.powerCycle"

// ExtraConfigChanges compares the wanted values of ExtraConfig keys with those of a machine. Of
// the keys that were managed until now, those that are not wanted any more are removed; no
// others are touched. A running machine takes values that VMware Tools and the guest read at
// once, but what is meant for the machine itself waits for its next start: as in VM Operator, a
// restart of the guest then is one.
func ExtraConfigChanges(want map[string]string, managed []string, have *Observation) Change {
	all := make(map[string]string, len(want)+len(managed))
	for _, key := range managed {
		if _, wanted := ExtraConfig(want).Get(key); !wanted {
			all[key] = ""
		}
	}
	maps.Copy(all, want)
	var c Change
	c.Spec.ExtraConfig = have.ExtraConfig.Changes(all)
	if len(c.Spec.ExtraConfig) == 0 || have.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return c
	}
	for _, option := range c.Spec.ExtraConfig {
		c.nextStart(PartExtraConfig, option.GetOptionValue().Key, "the machine reads it when it is powered on, or its guest restarts")
	}
	if _, given := ExtraConfig(all).Get(rebootIsPowerCycle); !given {
		c.Spec.ExtraConfig = append(c.Spec.ExtraConfig, &types.OptionValue{Key: rebootIsPowerCycle, Value: "TRUE"})
	}
	return c
}
