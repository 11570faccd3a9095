package namespace

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// Where classes come from.
const (
	sourceProvider = "provider"
	sourceVCenter  = "vcenter"
)

// classAttributes are what is shown of a class, apart from its name.
func classAttributes() map[string]schema.Attribute {
	pair := func(description string) schema.Attribute {
		return object(description, map[string]schema.Attribute{
			"cpu":    text("CPU as a quantity of cores, such as `500m` or `2`, null for none."),
			"memory": text("Memory as a quantity, such as `4Gi`, null for none."),
		})
	}
	return map[string]schema.Attribute{
		"source":      text("Where the class is defined: `provider` for a `virtual_machine_class` block of the provider, which comes first, `vcenter` for a class of vCenter."),
		"description": text("Description of a class of vCenter."),
		"hardware": object("Size of the machine.", map[string]schema.Attribute{
			"cpus":   number("Number of virtual CPUs."),
			"memory": text("Memory as a quantity, such as `4Gi`."),
			"devices": object("Devices of the hosts that the machine gets.", map[string]schema.Attribute{
				"vgpu_devices": objects("vGPUs.", map[string]schema.Attribute{
					"profile_name": text("Name of the vGPU profile."),
				}),
				"dynamic_direct_path_io_devices": objects("PCI devices by dynamic DirectPath I/O.", map[string]schema.Attribute{
					"vendor_id":    number("PCI vendor id."),
					"device_id":    number("PCI device id."),
					"custom_label": text("Label of the devices to take, null for any."),
				}),
			}),
			"instance_storage": object("Storage that lives as long as the machine, null for none.", map[string]schema.Attribute{
				"storage_class": text("Storage class of the volumes."),
				"volumes": objects("Volumes.", map[string]schema.Attribute{
					"size": text("Size as a quantity, such as `100Gi`."),
				}),
			}),
		}),
		"policies": object("Policies of the class.", map[string]schema.Attribute{
			"resources": object("Reservations and limits.", map[string]schema.Attribute{
				"requests": pair("What is reserved for the machine."),
				"limits":   pair("What the machine may use at most."),
			}),
		}),
		"config_spec": text("What a class of vCenter holds beyond that: a `VirtualMachineConfigSpec` of the vSphere API as JSON, null for none. " +
			"Its size and guest id give way to the class's and the image's own, as in VM Operator, and its allocations of CPU and memory to the class's requests and limits; its firmware counts where neither the machine nor the image has one, its hardware version is the least that machines get. " +
			"Machines also get its cores per socket, hot-add settings, latency sensitivity, lock of the memory reservation, nested virtualization, performance counters, change tracking, flags, annotation and `extraConfig`, apart from keys that begin with `guestinfo.`, `vmservice.`, `imageregistry.` or `vmoperator.`. " +
			"A class that asks for more, such as devices or instance storage, is not `Ready`."),
		"status": object("What is known about the class.", map[string]schema.Attribute{
			"conditions": objects("Conditions of the class.", map[string]schema.Attribute{
				"type":    text("`Ready`: whether a machine can be made of the class by this provider."),
				"status":  text("`True` or `False`."),
				"reason":  text("Reason in one word, null for none."),
				"message": text("Explanation, null for none."),
			}),
		}),
	}
}

// classModel is what is shown of a class.
type classModel struct {
	Name        types.String      `tfsdk:"name"`
	Source      types.String      `tfsdk:"source"`
	Description types.String      `tfsdk:"description"`
	Hardware    *hardwareModel    `tfsdk:"hardware"`
	Policies    *policiesModel    `tfsdk:"policies"`
	ConfigSpec  types.String      `tfsdk:"config_spec"`
	Status      *classStatusModel `tfsdk:"status"`
}

type hardwareModel struct {
	CPUs            types.Int64           `tfsdk:"cpus"`
	Memory          types.String          `tfsdk:"memory"`
	Devices         *devicesModel         `tfsdk:"devices"`
	InstanceStorage *instanceStorageModel `tfsdk:"instance_storage"`
}

type devicesModel struct {
	VGPUs      []vgpuModel       `tfsdk:"vgpu_devices"`
	DirectPath []directPathModel `tfsdk:"dynamic_direct_path_io_devices"`
}

type vgpuModel struct {
	ProfileName types.String `tfsdk:"profile_name"`
}

type directPathModel struct {
	VendorID    types.Int64  `tfsdk:"vendor_id"`
	DeviceID    types.Int64  `tfsdk:"device_id"`
	CustomLabel types.String `tfsdk:"custom_label"`
}

type instanceStorageModel struct {
	StorageClass types.String  `tfsdk:"storage_class"`
	Volumes      []volumeModel `tfsdk:"volumes"`
}

type volumeModel struct {
	Size types.String `tfsdk:"size"`
}

type policiesModel struct {
	Resources *resourcesModel `tfsdk:"resources"`
}

type resourcesModel struct {
	Requests *pairModel `tfsdk:"requests"`
	Limits   *pairModel `tfsdk:"limits"`
}

type pairModel struct {
	CPU    types.String `tfsdk:"cpu"`
	Memory types.String `tfsdk:"memory"`
}

type classStatusModel struct {
	Conditions []conditionModel `tfsdk:"conditions"`
}

type conditionModel struct {
	Type    types.String `tfsdk:"type"`
	Status  types.String `tfsdk:"status"`
	Reason  types.String `tfsdk:"reason"`
	Message types.String `tfsdk:"message"`
}

// policyNames tells storage policies by their ids.
type policyNames interface {
	StoragePolicyByID(ctx context.Context, id string) (inventory.StoragePolicy, error)
}

// newClassModel shows a class. Policies are asked for that of its instance storage only.
func newClassModel(ctx context.Context, class *inventory.Class, policies policyNames) (classModel, error) {
	devices := &devicesModel{VGPUs: []vgpuModel{}, DirectPath: []directPathModel{}}
	for _, profile := range class.VGPUs {
		devices.VGPUs = append(devices.VGPUs, vgpuModel{ProfileName: types.StringValue(profile)})
	}
	for _, device := range class.DirectPath {
		devices.DirectPath = append(devices.DirectPath, directPathModel{
			VendorID: types.Int64Value(device.VendorID), DeviceID: types.Int64Value(device.DeviceID),
			CustomLabel: fwtypes.OptionalText(device.CustomLabel),
		})
	}
	storage, err := newInstanceStorage(ctx, class.InstanceStorage, policies)
	if err != nil {
		return classModel{}, err
	}
	model := classModel{
		Name: types.StringValue(class.Name), Source: types.StringValue(sourceProvider), Description: fwtypes.OptionalText(class.Description),
		Hardware: &hardwareModel{
			CPUs: types.Int64Value(int64(class.CPUs)), Memory: bytesText(&class.MemoryBytes),
			Devices: devices, InstanceStorage: storage,
		},
		Policies: &policiesModel{Resources: &resourcesModel{
			Requests: &pairModel{CPU: milliText(class.CPURequestMilli), Memory: bytesText(class.MemoryRequestBytes)},
			Limits:   &pairModel{CPU: milliText(class.CPULimitMilli), Memory: bytesText(class.MemoryLimitBytes)},
		}},
		ConfigSpec: fwtypes.OptionalText(class.ConfigJSON),
		Status:     &classStatusModel{Conditions: []conditionModel{ready(class.Unusable)}},
	}
	if class.FromVCenter {
		model.Source = types.StringValue(sourceVCenter)
	}
	return model, nil
}

func newInstanceStorage(ctx context.Context, storage *inventory.InstanceStorage, policies policyNames) (*instanceStorageModel, error) {
	if storage == nil {
		return nil, nil //nolint:nilnil // a class without instance storage
	}
	model := &instanceStorageModel{StorageClass: types.StringValue(storage.PolicyID)}
	switch policy, err := policies.StoragePolicyByID(ctx, storage.PolicyID); {
	case err == nil:
		model.StorageClass = types.StringValue(policy.ClassName)
	case !errors.Is(err, vsphere.ErrNotFound): // of a policy that is gone there is the id
		return nil, err
	}
	for _, size := range storage.VolumeBytes {
		model.Volumes = append(model.Volumes, volumeModel{Size: bytesText(&size)})
	}
	return model, nil
}

// ready is the condition that a machine can be made of a class.
func ready(unusable error) conditionModel {
	if unusable == nil {
		return conditionModel{Type: types.StringValue("Ready"), Status: types.StringValue("True")}
	}
	return conditionModel{
		Type: types.StringValue("Ready"), Status: types.StringValue("False"),
		Reason: types.StringValue("NotSupported"), Message: types.StringValue(backend.Sentence(unusable.Error())),
	}
}

func bytesText(size *int64) types.String {
	if size == nil {
		return types.StringNull()
	}
	return types.StringValue(resource.NewQuantity(*size, resource.BinarySI).String())
}

func milliText(milli *int64) types.String {
	if milli == nil {
		return types.StringNull()
	}
	return types.StringValue(resource.NewMilliQuantity(*milli, resource.DecimalSI).String())
}
