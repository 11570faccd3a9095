package machine

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// goldenRequest compares a part of a SOAP request with a file under testdata, and looks for what
// the vSphere API requires of it.
func goldenRequest(t *testing.T, name string, request any) {
	t.Helper()
	missing := slices.DeleteFunc(missingRequired(request), func(path string) bool {
		// Both have to be there and may be empty: vSphere chooses the file of a new disk, and the
		// device of a client is chosen at its console.
		return strings.HasSuffix(path, ".Backing.FileName") || strings.HasSuffix(path, ".DiskBackingInfo.FileName") || strings.HasSuffix(path, ".Backing.DeviceName")
	})
	if len(missing) > 0 {
		t.Errorf("the vSphere API requires %v", missing)
	}
	var buffer bytes.Buffer
	if err := xml.NewEncoder(&buffer).Encode(request); err != nil {
		t.Fatal(err)
	}
	golden(t, name, indented(t, buffer.Bytes()))
}

func TestCloneSpecAsItIsSent(t *testing.T) {
	t.Parallel()
	template := seen(off, pci(), pvscsi(0, noSharing), diskAt(2000, 1000, 0), diskAt(2001, 1000, 1),
		&types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: types.VirtualEthernetCard{
			VirtualDevice: types.VirtualDevice{Key: 4000, ControllerKey: 100, UnitNumber: types.NewInt32(7), Backing: placed("dvportgroup-9")}, MacAddress: "00:50:56:aa:00:01",
		}}})
	template.CoresPerSocket = 4
	template.ExtraConfig = ExtraConfig{
		"guestinfo.userdata": "x", "GuestInfo.Metadata": "x", "vmservice.vmi.labels": "a:b", "imageregistry.id": "1", "vmoperator.record": "{}",
		CreateMark: "old", "custom": "stays",
	}
	full, least := fullSpec(), fullSpec()
	least.StorageProfileID, least.Provisioning, least.Datastore, least.NICs, least.ExtraConfig = "", "", nil, nil, nil
	for name, spec := range map[string]DeploySpec{"clone-full.xml": full, "clone-least.xml": least} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := cloneSpec(&spec, template)
			if err != nil {
				t.Fatal(err)
			}
			goldenRequest(t, name, types.CloneVM_Task{This: template.Ref, Folder: spec.Folder, Name: spec.Name, Spec: request})
		})
	}
}

func isoSpec() DeploySpec {
	spec := fullSpec()
	spec.Source, spec.LibraryItemID = FromISO, ""
	spec.Disks = []Volume{
		{Name: "boot", CapacityBytes: 40 * gib},
		{Name: "shared", CapacityBytes: 10 * gib, Application: MicrosoftWSFC, Provisioning: EagerZeroedThick},
		{Name: "fast", CapacityBytes: 8 * gib, Address: at(NVME, 0, 3), StorageProfileID: "0a1b2c3d-fast", Mode: IndependentPersistent},
	}
	spec.CDROMs = []CDROM{{Name: "installer", ISO: isoA, Connected: true, AllowGuestControl: true}, {Name: "drivers", Address: at(SATA, 1)}}
	return spec
}

func TestCreateSpecAsItIsSent(t *testing.T) {
	t.Parallel()
	spec := isoSpec()
	config, _, _, err := createSpec(&spec, "datastore 1")
	if err != nil {
		t.Fatal(err)
	}
	goldenRequest(t, "create-iso.xml", types.CreateVM_Task{This: spec.Folder, Config: config, Pool: spec.ResourcePool})
}

func TestDeviceChangesAsTheyAreSent(t *testing.T) {
	t.Parallel()
	have := seen(on, pci(), ide(0), ide(1), pvscsi(0, noSharing), diskAt(2000, 1000, 0), diskAt(2001, 1000, 1), diskAt(2002, 1000, 2),
		driveAt(3000, 200, 0, iso(isoA), true), driveAt(3001, 200, 1, client(), false))
	slots := NewSlots(have, 0)
	var whole Change
	drives, _, err := CDROMChanges([]CDROM{
		{Name: "installer", ISO: isoB, Connected: true, AllowGuestControl: true},
		{Name: "client", Address: at(SATA)},
	}, have, map[string]int32{"installer": 3000}, slots)
	if err != nil {
		t.Fatal(err)
	}
	whole.Merge(drives)
	disks, _, err := DiskChanges([]Volume{
		{Name: "grown", CapacityBytes: 20 * gib},
		{Name: "new", CapacityBytes: gib, StorageProfileID: "0a1b2c3d-fast"},
		{Name: "rac", CapacityBytes: gib, Application: OracleRAC, Address: at(SCSI, 1, 15)},
	}, have, map[string]DiskRecord{"grown": record(2001), "gone": record(2002)}, slots)
	if err != nil {
		t.Fatal(err)
	}
	whole.Merge(disks)
	goldenRequest(t, "devices.xml", types.ReconfigVM_Task{This: have.Ref, Spec: whole.Spec})
}

func TestBootOptionsAsTheyAreSent(t *testing.T) {
	t.Parallel()
	change, err := BootChange(BootOptions{
		Firmware: "efi", DelayMS: types.NewInt64(5000), SecureBoot: types.NewBool(true), NetworkBoot: NetworkBootIP6,
		Order: []BootDevice{{Kind: BootCDROM}, {BootDisk, 2000}, {BootNetwork, 4000}},
	}, &Observation{Firmware: "bios"})
	if err != nil {
		t.Fatal(err)
	}
	goldenRequest(t, "boot.xml", types.ReconfigVM_Task{This: Ref{Type: "VirtualMachine", Value: "vm-1"}, Spec: change.Spec})
}

func TestDeploySpecsOfEverySourceAreJudgedAsAWhole(t *testing.T) {
	t.Parallel()
	iso, vm := isoSpec(), fullSpec()
	vm.Source = FromVM
	for name, tc := range map[string]struct {
		spec  DeploySpec
		parts []string // of the error; none for a spec that is right
	}{
		"ISO": {iso, nil},
		"VM":  {vm, nil},
		"nothing of an ISO": {
			DeploySpec{Source: FromISO},
			[]string{"no name", "no instance UUID", "no folder", "no resource pool", "no datastore", "no number of processors", "no size of the memory", "no guest ID", "no CD-ROM drive"},
		},
		"nothing of a VM":           {DeploySpec{Source: FromVM, StorageProfileID: "gold"}, []string{"no library item", "no datastore for the storage policy"}},
		"disks beside those of OVF": {func() DeploySpec { s := fullSpec(); s.Disks = iso.Disks; return s }(), []string{"beside those of the image"}},
		"no such source":            {func() DeploySpec { s := fullSpec(); s.Source = "ova"; return s }(), []string{`source "ova": use OVF, VM or ISO`}},
	} {
		err := tc.spec.validate()
		if (err != nil) != (len(tc.parts) > 0) {
			t.Errorf("%s: error %v", name, err)
		}
		for _, part := range tc.parts {
			if !contains(err, part) {
				t.Errorf("%s: error lacks %q:\n%v", name, part, err)
			}
		}
	}
}
