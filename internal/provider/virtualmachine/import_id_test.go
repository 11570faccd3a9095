package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A machine is imported by what people know of it; what is not that is told the forms.
func TestAMachineIsImportedByUUIDPathOrObjectID(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	foreign(t, sim)
	object := textAt(d.imported(foreignID).state, "status.unique_id")
	for _, id := range []string{strings.ToUpper(foreignID), " " + foreignID, "/DC0/vm/team-a/foreign", object, "VirtualMachine:" + object} {
		if got := textAt(d.imported(id).state, "id"); got != foreignID {
			t.Errorf("%q imports %q", id, got)
		}
	}
	for id, summary := range map[string]string{
		"": "No import id", "foreign": "Not an import id", "/DC0/vm/team-a/nobody": "No such virtual machine", "/DC0/vm/team-a": "No such virtual machine", "vm-99999": "No such virtual machine",
	} {
		_, diags := d.resource.Import(id)
		if len(diags) != 1 || diags[0].Summary != summary || !strings.Contains(diags[0].Detail, "/DC0/vm/team-a/web, or by its managed object id") {
			t.Errorf("%q: it says %q, want %s and the forms", id, said(diags), summary)
		}
	}
	deferred := serve(t)
	deferred.clean("configure", deferred.configure(with(providerTree(sim), "vsphere_server", unknown{})))
	if _, diags := deferred.resource.Import("/DC0/vm/team-a/foreign"); len(diags) != 1 || !strings.Contains(diags[0].Detail, "Import the machine by its instance UUID") {
		t.Errorf("it says %q", said(diags))
	}
	found, diags := deferred.resource.Import(foreignID)
	if deferred.clean("import", diags); textAt(found.Value, "id") != foreignID {
		t.Errorf("it finds %s", found.Value)
	}
}
