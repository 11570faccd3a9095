package machine

import (
	"errors"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestAMachineIsLocatedByItsPathOrItsObjectID(t *testing.T) {
	t.Parallel()
	e := start(t)
	ref := e.deploy(e.spec("web-1", 1))
	for _, reference := range []string{"/DC0/vm/team-a/web-1", "/DC0/vm/team-a/web-1/", ref.Value, "VirtualMachine:" + ref.Value} {
		if o, err := e.Locate(t.Context(), reference); err != nil || o.Ref != ref || o.InstanceUUID != uuid(1) {
			t.Errorf("%s: %+v, %v", reference, o, err)
		}
	}
	for reference, test := range map[string]struct {
		kind error
		says string
	}{
		"/DC0/vm/team-a/web-2": {vsphere.ErrNotFound, `nothing at the inventory path "/DC0/vm/team-a/web-2"`},
		"/DC0/vm/team-a":       {vsphere.ErrNotFound, "no virtual machine but a Folder"},
		"vm-99999":             {vsphere.ErrNotFound, "virtual machine vm-99999"},
		"web-1":                {ErrNoReference, `"web-1" is neither`},
		"group-v3":             {ErrNoReference, ""},
		"":                     {ErrNoReference, ""},
	} {
		if o, err := e.Locate(t.Context(), reference); !errors.Is(err, test.kind) || !contains(err, test.says) {
			t.Errorf("%q: %+v, %v", reference, o, err)
		}
	}
}
