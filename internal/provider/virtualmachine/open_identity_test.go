package virtualmachine_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A machine is not replaced for a value that is not known yet, and that may turn out to be the one
// that it has. The plan says what would come of another one.
func TestAMachineIsKeptWhileItIsNotKnownWhetherItIsReplaced(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	base := with(small(), "power_state", "PoweredOff")
	for place, config := range map[string]tree{
		"image_name":            base,
		"image":                 with(with(base, "image_name", nil), "image", tree{"kind": "ClusterVirtualMachineImage", "name": image.NewID(simulator.ItemPhoton).String()}),
		"namespace":             with(base, "namespace", "team-a"),
		"storage_class":         with(base, "storage_class", "gold"),
		"boot_options.firmware": with(base, "boot_options", tree{"firmware": "efi"}),
	} {
		t.Run(place, func(t *testing.T) {
			d := d.in(t)
			made := d.refreshed(d.applied(d.nothing(), config))
			defer func() { d.clean("destroy", d.destroy(made)) }()
			p, diags := d.plan(made, with(config, place, unknown{}))
			warned(t, diags, place, "whether the machine is replaced")
			if len(p.replace) > 0 {
				t.Errorf("it is replaced for %v", p.replace)
			}
		})
	}
}
