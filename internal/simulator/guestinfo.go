package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// guestInfo is what begins the keys that guests may read and write.
const guestInfo = "guestinfo."

// errNotRunning is wrapped by hooks into a guest that does not run.
var errNotRunning = errors.New("its guest does not run, or has no Tools")

// variable is what a guest has set one of its keys to, and what was there before. What a guest
// sets is kept while its machine is on, also over reboots, and gone when it is off.
type variable struct {
	key, value string
	before     *string
}

// SetGuestInfo sets a variable from inside the guest of a machine, whose Tools must run, as
// "vmware-rpctool info-set guestinfo.key value" does. The key begins with "guestinfo.", and an
// empty value removes it. vCenter shows it in ExtraConfig until the machine is off.
func (s *Simulator) SetGuestInfo(machine, key, value string) error {
	if err := checkGuestKey(key); err != nil {
		return err
	}
	return s.inside(machine, func(_ *vcsim.Context, vm *vcsim.VirtualMachine, g *guest) []types.PropertyChange {
		return []types.PropertyChange{{Name: "config.extraConfig", Val: g.set(vm.Config.ExtraConfig, key, value)}}
	})
}

// PublishGuestInfo lets the guest of a machine set a variable at each boot, as its last step,
// as a service in it would. An empty value ends that. The machine is a name, a reference or
// AllMachines, and need not exist yet.
func (s *Simulator) PublishGuestInfo(machine, key, value string) error {
	if err := checkGuestKey(key); err != nil {
		return err
	}
	a := s.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.settings.published[machine] == nil {
		a.settings.published[machine] = map[string]string{}
	}
	if value == "" {
		delete(a.settings.published[machine], key)
	} else {
		a.settings.published[machine][key] = value
	}
	return nil
}

// GuestInfo reads a variable inside the guest of a machine, whose Tools must run, as
// "vmware-rpctool info-get guestinfo.key" does: what is in ExtraConfig, and beyond that
// guestinfo.ovfEnv, which vCenter shows to nobody else.
func (s *Simulator) GuestInfo(machine, key string) (string, error) {
	if err := checkGuestKey(key); err != nil {
		return "", err
	}
	value, found := "", false
	err := s.inside(machine, func(ctx *vcsim.Context, vm *vcsim.VirtualMachine, g *guest) []types.PropertyChange {
		if strings.EqualFold(key, ovfEnvironmentKey) && g.environment.byTools() {
			value, found = g.environment.XML, true
			return nil
		}
		value, found = inspect(ctx, vm).extraConfig[strings.ToLower(key)]
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("the variable %q of %q: %w", key, machine, errNotFound)
	}
	return value, err
}

func checkGuestKey(key string) error {
	if !strings.HasPrefix(strings.ToLower(key), guestInfo) || len(key) == len(guestInfo) {
		return fmt.Errorf("the key %q of a guest's variable does not begin with %q", key, guestInfo)
	}
	return nil
}

// inside runs f in a guest whose Tools run.
func (s *Simulator) inside(machine string, f func(*vcsim.Context, *vcsim.VirtualMachine, *guest) []types.PropertyChange) error {
	ctx := s.context()
	vm, err := s.locate(ctx, machine)
	if err != nil {
		return err
	}
	ctx.WithLock(vm, func() {
		var changes []types.PropertyChange
		s.agent.with(vm.Self, func(g *guest) {
			if g.view == nil || g.suspended {
				err = fmt.Errorf("virtual machine %q: %w", machine, errNotRunning)
				return
			}
			changes = f(ctx, vm, g)
		})
		if len(changes) > 0 {
			ctx.Update(vm, changes)
		}
	})
	return err
}

// set is ExtraConfig after the guest has set a variable.
func (g *guest) set(options []types.BaseOptionValue, key, value string) []types.BaseOptionValue {
	if g.variables == nil {
		g.variables = map[string]variable{}
	}
	id := strings.ToLower(key)
	v, again := g.variables[id]
	if !again {
		v = variable{key: key, before: optionValue(options, key)}
	}
	v.value = value
	g.variables[id] = v
	if value == "" {
		return withoutOption(options, key)
	}
	return withOption(options, key, value)
}

// optionValue is the value of a key of ExtraConfig, nil where there is none.
func optionValue(options []types.BaseOptionValue, key string) *string {
	for _, o := range options {
		if v, ok := o.GetOptionValue().Value.(string); ok && strings.EqualFold(o.GetOptionValue().Key, key) {
			return &v
		}
	}
	return nil
}

// publish is what the guest of a machine sets at the end of its boot, if anything. The caller
// holds the machine's and the agent's lock.
func (a *agent) publish(vm *vcsim.VirtualMachine, g *guest) []types.PropertyChange {
	if variables, ok := a.settings.published.of(vm.Self.Value, a.nameOf(vm.Self)); !ok || len(variables) == 0 {
		return nil
	}
	return []types.PropertyChange{a.publishInto(vm.Config.ExtraConfig, vm.Self, g)}
}

// publishInto is ExtraConfig with what the guest of a machine sets at the end of its boot.
func (a *agent) publishInto(options []types.BaseOptionValue, ref types.ManagedObjectReference, g *guest) types.PropertyChange {
	variables, _ := a.settings.published.of(ref.Value, a.nameOf(ref))
	for _, key := range slices.Sorted(maps.Keys(variables)) {
		options = g.set(options, key, variables[key])
	}
	return types.PropertyChange{Name: "config.extraConfig", Val: options}
}

// forget takes back what a guest has set, because its machine turns off. What somebody else
// has written over it stays. The caller holds the machine's lock.
func (a *agent) forget(vm *vcsim.VirtualMachine) []types.PropertyChange {
	options, changed := vm.Config.ExtraConfig, false
	a.with(vm.Self, func(g *guest) {
		for _, v := range g.variables {
			now := optionValue(options, v.key)
			if (now == nil) != (v.value == "") || now != nil && *now != v.value {
				continue
			}
			changed = true
			if v.before == nil {
				options = withoutOption(options, v.key)
			} else {
				options = withOption(options, v.key, *v.before)
			}
		}
		g.variables = nil
	})
	if !changed {
		return nil
	}
	return []types.PropertyChange{{Name: "config.extraConfig", Val: options}}
}
