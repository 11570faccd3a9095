package image

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// statusOf is the status attribute of an image.
func statusOf(status image.Status) map[string]attr.Value {
	return newImageModel("team-a", &image.Image{Kind: image.ClusterVirtualMachineImage, Status: status}).Status.Attributes()
}

func TestAnImageThatSaysLittleHasNulls(t *testing.T) {
	t.Parallel()
	status := statusOf(image.Status{Name: "plain", Type: image.TypeISO})
	for _, name := range []string{"firmware", "hardware_version", "os_info", "product_info", "provider_content_version"} {
		if !status[name].IsNull() {
			t.Errorf("%s is %s, want null", name, status[name])
		}
	}
	for _, name := range []string{"disks", "ovf_properties", "vmware_system_properties", "conditions"} {
		if list := status[name].(types.List); list.IsNull() || len(list.Elements()) != 0 {
			t.Errorf("%s is %s, want an empty list", name, list)
		}
	}
}

func TestEverythingThatAnImageSaysIsShown(t *testing.T) {
	t.Parallel()
	text, number := "1Gi", int32(0)
	bytes := int64(1 << 30)
	status := statusOf(image.Status{
		Name: "full", Type: image.TypeOVF, Firmware: "EFI", HardwareVersion: &number, Capabilities: []string{"cloud-init"},
		OSInfo:                 &image.OSInfo{ID: "photon64Guest", Type: "Linux", Version: "5.0"},
		ProductInfo:            &image.ProductInfo{Product: "p", Vendor: "v", Version: "1", FullVersion: "1.2"},
		Disks:                  []image.Disk{{Name: "d", Capacity: "2Gi", Size: &text, CapacityBytes: 2 << 30, SizeBytes: &bytes, ControllerType: "SCSI", ControllerBusNumber: &number, UnitNumber: &number}},
		OVFProperties:          []image.Property{{Key: "k", Type: "string", Default: new(string), Label: "l", Description: "d"}},
		VMwareSystemProperties: []image.KeyValue{{Key: "k", Value: "v"}},
		ProviderItemID:         "item", ProviderContentVersion: "2",
		Conditions: []image.Condition{{Type: "Ready", Status: "False", Reason: "Broken", Message: "m"}},
	})
	var walk func(at string, value attr.Value)
	walk = func(at string, value attr.Value) {
		if value.IsNull() {
			t.Errorf("%s is null", at)
		}
		switch v := value.(type) {
		case types.Object:
			for name, attribute := range v.Attributes() {
				walk(at+"."+name, attribute)
			}
		case types.List:
			if len(v.Elements()) == 0 {
				t.Errorf("%s is empty", at)
			}
			for _, element := range v.Elements() {
				walk(at+"[0]", element)
			}
		}
	}
	for name, value := range status {
		walk("status."+name, value)
	}
	disk := status["disks"].(types.List).Elements()[0].(types.Object).Attributes()
	if got := disk["unit_number"]; !got.Equal(types.Int64Value(0)) {
		t.Errorf("unit 0 is %s", got)
	}
	property := status["ovf_properties"].(types.List).Elements()[0].(types.Object).Attributes()
	if got := property["default"]; !got.Equal(types.StringValue("")) {
		t.Errorf("the empty default is %s", got)
	}
}
