package virtualmachine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// furnished is a machine with every argument about its hardware.
func furnished() tree {
	return tree{
		"name": "db", "image_name": "Photon OS 5.0", "guest_id": "photon64Guest", "min_hardware_version": 19,
		"restart_mode": "Soft", "next_restart_time": "2025-06-01T12:00:00Z",
		"network": tree{"interface": []any{tree{"name": "eth0"}, tree{"name": "eth1"}}},
		"resources": tree{
			"size":     tree{"cpu": "4", "memory": "8Gi"},
			"requests": tree{"cpu": "2000", "memory": "4Gi"},
			"limits":   tree{"cpu": "4000", "memory": "-1"},
		},
		"advanced": tree{
			"boot_disk_capacity": "40Gi", "default_volume_provisioning_mode": "Thin", "change_block_tracking": true,
			"extra_config": tree{"replay": "0"},
		},
		"boot_options": tree{
			"firmware": "EFI", "boot_delay": "10s", "boot_retry": "Enabled", "boot_retry_delay": "1m30s", "efi_secure_boot": "Enabled",
			"network_boot_protocol": "IP4",
			"boot_order":            []any{tree{"type": "CDRom"}, tree{"type": "Disk"}, tree{"type": "Disk", "name": "data"}, tree{"type": "Network", "name": "eth1"}},
		},
		"hardware": tree{"cdrom": []any{
			tree{
				"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": "vmi-0a0044d7c690bcbea"}, "connected": true, "allow_guest_control": false,
				"controller_type": "SATA", "controller_bus_number": 3, "unit_number": 29,
			},
			tree{"name": "cd2", "connected": false, "controller_type": "IDE", "controller_bus_number": 1, "unit_number": 1},
		}},
		"volume": []any{
			tree{
				"name": "data", "capacity": "20Gi", "storage_class": "gold", "provisioning_mode": "Thin", "disk_mode": "Persistent", "sharing_mode": "None",
				"controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 64, "removable": false, "reclaim_policy": "Retain",
			},
			tree{
				"name": "rac", "capacity": "1536Mi", "provisioning_mode": "ThickEagerZero", "disk_mode": "IndependentPersistent", "sharing_mode": "MultiWriter",
				"application_type": "OracleRAC", "controller_type": "NVME", "controller_bus_number": 3, "unit_number": 63,
			},
			tree{"name": "wsfc", "capacity": "1Ti", "application_type": "MicrosoftWSFC", "controller_type": "SCSI", "controller_bus_number": 1},
		},
	}
}

func TestHardwareIsFine(t *testing.T) {
	t.Parallel()
	d := serve(t)
	d.clean("validate", d.validate(furnished()))
	d.clean("keys that machines are made with", d.validate(with(furnished(), "advanced.extra_config",
		tree{"disk.enableUUID": "FALSE", "vmware.tools.gosc.ignoretoolscheck": "FALSE", "numa.nodeAffinity": "0", "ethernet.x": "1", "guestinfox": "1"})))
	for _, place := range places(furnished(), "") {
		d.clean(place+" unknown", d.validate(with(furnished(), place, unknown{})))
	}
}

// hardwareMistake is one mistake in a machine that is fine without it: what is written at a
// place, where it is found, and what is said in this order, a part of it each.
type hardwareMistake struct {
	place string
	value any
	at    string
	says  []string
}

func TestMistakesAboutHardwareAreErrorsAtTheirPlace(t *testing.T) {
	t.Parallel()
	d := serve(t)
	for _, test := range slices.Concat(mistakesOfSize, mistakesOfBooting, mistakesOfVolumes, mistakesOfDrives) {
		t.Run(test.place+" "+strings.Join(test.says, " "), func(t *testing.T) {
			diags := d.in(t).validate(with(furnished(), test.place, test.value))
			at := test.at
			if at == "" {
				at = test.place
			}
			if len(diags) != 1 || !failed(diags) {
				t.Fatalf("not one error at %s:\n%s", at, said(diags))
			}
			if diff := cmp.Diff(at, dotted(diags[0].Attribute)); diff != "" {
				t.Errorf("%s\nplace (-want +got):\n%s", said(diags), diff)
			}
			rest := diags[0].Summary + ": " + diags[0].Detail
			for _, part := range test.says {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Fatalf("%q is missing in: %s: %s", part, diags[0].Summary, diags[0].Detail)
				}
				rest = after
			}
			if !strings.HasPrefix(diags[0].Summary, "Invalid Attribute Value") && !strings.HasSuffix(diags[0].Detail, ".") {
				t.Errorf("not a sentence: %s", diags[0].Detail)
			}
		})
	}
	if len(mistakesOfSize)+len(mistakesOfBooting)+len(mistakesOfVolumes)+len(mistakesOfDrives) < 80 {
		t.Error("mistakes are missing")
	}
}

var mistakesOfSize = []hardwareMistake{
	{"min_hardware_version", 12, "", []string{"Not a hardware version", "Version 12 was given", "from 13 to 22, or 0"}},
	{"min_hardware_version", 23, "", []string{"Not a hardware version", "Version 23 was given"}},
	{"min_hardware_version", -1, "", []string{"Not a hardware version", "Version -1 was given"}},
	{"guest_id", "", "", []string{"Invalid Attribute Value Length"}},
	{"restart_mode", "soft", "", []string{"Invalid Attribute Value Match", "TrySoft", `got: "soft"`}},
	{"next_restart_time", "now", "", []string{"Not a time", `"now" was given`, "RFC 3339"}},
	{"next_restart_time", "2025-06-01 12:00:00", "", []string{"Not a time"}},
	{"resources.size.cpu", "0", "", []string{"Not a number of processors", "0 was given"}},
	{"resources.size.cpu", "500m", "", []string{"Not a whole quantity", `"500m" was given: It is not a whole number.`}},
	{"resources.size.cpu", "4294967297", "", []string{"Not a number of processors", "4294967297"}},
	{"resources.size.cpu", "four", "", []string{"Not a whole quantity", `"four" was given`, "no quantity"}},
	{"resources.size.memory", "8GB", "", []string{"Not a whole quantity", `"8GB" was given`, "no quantity"}},
	{"resources.size.memory", "8G", "", []string{"Not a multiple of 1Mi", "8000000000 bytes", "7629Mi and 7630Mi"}},
	{"resources.size.memory", "1e30", "", []string{"Not a whole quantity", "too large"}},
	{"resources.size.memory", "0", "resources.size.memory", []string{"An amount is too small", "0 bytes were given"}},
	{"resources.requests.cpu", "-1", "", []string{"A reservation is negative", "-1 MHz"}},
	{"resources.requests.cpu", "4001", "", []string{"More is reserved", "4001 MHz are to be reserved, and limits.cpu is 4000 MHz"}},
	{"resources.requests.memory", "-1", "", []string{"An amount is too small", "-1 bytes"}},
	{"resources.requests.memory", "1", "", []string{"Not a multiple of 1Mi", "0 and 1Mi"}},
	{"resources.requests.memory", "9Gi", "", []string{"More is reserved", "9216 MiB are to be reserved, and size.memory is 8192 MiB"}},
	{"resources.limits.cpu", "0", "", []string{"A limit leaves nothing", "0 MHz", "-1 for no limit"}},
	{"resources.limits.cpu", "-2", "", []string{"A limit leaves nothing", "-2 MHz"}},
	{"resources.limits.memory", "0", "", []string{"An amount is too small"}},
	{"resources.limits.memory", "4095Mi", "resources.requests.memory", []string{"More is reserved", "4096 MiB are to be reserved, and limits.memory is 4095 MiB"}},
	{"advanced.boot_disk_capacity", "40.5", "", []string{"Not a whole quantity"}},
	{"advanced.boot_disk_capacity", "40G", "", []string{"Not a multiple of 1Mi"}},
	{"advanced.default_volume_provisioning_mode", "thin", "", []string{"Invalid Attribute Value Match", `got: "thin"`}},
	{"advanced.extra_config", tree{"guestinfo.x": "1"}, `advanced.extra_config["guestinfo.x"]`, []string{"A key that is kept", `"guestinfo.x"`, "bootstrap"}},
	{"advanced.extra_config", tree{"GuestInfo.x": "1"}, `advanced.extra_config["GuestInfo.x"]`, []string{"A key that is kept"}},
	{"advanced.extra_config", tree{"vmservice.x": "1"}, `advanced.extra_config["vmservice.x"]`, []string{"A key that is kept", "VM Operator"}},
	{"advanced.extra_config", tree{"vmoperator.record": "1"}, `advanced.extra_config["vmoperator.record"]`, []string{"A key that is kept", "this provider"}},
	{"advanced.extra_config", tree{"Ethernet12.dnet": "1"}, `advanced.extra_config["Ethernet12.dnet"]`, []string{"A key that is kept", "network.interface"}},
	{"advanced.extra_config", tree{"tools.deployPkg.fileName": "x"}, `advanced.extra_config["tools.deployPkg.fileName"]`, []string{"A key that is kept", "customization"}},
	{"advanced.extra_config", tree{"vmx.reboot.powerCycle": "TRUE"}, `advanced.extra_config["vmx.reboot.powerCycle"]`, []string{"A key that is kept", "next restart"}},
	{"advanced.extra_config", tree{"numvcpus": "2"}, `advanced.extra_config["numvcpus"]`, []string{"A key that is kept", "resources.size.cpu"}},
	{"advanced.extra_config", tree{"ctkEnabled": "TRUE"}, `advanced.extra_config["ctkEnabled"]`, []string{"A key that is kept", "change_block_tracking"}},
	{"advanced.extra_config", tree{"": "x"}, `advanced.extra_config[""]`, []string{"A key that is kept", "at least one character"}},
	{"advanced.extra_config", tree{"a": ""}, `advanced.extra_config["a"]`, []string{"A key has no value", `"a"`}},
	{"advanced.extra_config", tree{"a": nil}, `advanced.extra_config["a"]`, []string{"A key has no value", `"a"`}},
	{"advanced.extra_config", tree{"Aa": "1", "aA": "1"}, `advanced.extra_config["aA"]`, []string{"A key is there twice", `"Aa" and "aA"`}},
}

var mistakesOfBooting = []hardwareMistake{
	{"boot_options.firmware", "uefi", "", []string{"Invalid Attribute Value Match", `got: "uefi"`}},
	{"boot_options.firmware", "bios", "boot_options.efi_secure_boot", []string{"Secure boot needs", `the firmware is "bios"`, `Set firmware to "efi"`}},
	{"boot_options.firmware", nil, "boot_options.efi_secure_boot", []string{"Secure boot needs", "no firmware is written"}},
	{"boot_options.boot_delay", "10", "", []string{"Not a duration", `"10" was given`, "no duration"}},
	{"boot_options.boot_delay", "-10s", "", []string{"Not a duration", "negative"}},
	{"boot_options.boot_delay", "1500us", "", []string{"Not a duration", "whole milliseconds"}},
	{"boot_options.boot_retry_delay", "1d", "", []string{"Not a duration", `"1d" was given`}},
	{"boot_options.boot_retry", "Disabled", "boot_options.boot_retry_delay", []string{"No boot is retried", "boot_retry"}},
	{"boot_options.boot_retry", nil, "boot_options.boot_retry_delay", []string{"No boot is retried", "boot_retry"}},
	{"boot_options.boot_retry", "yes", "", []string{"Invalid Attribute Value Match"}},
	{"boot_options.efi_secure_boot", "enabled", "", []string{"Invalid Attribute Value Match"}},
	{"boot_options.network_boot_protocol", "IPv4", "", []string{"Invalid Attribute Value Match"}},
	{"boot_options.boot_order[0].type", "CDROM", "", []string{"Invalid Attribute Value Match", `got: "CDROM"`}},
	{"boot_options.boot_order[0].name", "cd1", "", []string{"A CD-ROM entry takes no name", `"cd1" was given`}},
	{"boot_options.boot_order[2].name", "dato", "", []string{"No such device", `no volume with the name "dato": there is data, rac, wsfc.`, "first disk of the image"}},
	{"boot_options.boot_order[2].name", nil, "boot_options.boot_order[2].type", []string{"there twice", "Entry 3", "entry 2"}},
	{"boot_options.boot_order[3].name", "eth2", "", []string{"No such device", `no network.interface with the name "eth2": there is eth0, eth1.`}},
	{"boot_options.boot_order[3].name", nil, "", []string{"Missing name", "network.interface: there is eth0, eth1."}},
	{"network", tree{"disabled": true}, "boot_options.boot_order[3].name", []string{"No such device", "there is none at all"}},
	{"network", nil, "boot_options.boot_order[3].name", []string{"No such device", "there is eth0."}},
	{"hardware", tree{}, "boot_options.boot_order[0].type", []string{"There is no CD-ROM drive", "cdrom block"}},
	{"volume", []any{}, "boot_options.boot_order[2].name", []string{"No such device", "there is none at all"}},
}
