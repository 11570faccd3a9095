package virtualmachine

import (
	"context"
	"maps"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// saysCards tells whether a configuration says which network cards a machine is to have: by
// interfaces, or by having none. Without either it gets one for the default interface.
func saysCards(written network.Spec) bool {
	return written.Interfaces.IsUnknown() || len(written.Interfaces.Or(nil)) > 0 || written.Disabled.IsUnknown() || written.Disabled.Or(false)
}

// leavesCards tells whether the network cards of a machine are left alone: it was made by other
// means, has other cards than the default one, and no configuration has said yet which it is to
// have. wanted are the cards of the default.
func (s *sent) leavesCards(written network.Spec, wanted []machine.NIC, o *machine.Observation, remembered *record) bool {
	if !s.Foreign || saysCards(written) {
		return false
	}
	if remembered.LeavesCards {
		return true
	}
	_, steps, err := machine.NICChanges(wanted, o.NICs, remembered.Devices)
	return err != nil || !steps.Empty()
}

// leaveCards takes the cards as they are: the default interface is the card that it was, or the
// first one, and the others are nobody's. It returns the keys of cards by interface.
func (w *wish) leaveCards(o *machine.Observation, devices map[string]int32) map[string]int32 {
	w.left, w.cards, w.open, w.nics = true, false, false, nil
	if cardOf(o, devices, network.DefaultInterface) != nil || len(o.NICs) == 0 {
		return devices
	}
	out := maps.Clone(devices)
	if out == nil {
		out = map[string]int32{}
	}
	out[network.DefaultInterface] = o.NICs[0].Key
	return out
}

// strayed tells whether a machine has other network cards than it is to have, where its state has
// no interface that would show it: cards that are gone, are connected elsewhere, or were added.
// What cannot be found in vCenter any more must not make a difference.
func (r *Resource) strayed(ctx context.Context, state *model, o *machine.Observation, devices map[string]int32) bool {
	spec, diags := state.networkSpec(ctx)
	interfaces, ok := spec.EffectiveInterfaces().Get()
	if diags.HasError() || !ok || len(spec.Interfaces.Or(nil)) > 0 {
		return false
	}
	nics := make([]machine.NIC, len(interfaces))
	for i := range interfaces {
		nics[i] = machine.NIC{Name: interfaces[i].Name.Or("")}
		configured, err := r.backend.Namespace(state.Namespace.ValueString())
		if err != nil {
			return false
		}
		namespace, err := r.backend.Inventory.Namespace(ctx, configured.NamespaceSpec)
		if err != nil {
			return false
		}
		connected, err := r.backend.Inventory.Network(ctx, namespace, interfaces[i].Network.Or(""))
		if err != nil {
			return false
		}
		nics[i].Backing = connected.Backing()
	}
	_, steps, err := machine.NICChanges(nics, o.NICs, devices)
	return err == nil && !steps.Empty()
}

// see notes which network cards a machine has: their addresses, types and order are what its guest
// is told by.
func (s *sent) see(o *machine.Observation, devices map[string]int32) {
	names := make(map[int32]string, len(devices))
	for name, key := range devices {
		names[key] = name
	}
	s.MACs, s.Types, s.Cards = make(map[string]string, len(devices)), make(map[string]string, len(devices)), nil
	for i := range o.NICs {
		if name := names[o.NICs[i].Key]; name != "" {
			s.MACs[name], s.Types[name] = o.NICs[i].MAC, o.NICs[i].Type
			s.Cards = append(s.Cards, name)
		}
	}
}
