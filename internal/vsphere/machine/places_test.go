package machine

import (
	"context"
	"testing"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// asSegment lets every distributed port group stand for an NSX segment.
func asSegment(id string, reads *int) answerFunc {
	return func(_ context.Context, req, res soap.HasFault, send func() error) error {
		err := send()
		body, ok := res.(*methods.RetrievePropertiesExBody)
		if !ok || err != nil {
			return err
		}
		for _, spec := range req.(*methods.RetrievePropertiesExBody).Req.SpecSet {
			for _, object := range spec.ObjectSet {
				if object.Obj.Type == string(DistributedPortgroup) {
					*reads++
				}
			}
		}
		for i := range body.Res.Returnval.Objects {
			if object := &body.Res.Returnval.Objects[i]; object.Obj.Type == string(DistributedPortgroup) {
				object.PropSet = []types.DynamicProperty{{Name: "config.logicalSwitchUuid", Val: id}}
			}
		}
		return nil
	}
}

// What vCenter makes of an NSX network, from the deploy to the second plan.
func TestAnNSXNetworkIsRecognisedInItsPortGroup(t *testing.T) {
	e := start(t)
	refs := e.machines(2)
	reads := 0
	e.tampered().set(asSegment("ls-1", &reads))
	want := []NIC{{Name: "eth0", Backing: segment("ls-1")}}
	for _, ref := range refs {
		o := e.observe(ref)
		if got := o.NICs[0].Backing; got.Kind != DistributedPortgroup || got.LogicalSwitch != "ls-1" {
			t.Fatalf("backing %+v", got)
		}
		if changes, plan, err := NICChanges(want, o.NICs, Assign(want, o.NICs, nil)); err != nil || len(changes) > 0 {
			t.Errorf("changes %+v, plan %+v, %v", changes, plan, err)
		}
		if _, plan, err := NICChanges([]NIC{{Name: "eth0", Backing: segment("ls-2")}}, o.NICs, map[string]int32{"eth0": o.NICs[0].Key}); err != nil || len(plan.Edit) != 1 {
			t.Errorf("another segment: plan %+v, %v", plan, err)
		}
	}
	if reads != 1 {
		t.Errorf("the port group of two machines was read %d times", reads)
	}
}
