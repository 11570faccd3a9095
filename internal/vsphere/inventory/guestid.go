package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

// offeredFor is how long the guest ids of a cluster are remembered: they change with its hosts'
// version, and a process does not live that long.
const offeredFor = time.Hour

// guestIDs are the guest ids that clusters and stand-alone hosts offer.
type guestIDs struct {
	mu        sync.Mutex
	byCompute map[types.ManagedObjectReference]*snapshot.Snapshot[[]string]
}

// CheckGuestID tells whether a machine of the namespace can have a guest id. One that this
// provider's version of the vSphere API lists costs no request. For any other the environment
// browser of the namespace's cluster is asked, once: a newer vCenter knows more.
//
// The error wraps vsphere.ErrInvalidArgument, and offers near ids, for one that is in neither; any
// other error means that the cluster could not be asked.
func (i *Inventory) CheckGuestID(ctx context.Context, namespace Namespace, id string) error {
	known := types.VirtualMachineGuestOsIdentifier("").Strings()
	if slices.Contains(known, id) {
		return nil
	}
	offered, err := i.guests.of(i, namespace).Since(ctx, time.Now().Add(-offeredFor))
	if err != nil {
		return err
	}
	if slices.Contains(offered, id) {
		return nil
	}
	return failure(vsphere.ErrInvalidArgument, "vSphere knows no guest id %q, and %s offers none. %s",
		id, namespace.Compute.Path, offer("guest id", id, slices.Concat(known, offered)))
}

func (g *guestIDs) of(i *Inventory, namespace Namespace) *snapshot.Snapshot[[]string] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byCompute == nil {
		g.byCompute = make(map[types.ManagedObjectReference]*snapshot.Snapshot[[]string])
	}
	offered := g.byCompute[namespace.compute]
	if offered == nil {
		offered = snapshot.New(offeredFor, func(ctx context.Context) ([]string, error) { return i.readGuestIDs(ctx, namespace) })
		g.byCompute[namespace.compute] = offered
	}
	return offered
}

// readGuestIDs asks for the guest ids of a cluster's newest hardware version.
func (i *Inventory) readGuestIDs(ctx context.Context, namespace Namespace) ([]string, error) {
	what := "find the guest ids of " + namespace.Compute.Path
	browser, err := i.browser(ctx, namespace)
	if err != nil {
		return nil, err
	}
	if browser.Value == "" {
		return nil, fmt.Errorf("%s: %w: the user may not see its environment browser", what, vsphere.ErrNotPermitted)
	}
	client, err := i.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	res, err := methods.QueryConfigOptionEx(ctx, client, &types.QueryConfigOptionEx{This: browser})
	if err != nil {
		return nil, vsphere.Translate(err, what)
	}
	if res.Returnval == nil {
		return nil, fmt.Errorf("%s: %w: vCenter does not say", what, vsphere.ErrUnsupported)
	}
	ids := make([]string, len(res.Returnval.GuestOSDescriptor))
	for at := range ids {
		ids[at] = res.Returnval.GuestOSDescriptor[at].Id
	}
	return ids, nil
}

// browser is the environment browser of a namespace's cluster or stand-alone host; zero where the
// user may not see it.
func (i *Inventory) browser(ctx context.Context, namespace Namespace) (types.ManagedObjectReference, error) {
	var browser types.ManagedObjectReference
	err := i.tree.Find(ctx, func(t *tree) error {
		if compute := t.nodes[namespace.compute]; compute != nil {
			browser = reference(compute, "environmentBrowser")
		}
		return nil
	})
	return browser, err
}
