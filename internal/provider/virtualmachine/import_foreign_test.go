package virtualmachine_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/find"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const foreignID = "5024f3a0-1111-4a6f-9d11-0c5a2f8d1401"

// foreign makes a machine by other means: with two disks, a drive that holds a medium, two cards,
// a setting, and what cloud-init is told.
func foreign(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	ctx, client := t.Context(), administrator(t, sim)
	finder := find.NewFinder(client)
	in := "/" + simulator.Datacenter
	folder, err := finder.Folder(ctx, in+"/vm/"+simulator.FolderTeamA)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := finder.ResourcePool(ctx, in+"/host/"+simulator.ClusterA+"/Resources/"+simulator.PoolTeamA)
	if err != nil {
		t.Fatal(err)
	}
	backing := func(name string) govmomi.BaseVirtualDeviceBackingInfo {
		network, err := finder.Network(ctx, in+"/network/"+name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := network.EthernetCardBackingInfo(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	bus := &govmomi.ParaVirtualSCSIController{VirtualSCSIController: govmomi.VirtualSCSIController{
		SharedBus: govmomi.VirtualSCSISharingNoSharing, VirtualController: govmomi.VirtualController{VirtualDevice: govmomi.VirtualDevice{Key: -1}},
	}}
	add := func(device govmomi.BaseVirtualDevice, file govmomi.VirtualDeviceConfigSpecFileOperation) govmomi.BaseVirtualDeviceConfigSpec {
		return &govmomi.VirtualDeviceConfigSpec{Operation: govmomi.VirtualDeviceConfigSpecOperationAdd, FileOperation: file, Device: device}
	}
	disk := func(key, unit int32, gibibytes int64) govmomi.BaseVirtualDeviceConfigSpec {
		return add(&govmomi.VirtualDisk{
			CapacityInBytes: gibibytes << 30, CapacityInKB: gibibytes << 20,
			VirtualDevice: govmomi.VirtualDevice{
				Key: key, ControllerKey: -1, UnitNumber: &unit,
				Backing: &govmomi.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent", ThinProvisioned: govmomi.NewBool(true)},
			},
		}, govmomi.VirtualDeviceConfigSpecFileOperationCreate)
	}
	card := func(key int32, network, address string) govmomi.BaseVirtualDeviceConfigSpec {
		nic := &govmomi.VirtualVmxnet3{}
		nic.Key, nic.Backing, nic.MacAddress, nic.AddressType = key, backing(network), address, string(govmomi.VirtualEthernetCardMacTypeManual)
		return add(nic, "")
	}
	drive := &govmomi.VirtualCdrom{VirtualDevice: govmomi.VirtualDevice{
		Key: -20, ControllerKey: 201, UnitNumber: govmomi.NewInt32(0),
		Backing: &govmomi.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: govmomi.VirtualDeviceFileBackingInfo{
			FileName: "[LocalDS_0] contentlib-" + simulator.LibraryBaseImagesID + "/" + simulator.ItemISO + "/ubuntu-22.04-live-server-amd64.iso",
		}},
		Connectable: &govmomi.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true},
	}}
	option := func(key, value string) govmomi.BaseOptionValue { return &govmomi.OptionValue{Key: key, Value: value} }
	task, err := folder.CreateVM(ctx, govmomi.VirtualMachineConfigSpec{
		Name: "foreign", InstanceUuid: foreignID, GuestId: "ubuntu64Guest", NumCPUs: 2, MemoryMB: 4096, Version: "vmx-19", Firmware: "efi",
		Files:        &govmomi.VirtualMachineFileInfo{VmPathName: "[" + simulator.Datastore0 + "]"},
		DeviceChange: []govmomi.BaseVirtualDeviceConfigSpec{add(bus, ""), disk(-10, 0, 16), disk(-11, 1, 20), add(drive, ""), card(-30, simulator.NetworkFrontend, "00:50:56:0a:0b:01"), card(-31, simulator.NetworkBackend, "00:50:56:0a:0b:02")},
		ExtraConfig: []govmomi.BaseOptionValue{
			option("svga.present", "TRUE"),
			option("guestinfo.userdata", base64.StdEncoding.EncodeToString([]byte("#cloud-config\ntimezone: UTC\n"))), option("guestinfo.userdata.encoding", "base64"),
		},
	}, pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := task.WaitForResult(ctx); err != nil {
		t.Fatal(err)
	}
}

// asForeign describes that machine.
func asForeign() tree {
	return tree{
		"name": "foreign", "image_name": "vmi-0a0044d7c690bcbea", "guest_id": "ubuntu64Guest", "power_state": "PoweredOff",
		"resources": tree{"size": tree{"cpu": "2", "memory": "4Gi"}},
		"advanced":  tree{"extra_config": tree{"svga.present": "TRUE"}},
		"network": tree{"interface": []any{
			tree{"name": "eth0", "mac_addr": "00:50:56:0a:0b:01", "network": tree{"name": simulator.NetworkFrontend}},
			tree{"name": "eth1", "mac_addr": "00:50:56:0a:0b:02", "network": tree{"name": simulator.NetworkBackend}},
		}},
		"bootstrap":    tree{"cloud_init": tree{"raw_cloud_config": tree{"value": "#cloud-config\ntimezone: UTC\n"}}},
		"volume":       []any{tree{"name": "data", "capacity": "20Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 1}},
		"hardware":     tree{"cdrom": []any{tree{"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": ubuntuISO}}}},
		"boot_options": tree{"firmware": "EFI"},
	}
}

// A machine that was made by other means is imported and described, and changes in nothing but
// what the configuration adds.
func TestAMachineMadeByOtherMeansIsAdopted(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	foreign(t, sim)
	read := d.imported(foreignID)
	p, diags := d.plan(read, asForeign())
	if failed(diags) || len(p.replace) > 0 || len(diags) != 1 || !strings.Contains(said(diags), "takes over a disk that is there") {
		t.Fatalf("replaces %v: %s", p.replace, said(diags))
	}
	// What is written for the first time, and what follows from it; nothing that the machine is.
	want := []string{
		"advanced", "boot_options", "bootstrap", "hardware", "image", "image_name", "namespace", "network", "resources",
		"status.bootstrap.instance_id", "status.bootstrap.provider", "status.bootstrap.revision", "status.conditions", "status.network.config.interfaces", "volume",
	}
	if diff := cmp.Diff(want, moved(p.planned, read.state)); diff != "" {
		t.Errorf("the plan (-want +got):\n%s", diff)
	}
	sim.ResetRequests()
	made, diags := p.apply()
	if failed(diags) {
		t.Fatal(said(diags))
	}
	got := map[string]int{}
	for _, request := range sim.Requests("*_Task") {
		got[request.Operation]++
		if strings.Contains(request.Body, "<deviceChange>") {
			t.Errorf("a device changes:\n%s", request.Body)
		}
	}
	if diff := cmp.Diff(map[string]int{"ReconfigVM_Task": 1}, got); diff != "" {
		t.Error(diff)
	}
	made = d.refreshed(made)
	if broken := emptyPlan(d, made, asForeign()); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
	if got := condition(made.state, "VirtualMachineNetworkReady"); got != "True True " {
		t.Errorf("its cards: %s", got)
	}
	if got := textAt(elementsOf(within(made.state, "status.volumes"))[0], "type") + " " + textAt(elementsOf(within(made.state, "status.volumes"))[1], "type"); got != "Classic Managed" && got != "Managed Classic" {
		t.Errorf("the disks are %s", got)
	}
}
