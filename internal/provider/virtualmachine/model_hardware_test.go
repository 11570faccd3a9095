package virtualmachine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// machineSchema is the schema of the resource.
func machineSchema(t *testing.T) schema.Schema {
	t.Helper()
	var resp resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	return resp.Schema
}

// modelOf makes the model of a configuration, as the framework does.
func modelOf(t *testing.T, config writtenBlock) *model {
	t.Helper()
	of := machineSchema(t)
	var m model
	plan := tfsdk.Plan{Schema: of, Raw: blockOf(of.Type().TerraformType(t.Context()), config)}
	if diags := plan.Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	return &m
}

// places are where diagnostics are, with their summaries.
func placesOf(diags diag.Diagnostics) []string {
	var out []string
	for _, d := range diags {
		if at, ok := d.(interface{ Path() path.Path }); ok {
			out = append(out, at.Path().String()+": "+d.Summary())
		} else {
			out = append(out, d.Summary())
		}
	}
	return out
}

// wholeHardware is a configuration in which everything of the hardware is written, in spellings
// that the machine itself would not choose.
func wholeHardware() writtenBlock {
	return writtenBlock{
		"guest_id": "photon64Guest", "min_hardware_version": 19,
		"resources": writtenBlock{
			"size":     writtenBlock{"cpu": "4000m", "memory": "8192Mi"},
			"requests": writtenBlock{"cpu": "2k", "memory": "1073741824"},
			"limits":   writtenBlock{"cpu": "-1", "memory": "8388608Ki"},
		},
		"advanced": writtenBlock{
			"boot_disk_capacity": "40960Mi", "default_volume_provisioning_mode": "Thick", "change_block_tracking": true,
			"extra_config": stringMap(map[string]string{"numa.nodeAffinity": "0", "svga.Present": "FALSE"}),
		},
		"boot_options": writtenBlock{
			"firmware": "EFI", "boot_delay": "1500ms", "boot_retry": "Enabled", "boot_retry_delay": "90s", "efi_secure_boot": "Disabled",
			"network_boot_protocol": "IP6",
			"boot_order":            []writtenBlock{{"type": "CDRom"}, {"type": "Disk", "name": "data"}, {"type": "Disk"}, {"type": "Network", "name": "eth0"}},
		},
		"hardware": writtenBlock{"cdrom": []writtenBlock{
			{
				"name": "cd1", "image": writtenBlock{"kind": "ClusterVirtualMachineImage", "name": "cvmi-0a0044d7c690bcbea"}, "connected": false, "allow_guest_control": false,
				"controller_type": "SATA", "controller_bus_number": 1, "unit_number": 2,
			},
			{"name": "cd2", "image": writtenBlock{"name": "vmi-1a0044d7c690bcbea"}},
			{"name": "cd3"},
		}},
		"volume": []writtenBlock{
			{
				"name": "data", "capacity": "20480Mi", "storage_class": "gold", "provisioning_mode": "ThickEagerZero", "disk_mode": "IndependentPersistent",
				"sharing_mode": "MultiWriter", "application_type": "OracleRAC", "controller_type": "SCSI", "controller_bus_number": 1, "unit_number": 8,
				"removable": false, "reclaim_policy": "Retain",
			},
			{"name": "log", "capacity": "1.5Gi"},
		},
	}
}

func stringMap(values map[string]string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for key, value := range values {
		elements[key] = tftypes.NewValue(tftypes.String, value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

func TestTheHardwareIsDecoded(t *testing.T) {
	t.Parallel()
	spec, diags := modelOf(t, wholeHardware()).hardware(t.Context())
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	want := strings.Fields(`
GuestID="photon64Guest" MinHardware=19
Resources.Size.CPU=4 Resources.Size.Memory=8589934592 Resources.Requests.CPU=2000 Resources.Requests.Memory=1073741824
Resources.Limits.CPU=-1 Resources.Limits.Memory=8589934592
Boot.Firmware="efi" Boot.DelayMS=1500 Boot.Retry=true Boot.RetryDelayMS=90000 Boot.SecureBoot=false Boot.NetworkBootProtocol="IP6"
Boot.Order[0].Type="CDRom" Boot.Order[0].Name=null Boot.Order[1].Type="Disk" Boot.Order[1].Name="data"
Boot.Order[2].Type="Disk" Boot.Order[2].Name=null Boot.Order[3].Type="Network" Boot.Order[3].Name="eth0"
Advanced.BootDiskBytes=42949672960 Advanced.Provisioning="Thick" Advanced.ChangeTracking=true
Advanced.ExtraConfig["numa.nodeAffinity"]="0" Advanced.ExtraConfig["svga.Present"]="FALSE"
Volumes[0].Name="data" Volumes[0].CapacityBytes=21474836480 Volumes[0].StorageClass="gold" Volumes[0].Provisioning="ThickEagerZero"
Volumes[0].DiskMode="IndependentPersistent" Volumes[0].SharingMode="MultiWriter" Volumes[0].ApplicationType="OracleRAC"
Volumes[0].At.ControllerType="SCSI" Volumes[0].At.BusNumber=1 Volumes[0].At.UnitNumber=8 Volumes[0].Removable=false Volumes[0].ReclaimPolicy="Retain"
Volumes[1].Name="log" Volumes[1].CapacityBytes=1610612736 Volumes[1].StorageClass=null Volumes[1].Provisioning=null
Volumes[1].DiskMode=null Volumes[1].SharingMode=null Volumes[1].ApplicationType=null
Volumes[1].At.ControllerType=null Volumes[1].At.BusNumber=null Volumes[1].At.UnitNumber=null Volumes[1].Removable=true Volumes[1].ReclaimPolicy="Delete"
Managed=true
CDROMs[0].Name="cd1" CDROMs[0].ImageKind="ClusterVirtualMachineImage" CDROMs[0].ImageName="cvmi-0a0044d7c690bcbea" CDROMs[0].Connected=false CDROMs[0].AllowGuestControl=false
CDROMs[0].At.ControllerType="SATA" CDROMs[0].At.BusNumber=1 CDROMs[0].At.UnitNumber=2
CDROMs[1].Name="cd2" CDROMs[1].ImageKind="VirtualMachineImage" CDROMs[1].ImageName="vmi-1a0044d7c690bcbea" CDROMs[1].Connected=true CDROMs[1].AllowGuestControl=true
CDROMs[1].At.ControllerType=null CDROMs[1].At.BusNumber=null CDROMs[1].At.UnitNumber=null
CDROMs[2].Name="cd3" CDROMs[2].ImageKind=null CDROMs[2].ImageName=null CDROMs[2].Connected=false CDROMs[2].AllowGuestControl=true
CDROMs[2].At.ControllerType=null CDROMs[2].At.BusNumber=null CDROMs[2].At.UnitNumber=null`)
	if diff := cmp.Diff(want, told("", reflect.ValueOf(spec))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// hardwareBlocks are the names of what hardware decodes.
var hardwareBlocks = []string{"guest_id", "min_hardware_version", "resources", "advanced", "boot_options", "hardware", "volume"}

// What is absent is absent, and what is unknown is unknown: of a value, of a block, of all.
func TestTheHardwareIsDecodedInEveryCase(t *testing.T) {
	t.Parallel()
	all := func(value any) writtenBlock {
		out := writtenBlock{}
		for _, name := range hardwareBlocks {
			out[name] = value
		}
		return out
	}
	decoded := func(m *model) []string {
		spec, diags := m.hardware(t.Context())
		if len(diags) > 0 {
			t.Error(diags)
		}
		return told("", reflect.ValueOf(spec))
	}
	states := func(lines []string) map[string][]string {
		out := map[string][]string{}
		for _, line := range lines {
			at, state, _ := strings.Cut(line, "=")
			out[state] = append(out[state], at)
		}
		return out
	}

	if diff := cmp.Diff(map[string][]string{"false": {"Managed"}}, maps.Collect(func(yield func(string, []string) bool) {
		for state, places := range states(decoded(modelOf(t, writtenBlock{}))) {
			if state != "null" && !yield(state, places) {
				return
			}
		}
	})); diff != "" {
		t.Errorf("of nothing, not everything is absent (-want +got):\n%s", diff)
	}
	if got := states(decoded(modelOf(t, all(unknownYet{})))); len(got) != 1 || len(got["unknown"]) == 0 {
		t.Errorf("of unknown blocks, not everything is unknown: %v", got)
	}

	// Of blocks in which every value is unknown, every value is, and the hardware block has a drive.
	of := machineSchema(t)
	whole := everywhere(of.Type().TerraformType(t.Context()), leaves["unknown"])
	var m model
	if diags := (&tfsdk.Plan{Schema: of, Raw: whole}).Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	got := states(decoded(&m))
	if diff := cmp.Diff(map[string][]string{"true": {"Managed"}, "unknown": got["unknown"]}, got); diff != "" || !slices.Contains(got["unknown"], "CDROMs[0].Connected") {
		t.Errorf("of unknown values, not everything is unknown (-want +got):\n%s", diff)
	}
}

func TestADynamicHardwareBlockMayNotBeThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		block           any
		managed, drives string
	}{
		"no block":       {nil, "false", "null"},
		"unknown block":  {unknownYet{}, "unknown", "unknown"},
		"unknown drives": {writtenBlock{"cdrom": unknownYet{}}, "unknown", "unknown"},
		"no drives":      {writtenBlock{}, "true", "[]virtualmachine.cdromSpec{}"},
	} {
		spec, diags := modelOf(t, writtenBlock{"hardware": test.block}).hardware(t.Context())
		if got := [2]string{spelled(spec.Managed), spelled(spec.CDROMs)}; got != [2]string{test.managed, test.drives} || len(diags) > 0 {
			t.Errorf("%s: %v, want %s and %s (%v)", name, got, test.managed, test.drives, diags)
		}
	}
}

func TestAConnectionIsOpenWhileTheImageIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		drive writtenBlock
		want  string // connected, kind and name
	}{
		"an unknown image": {writtenBlock{"name": "cd", "image": unknownYet{}}, "unknown unknown unknown"},
		"an unknown name":  {writtenBlock{"name": "cd", "image": writtenBlock{"name": unknownYet{}}}, `true "VirtualMachineImage" unknown`},
		"an unknown kind":  {writtenBlock{"name": "cd", "image": writtenBlock{"name": "x", "kind": unknownYet{}}}, `true unknown "x"`},
		"one that is set":  {writtenBlock{"name": "cd", "image": unknownYet{}, "connected": true}, "true unknown unknown"},
	} {
		spec, _ := modelOf(t, writtenBlock{"hardware": writtenBlock{"cdrom": []writtenBlock{test.drive}}}).hardware(t.Context())
		drive := spec.CDROMs.Or(nil)[0]
		if got := fmt.Sprint(spelled(drive.Connected), " ", spelled(drive.ImageKind), " ", spelled(drive.ImageName)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestATextThatIsNoAmountIsAnErrorAtItsPlace(t *testing.T) {
	t.Parallel()
	m := modelOf(t, writtenBlock{
		"resources": writtenBlock{"size": writtenBlock{"cpu": "1.5", "memory": "8GB"}, "limits": writtenBlock{"cpu": "", "memory": "9Ei"}},
		"advanced":  writtenBlock{"boot_disk_capacity": "big"},
		"boot_options": writtenBlock{
			"boot_delay": "10", "boot_retry_delay": "-1s", "boot_retry": "On", "efi_secure_boot": "enabled",
		},
		"volume": []writtenBlock{{"name": "a", "capacity": "1Gi"}, {"name": "b", "capacity": "1.1"}},
	})
	spec, diags := m.hardware(t.Context())
	want := []string{
		"resources.size.cpu: Not a whole quantity", "resources.size.memory: Not a whole quantity",
		"resources.limits.cpu: Not a whole quantity", "resources.limits.memory: Not a whole quantity",
		"boot_options.boot_delay: Not a duration", "boot_options.boot_retry_delay: Not a duration",
		"advanced.boot_disk_capacity: Not a whole quantity", "volume[1].capacity: Not a whole quantity",
	}
	if diff := cmp.Diff(want, placesOf(diags)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, open := range map[string]bool{
		"processors": spec.Resources.Size.CPU.IsUnknown(), "memory": spec.Resources.Limits.Memory.IsUnknown(), "boot disk": spec.Advanced.BootDiskBytes.IsUnknown(),
		"delay": spec.Boot.DelayMS.IsUnknown(), "retry": spec.Boot.Retry.IsUnknown(), "secure boot": spec.Boot.SecureBoot.IsUnknown(),
		"capacity": spec.Volumes.Or(nil)[1].CapacityBytes.IsUnknown(),
	} {
		if !open {
			t.Errorf("of the %s, something is known", name)
		}
	}
	for _, text := range []string{"1.5ms", "1us"} {
		if _, diags := modelOf(t, writtenBlock{"boot_options": writtenBlock{"boot_delay": text}}).hardware(t.Context()); !diags.HasError() || !strings.Contains(diags[0].Detail(), "whole milliseconds") {
			t.Errorf("%s: %v", text, diags)
		}
	}
}
