// Package inventory knows what a namespace is made of: resource pools, folders, networks,
// datastores, storage policies and virtual machine classes.
//
// # What is remembered
//
// One picture of the datacenter, one of its virtual machines, one list of storage policies and
// one of classes serve everything that a Terraform process asks, for half a minute each. What is not in them, or
// not unambiguously, is looked for once more in a fresh answer before anybody is told so; see
// package snapshot. Listings are always asked for anew. A rename or removal can therefore stay unseen for half a minute, and then
// shows as vCenter's own refusal; an addition is always seen.
//
// # What it costs
//
// The picture is one request however many names are asked for, where vSphere's search index
// takes one per name and cannot see that a name is ambiguous. Policies are two requests,
// classes one.
package inventory

import (
	"context"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

// life is how long an answer of vCenter serves further questions.
const life = 30 * time.Second

// Inventory answers questions about one vCenter. There is one per provider process; it is
// safe for concurrent use.
type Inventory struct {
	client   *vsphere.Client
	tree     *snapshot.Snapshot[*tree]
	machines *snapshot.Snapshot[*tree]
	policies *snapshot.Snapshot[[]StoragePolicy]
	classes  *snapshot.Snapshot[[]Class]
	sriov    sriovSwitches
	guests   guestIDs
}

// New returns the inventory of the client's datacenter. It makes no request.
func New(client *vsphere.Client) *Inventory {
	i := &Inventory{client: client}
	i.tree = snapshot.New(life, i.reader(readTree))
	i.machines = snapshot.New(life, i.reader(readMachines))
	i.policies = snapshot.New(life, i.readPolicies)
	i.classes = snapshot.New(life, i.readClasses)
	return i
}

// reader reads something of the client's datacenter.
func (i *Inventory) reader(read func(context.Context, *vim25.Client, *object.Datacenter) (*tree, error)) func(context.Context) (*tree, error) {
	return func(ctx context.Context) (*tree, error) {
		client, err := i.client.Vim(ctx)
		if err != nil {
			return nil, err
		}
		datacenter, err := i.client.Datacenter(ctx)
		if err != nil {
			return nil, err
		}
		return read(ctx, client, datacenter)
	}
}
