package machine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Reconfigure applies a configuration change. While another task holds the machine it waits for
// that one and tries again, within ctx. A spec with a ChangeVersion is the caller's guard
// against changes by others, so a conflict is then an error at once.
func (s *Service) Reconfigure(ctx context.Context, ref Ref, spec types.VirtualMachineConfigSpec) error {
	start := func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.ReconfigVM_Task(ctx, client, &types.ReconfigVM_Task{This: ref, Spec: spec})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	}
	what := "reconfigure " + title(ref)
	if spec.ChangeVersion != "" {
		return s.once(ctx, ref, what, start)
	}
	return s.do(ctx, ref, what, start)
}

// Customize hands the guest a customization, which runs at the next power-on. The machine must
// be off.
func (s *Service) Customize(ctx context.Context, ref Ref, spec types.CustomizationSpec) error {
	return s.do(ctx, ref, "customize "+title(ref), func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.CustomizeVM_Task(ctx, client, &types.CustomizeVM_Task{This: ref, Spec: spec})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
}

// UpgradeHardware raises the virtual hardware to a version, like 21. The machine must be off;
// there is no way back.
func (s *Service) UpgradeHardware(ctx context.Context, ref Ref, version int) error {
	what := fmt.Sprintf("upgrade the hardware of %s to version %d", title(ref), version)
	return s.do(ctx, ref, what, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.UpgradeVM_Task(ctx, client, &types.UpgradeVM_Task{This: ref, Version: hardwareVersion(version)})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
}

// Rename gives a machine another name. Its files keep theirs.
func (s *Service) Rename(ctx context.Context, ref Ref, name string) error {
	return s.do(ctx, ref, fmt.Sprintf("rename %s to %q", title(ref), name), func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.Rename_Task(ctx, client, &types.Rename_Task{This: ref, NewName: name})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
}

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
