package namespace_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vapi/namespace"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const (
	getClasses = "GET /api/vcenter/namespace-management/virtual-machine-classes"
	loginREST  = "POST /rest/com/vmware/cis/session"
)

// ownClasses are virtual_machine_class blocks: one with all there is, one that hides a class of vCenter.
var ownClasses = tree{"virtual_machine_class": []any{
	tree{
		"name": "tuned", "hardware": tree{"cpus": 4, "memory": "8192Mi"},
		"policies": tree{"resources": tree{"requests": tree{"cpu": "1500m", "memory": "4Gi"}, "limits": tree{"cpu": "3", "memory": "8Gi"}}},
	},
	tree{"name": simulator.ClassBestSmall, "hardware": tree{"cpus": 1, "memory": "512Mi"}},
}}

// class is what a data source shows of a class that has nothing but a size.
func class(name, source string, cpus int, memory string) tree {
	none := func() tree { return tree{"cpu": nil, "memory": nil} }
	return tree{
		"name": name, "source": source, "description": nil, "config_spec": nil,
		"hardware": tree{
			"cpus": cpus, "memory": memory, "instance_storage": nil,
			"devices": tree{"vgpu_devices": []any{}, "dynamic_direct_path_io_devices": []any{}},
		},
		"policies": tree{"resources": tree{"requests": none(), "limits": none()}},
		"status":   tree{"conditions": []any{tree{"type": "Ready", "status": "True", "reason": nil, "message": nil}}},
	}
}

// with returns a tree with some values changed, and the namespace that was looked from.
func with(t tree, change func(tree)) tree {
	change(t)
	return t
}

func TestAClassIsShownWhole(t *testing.T) {
	sim := simulator.Start(t)
	const spec = `{"_typeName":"VirtualMachineConfigSpec","cpuAllocation":{"_typeName":"ResourceAllocationInfo","limit":4000},"firmware":"efi"}`
	vcenterClass(t, sim, namespace.VirtualMachineClassCreateSpec{Id: "made-by-hand", CpuCount: 2, MemoryMb: 1024, ConfigSpec: json.RawMessage(spec)})
	vcenterClass(t, sim, namespace.VirtualMachineClassCreateSpec{
		Id: "gpu", CpuCount: 8, MemoryMb: 65536, CpuReservation: 50, MemoryReservation: 100,
		Devices: namespace.VirtualDevices{
			VgpuDevices:         []namespace.VgpuDevice{{ProfileName: "grid_v100-4q"}},
			DirectPathIoDevices: []namespace.DirectPathIoDevice{{VendorId: 32902, DeviceId: 5461, CustomLabel: "nic"}, {VendorId: 1, DeviceId: 2}},
		},
	})
	d := connected(t, sim, ownClasses)
	sim.ResetRequests()

	own := class("tuned", "provider", 4, "8Gi")
	own["namespace"] = "default"
	own["policies"] = tree{"resources": tree{"requests": tree{"cpu": "1500m", "memory": "4Gi"}, "limits": tree{"cpu": "3", "memory": "8Gi"}}}
	if diff := cmp.Diff(own, d.found("virtual_machine_class", tree{"name": "tuned"})); diff != "" {
		t.Errorf("tuned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string(nil), operations(sim)); diff != "" {
		t.Errorf("a class of the configuration costs calls (-want +got):\n%s", diff)
	}

	hidden := with(class(simulator.ClassBestSmall, "provider", 1, "512Mi"), func(c tree) { c["namespace"] = "default" })
	if diff := cmp.Diff(hidden, d.found("virtual_machine_class", tree{"name": simulator.ClassBestSmall})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", simulator.ClassBestSmall, diff)
	}

	byHand := with(class("made-by-hand", "vcenter", 2, "1Gi"), func(c tree) { c["namespace"], c["config_spec"] = "default", spec })
	if diff := cmp.Diff(byHand, d.found("virtual_machine_class", tree{"name": "made-by-hand"})); diff != "" {
		t.Errorf("made-by-hand (-want +got):\n%s", diff)
	}

	got := d.found("virtual_machine_class", tree{"name": "gpu"})
	condition := got["status"].(tree)["conditions"].([]any)[0].(tree)
	if condition["status"] != "False" || condition["reason"] != "NotSupported" || condition["message"] == nil {
		t.Errorf("the class with devices is %v", condition)
	}
	delete(got, "status")
	gpu := with(class("gpu", "vcenter", 8, "64Gi"), func(c tree) {
		c["namespace"] = "default"
		delete(c, "status")
		c["policies"].(tree)["resources"].(tree)["requests"] = tree{"cpu": "4", "memory": "64Gi"}
		c["hardware"].(tree)["devices"] = tree{
			"vgpu_devices": []any{tree{"profile_name": "grid_v100-4q"}},
			"dynamic_direct_path_io_devices": []any{
				tree{"vendor_id": 32902, "device_id": 5461, "custom_label": "nic"},
				tree{"vendor_id": 1, "device_id": 2, "custom_label": nil},
			},
		}
	})
	if diff := cmp.Diff(gpu, got); diff != "" {
		t.Errorf("gpu (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{getClasses, loginREST}, operations(sim)); diff != "" {
		t.Errorf("two classes of vCenter make other calls (-want +got):\n%s", diff)
	}
}

func TestClassesAreListedByName(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, ownClasses)
	sim.ResetRequests()
	got := d.found("virtual_machine_classes", tree{})
	guaranteed := func(name, memory string) tree {
		return with(class(name, "vcenter", 2, memory), func(c tree) {
			c["policies"].(tree)["resources"].(tree)["requests"] = tree{"cpu": "2", "memory": memory}
		})
	}
	want := tree{"namespace": "default", "classes": []any{
		class(simulator.ClassBestLarge, "vcenter", 4, "16Gi"),
		class(simulator.ClassBestMedium, "vcenter", 2, "8Gi"),
		class(simulator.ClassBestSmall, "provider", 1, "512Mi"),
		guaranteed(simulator.ClassGuaranteedMd, "8Gi"),
		guaranteed(simulator.ClassGuaranteed, "4Gi"),
		with(class("tuned", "provider", 4, "8Gi"), func(c tree) {
			c["policies"] = tree{"resources": tree{"requests": tree{"cpu": "1500m", "memory": "4Gi"}, "limits": tree{"cpu": "3", "memory": "8Gi"}}}
		}),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{getClasses, loginREST}, operations(sim)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	vcenterClass(t, sim, namespace.VirtualMachineClassCreateSpec{Id: "new", CpuCount: 1, MemoryMb: 1})
	if names := column(d.found("virtual_machine_classes", tree{})["classes"], "name"); len(names) != 7 || names[5] != "new" {
		t.Errorf("a listing misses what was just made: %v", names)
	}
}

func TestAClassThatIsNotThereNamesTheNearest(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, ownClasses)
	d.refused("virtual_machine_class", tree{"name": "best-effort-smal"}, "name", "Unable to find the class", `"best-effort-smal"`, `"best-effort-small"`, `"tuned"`, "virtual_machine_class block")
	d.refused("virtual_machine_class", tree{"name": "tuned", "namespace": "team-z"}, "namespace", "No such namespace", `"team-z"`, `"default"`)
	d.refused("virtual_machine_classes", tree{"namespace": "team-z"}, "namespace", "No such namespace", `"team-z"`)
}
