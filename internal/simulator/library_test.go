package simulator_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestLibraryEndpointsAreStrict(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	if _, err := c.lib.FindLibraryItems(ctx, library.FindItem{}); err == nil {
		t.Error("a search for everything was answered")
	}
	ids, err := c.lib.FindLibraryItems(ctx, library.FindItem{Name: "CentOS Stream 9"})
	slices.Sort(ids)
	if want := []string{simulator.ItemCentOSBase, simulator.ItemCentOSPartner}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("CentOS Stream 9: %v, %v", ids, err)
	}
	res, err := vcenter.NewManager(c.rest).FilterLibraryItem(ctx, simulator.ItemAppliance, vcenter.FilterRequest{})
	if err != nil || !slices.Equal(res.Networks, []string{"nic0", "nic1"}) || len(res.AdditionalParams) != 1 || len(res.AdditionalParams[0].Properties) != 14 {
		t.Errorf("filter: %+v, %v", res, err)
	}
}

func TestDescriptorsAreReal(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	read := func(item, file string) (*ovf.Envelope, error) {
		id, err := c.lib.CreateLibraryItemDownloadSession(ctx, library.Session{LibraryItemID: item})
		if err != nil {
			return nil, err
		}
		info, err := c.lib.PrepareLibraryItemDownloadSessionFile(ctx, id, file)
		if err != nil {
			return nil, err
		}
		p := soap.DefaultDownload
		r, _, err := c.rest.Download(ctx, mustURL(t, info.DownloadEndpoint.URI), &p)
		if err != nil {
			return nil, err
		}
		defer func() { _ = r.Close() }()
		return ovf.Unmarshal(r)
	}
	env, err := read(simulator.ItemPhoton, "photon-5.0.ovf")
	if err != nil {
		t.Fatal(err)
	}
	system := env.VirtualSystem
	got := []string{
		*system.OperatingSystem.OSType, *system.OperatingSystem.Version, string(types.GuestIDToFamily(*system.OperatingSystem.OSType)),
		system.Product[0].Product, system.Product[0].Vendor, system.Product[0].Version, system.Product[0].FullVersion,
		system.Product[0].Property[1].Key, *system.Product[0].Property[1].Default,
		env.Disk.Disks[0].Capacity, fmt.Sprint(*env.Disk.Disks[0].PopulatedSize), *system.VirtualHardware[0].System.VirtualSystemType,
	}
	want := []string{
		"vmwarePhoton64Guest", "5.0", "linuxGuest", "Photon OS", "VMware", "5.0", "5.0.0-20230629",
		"capabilities.image.vmoperator.vmware.com", "cloud-init,nvidia-gpu", "20", "2147483648", "vmx-19",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if _, err := read(simulator.ItemBroken, "broken.ovf"); err == nil {
		t.Error("the broken descriptor parses")
	}
}

func TestClassesAndPolicies(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	m := namespace.NewManager(c.rest)
	k, err := m.GetVmClass(ctx, simulator.ClassBestSmall)
	if err != nil || k.CpuCount != 2 || k.MemoryMb != 4096 {
		t.Errorf("class: %+v, %v", k, err)
	}
	if _, err := m.GetVmClass(ctx, "none"); !rest.IsStatusError(err, 404) {
		t.Errorf("unknown class: %v", err)
	}
	if err := m.CreateVmClass(ctx, namespace.VirtualMachineClassCreateSpec{Id: "own", CpuCount: 1, MemoryMb: 512}); err != nil {
		t.Error(err)
	}
	if list, err := m.ListVmClasses(ctx); err != nil || len(list) != 6 {
		t.Errorf("classes: %d, %v", len(list), err)
	}
	pc, err := pbm.NewClient(ctx, c.c.Client)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gold", "silver"} {
		if _, err := pc.ProfileIDByName(ctx, name); err != nil {
			t.Errorf("policy %s: %v", name, err)
		}
	}
}
