package virtualmachine

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// planHardware decodes what was written about the hardware. The configuration has been validated
// as far as it was known.
func (p *planner) planHardware(ctx context.Context) {
	var diags diag.Diagnostics
	p.hardware, diags = p.plan.hardware(ctx)
	p.resp.Diagnostics.Append(diags...)
	// What validation could not decide, because something was not known, may be known now.
	spec, diags := p.plan.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	report(errorsOf(validateHardware(&p.hardware, interfaceNames(spec))), &p.resp.Diagnostics)
	if p.prior == nil {
		return
	}
	before, diags := p.prior.hardware(ctx)
	p.resp.Diagnostics.Append(diags...)
	p.keepVolumes(&before)
}

// keepVolumes refuses to remove a volume that says it cannot be removed.
func (p *planner) keepVolumes(before *hardwareSpec) {
	blocks, ok := p.hardware.Volumes.Get()
	if p.hardware.Volumes.IsUnknown() {
		return
	}
	had, _ := before.Volumes.Get()
	for i := range had {
		name := had[i].Name.Or("")
		stays := ok && slices.ContainsFunc(blocks, func(v volumeSpec) bool { return v.Name.IsUnknown() || v.Name.Or("") == name })
		if !had[i].Removable.Or(true) && !stays {
			p.resp.Diagnostics.AddAttributeError(path.Root("volume"), "The volume is not removable",
				fmt.Sprintf("The volume %q was configured with removable = false, and there is no volume block of that name any more. "+
					"Put the block back, or apply it with removable = true first, if its disk may go.", name))
		}
	}
}
