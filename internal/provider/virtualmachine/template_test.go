package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestATemplateIsLeftAlone(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), small()))
	convert(t, sim, textAt(made.state, "id"))
	made = d.refreshed(made)
	_, diags := d.plan(made, small())
	oneError(t, diags, "power_state", "is a template")
	if !strings.Contains(said(diags), "Convert it back to a virtual machine") {
		t.Errorf("it says %s", said(diags))
	}
	off := with(small(), "power_state", "PoweredOff")
	d.clean("plan", d.unchanged(made, off))
	_, diags = d.plan(made, with(off, "class_name", simulator.ClassBestSmall))
	oneError(t, diags, "", "is a template")
	_, diags = d.plan(made, with(off, "boot_options", tree{"firmware": "BIOS"}))
	oneError(t, diags, "", "is a template")
	sim.ResetRequests()
	oneError(t, d.destroy(made), "", "is a template")
	if calls := sim.Requests("Destroy_Task"); len(calls) > 0 || len(sim.Machines()) != 1 {
		t.Errorf("the template is destroyed: %v", calls)
	}
}

// convert makes a template of a machine, as somebody else would.
func convert(t *testing.T, sim *simulator.Simulator, id string) {
	t.Helper()
	client := administrator(t, sim)
	found, err := object.NewSearchIndex(client).FindByUuid(t.Context(), nil, id, true, govmomi.NewBool(true))
	if err != nil || found == nil {
		t.Fatalf("%v, %v", found, err)
	}
	if err := sim.PowerOff("small"); err != nil {
		t.Fatal(err)
	}
	if err := object.NewVirtualMachine(client, found.Reference()).MarkAsTemplate(t.Context()); err != nil {
		t.Fatal(err)
	}
}
