package machine

import (
	"context"
	"errors"
	"fmt"
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
	o, err := s.reads.get(ctx, ref)
	if err != nil {
		return nil, vsphere.Translate(err, "read "+title(ref))
	}
	// Callers share one answer: each gets a value of its own to keep.
	copied := *o
	return &copied, nil
}

// ObserveByID reads the machine with an instance UUID. The reference is where it was last seen,
// which makes this as cheap as Observe; when it is empty, or another machine is there by now,
// the UUID is looked up. Errors: vsphere.ErrNotFound, vsphere.ErrAmbiguous, ErrInaccessible.
func (s *Service) ObserveByID(ctx context.Context, ref Ref, instanceUUID string) (*Observation, error) {
	if ref.Value != "" {
		o, err := s.Observe(ctx, ref)
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

// observeMany is one call for all machines, and another for the names of hosts and folders
// that were not met before.
func (s *Service) observeMany(ctx context.Context, refs []Ref) map[Ref]answer[*Observation] {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return failed[Ref, *Observation](refs, err)
	}
	spec := types.PropertyFilterSpec{
		PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: observed}},
		// A machine that is gone is left out instead of failing the others.
		ReportMissingObjectsInResults: types.NewBool(true),
	}
	for _, ref := range refs {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: ref})
	}
	collector := property.DefaultCollector(client)
	res, err := collector.RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{spec}})
	if err != nil {
		return failed[Ref, *Observation](refs, err)
	}
	answers := make(map[Ref]answer[*Observation], len(refs))
	var read []*Observation
	for i := range res.Returnval {
		o, err := observe(&res.Returnval[i])
		answers[res.Returnval[i].Obj] = answer[*Observation]{value: o, err: err}
		if err == nil {
			read = append(read, o)
		}
	}
	for _, ref := range refs {
		if _, ok := answers[ref]; !ok {
			answers[ref] = answer[*Observation]{err: fmt.Errorf("%w: vCenter has no %s, or hides it", vsphere.ErrNotFound, title(ref))}
		}
	}
	if err := s.places.name(ctx, collector, read); err != nil {
		return failed[Ref, *Observation](refs, err)
	}
	return answers
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
