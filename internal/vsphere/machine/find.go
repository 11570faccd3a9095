package machine

import (
	"context"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	// searchSize bounds the UUIDs that are looked up together.
	searchSize = 1000
	// Up to this many UUIDs are searched one by one, since that is an index of vCenter. More are
	// picked out of a list of all machines, which costs three calls whatever their number.
	fewSearches = 5
)

// Find returns the machine with an instance UUID, wherever in vCenter it is. Errors:
// vsphere.ErrNotFound, vsphere.ErrAmbiguous.
func (s *Service) Find(ctx context.Context, instanceUUID string) (Ref, error) {
	what := "find the virtual machine with instance UUID " + instanceUUID
	if instanceUUID == "" {
		return Ref{}, fmt.Errorf("%s: %w: it is empty", what, vsphere.ErrInvalidArgument)
	}
	found, err := s.searches.get(ctx, strings.ToLower(instanceUUID))
	if err != nil {
		return Ref{}, vsphere.Translate(err, what)
	}
	switch len(found) {
	case 0:
		return Ref{}, fmt.Errorf("%s: %w", what, vsphere.ErrNotFound)
	case 1:
		return found[0], nil
	}
	ids := make([]string, len(found))
	for i, ref := range found {
		ids[i] = ref.Value
	}
	return Ref{}, fmt.Errorf("%s: %w: %s have it. Give all but one of them another instance UUID", what, vsphere.ErrAmbiguous, strings.Join(ids, ", "))
}

func (s *Service) findMany(ctx context.Context, uuids []string) map[string]answer[[]Ref] {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return failed[string, []Ref](uuids, err)
	}
	if len(uuids) > fewSearches {
		found, err := findInList(ctx, client, uuids)
		if err != nil {
			return failed[string, []Ref](uuids, err)
		}
		return found
	}
	answers := make(map[string]answer[[]Ref], len(uuids))
	for _, uuid := range uuids {
		res, err := methods.FindAllByUuid(ctx, client, &types.FindAllByUuid{
			This: *client.ServiceContent.SearchIndex, Uuid: uuid, VmSearch: true, InstanceUuid: types.NewBool(true),
		})
		if err != nil {
			answers[uuid] = answer[[]Ref]{err: err}
			continue
		}
		answers[uuid] = answer[[]Ref]{value: res.Returnval}
	}
	return answers
}

// findInList reads the instance UUID of every machine that the user may see.
func findInList(ctx context.Context, client *vim25.Client, uuids []string) (map[string]answer[[]Ref], error) {
	answers := make(map[string]answer[[]Ref], len(uuids))
	for _, uuid := range uuids {
		answers[uuid] = answer[[]Ref]{}
	}
	list, err := view.NewManager(client).CreateContainerView(ctx, client.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	if err != nil {
		return nil, err
	}
	defer func() { _ = list.Destroy(context.WithoutCancel(ctx)) }()
	res, err := property.DefaultCollector(client).RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{{
		ObjectSet: []types.ObjectSpec{{
			Obj: list.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{list.TraversalSpec()},
		}},
		PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"config.instanceUuid"}}},
		// One that is deleted between the view and the read does not matter.
		ReportMissingObjectsInResults: types.NewBool(true),
	}}})
	if err != nil {
		return nil, err
	}
	for _, content := range res.Returnval {
		for _, p := range content.PropSet {
			uuid, _ := p.Val.(string)
			if a, asked := answers[strings.ToLower(uuid)]; asked {
				answers[strings.ToLower(uuid)] = answer[[]Ref]{value: append(a.value, content.Obj)}
			}
		}
	}
	return answers, nil
}
