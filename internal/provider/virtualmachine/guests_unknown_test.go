package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// plannable are the guests of guests_test.go, as the simulator's vCenter and its images take them.
func plannable() map[string]tree {
	const (
		linux   = "bootstrap.linux_prep."
		windows = "bootstrap.sysprep.sysprep."
	)
	prep := with(linuxPrepared(), linux+"password", nil)
	prep = with(prep, linux+"expire_password_after_next_login", nil)
	prep = with(with(prep, "bootstrap.vapp_config", nil), "readiness_probe", nil)
	inline := with(sysprepared(), windows+"expire_password_after_next_login", nil)
	inline = with(with(inline, windows+"script_text", nil), "bootstrap.secrets_wo.win.product_id", "ABCDE-22222-33333-44444-55555")
	inline = with(inline, "readiness_probe", nil)
	raw := with(with(rawPrepared(), "bootstrap.vapp_config", nil), "readiness_probe", nil)
	return map[string]tree{"linux_prep": prep, "sysprep": inline, "raw_sysprep": raw, "vapp_config": appliance()}
}

// Whatever of a bootstrap is not known yet, a machine can be planned, and the plan that is made
// for apply, when everything is known, keeps what the first one said.
func TestEveryArgumentOfABootstrapMayBeUnknownInAPlan(t *testing.T) {
	t.Parallel()
	for name, config := range plannable() {
		t.Run(name, func(t *testing.T) {
			sim := simulator.Start(t)
			d := connected(t, sim)
			made := d.applied(d.nothing(), config)
			sim.Settle()
			made = d.refreshed(made)
			// Another name, or vCenter has one of it already.
			fresh := with(config, "name", "fresh")
			first := d.planned(d.nothing(), fresh)
			next := d.planned(made, config)
			for _, place := range places(config, "") {
				if !strings.HasPrefix(place, "bootstrap") {
					continue
				}
				create, diags := d.plan(d.nothing(), with(fresh, place, unknown{}))
				if failed(diags) {
					t.Errorf("%s: plan a new machine: %s", place, said(diags))
					continue
				}
				if broken := contradictions(create.planned, first.planned); len(broken) > 0 {
					t.Errorf("%s: the final plan of a new machine contradicts the first:\n%s", place, strings.Join(broken, "\n"))
				}
				change, diags := d.plan(made, with(config, place, unknown{}))
				if failed(diags) {
					t.Errorf("%s: plan a machine that exists: %s", place, said(diags))
					continue
				}
				if broken := contradictions(change.planned, next.planned); len(broken) > 0 && len(change.replace) == 0 {
					t.Errorf("%s: the final plan of a machine that exists contradicts the first:\n%s", place, strings.Join(broken, "\n"))
				}
			}
		})
	}
}
