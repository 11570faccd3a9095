package simulator_test

import (
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/library/finder"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// path is where the medium of an ISO item is.
func (c *clients) path(item string) string {
	c.t.Helper()
	files := []library.Storage{c.stored(item, ".iso")}
	if err := finder.NewPathFinder(nil, c.c.Client).ResolveLibraryItemStorage(c.t.Context(), nil, nil, files); err != nil {
		c.t.Fatal(err)
	}
	return files[0].StorageURIs[0]
}

func TestMediaOfItemsAreOnTheirDatastore(t *testing.T) {
	_, c := start(t, simulator.WithEveryImageType())
	paths := map[string]string{
		simulator.ItemInstaller:     "[LocalDS_0] contentlib-" + simulator.LibraryInstallersID + "/" + simulator.ItemInstaller + "/debian-12-amd64-netinst.iso",
		simulator.ItemSubscribedISO: "[LocalDS_0] contentlib-" + simulator.LibrarySubscribedID + "/" + simulator.ItemSubscribedISO + "/AlmaLinux-9-x86_64-minimal.iso",
	}
	for item, want := range paths {
		if got := c.path(item); got != want {
			t.Errorf("path %q, want %q", got, want)
		}
	}
	create := func(item string) error {
		vm, err := c.create(types.VirtualMachineConfigSpec{
			Name: "web", GuestId: "almalinux_64Guest",
			DeviceChange: []types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), newDisk(-10, 0), drive(200, 0, paths[item])},
		})
		if err == nil {
			c.power(vm, true)
			c.power(vm, false)
			err = c.removeMachine(vm)
		}
		return err
	}
	if err := create(simulator.ItemInstaller); err != nil {
		t.Errorf("a medium that is here: %v", err)
	}
	if err := create(simulator.ItemSubscribedISO); !is(err, &types.FileNotFound{}) {
		t.Errorf("a medium that was not fetched: %v", err)
	}
	if err := c.lib.SyncLibraryItem(t.Context(), c.item(simulator.ItemSubscribedISO), true); err != nil {
		t.Fatal(err)
	}
	if err := create(simulator.ItemSubscribedISO); err != nil {
		t.Errorf("once it was fetched: %v", err)
	}
	// A medium stays in its drive, whatever becomes of its item.
	vm, err := c.create(types.VirtualMachineConfigSpec{
		Name: "web", GuestId: "almalinux_64Guest", DeviceChange: []types.BaseVirtualDeviceConfigSpec{drive(200, 0, paths[simulator.ItemSubscribedISO])},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.lib.EvictSubscribedLibraryItem(t.Context(), c.item(simulator.ItemSubscribedISO)); err != nil {
		t.Fatal(err)
	}
	in := c.edited(vm, (*types.VirtualCdrom)(nil))
	in.Device.GetVirtualDevice().Connectable.StartConnected = false
	if err := c.reconfigure(vm, spec(in)); err != nil {
		t.Errorf("to disconnect it: %v", err)
	}
}
