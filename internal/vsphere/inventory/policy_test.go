package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	pbm "github.com/vmware/govmomi/pbm/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// policy adds a storage policy.
func (w *world) policy(t *testing.T, name string) string {
	t.Helper()
	client, err := w.client.PBM(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := client.CreateProfile(t.Context(), pbm.PbmCapabilityProfileCreateSpec{
		Name: name, Category: string(pbm.PbmProfileCategoryEnumREQUIREMENT),
		ResourceType: pbm.PbmProfileResourceType{ResourceType: string(pbm.PbmProfileResourceTypeEnumSTORAGE)},
		Constraints:  &pbm.PbmCapabilitySubProfileConstraints{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.UniqueId
}

func TestAStoragePolicyIsFoundByItsNameAndAsAStorageClass(t *testing.T) {
	w := newWorld(t, oneCluster)
	gold := w.policy(t, "Gold (SSD), RAID-1")
	exact := w.policy(t, "vm-encryption-policy") // the name of one is the class of another
	calls := w.calls(func() {
		for _, test := range []struct{ asked, want string }{
			{"Gold (SSD), RAID-1", "Gold (SSD), RAID-1"},
			{"gold-ssd-raid-1", "Gold (SSD), RAID-1"},
			{"vSAN Default Storage Policy", "vSAN Default Storage Policy"},
			{"vsan-default-storage-policy", "vSAN Default Storage Policy"},
			{"vm-encryption-policy", "vm-encryption-policy"},
		} {
			got, err := w.inventory.StoragePolicy(t.Context(), test.asked)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != test.want {
				t.Errorf("%q is %q, want %q", test.asked, got.Name, test.want)
			}
		}
		for _, id := range []string{gold, exact} {
			got, err := w.inventory.StoragePolicyByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != id {
				t.Errorf("policy %s has the id %s", id, got.ID)
			}
		}
	})
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestAStoragePolicyThatIsNotOne(t *testing.T) {
	w := newWorld(t, oneCluster)
	first, second := w.policy(t, "Silver Tier"), w.policy(t, "silver-TIER")
	t.Run("is not found, and those there are are listed", func(t *testing.T) {
		_, err := w.inventory.StoragePolicy(t.Context(), "bronze")
		wantError(t, err, vsphere.ErrNotFound, `no storage policy "bronze"`, `"Silver Tier"`, `"vSAN Default Storage Policy"`)
	})
	t.Run("is ambiguous as a class that two share", func(t *testing.T) {
		_, err := w.inventory.StoragePolicy(t.Context(), "silver-tier")
		wantError(t, err, vsphere.ErrAmbiguous, first, second, "own name")
	})
	t.Run("is found as soon as it exists", func(t *testing.T) {
		w.policy(t, "bronze")
		if _, err := w.inventory.StoragePolicy(t.Context(), "bronze"); err != nil {
			t.Error(err)
		}
	})
}

func TestStoragePoliciesAreListedByName(t *testing.T) {
	w := newWorld(t, oneCluster)
	w.policy(t, "a")
	if _, err := w.inventory.StoragePolicies(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.policy(t, "z") // a list has what was just made
	policies, err := w.inventory.StoragePolicies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, policy := range policies {
		names = append(names, policy.Name)
	}
	want := []string{
		"Host-local PMem Default Storage Policy", "VM Encryption Policy", "VVol No Requirements Policy", "a", "vSAN Default Storage Policy", "z",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestTheDatastoreOfAMachine(t *testing.T) {
	w := newWorld(t, twoClusters)
	gold, err := w.inventory.StoragePolicyByID(t.Context(), w.policy(t, "gold"))
	if err != nil {
		t.Fatal(err)
	}
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0"})
	with := w.namespace(t, inventory.NamespaceSpec{Name: "with", ResourcePool: "DC0_C0", Datastore: "LocalDS_1"})
	for _, test := range []struct {
		name      string
		namespace inventory.Namespace
		policy    *inventory.StoragePolicy
		want      []string
		calls     int64
	}{
		{"is the namespace's without a policy", with, nil, []string{"LocalDS_1"}, 0},
		{"is the namespace's where it satisfies the policy", with, &gold, []string{"LocalDS_1"}, 1},
		{"is a compatible one of the cluster", namespace, &gold, []string{"LocalDS_0", "LocalDS_1"}, 1},
		{"is one of the cluster", namespace, nil, []string{"LocalDS_0", "LocalDS_1"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := w.calls(func() {
				got, err := w.inventory.DatastoreFor(t.Context(), test.namespace, test.policy)
				if err != nil {
					t.Fatal(err)
				}
				for _, want := range test.want {
					if got.Name == want {
						return
					}
				}
				t.Errorf("it is %s, want one of %v", got.Name, test.want)
			})
			if calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}
