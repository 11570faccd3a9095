package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// The storage class of a volume changes in place on a machine that runs, and policies are read for
// that change only.
func TestAVolumeOfAnotherStorageClassIsEdited(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	volume := tree{"name": "data", "capacity": "1Gi", "storage_class": simulator.StorageGold}
	config := with(small(), "volume", []any{volume})
	made := d.applied(d.nothing(), config)
	sim.Settle()
	for _, step := range []struct {
		name    string
		volume  tree
		read    bool
		profile bool
	}{
		{"another capacity", with(volume, "capacity", "2Gi"), false, false},
		{"another class", with(with(volume, "capacity", "2Gi"), "storage_class", simulator.StorageSilver), true, true},
	} {
		made = d.refreshed(made)
		sim.ResetRequests()
		made = d.applied(made, with(config, "volume", []any{step.volume}))
		read := len(sim.Requests("PbmQueryAssociatedProfiles")) > 0
		changes := sim.Requests("ReconfigVM_Task")
		if len(changes) != 1 || read != step.read || strings.Contains(changes[0].Body, "<profile ") != step.profile {
			t.Errorf("%v: policies are read: %t; %d reconfigurations", step.name, read, len(changes))
		}
		if calls := powerCalls(sim); len(calls) > 0 {
			t.Errorf("%s: %v", step.name, calls)
		}
	}
}
