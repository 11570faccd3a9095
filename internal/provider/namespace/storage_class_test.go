package namespace_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// teams are a namespace on each cluster, of which the first has defaults.
var teams = tree{"default_namespace": "team-a", "namespace": []any{
	tree{"name": "team-a", "resource_pool": simulator.PoolTeamA, "folder": simulator.FolderTeamA, "default_storage_class": simulator.StorageGold, "default_network": simulator.NetworkBackend},
	tree{"name": "team-b", "resource_pool": simulator.PoolTeamB, "folder": simulator.FolderTeamB},
}}

// shown drops the ids, which are others in every run, and reports those that are missing.
func shown(t *testing.T, state tree) tree {
	t.Helper()
	ids := []string{"storage_policy_id", "unique_id"}
	for name, value := range state {
		switch inner := value.(type) {
		case tree:
			shown(t, inner)
		case []any:
			for _, element := range inner {
				if object, ok := element.(tree); ok {
					shown(t, object)
				}
			}
		}
		for _, id := range ids {
			if name == id {
				if text, ok := value.(string); !ok || text == "" {
					t.Errorf("%s is %v", id, value)
				}
				delete(state, name)
			}
		}
	}
	return state
}

// localDatastores are those that both clusters of the simulator have.
func localDatastores() []any {
	return []any{
		tree{"name": simulator.Datastore0, "path": "/DC0/datastore/LocalDS_0"},
		tree{"name": simulator.Datastore1, "path": "/DC0/datastore/LocalDS_1"},
	}
}

func TestAStorageClassIsFoundByEitherNameAndAsTheDefault(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, teams)
	sim.ResetRequests()
	gold := func(name, namespace string, standard bool) tree {
		return tree{
			"namespace": namespace, "name": name, "storage_class_name": "gold", "storage_policy_name": "gold",
			"description": "The gold storage policy", "default": standard, "datastores": localDatastores(),
		}
	}
	if diff := cmp.Diff(gold("gold", "team-a", true), shown(t, d.found("storage_class", tree{}))); diff != "" {
		t.Errorf("the default (-want +got):\n%s", diff)
	}
	want := []string{
		"Login", "PbmCheckRequirements", "PbmQueryProfile", "PbmRetrieveContent", "PbmRetrieveServiceContent",
		"RetrievePropertiesEx", "RetrievePropertiesEx", "RetrieveServiceContent",
	}
	if diff := cmp.Diff(want, operations(sim)); diff != "" {
		t.Errorf("calls, with those of the login (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(gold("gold", "team-b", false), shown(t, d.found("storage_class", tree{"name": "gold", "namespace": "team-b"}))); diff != "" {
		t.Errorf("gold in team-b (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"PbmCheckRequirements"}, operations(sim)); diff != "" {
		t.Errorf("calls of a further one (-want +got):\n%s", diff)
	}
	for _, name := range []string{"vsan-default-storage-policy", "vSAN Default Storage Policy"} {
		got := d.found("storage_class", tree{"name": name})
		if got["name"] != name || got["storage_class_name"] != "vsan-default-storage-policy" || got["storage_policy_name"] != "vSAN Default Storage Policy" || got["default"].(bool) {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestStorageClassesAreListedByPolicy(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, teams)
	d.found("networks", tree{}) // logs in, and knows the datacenter
	sim.ResetRequests()
	got := d.found("storage_classes", tree{})
	if got["namespace"] != "team-a" {
		t.Errorf("the namespace is %v", got["namespace"])
	}
	list := got["storage_classes"]
	want := []any{"host-local-pmem-default-storage-policy", "vm-encryption-policy", "vvol-no-requirements-policy", "gold", "silver", "vsan-default-storage-policy"}
	if diff := cmp.Diff(want, column(list, "name")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{false, false, false, true, false, false}, column(list, "default")); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	silver := tree{"name": "silver", "storage_policy_name": "silver", "description": "The silver storage policy", "default": false, "datastores": localDatastores()}
	if diff := cmp.Diff(silver, shown(t, list.([]any)[4].(tree))); diff != "" {
		t.Errorf("silver (-want +got):\n%s", diff)
	}
	calls := []string{"PbmQueryProfile", "PbmRetrieveContent", "PbmRetrieveServiceContent"}
	for range want {
		calls = append([]string{"PbmCheckRequirements"}, calls...)
	}
	if diff := cmp.Diff(calls, operations(sim)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestAStorageClassThatIsNotThereNamesTheOthers(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, tree{"namespace": []any{
		tree{"name": "default", "resource_pool": simulator.PoolTeamA, "default_storage_class": "bronze"},
		tree{"name": "nowhere", "resource_pool": "no-such-pool"},
		tree{"name": "plain", "resource_pool": simulator.PoolTeamB},
	}})
	d.refused("storage_class", tree{"name": "golden"}, "name", "Unable to find the storage class", `no storage policy "golden"`, `"gold"`)
	d.refused("storage_class", tree{}, "name", "Unable to find the storage class", `no storage policy "bronze"`, `"gold"`)
	d.refused("storage_class", tree{"namespace": "plain"}, "name", "No default storage class", `Namespace "plain"`, "default_storage_class")
	d.refused("storage_class", tree{"name": "gold", "namespace": "nowhere"}, "namespace", "no-such-pool", `"team-a"`)
	d.refused("storage_classes", tree{"namespace": "elsewhere"}, "namespace", "No such namespace", `"elsewhere"`, `"plain"`)
	if got := d.found("storage_class", tree{"name": "gold"}); got["default"].(bool) {
		t.Error("gold is the default where the default does not exist")
	}
	if err := sim.FailCall("PbmCheckRequirements", "NoPermission"); err != nil {
		t.Fatal(err)
	}
	d.refused("storage_classes", tree{}, "", "Unable to find the datastores of the storage classes", "lacks a privilege")
}
