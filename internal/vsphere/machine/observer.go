package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// ErrInaccessible says that vCenter knows the machine and cannot read its configuration: its
// host or its datastore is away. It exists, and nothing may be concluded about it.
var ErrInaccessible = errors.New("configuration cannot be read")

// Observe reads a machine. Reads that are asked for within ten milliseconds share one call, and
// one that fails – because its machine is gone, say – does not disturb the others. What is read
// is never older than the call of Observe. Errors: vsphere.ErrNotFound, ErrInaccessible.
func (s *Service) Observe(ctx context.Context, ref Ref) (*Observation, error) {
	s.ahead.settle(ref)
	return read(ctx, s.reads, ref)
}

// ObserveByID reads the machine with an instance UUID. The reference is where it was last seen,
// which makes this as cheap as Observe; when it is empty, or another machine is there by now,
// the UUID is looked up. Errors: vsphere.ErrNotFound, vsphere.ErrAmbiguous, ErrInaccessible.
func (s *Service) ObserveByID(ctx context.Context, ref Ref, instanceUUID string) (*Observation, error) {
	return s.byID(ctx, ref, instanceUUID, s.Observe)
}

// byID is ObserveByID whose first look is by a function of the caller's.
func (s *Service) byID(ctx context.Context, ref Ref, instanceUUID string, look func(context.Context, Ref) (*Observation, error)) (*Observation, error) {
	if ref.Value != "" {
		o, err := look(ctx, ref)
		switch {
		case err == nil && strings.EqualFold(o.InstanceUUID, instanceUUID):
			return o, nil
		case err != nil && !isGone(err):
			return nil, err
		}
	}
	found, err := s.Find(ctx, instanceUUID)
	if err != nil {
		return nil, err
	}
	o, err := s.Observe(ctx, found)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(o.InstanceUUID, instanceUUID) {
		return nil, fmt.Errorf("%w: the machine with instance UUID %s changed it while it was read", vsphere.ErrConflict, instanceUUID)
	}
	return o, nil
}

// read asks for one machine among others.
func read(ctx context.Context, reads *batcher[Ref, *Observation], ref Ref) (*Observation, error) {
	o, err := reads.get(ctx, ref)
	if err != nil {
		return nil, vsphere.Translate(err, "read "+title(ref))
	}
	// Callers share one answer: each gets a value of its own to keep.
	copied := *o
	return &copied, nil
}

func (s *Service) observeMany(ctx context.Context, refs []Ref) map[Ref]answer[*Observation] {
	found, err := s.retrieve(ctx, refs, nil)
	if err != nil {
		return failed[Ref, *Observation](refs, err)
	}
	return found.machines
}

// retrieved is what a call found: an answer for each machine, and what is in each folder.
type retrieved struct {
	machines map[Ref]answer[*Observation]
	children map[Ref][]Ref
}

// retrieve is one call for all machines and folders, and another for the names of hosts and
// folders that were not met before.
func (s *Service) retrieve(ctx context.Context, machines, folders []Ref) (*retrieved, error) {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	spec := types.PropertyFilterSpec{
		PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: observed}},
		// A machine that is gone is left out instead of failing the others.
		ReportMissingObjectsInResults: types.NewBool(true),
	}
	if len(folders) > 0 {
		spec.PropSet = append(spec.PropSet, types.PropertySpec{Type: "Folder", PathSet: []string{"childEntity"}})
	}
	for _, ref := range slices.Concat(machines, folders) {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: ref})
	}
	collector := property.DefaultCollector(client)
	res, err := collector.RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{spec}})
	if err != nil {
		return nil, err
	}
	found := &retrieved{machines: make(map[Ref]answer[*Observation], len(machines)), children: make(map[Ref][]Ref, len(folders))}
	var readable []*Observation
	for i := range res.Returnval {
		content := &res.Returnval[i]
		if content.Obj.Type != "VirtualMachine" {
			found.children[content.Obj] = children(content)
			continue
		}
		o, err := observe(content)
		found.machines[content.Obj] = answer[*Observation]{value: o, err: err}
		if err == nil {
			readable = append(readable, o)
		}
	}
	for _, ref := range machines {
		if _, ok := found.machines[ref]; !ok {
			found.machines[ref] = answer[*Observation]{err: fmt.Errorf("%w: vCenter has no %s, or hides it", vsphere.ErrNotFound, title(ref))}
		}
	}
	if err := s.places.name(ctx, collector, readable); err != nil {
		return nil, err
	}
	for _, o := range readable {
		s.titles.Store(o.Ref, o.Title())
	}
	return found, nil
}

func children(content *types.ObjectContent) []Ref {
	for _, p := range content.PropSet {
		if list, ok := p.Val.(types.ArrayOfManagedObjectReference); ok {
			return list.ManagedObjectReference
		}
	}
	return nil
}

func observe(content *types.ObjectContent) (*Observation, error) {
	var vm mo.VirtualMachine
	if err := mo.LoadObjectContent([]types.ObjectContent{*content}, &vm); err != nil {
		return nil, err
	}
	// instanceUuid is always set where there is a configuration at all.
	if vm.Config == nil || vm.Config.InstanceUuid == "" {
		return nil, fmt.Errorf("%w: %q (%s) is %s", ErrInaccessible, vm.Name, content.Obj.Value, vm.Runtime.ConnectionState)
	}
	vm.Self = content.Obj
	return newObservation(&vm), nil
}
