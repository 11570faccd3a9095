package virtualmachine

import (
	"context"
	"slices"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// adopt makes the private state of an imported machine: what vCenter holds is what was sent, and
// of what vCenter does not show, the machine's record has a digest without the secrets.
func adopt(ctx context.Context, state *model, o *machine.Observation) (*sent, error) {
	out := new(sent)
	remembered := recordOf(o)
	if documents := held(o); documents.metadata != "" || documents.userData != "" {
		if err := out.note(documents); err != nil {
			return out, err
		}
	}
	boot, _ := state.bootstrap(ctx, state)
	switch digest := remembered.Handed; {
	case remembered.Deferred && digest != "" && !o.PendingCustomization && o.Customization.Over() && !o.Customization.Failed() &&
		!o.Customization.Began.Equal(remembered.HandedAfter):
		// The guest has begun a customization since, and ended it: the one that was handed over.
		out.Customization, out.Occasion = &message{Public: digest}, boot.occasion()
	case remembered.Customized != "" && !remembered.Deferred:
		out.Customization, out.Occasion = &message{Public: remembered.Customized}, boot.occasion()
	}
	if properties := remembered.Properties; properties != nil {
		out.Properties = &message{Public: properties.Public}
		out.Keys, out.Held = properties.Keys, heldProperties(o.VApp, properties.Keys)
	}
	out.remember(o, remembered.Devices)
	out.Foreign = remembered.lost() || remembered.LeavesCards
	return out, nil
}

// propertiesDiffer tells whether an imported machine has other OVF properties than its
// configuration says, as far as that is not secret.
func propertiesDiffer(ctx context.Context, state *model, o *machine.Observation, told network.Config) bool {
	boot, _ := state.bootstrap(ctx, state)
	settings, ok := boot.vapp.Get()
	if !ok || !boot.setsProperties() {
		return false
	}
	cards, err := cardsOf(o, recordOf(o).Devices)
	if err != nil {
		return false
	}
	to := addressee{cards: cards}
	spec, _ := state.networkSpec(ctx)
	values, _ := vapp.Render(settings, vapp.Facts{ // what is a secret is missing, and does not count
		Network: told, MACs: to.macs(), VM: facts(ctx, state, spec),
	})
	values = slices.DeleteFunc(values, func(value vapp.Value) bool { return value.Secret })
	changes, err := vapp.Changes(o.VApp, vapp.Wanted{Values: values, Sent: func(vapp.Value) bool { return true }})
	return err == nil && changes != nil
}
