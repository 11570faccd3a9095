package machine

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// indented makes a document of one line readable.
func indented(t *testing.T, document []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	depth, last := 0, byte('>')
	for i, c := range document {
		opens := c == '<'
		closes := opens && i+1 < len(document) && document[i+1] == '/'
		if closes {
			depth--
		}
		if opens && last == '>' {
			if i > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(strings.Repeat("  ", depth))
		}
		if opens && !closes {
			depth++
		}
		out.WriteByte(c)
		last = c
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func fullSpec() DeploySpec {
	return DeploySpec{
		Name:             "web-1",
		InstanceUUID:     "5f0c1b1e-0a42-4a8e-9a55-2a1c6f1f0001",
		BIOSUUID:         "42150c1b-1e0a-424a-8e9a-552a1c6f1f02",
		LibraryItemID:    "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1001",
		Folder:           Ref{Type: "Folder", Value: "group-v3"},
		ResourcePool:     Ref{Type: "ResourcePool", Value: "resgroup-9"},
		Datastore:        &Ref{Type: "Datastore", Value: "datastore-5"},
		StorageProfileID: "aa6d5a82-1c88-45da-85d3-3d74b91a5bad",
		Provisioning:     "thin",
		CPUs:             2,
		MemoryMB:         4096,
		CPUAllocation: &types.ResourceAllocationInfo{
			Reservation: types.NewInt64(500), Limit: types.NewInt64(-1), Shares: &types.SharesInfo{Level: types.SharesLevelNormal},
		},
		MemoryAllocation: &types.ResourceAllocationInfo{Reservation: types.NewInt64(4096)},
		GuestID:          "vmwarePhoton64Guest",
		Firmware:         "efi",
		HardwareVersion:  19,
		NICs: []NIC{
			{Name: "eth0", Backing: portgroup("dvportgroup-11")},
			{Name: "eth1", Type: "E1000e", MAC: "00:50:56:0A:0B:0C", Backing: standard("VM Network")},
		},
		ExtraConfig: map[string]string{
			"guestinfo.metadata": "aW5zdGFuY2UtaWQ6IDE=", "DISK.enableuuid": "FALSE", "VMOperator.Create": "forged",
		},
		Annotation: "Managed by <Terraform> & friends",
	}
}

func TestConfigSpecAsItIsSent(t *testing.T) {
	t.Parallel()
	ofClass := fullSpec()
	ofClass.Base = classBase()
	ofClass.Base.Firmware, ofClass.Base.MemoryMB, ofClass.Base.Version, ofClass.Annotation = "bios", 1, "vmx-13", ""
	for name, spec := range map[string]DeploySpec{
		"configspec-full.xml":  fullSpec(),
		"configspec-class.xml": ofClass,
		"configspec-least.xml": {
			Name: "web-2", InstanceUUID: "5f0c1b1e-0a42-4a8e-9a55-2a1c6f1f0002",
			LibraryItemID: "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1001",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := ConfigSpec(spec)
			if err != nil {
				t.Fatal(err)
			}
			if missing := missingRequired(config); len(missing) > 0 {
				t.Errorf("the vSphere API requires %v", missing)
			}
			document, err := marshalConfigSpec(config)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, indented(t, document))
			// What vCenter reads is what was meant.
			var read types.VirtualMachineConfigSpec
			decoder := xml.NewDecoder(bytes.NewReader(document))
			decoder.TypeFunc = types.TypeFunc()
			if err := decoder.Decode(&read); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(config, read); diff != "" {
				t.Errorf("round trip (-sent +read):\n%s", diff)
			}
		})
	}
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	yes, no := types.NewBool(true), types.NewBool(false)
	base := classBase()
	got := Overlay(base, types.VirtualMachineConfigSpec{
		NumCPUs: 4, NestedHVEnabled: no, Annotation: "own", Flags: &types.VirtualMachineFlagInfo{VvtdEnabled: no, VbsEnabled: yes},
		ExtraConfig: ExtraConfigChange(map[string]string{"disk.enableUUID": "TRUE", "own": "1"}),
	})
	want := *classBase()
	want.NumCPUs, want.NestedHVEnabled, want.Annotation = 4, no, "own"
	want.Flags = &types.VirtualMachineFlagInfo{VvtdEnabled: no, SnapshotDisabled: no, VbsEnabled: yes}
	want.ExtraConfig = ExtraConfigChange(map[string]string{"disk.enableUUID": "TRUE", "numa.nodeAffinity": "0", "own": "1", "sched.mem.pin": "TRUE"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(classBase(), base); diff != "" {
		t.Errorf("the base was changed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(types.VirtualMachineConfigSpec{Name: "a"}, Overlay(nil, types.VirtualMachineConfigSpec{Name: "a"})); diff != "" {
		t.Errorf("without a base (-want +got):\n%s", diff)
	}
}

// A class is shared by all machines that are deployed at once.
func TestTheBaseOfADeployIsNotChanged(t *testing.T) {
	t.Parallel()
	base := classBase()
	device := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: &types.VirtualVmxnet3{}}
	base.DeviceChange = append(make([]types.BaseVirtualDeviceConfigSpec, 0, 8), device)
	spec := fullSpec()
	spec.Base, spec.CPUs = base, 3
	config, err := ConfigSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	if *config.NumCoresPerSocket != 1 || *config.MemoryAllocation.Reservation != spec.MemoryMB || len(config.DeviceChange) != 3 {
		t.Errorf("%d cores per socket, %d MB reserved, %d devices", *config.NumCoresPerSocket, *config.MemoryAllocation.Reservation, len(config.DeviceChange))
	}
	want := classBase()
	want.DeviceChange = []types.BaseVirtualDeviceConfigSpec{device}
	if diff := cmp.Diff(want, base); diff != "" || base.DeviceChange[:2][1] != nil {
		t.Errorf("the base was changed (-want +got):\n%s", diff)
	}
}

func TestDeployRequestAsItIsSent(t *testing.T) {
	t.Parallel()
	spec := fullSpec()
	request, err := deployRequest(&spec)
	if err != nil {
		t.Fatal(err)
	}
	document, err := base64.StdEncoding.DecodeString(request.VmConfigSpec.XML)
	if err != nil || !bytes.HasPrefix(document, []byte("<obj ")) {
		t.Errorf("vm_config_spec holds %.40q, %v", document, err)
	}
	request.VmConfigSpec.XML = "(see configspec-full.xml)"
	body, err := json.MarshalIndent(request, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "deploy.json", append(body, '\n'))
}

func TestDeploySpecIsJudgedAsAWhole(t *testing.T) {
	t.Parallel()
	var spec DeploySpec
	err := spec.validate()
	if !errors.Is(err, vsphere.ErrInvalidArgument) {
		t.Fatalf("error %v, want ErrInvalidArgument", err)
	}
	for _, part := range []string{"name", "instance UUID", "library item", "folder", "resource pool"} {
		if !strings.Contains(err.Error(), "no "+part) {
			t.Errorf("error does not name the %s:\n%v", part, err)
		}
	}
	full := fullSpec()
	full.Base = &types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: high}}
	full.MemoryAllocation = nil
	if err := full.validate(); !errors.Is(err, vsphere.ErrInvalidArgument) || !contains(err, `deploy "web-1"`) || !contains(err, "latency sensitivity") {
		t.Errorf("a class that needs reservations: %v", err)
	}
	full = fullSpec()
	if err := full.validate(); err != nil {
		t.Errorf("complete spec: %v", err)
	}
}

func TestNICSpecsHaveAllThatIsRequired(t *testing.T) {
	t.Parallel()
	have := []ObservedNIC{card(4000, "00:50:56:aa:00:01", placed("pg-1")), card(4001, "00:50:56:aa:00:02", placed("pg-1"))}
	specs, _, err := NICChanges([]NIC{
		{Name: "a", Backing: portgroup("pg-2")}, {Name: "b", Type: "SRIOV", Backing: portgroup("pg-2")},
	}, have, map[string]int32{"a": 4000})
	if err != nil {
		t.Fatal(err)
	}
	if missing := missingRequired(types.VirtualMachineConfigSpec{DeviceChange: specs}); len(missing) > 0 {
		t.Errorf("the vSphere API requires %v", missing)
	}
}

func TestMissingRequiredSeesWhatIsMissing(t *testing.T) {
	t.Parallel()
	spec := types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{&types.VirtualDeviceConfigSpec{Operation: "add"}}}
	want := []string{"VirtualMachineConfigSpec.DeviceChange[0].Device"}
	if diff := cmp.Diff(want, missingRequired(spec)); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

// missingRequired names the properties of v that the vSphere API requires – those whose JSON
// tag has no omitempty in govmomi, which follows the schema – and that are nil or empty. The
// simulator does not mind; vCenter does.
func missingRequired(v any) []string {
	var out []string
	walkRequired(reflect.ValueOf(v), reflect.TypeOf(v).Name(), &out)
	return out
}

func walkRequired(v reflect.Value, path string, out *[]string) {
	switch v.Kind() { //nolint:exhaustive // scalars have no parts
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walkRequired(v.Elem(), path, out)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkRequired(v.Index(i), fmt.Sprintf("%s[%d]", path, i), out)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			at := path + "." + field.Name
			tag, tagged := field.Tag.Lookup("json")
			switch {
			case field.Anonymous:
				at = path
			case tagged && tag != "-" && !strings.Contains(tag, ",omitempty") && isEmptyValue(v.Field(i)):
				*out = append(*out, at)
			}
			walkRequired(v.Field(i), at, out)
		}
	}
}

func isEmptyValue(v reflect.Value) bool {
	switch v.Kind() { //nolint:exhaustive // a number or a boolean always says something
	case reflect.Pointer, reflect.Interface:
		return v.IsNil()
	case reflect.String, reflect.Slice:
		return v.Len() == 0
	}
	return false
}
