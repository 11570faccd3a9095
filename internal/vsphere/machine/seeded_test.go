package machine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// service is what the provider makes machines with.
func service(t *testing.T, at simulator.Connection) (*machine.Service, *vsphere.Client) {
	t.Helper()
	client, err := vsphere.New(vsphere.Config{Server: at.Server, User: at.User, Password: at.Password, CACertificates: at.CAFile})
	if err != nil {
		t.Fatal(err)
	}
	s := machine.New(client)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		s.Close(ctx)
		_ = client.Logout(ctx)
	})
	return s, client
}

// inTeamA is a machine of a source, in team-a.
func inTeamA(t *testing.T, client *vsphere.Client, source machine.Source, name string) machine.DeploySpec {
	t.Helper()
	ctx := t.Context()
	vim, err := client.Vim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	finder := find.NewFinder(vim)
	dc, err := finder.Datacenter(ctx, simulator.Datacenter)
	if err != nil {
		t.Fatal(err)
	}
	finder.SetDatacenter(dc)
	folder, err := finder.Folder(ctx, simulator.FolderTeamA)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := finder.ResourcePool(ctx, simulator.ClusterA+"/Resources/"+simulator.PoolTeamA)
	if err != nil {
		t.Fatal(err)
	}
	ds, err := finder.Datastore(ctx, simulator.Datastore1)
	if err != nil {
		t.Fatal(err)
	}
	network, err := finder.Network(ctx, simulator.NetworkFrontend)
	if err != nil {
		t.Fatal(err)
	}
	backing, err := network.EthernetCardBackingInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	store := ds.Reference()
	return machine.DeploySpec{
		Source: source, Name: name, InstanceUUID: "500c1b1e-0a42-4a8e-9a55-00000000000" + name[len(name)-1:],
		Folder: folder.Reference(), ResourcePool: pool.Reference(), Datastore: &store,
		CPUs: 4, MemoryMB: 4096, NICs: []machine.NIC{{Name: "eth0", Backing: backing}, {Name: "eth1", Backing: backing}},
	}
}

func TestTheProviderMakesMachinesOfEveryImageType(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t, simulator.WithEveryImageType())
	s, client := service(t, p.Connection)
	ctx := t.Context()

	spec := inTeamA(t, client, machine.FromVM, "web-1")
	spec.LibraryItemID, spec.Provisioning = simulator.ItemTemplate, "eagerZeroedThick"
	ref, err := s.Deploy(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Observe(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	if o.Template || o.InstanceUUID != spec.InstanceUUID || o.CPUs != 4 || o.Firmware != "efi" || o.HardwareVersion != 19 || len(o.NICs) != 2 || len(o.Disks) != 1 {
		t.Errorf("of a template: %+v", o)
	}
	if backing, ok := o.Disks[0].Device.Backing.(*types.VirtualDiskFlatVer2BackingInfo); !ok || !*backing.EagerlyScrub {
		t.Errorf("its disk %+v", o.Disks[0].Device.Backing)
	}
	if value, found := o.ExtraConfig.Get("guestinfo.metadata"); found {
		t.Errorf("guestinfo of the template: %q", value)
	}

	spec = inTeamA(t, client, machine.FromISO, "web-2")
	spec.GuestID = "almalinux_64Guest"
	file, err := s.ISOFile(ctx, simulator.ItemSubscribedISO)
	if want := "[LocalDS_0] contentlib-" + simulator.LibrarySubscribedID + "/" + simulator.ItemSubscribedISO + "/AlmaLinux-9-x86_64-minimal.iso"; err != nil || file != want {
		t.Fatalf("file %q, %v, want %q", file, err, want)
	}
	installer, err := s.ISOFile(ctx, simulator.ItemInstaller)
	if err != nil || !strings.HasSuffix(installer, "/debian-12-amd64-netinst.iso") {
		t.Fatalf("file %q, %v", installer, err)
	}
	spec.Disks = []machine.Volume{{Name: "boot", CapacityBytes: 8 << 30}}
	spec.CDROMs = []machine.CDROM{{Name: "installer", ISO: file, Connected: true}, {Name: "other", ISO: installer}}
	if ref, err = s.Deploy(ctx, spec); err != nil {
		t.Fatal(err)
	}
	if o, err = s.Observe(ctx, ref); err != nil || len(o.CDROMs) != 2 || o.CDROMs[0].ISO != file || o.GuestID != spec.GuestID {
		t.Errorf("of an ISO: %+v, %v", o, err)
	}

	// What is wrong is refused, and leaves nothing behind.
	spec.Name, spec.InstanceUUID, spec.CDROMs[0].ISO = "web-3", "500c1b1e-0a42-4a8e-9a55-000000000003", "[LocalDS_0] none.iso"
	if ref, err := s.Deploy(ctx, spec); !errors.Is(err, vsphere.ErrNotFound) || ref.Value != "" {
		t.Errorf("of a medium that is not there: %v, %v", ref, err)
	}
}

// The ids of the seed are in documents.
func TestVMIIDsOfTheSeedDoNotChange(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]string{
		simulator.ItemTemplate:      "vmi-28404dc9dfbf87ca6",
		simulator.ItemInstaller:     "vmi-d3e131f98e98b770d",
		simulator.ItemPublished:     "vmi-0ed4d168378b7ddc3",
		simulator.ItemPublishedISO:  "vmi-6c2683e0af4e3abb6",
		simulator.ItemSubscribed:    "vmi-8e7789766cd2a8ec1",
		simulator.ItemSubscribedISO: "vmi-6c1599b9e7c758a71",
	} {
		if got := image.NewID(item).String(); got != want {
			t.Errorf("%s: %s, want %s", item, got, want)
		}
	}
}
