package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	pbm "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/task"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Policies are the storage policies of a machine's files, by profile id.
type Policies struct {
	// Known says that they have been read.
	Known bool
	// Home is the policy of the machine's own files; empty without one.
	Home string
	// Disks are those of disks, by device key. A disk without one is not there.
	Disks map[int32]string
}

// ReadPolicies reads the storage policies of machines that were observed, into StoragePolicies
// of their observations. vCenter's storage policy service keeps them, not the machine, so that
// no Observe reads them by itself: a call for every hundred machines. Errors: those of the
// service, which name the machines and disks it cannot tell the policy of; these stay unknown.
func (s *Service) ReadPolicies(ctx context.Context, observations ...*Observation) error {
	var problems []error
	for batch := range slices.Chunk(observations, batchSize) {
		problems = append(problems, s.readPolicies(ctx, batch))
	}
	return errors.Join(problems...)
}

func (s *Service) readPolicies(ctx context.Context, observations []*Observation) error {
	const what = "read the storage policies of virtual machines"
	client, err := s.client.PBM(ctx)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	var entities []pbm.PbmServerObjectRef
	owners := map[string]*Policies{}
	found := make([]Policies, len(observations))
	for i, o := range observations {
		found[i] = Policies{Known: true, Disks: map[int32]string{}}
		ask := func(kind pbm.PbmObjectType, key string) {
			entities = append(entities, pbm.PbmServerObjectRef{ObjectType: string(kind), Key: key})
			owners[key] = &found[i]
		}
		ask(pbm.PbmObjectTypeVirtualMachine, o.Ref.Value)
		for d := range o.Disks {
			ask(pbm.PbmObjectTypeVirtualDiskId, diskID(o.Ref, o.Disks[d].Key))
		}
	}
	results, err := client.QueryAssociatedProfiles(ctx, entities)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	var problems []error
	for i := range results {
		object, owner := results[i].Object, owners[results[i].Object.Key]
		switch {
		case owner == nil: // not asked for
		case results[i].Fault != nil:
			owner.Known = false
			problems = append(problems, vsphere.Translate(task.Error{LocalizedMethodFault: results[i].Fault}, "read the storage policy of "+object.Key))
		case len(results[i].ProfileId) == 0:
		case object.ObjectType == string(pbm.PbmObjectTypeVirtualMachine):
			owner.Home = results[i].ProfileId[0].UniqueId
		default:
			owner.Disks[diskKey(object.Key)] = results[i].ProfileId[0].UniqueId
		}
	}
	for i, o := range observations {
		o.StoragePolicies = found[i]
	}
	return errors.Join(problems...)
}

// diskID is what the service calls a disk of a machine: vm-17:2000.
func diskID(machine Ref, key int32) string { return fmt.Sprintf("%s:%d", machine.Value, key) }

func diskKey(id string) int32 {
	_, key, _ := strings.Cut(id, ":")
	n, err := strconv.ParseInt(key, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}
