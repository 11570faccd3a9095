package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// ubuntuISO is the VMI ID of an installation medium in base-images.
const ubuntuISO = "vmi-c0073e97e18fa6dac"

// withHardware is a machine that is off, with every attribute of its hardware that vCenter can
// change.
func withHardware() tree {
	return tree{
		"name": "web", "image_name": "vmi-0a0044d7c690bcbea", "guest_id": "ubuntu64Guest", "power_state": "PoweredOff", "min_hardware_version": 19,
		"resources": tree{
			"size":     tree{"cpu": "2", "memory": "4Gi"},
			"requests": tree{"cpu": "500", "memory": "1Gi"},
			"limits":   tree{"cpu": "4000", "memory": "8Gi"},
		},
		"advanced": tree{
			"boot_disk_capacity": "40Gi", "change_block_tracking": true,
			"extra_config": tree{"svga.present": "TRUE", "sched.swap.vmxSwapEnabled": "FALSE"},
		},
		"network": tree{"interface": []any{
			tree{"name": "eth0", "mac_addr": "00:50:56:0a:0b:0c", "network": tree{"name": simulator.NetworkFrontend}},
			tree{"name": "eth1", "type": "E1000e", "network": tree{"name": simulator.NetworkBackend}},
		}},
		"bootstrap": tree{"cloud_init": tree{}},
		"volume": []any{
			tree{"name": "data", "capacity": "20Gi", "disk_mode": "IndependentPersistent", "sharing_mode": "None", "controller_type": "SCSI", "controller_bus_number": 1, "unit_number": 3},
			tree{"name": "log", "capacity": "10Gi"},
		},
		"hardware": tree{"cdrom": []any{
			tree{"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": ubuntuISO}, "connected": true, "allow_guest_control": false, "controller_type": "SATA", "controller_bus_number": 0, "unit_number": 2},
		}},
		"boot_options": tree{
			"firmware": "EFI", "boot_delay": "1500ms", "boot_retry": "Enabled", "boot_retry_delay": "90s", "efi_secure_boot": "Enabled", "network_boot_protocol": "IP6",
			"boot_order": []any{tree{"type": "CDRom"}, tree{"type": "Disk", "name": "data"}, tree{"type": "Disk"}, tree{"type": "Network", "name": "eth1"}},
		},
	}
}

// standingMachine is that machine, and a provider that knows it.
func standingMachine(t *testing.T) (*simulator.Simulator, *direct, machine) {
	t.Helper()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), withHardware()))
	if broken := emptyPlan(d, made, withHardware()); len(broken) > 0 {
		t.Fatalf("the plan of what was applied is not empty:\n%s", strings.Join(broken, "\n"))
	}
	return sim, d, made
}

// emptyPlan are the places that another plan changes or leaves open.
func emptyPlan(d *direct, of machine, config tree) []string {
	d.Helper()
	p := d.planned(of, config)
	return append(moved(of.state, p.planned), unknownIn(p.planned)...)
}
