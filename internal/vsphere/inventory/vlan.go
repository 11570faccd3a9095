package inventory

import (
	"context"
	"slices"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// VLAN says how a port group tags frames. One of its members is set.
type VLAN struct {
	// ID is from 1 to 4094, and 0 for frames without a tag.
	ID *int32
	// PrivateID is the secondary id of a private VLAN.
	PrivateID *int32
	// Trunk are the VLANs whose frames the guest sees with their tags; empty where it is none.
	Trunk []VLANRange
}

// VLANRange is a run of VLAN ids, both ends included.
type VLANRange struct{ First, Last int32 }

// What VLANs reads of a port group.
const (
	propertyPortConfig = "config.defaultPortConfig"
	propertyBacking    = "config.backingType"
	backingNSX         = "nsx"
)

// VLANs tells the VLANs of networks by the networks' ids. Those of standard networks are the
// hosts' own, and segments of NSX have their own networks beneath: they are left out, as are port
// groups that the user may not read or that are gone. It costs one request, and none where there is no
// distributed port group.
func (i *Inventory) VLANs(ctx context.Context, networks ...Network) (map[string]VLAN, error) {
	var objects []types.ObjectSpec
	for _, network := range networks {
		if network.Kind == NetworkDistributed {
			objects = append(objects, types.ObjectSpec{Obj: network.reference})
		}
	}
	if len(objects) == 0 {
		return nil, nil
	}
	const doing = "read the VLANs of the distributed port groups"
	client, err := i.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	contents, err := mo.RetrievePropertiesEx(ctx, client, types.RetrievePropertiesEx{
		This: client.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			ObjectSet:                     objects,
			PropSet:                       []types.PropertySpec{{Type: typePortgroup, PathSet: []string{propertyPortConfig, propertyBacking}}},
			ReportMissingObjectsInResults: types.NewBool(true),
		}},
	})
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	vlans := make(map[string]VLAN, len(contents))
	for n := range contents {
		group, err := newNode(&contents[n])
		if err != nil {
			return nil, vsphere.Translate(err, doing)
		}
		if vlan, ok := vlanOf(group); ok {
			vlans[group.ref.Value] = vlan
		}
	}
	return vlans, nil
}

func vlanOf(group *node) (VLAN, bool) {
	setting, ok := group.values[propertyPortConfig].(types.VMwareDVSPortSetting)
	if !ok || value[string](group, propertyBacking) == backingNSX {
		return VLAN{}, false
	}
	switch spec := setting.Vlan.(type) {
	case *types.VmwareDistributedVirtualSwitchVlanIdSpec:
		return VLAN{ID: &spec.VlanId}, true
	case *types.VmwareDistributedVirtualSwitchPvlanSpec:
		return VLAN{PrivateID: &spec.PvlanId}, true
	case *types.VmwareDistributedVirtualSwitchTrunkVlanSpec:
		var vlan VLAN
		for _, run := range spec.VlanId {
			vlan.Trunk = append(vlan.Trunk, VLANRange{First: run.Start, Last: run.End})
		}
		slices.SortFunc(vlan.Trunk, func(a, b VLANRange) int { return int(a.First - b.First) })
		return vlan, true
	default:
		return VLAN{}, false
	}
}
