package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What random changes of machines have found, reduced.

func TestAClassThatIsDroppedReservesNothingMore(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "class_name", simulator.ClassGuaranteed)
	made := d.refreshed(d.applied(d.nothing(), config))
	sim.ResetRequests()
	d.applied(made, small())
	sent := sim.Requests("ReconfigVM_Task")
	if len(sent) != 1 || !strings.Contains(sent[0].Body, "<cpuAllocation><reservation>0</reservation>") ||
		!strings.Contains(sent[0].Body, "<memoryAllocation><reservation>0</reservation>") {
		t.Errorf("what the class reserved stays reserved: %v", sent)
	}
}

func TestARenamedInterfaceHasACardOfItsOwn(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := tree{"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{}, "network": tree{"interface": []any{tree{"name": "eth0", "type": "E1000"}}}}
	made := d.refreshed(d.applied(d.nothing(), config))
	before := textAt(made.state, "network.interface[0].mac_addr")
	made = d.applied(made, tree{"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{}, "network": tree{"interface": []any{tree{"name": "eth1"}}}})
	if after := textAt(made.state, "network.interface[0].mac_addr"); after == before {
		t.Errorf("eth1 has the card of eth0, with the address %s", after)
	}
}
