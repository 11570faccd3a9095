package simulator

import (
	"context"
	"fmt"
	"net/url"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	pbmmethods "github.com/vmware/govmomi/pbm/methods"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/session"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Names in the seeded inventory.
const (
	Datacenter        = "DC0"
	ClusterA          = "DC0_C0"
	ClusterB          = "DC0_C1"
	FolderTeamA       = "team-a"             // /DC0/vm/team-a
	FolderTeamB       = "team-b"             // /DC0/vm/team-b
	PoolTeamA         = "team-a"             // /DC0/host/DC0_C0/Resources/team-a
	PoolTeamB         = "team-b"             // /DC0/host/DC0_C1/Resources/team-b
	NetworkStandard   = "VM Network"         // a standard network
	NetworkFrontend   = "frontend"           // a distributed port group
	NetworkBackend    = "backend"            // a distributed port group
	Datastore0        = "LocalDS_0"          // holds the content libraries
	Datastore1        = "LocalDS_1"          // empty
	StorageGold       = "gold"               // a storage policy
	StorageSilver     = "silver"             // a storage policy
	ClassBestSmall    = "best-effort-small"  // 2 CPUs, 4 GiB
	ClassBestMedium   = "best-effort-medium" // 2 CPUs, 8 GiB
	ClassBestLarge    = "best-effort-large"  // 4 CPUs, 16 GiB
	ClassGuaranteed   = "guaranteed-small"   // 2 CPUs, 4 GiB, all reserved
	ClassGuaranteedMd = "guaranteed-medium"  // 2 CPUs, 8 GiB, all reserved
)

// seed fills the inventory that vcsim's model began: folders, pools, networks, policies,
// VM classes and content libraries.
func (s *Simulator) seed(ctx context.Context, set settings) error {
	v, err := vapiOf(s.model.Service.ServeMux)
	if err != nil {
		return err
	}
	s.gate.vapi = v
	s.gate.classes = seedClasses()

	c, err := s.client(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Logout(ctx) }()
	if err := seedInventory(ctx, c); err != nil {
		return err
	}
	if err := s.seedProfiles(ctx, c); err != nil {
		return err
	}
	if err := seedPolicies(ctx, c.Client); err != nil {
		return err
	}
	ds, err := s.find(ctx, c).Datastore(ctx, Datastore0)
	if err != nil {
		return err
	}
	local, ok := s.registry().Get(ds.Reference()).(*vcsim.Datastore)
	if !ok {
		return fmt.Errorf("datastore %s: %w", Datastore0, errNotFound)
	}
	if err := s.seedLibraries(v, local, catalogue()); err != nil || !set.everyImageType {
		return err
	}
	if err := s.seedLibraries(v, local, imageTypes()); err != nil {
		return err
	}
	if err := s.seedTemplate(ctx, c, local); err != nil {
		return fmt.Errorf("seed the template %q: %w", TemplateMachine, err)
	}
	return nil
}

// client logs in over memory: what it does is neither recorded nor delayed.
func (s *Simulator) client(ctx context.Context) (*govmomi.Client, error) {
	u := *s.URL
	sc := soap.NewClient(&u, false)
	sc.Transport = memoryTransport{s.model.Service.ServeMux}
	vc, err := vim25.NewClient(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("reach the simulator over memory: %w", err)
	}
	c := &govmomi.Client{Client: vc, SessionManager: session.NewManager(vc)}
	if err := c.Login(ctx, url.UserPassword(User, Password)); err != nil {
		return nil, fmt.Errorf("log in over memory: %w", err)
	}
	return c, nil
}

func (s *Simulator) find(ctx context.Context, c *govmomi.Client) *find.Finder {
	f := find.NewFinder(c.Client)
	if dc, err := f.Datacenter(ctx, Datacenter); err == nil {
		f.SetDatacenter(dc)
	}
	return f
}

func seedInventory(ctx context.Context, c *govmomi.Client) error {
	f := find.NewFinder(c.Client)
	dc, err := f.Datacenter(ctx, Datacenter)
	if err != nil {
		return err
	}
	f.SetDatacenter(dc)
	folders, err := dc.Folders(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{FolderTeamA, FolderTeamB} {
		if _, err := folders.VmFolder.CreateFolder(ctx, name); err != nil {
			return fmt.Errorf("create folder %s: %w", name, err)
		}
	}
	for cluster, name := range map[string]string{ClusterA: PoolTeamA, ClusterB: PoolTeamB} {
		pool, err := f.ResourcePool(ctx, cluster+"/Resources")
		if err != nil {
			return err
		}
		if _, err := pool.Create(ctx, name, types.DefaultResourceConfigSpec()); err != nil {
			return fmt.Errorf("create resource pool %s: %w", name, err)
		}
	}
	net, err := f.Network(ctx, "DVS0")
	if err != nil {
		return err
	}
	dvs, ok := net.(*object.DistributedVirtualSwitch)
	if !ok {
		return fmt.Errorf("DVS0 is a %T", net)
	}
	var groups []types.DVPortgroupConfigSpec
	for i, name := range []string{NetworkFrontend, NetworkBackend, NetworkPooled, NetworkLeased, NetworkScarce} {
		groups = append(groups, types.DVPortgroupConfigSpec{
			Name: name, NumPorts: 128, Type: string(types.DistributedVirtualPortgroupPortgroupTypeEarlyBinding),
			DefaultPortConfig: &types.VMwareDVSPortSetting{
				Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: int32(100 * (i + 1))},
			},
		})
	}
	task, err := dvs.AddPortgroup(ctx, groups)
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}

func seedPolicies(ctx context.Context, c *vim25.Client) error {
	pc := c.NewServiceClient(pbm.Path, pbm.Namespace)
	pc.Transport = c.Transport
	pc.Cookie = c.SessionCookie
	manager := reference("PbmProfileProfileManager", "ProfileManager")
	for _, name := range []string{StorageGold, StorageSilver} {
		_, err := pbmmethods.PbmCreate(ctx, pc, &pbmtypes.PbmCreate{This: manager, CreateSpec: pbmtypes.PbmCapabilityProfileCreateSpec{
			Name: name, Description: "The " + name + " storage policy",
			Category:     string(pbmtypes.PbmProfileCategoryEnumREQUIREMENT),
			ResourceType: pbmtypes.PbmProfileResourceType{ResourceType: string(pbmtypes.PbmProfileResourceTypeEnumSTORAGE)},
			Constraints:  &pbmtypes.PbmCapabilitySubProfileConstraints{},
		}})
		if err != nil {
			return fmt.Errorf("create storage policy %s: %w", name, err)
		}
	}
	return nil
}

func seedClasses() *classes {
	c := newClasses()
	for _, k := range []namespace.VirtualMachineClassInfo{
		{Id: ClassBestSmall, CpuCount: 2, MemoryMb: 4096},
		{Id: ClassBestMedium, CpuCount: 2, MemoryMb: 8192},
		{Id: ClassBestLarge, CpuCount: 4, MemoryMb: 16384},
		{Id: ClassGuaranteed, CpuCount: 2, MemoryMb: 4096, CpuReservation: 100, MemoryReservation: 100},
		{Id: ClassGuaranteedMd, CpuCount: 2, MemoryMb: 8192, CpuReservation: 100, MemoryReservation: 100},
	} {
		c.put(k)
	}
	return c
}
