package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// providers tells of each bootstrap provider whether its block is there.
type providers struct {
	cloudInit, linuxPrep, sysprep, vappConfig fwtypes.Presence
}

// conflict tells whether blocks that are there at least so surely exclude each other.
func (p providers) conflict(least fwtypes.Presence) bool {
	cloudInit, linuxPrep, sysprep, vappConfig := p.cloudInit >= least, p.linuxPrep >= least, p.sysprep >= least, p.vappConfig >= least
	return cloudInit && (linuxPrep || sysprep || vappConfig) || linuxPrep && sysprep
}

// alternative tells that blocks which exclude each other are the branches of a choice, as far as
// one knows: not all of them need to be there.
func (p providers) alternative() bool {
	return p.conflict(fwtypes.Possible) && !p.conflict(fwtypes.Bare)
}

// undecided tells, of a configuration that is validated, that it is not known yet which providers
// there are. A block that holds nothing is taken as it is written, but for one that excludes
// others which hold nothing either: all of these may be dynamic blocks, and a plan knows better.
func (p providers) undecided() bool {
	all := []fwtypes.Presence{p.cloudInit, p.linuxPrep, p.sysprep, p.vappConfig}
	present := false
	for _, one := range all {
		if one == fwtypes.Possible {
			return true
		}
		present = present || one == fwtypes.Present
	}
	return !present && p.conflict(fwtypes.Bare)
}

// validated is the bootstrap as a validation knows it.
func (b *bootstrap) validated() network.Bootstrap {
	out := b.Bootstrap
	out.Unknown = out.Unknown || b.presence.undecided()
	return out
}

// validateTrigger refuses a trigger that nothing would come of.
func (b *bootstrap) validateTrigger(diags *diag.Diagnostics) {
	if b.trigger.IsNull() || b.trigger.IsUnknown() || b.Unknown || b.LinuxPrep || b.Sysprep {
		return
	}
	diags.AddAttributeError(bootstrapPath.AtName("customize_trigger"), "Nothing to customize",
		"customize_trigger has vSphere customize the guest once more, which is for linux_prep and sysprep, and the block has neither. "+
			"Remove customize_trigger, or add the one that fits the guest. For cloud-init, change cloud_init.instance_id instead.")
}

// judgedBy is the network that a provider's settings are judged by: nothing is known of it while
// it is not known whether there is the provider.
func judgedBy(spec network.Spec, b network.Bootstrap) network.Spec {
	if !b.Unknown {
		return spec
	}
	unknown := known.Unknown[string]()
	return network.Spec{VMName: unknown, HostName: unknown, DomainName: unknown}
}
