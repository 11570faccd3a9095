package machine

import (
	"context"
	"strings"
	"sync"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/types"
)

// places knows the names of hosts, the paths of folders, and which NSX segments distributed port
// groups stand for. Machines are many and their places are few, so each is asked for once in the
// life of a process.
type places struct {
	mu    sync.Mutex
	nodes map[Ref]place
	// segments by port group; empty for one of vSphere's own.
	segments map[Ref]string
}

type place struct {
	name   string
	parent Ref
}

func newPlaces() *places { return &places{nodes: map[Ref]place{}, segments: map[Ref]string{}} }

// name fills in Node, Path and the segments behind network cards, with at most one call. What
// the user may not see stays empty.
func (p *places) name(ctx context.Context, collector *property.Collector, observations []*Observation) error {
	// Held during the call: batches that come together have the same places to learn.
	p.mu.Lock()
	defer p.mu.Unlock()
	var hosts, folders []types.ObjectSpec
	asked := map[Ref]bool{}
	want := func(specs *[]types.ObjectSpec, ref Ref, selection ...types.BaseSelectionSpec) {
		if _, known := p.nodes[ref]; known || asked[ref] || ref.Value == "" {
			return
		}
		asked[ref] = true
		*specs = append(*specs, types.ObjectSpec{Obj: ref, Skip: types.NewBool(false), SelectSet: selection})
	}
	upwards := &types.TraversalSpec{
		SelectionSpec: types.SelectionSpec{Name: "upwards"}, Type: "ManagedEntity", Path: "parent", Skip: types.NewBool(false),
		SelectSet: []types.BaseSelectionSpec{&types.SelectionSpec{Name: "upwards"}},
	}
	for _, o := range observations {
		want(&hosts, o.Host)
		want(&folders, o.Folder, upwards)
	}
	var specs []types.PropertyFilterSpec
	if len(asked) > 0 {
		specs = append(specs, types.PropertyFilterSpec{
			ObjectSet:                     append(hosts, folders...),
			PropSet:                       []types.PropertySpec{{Type: "ManagedEntity", PathSet: []string{"name", "parent"}}},
			ReportMissingObjectsInResults: types.NewBool(true),
		})
	}
	portgroups := p.unknownPortgroups(observations)
	if len(portgroups) > 0 {
		specs = append(specs, types.PropertyFilterSpec{
			ObjectSet:                     portgroups,
			PropSet:                       []types.PropertySpec{{Type: string(DistributedPortgroup), PathSet: []string{"config.logicalSwitchUuid"}}},
			ReportMissingObjectsInResults: types.NewBool(true),
		})
	}
	if len(specs) > 0 {
		res, err := collector.RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: specs})
		if err != nil {
			return err
		}
		for ref := range asked {
			p.nodes[ref] = place{} // asked for, if only to learn that it is hidden
		}
		for _, portgroup := range portgroups {
			p.segments[portgroup.Obj] = ""
		}
		for _, content := range res.Returnval {
			if _, ok := p.segments[content.Obj]; ok {
				p.segments[content.Obj] = newPlace(content.PropSet).name
			} else {
				p.nodes[content.Obj] = newPlace(content.PropSet)
			}
		}
	}
	for _, o := range observations {
		for i := range o.NICs {
			if backing := &o.NICs[i].Backing; backing.Kind == DistributedPortgroup {
				backing.LogicalSwitch = p.segments[backing.portgroup()]
			}
		}
		o.Node = p.nodes[o.Host].name
		o.FolderPath = p.path(o.Folder)
		o.Path = o.FolderPath + "/" + o.Name
	}
	return nil
}

// unknownPortgroups are the port groups of network cards that were not met before. The caller
// holds the lock.
func (p *places) unknownPortgroups(observations []*Observation) []types.ObjectSpec {
	var specs []types.ObjectSpec
	asked := map[Ref]bool{}
	for _, o := range observations {
		for i := range o.NICs {
			ref := o.NICs[i].Backing.portgroup()
			if _, known := p.segments[ref]; known || asked[ref] || ref.Value == "" {
				continue
			}
			asked[ref] = true
			specs = append(specs, types.ObjectSpec{Obj: ref, Skip: types.NewBool(false)})
		}
	}
	return specs
}

// portgroup is the distributed port group of a backing, whose key is its id; zero without one.
func (b Backing) portgroup() Ref {
	if b.Kind != DistributedPortgroup || b.PortgroupKey == "" {
		return Ref{}
	}
	return Ref{Type: string(DistributedPortgroup), Value: b.PortgroupKey}
}

// newPlace reads a name and a parent; of a port group, the segment takes the place of the name.
func newPlace(properties []types.DynamicProperty) place {
	var p place
	for _, property := range properties {
		switch value := property.Val.(type) {
		case string:
			p.name = value
		case Ref:
			p.parent = value
		}
	}
	return p
}

// path climbs from folder to the root, which has no part in paths. The caller holds the lock.
func (p *places) path(folder Ref) string {
	var parts []string
	for ref := folder; ; {
		at := p.nodes[ref]
		if at.name == "" || at.parent.Value == "" {
			break
		}
		parts = append(parts, at.name)
		ref = at.parent
	}
	var path strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		path.WriteString("/" + parts[i])
	}
	return path.String()
}
