package virtualmachine

import (
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// Images of the simulator that the machines of the table are made of.
const (
	photon  = "Photon OS 5.0"
	windows = "Windows Server 2022"
)

var (
	photonID    = image.NewID(simulator.ItemPhoton).String()
	windowsID   = image.NewID(simulator.ItemWindows).String()
	teamAID     = image.NewID(simulator.ItemRocky).String()
	discID      = image.NewID(simulator.ItemISO).String()
	otherDiscID = image.NewID(simulator.ItemInstaller).String()
	teamDiscID  = image.NewID(simulator.ItemPublishedISO).String()
)

const (
	clusterKind = string(image.ClusterVirtualMachineImage)
	ownKind     = string(image.VirtualMachineImage)
)

// pinned are the images of the names.
func pinned(name string) lines {
	return lines{"kind": clusterKind, "name": map[string]string{photon: photonID, windows: windowsID}[name]}
}

func rowsOfTheMachine() []ChangeRow {
	pinnedImage := lines{"image_name": nil, "image": pinned(photon)}
	return []ChangeRow{
		{Attribute: "name", To: lines{"name": "db"}},
		{Attribute: "namespace", To: lines{"namespace": "team-b"}},
		{Attribute: "image_name", To: lines{"image_name": windows}},
		{Attribute: "image.name", Has: pinnedImage, To: lines{"image.name": windowsID}},
		{Attribute: "image.kind", Has: pinnedImage, To: lines{"image": lines{"kind": ownKind, "name": teamAID}}},
		{Attribute: "storage_class", Has: lines{"storage_class": simulator.StorageGold}, To: lines{"storage_class": simulator.StorageSilver}},
		{Attribute: "instance_uuid", Has: lines{"instance_uuid": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4b"}, To: lines{"instance_uuid": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"}},
		{Attribute: "bios_uuid", Has: lines{"bios_uuid": "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a12"}, To: lines{"bios_uuid": "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a11"}},
		{Attribute: "guest_id", Has: lines{"guest_id": "vmwarePhoton64Guest"}, To: lines{"guest_id": "ubuntu64Guest"}},
		{Attribute: "min_hardware_version", What: "above what the machine has", To: lines{"min_hardware_version": 20}},
		{Attribute: "min_hardware_version", What: "at most what it has", To: lines{"min_hardware_version": 15}},
		{Attribute: "power_state", To: lines{"power_state": poweredOff}},
		{Attribute: "power_off_mode", To: lines{"power_off_mode": modeHard}},
		{Attribute: "restart_mode", To: lines{"restart_mode": modeSoft}},
		{Attribute: "next_restart_time", To: lines{"next_restart_time": "2025-06-01T12:00:00Z"}},
		{Attribute: "allow_power_cycle", To: lines{"allow_power_cycle": true}},
		{Attribute: "timeouts.create", To: lines{"timeouts.create": "9m"}},
		{Attribute: "timeouts.read", To: lines{"timeouts.read": "9m"}},
		{Attribute: "timeouts.update", To: lines{"timeouts.update": "9m"}},
		{Attribute: "timeouts.delete", To: lines{"timeouts.delete": "9m"}},
	}
}

func rowsOfItsSize() []ChangeRow {
	const cpu, memory = "resources.size.cpu", "resources.size.memory"
	const pluggable = "more, where that was made possible"
	return []ChangeRow{
		{Attribute: "class_name", Has: lines{"class_name": simulator.ClassBestSmall}, To: lines{"class_name": simulator.ClassBestLarge}},
		{Attribute: cpu, What: "more", Has: lines{cpu: "2"}, To: lines{cpu: "4"}},
		{Attribute: cpu, What: pluggable, Has: lines{cpu: "2"}, To: lines{cpu: "4"}, HotPlug: true},
		{Attribute: cpu, What: "fewer", Has: lines{cpu: "2"}, To: lines{cpu: "1"}, HotPlug: true},
		{Attribute: memory, What: "more", Has: lines{memory: "2Gi"}, To: lines{memory: "4Gi"}},
		{Attribute: memory, What: pluggable, Has: lines{memory: "2Gi"}, To: lines{memory: "4Gi"}, HotPlug: true},
		{Attribute: memory, What: "less", Has: lines{memory: "2Gi"}, To: lines{memory: "1Gi"}, HotPlug: true},
		{Attribute: "resources.requests.cpu", To: lines{"resources.requests.cpu": "500"}},
		{Attribute: "resources.requests.memory", To: lines{"resources.requests.memory": "1Gi"}},
		{Attribute: "resources.limits.cpu", To: lines{"resources.limits.cpu": "4000"}},
		{Attribute: "resources.limits.memory", To: lines{"resources.limits.memory": "2Gi"}},
		{Attribute: "advanced.boot_disk_capacity", What: "more", To: lines{"advanced.boot_disk_capacity": "64Gi"}},
		{Attribute: "advanced.boot_disk_capacity", What: "less", To: lines{"advanced.boot_disk_capacity": "1Mi"}},
		{
			Attribute: "advanced.default_volume_provisioning_mode",
			Has:       lines{"volume": []any{dataVolume(nil)}}, To: lines{"advanced.default_volume_provisioning_mode": "Thick"},
		},
		{Attribute: "advanced.change_block_tracking", To: lines{"advanced.change_block_tracking": true}},
		{Attribute: "advanced.extra_config", What: "a key or a value", To: lines{"advanced.extra_config": lines{"numa.nodeAffinity": "0"}}},
		{
			Attribute: "advanced.extra_config", What: "a key less",
			Has: lines{"advanced.extra_config": lines{"numa.nodeAffinity": "0"}}, To: lines{"advanced.extra_config": nil},
		},
	}
}

func rowsOfItsStart() []ChangeRow {
	const at = "boot_options."
	order := func(entries ...any) lines { return lines{at + "boot_order": entries} }
	disk, first, second := lines{"type": "Disk"}, lines{"type": "Network", "name": "eth0"}, lines{"type": "Network", "name": "eth1"}
	twoCards := order(first)
	twoCards["network.interface"] = []any{lines{"name": "eth0"}, lines{"name": "eth1"}}
	return []ChangeRow{
		{Attribute: at + "firmware", Has: lines{at + "firmware": "efi"}, To: lines{at + "firmware": "bios"}},
		{Attribute: at + "boot_delay", To: lines{at + "boot_delay": "10s"}},
		{Attribute: at + "boot_delay", What: "not written any more", Has: lines{at + "boot_delay": "10s"}, To: lines{"boot_options": nil}},
		{Attribute: at + "boot_retry", To: lines{at + "boot_retry": "Enabled"}},
		{
			Attribute: at + "boot_retry_delay", Has: lines{at + "boot_retry": "Enabled", at + "boot_retry_delay": "20s"},
			To: lines{at + "boot_retry_delay": "30s"},
		},
		{
			Attribute: at + "efi_secure_boot", Has: lines{at + "firmware": "efi", at + "efi_secure_boot": "Enabled"},
			To: lines{at + "efi_secure_boot": "Disabled"},
		},
		{Attribute: at + "network_boot_protocol", To: lines{at + "network_boot_protocol": "IP6"}},
		{Attribute: at + "boot_order.type", Has: order(disk), To: order(first)},
		{Attribute: at + "boot_order.name", Has: twoCards, To: order(second)},
		{Attribute: at + "boot_order", What: "not written any more", Has: order(first), To: lines{"boot_options": nil}},
	}
}
