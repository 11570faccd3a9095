package machine

import (
	"errors"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestTheBearerOfANameIsTheMachineInItsFolder(t *testing.T) {
	t.Parallel()
	e := start(t)
	ref := e.deploy(e.spec("web-1", 1))
	for name, want := range map[string]bool{"web-1": true, "web-2": false} {
		o, found, err := e.Bearer(t.Context(), e.spec("", 2).Folder, name)
		if err != nil || found != want || found && (o.Ref != ref || o.Path != "/DC0/vm/team-a/web-1") {
			t.Errorf("%s is borne by %+v, %v, %v", name, o, found, err)
		}
	}
}

// A machine that was read is called by its path from then on.
func TestErrorsNameMachinesByTheirPath(t *testing.T) {
	t.Parallel()
	e := start(t)
	first, second := e.deploy(e.spec("web-1", 1)), e.deploy(e.spec("web-2", 2))
	e.observe(first)
	err := e.Rename(t.Context(), first, "web-2")
	if !errors.Is(err, vsphere.ErrAlreadyExists) || !contains(err, `rename virtual machine "/DC0/vm/team-a/web-1" (`+first.Value+`) to "web-2": `) ||
		!contains(err, `virtual machine "/DC0/vm/team-a/web-2" (`+second.Value+`), instance UUID `+uuid(2)) {
		t.Errorf("error %v", err)
	}
	e.must(e.Rename(t.Context(), first, "web-3"))
	if got := e.title(first); got != title(first) {
		t.Errorf("after its renaming the machine is called %s", got)
	}
}

func TestTwoDeploysOfOneNameNameTheFolder(t *testing.T) {
	t.Parallel()
	e := start(t)
	spec := e.spec("web-1", 1)
	spec.FolderPath = "/DC0/vm/team-a"
	release, err := e.reserve(&spec)
	e.must(err)
	defer release()
	if _, err := e.Deploy(t.Context(), spec); !errors.Is(err, vsphere.ErrAlreadyExists) || !contains(err, "deployed to folder /DC0/vm/team-a under that name") {
		t.Errorf("error %v", err)
	}
}
