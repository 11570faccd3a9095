package machine

import (
	"context"
	"strings"
	"sync"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/types"
)

// places knows the names of hosts and the paths of folders. Machines are many and their places
// are few, so each is asked for once in the life of a process.
type places struct {
	mu    sync.Mutex
	nodes map[Ref]place
}

type place struct {
	name   string
	parent Ref
}

func newPlaces() *places { return &places{nodes: map[Ref]place{}} }

// name fills in Node and Path, with at most one call. What the user may not see stays empty.
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
	if len(asked) > 0 {
		res, err := collector.RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{{
			ObjectSet:                     append(hosts, folders...),
			PropSet:                       []types.PropertySpec{{Type: "ManagedEntity", PathSet: []string{"name", "parent"}}},
			ReportMissingObjectsInResults: types.NewBool(true),
		}}})
		if err != nil {
			return err
		}
		for ref := range asked {
			p.nodes[ref] = place{} // asked for, if only to learn that it is hidden
		}
		for _, content := range res.Returnval {
			p.nodes[content.Obj] = newPlace(content.PropSet)
		}
	}
	for _, o := range observations {
		o.Node = p.nodes[o.Host].name
		o.Path = p.path(o.Folder, o.Name)
	}
	return nil
}

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
func (p *places) path(folder Ref, name string) string {
	parts := []string{name}
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
