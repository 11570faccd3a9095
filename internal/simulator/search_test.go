package simulator_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// Whoever looks for a machine of a name in a folder finds it, or does not, while others are made
// there that have no name yet.
func TestAMachineIsLookedForWhileOthersAreMade(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	folder, err := c.find.Folder(t.Context(), "/DC0/vm/team-a")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := c.find.ResourcePool(t.Context(), "DC0_C0/Resources/team-a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// Everybody who looks at the inventory hears of a machine before it has its name, which takes time.
	for range 30 {
		if _, err := view.NewManager(c.c.Client).CreateContainerView(ctx, c.c.ServiceContent.RootFolder, []string{"VirtualMachine"}, true); err != nil {
			t.Fatal(err)
		}
	}
	const machines = 60
	var making, looking sync.WaitGroup
	made := make(chan struct{})
	for range 4 {
		looking.Go(func() {
			for {
				select {
				case <-made:
					return
				default:
				}
				_, err := methods.FindChild(ctx, c.c.Client, &types.FindChild{This: *c.c.ServiceContent.SearchIndex, Entity: folder.Reference(), Name: "nobody"})
				if err != nil {
					t.Errorf("look for a machine: %s", err)
					return
				}
			}
		})
	}
	for i := range machines {
		making.Go(func() {
			task, err := folder.CreateVM(ctx, types.VirtualMachineConfigSpec{
				Name: fmt.Sprintf("web-%d", i), Files: &types.VirtualMachineFileInfo{VmPathName: "[" + simulator.Datastore0 + "]"},
			}, pool, nil)
			if err == nil {
				err = task.Wait(ctx)
			}
			if err != nil {
				t.Errorf("make a machine: %s", err)
			}
		})
	}
	making.Wait()
	close(made)
	looking.Wait()
	for i := range machines {
		found, err := methods.FindChild(ctx, c.c.Client, &types.FindChild{This: *c.c.ServiceContent.SearchIndex, Entity: folder.Reference(), Name: fmt.Sprintf("web-%d", i)})
		if err != nil || found.Returnval == nil {
			t.Fatalf("web-%d is not found: %v", i, err)
		}
	}
}
