package inventory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

// sriovSwitches are, by cluster or stand-alone host, the UUIDs of the distributed switches that
// have SR-IOV functions there.
type sriovSwitches struct {
	mu        sync.Mutex
	byCompute map[types.ManagedObjectReference]*snapshot.Snapshot[map[string]bool]
}

// SRIOV tells of distributed port groups, by their ids, whether a host of the namespace's cluster
// has SR-IOV functions on their switch, which is what a network card of the type SRIOV is made
// of. Other networks, and all where vCenter does not tell, are left out: the vSphere API knows
// the functions by the switch that their physical cards are on. It costs one request for each
// cluster, and none where there is no distributed port group.
func (i *Inventory) SRIOV(ctx context.Context, namespace Namespace, networks ...Network) (map[string]bool, error) {
	var groups []Network
	for _, network := range networks {
		if network.switchUUID != "" {
			groups = append(groups, network)
		}
	}
	if len(groups) == 0 {
		return nil, nil
	}
	switches, err := i.sriov.of(i, namespace).Since(ctx, time.Now().Add(-life))
	if errors.Is(err, vsphere.ErrNotPermitted) || errors.Is(err, vsphere.ErrUnsupported) {
		return nil, nil
	}
	if err != nil || switches == nil {
		return nil, err
	}
	told := make(map[string]bool, len(groups))
	for _, network := range groups {
		told[network.ID] = switches[network.switchUUID]
	}
	return told, nil
}

func (s *sriovSwitches) of(i *Inventory, namespace Namespace) *snapshot.Snapshot[map[string]bool] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byCompute == nil {
		s.byCompute = make(map[types.ManagedObjectReference]*snapshot.Snapshot[map[string]bool])
	}
	known := s.byCompute[namespace.compute]
	if known == nil {
		known = snapshot.New(life, func(ctx context.Context) (map[string]bool, error) { return i.readSRIOV(ctx, namespace) })
		s.byCompute[namespace.compute] = known
	}
	return known
}

// readSRIOV asks what the hosts of a cluster or stand-alone host offer to machines; nil where
// the user may not know.
func (i *Inventory) readSRIOV(ctx context.Context, namespace Namespace) (map[string]bool, error) {
	browser, err := i.browser(ctx, namespace)
	if err != nil || browser.Value == "" {
		return nil, err
	}
	client, err := i.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	res, err := methods.QueryConfigTarget(ctx, client, &types.QueryConfigTarget{This: browser})
	if err != nil {
		return nil, vsphere.Translate(err, fmt.Sprintf("find the SR-IOV devices of %s", namespace.Compute.Path))
	}
	switches := map[string]bool{}
	if res.Returnval == nil {
		return switches, nil
	}
	for _, device := range res.Returnval.Sriov {
		if pool, ok := device.DevicePool.(*types.VirtualMachineSriovNetworkDevicePoolInfo); ok && pool.SwitchUuid != "" {
			switches[pool.SwitchUuid] = true
		}
	}
	return switches, nil
}
