package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func object(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: attributes}
}

func objects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// imageAttributes are what is shown of an image, apart from what it is found by: kind, name
// and namespace.
func imageAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"labels": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Labels: type, operating system and capabilities of the image.",
		},
		"spec": object("Where the image comes from.", map[string]schema.Attribute{
			"provider_ref": object("The content library item, as the Image Registry names it.", map[string]schema.Attribute{
				"api_version": text("API version of the referenced object."),
				"kind":        text("`ContentLibraryItem` or `ClusterContentLibraryItem`."),
				"name":        text("Name of the referenced object."),
			}),
		}),
		"status": object("What is known about the image.", map[string]schema.Attribute{
			"name":             text("Display name."),
			"type":             text("`OVF`, `ISO` or `VM`."),
			"firmware":         text("`BIOS` or `EFI`."),
			"hardware_version": number("Virtual hardware version, such as `19`."),
			"capabilities": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Capabilities that the image claims, such as `cloud-init`.",
			},
			"os_info": object("Operating system.", map[string]schema.Attribute{
				"id":      text("vSphere guest id, such as `ubuntu64Guest`."),
				"type":    text("Family: `Linux`, `Windows`, `Darwin`, `BSD`, `Solaris` or `Other`."),
				"version": text("Version of the operating system."),
			}),
			"product_info": object("Product.", map[string]schema.Attribute{
				"product":      text("Product name."),
				"vendor":       text("Vendor."),
				"version":      text("Short version."),
				"full_version": text("Long version."),
			}),
			"disks": objects("Virtual disks.", map[string]schema.Attribute{
				"name":                  text("Name of the disk."),
				"capacity":              text("Virtual size as a quantity, such as `20Gi`."),
				"size":                  text("Populated size as a quantity, null where the image does not say."),
				"capacity_bytes":        number("Virtual size in bytes."),
				"size_bytes":            number("Populated size in bytes, null where the image does not say."),
				"controller_type":       text("`IDE`, `SCSI`, `SATA` or `NVME`."),
				"controller_bus_number": number("Bus number of the controller."),
				"unit_number":           number("Unit number on the controller."),
			}),
			"ovf_properties": objects("OVF properties that a user may set.", map[string]schema.Attribute{
				"key":         text("Key of the property."),
				"type":        text("vApp type of the property, such as `string(1..8)`."),
				"default":     text("Default value, null for none."),
				"label":       text("Label for people."),
				"description": text("Description for people."),
			}),
			"vmware_system_properties": objects("OVF properties that vSphere uses itself.", map[string]schema.Attribute{
				"key":   text("Key of the property."),
				"value": text("Value of the property."),
			}),
			"provider_item_id":         text("Id of the content library item."),
			"provider_content_version": text("Content version that the status was read from."),
			"conditions": objects("Conditions of the image.", map[string]schema.Attribute{
				"type":    text("What the condition is about."),
				"status":  text("`True` or `False`."),
				"reason":  text("Reason in one word."),
				"message": text("Explanation."),
			}),
		}),
	}
}

// imageModel is what is shown of an image.
type imageModel struct {
	Kind      types.String `tfsdk:"kind"`
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`
	Labels    types.Map    `tfsdk:"labels"`
	Spec      types.Object `tfsdk:"spec"`
	Status    types.Object `tfsdk:"status"`
}

type specModel struct {
	ProviderRef *providerRefModel `tfsdk:"provider_ref"`
}

type providerRefModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Kind       types.String `tfsdk:"kind"`
	Name       types.String `tfsdk:"name"`
}

type statusModel struct {
	Name                   types.String     `tfsdk:"name"`
	Type                   types.String     `tfsdk:"type"`
	Firmware               types.String     `tfsdk:"firmware"`
	HardwareVersion        types.Int64      `tfsdk:"hardware_version"`
	Capabilities           types.List       `tfsdk:"capabilities"`
	OSInfo                 *osModel         `tfsdk:"os_info"`
	ProductInfo            *productModel    `tfsdk:"product_info"`
	Disks                  []diskModel      `tfsdk:"disks"`
	OVFProperties          []propertyModel  `tfsdk:"ovf_properties"`
	VMwareSystemProperties []keyValueModel  `tfsdk:"vmware_system_properties"`
	ProviderItemID         types.String     `tfsdk:"provider_item_id"`
	ProviderContentVersion types.String     `tfsdk:"provider_content_version"`
	Conditions             []conditionModel `tfsdk:"conditions"`
}

type osModel struct {
	ID      types.String `tfsdk:"id"`
	Type    types.String `tfsdk:"type"`
	Version types.String `tfsdk:"version"`
}

type productModel struct {
	Product     types.String `tfsdk:"product"`
	Vendor      types.String `tfsdk:"vendor"`
	Version     types.String `tfsdk:"version"`
	FullVersion types.String `tfsdk:"full_version"`
}

type diskModel struct {
	Name                types.String `tfsdk:"name"`
	Capacity            types.String `tfsdk:"capacity"`
	Size                types.String `tfsdk:"size"`
	CapacityBytes       types.Int64  `tfsdk:"capacity_bytes"`
	SizeBytes           types.Int64  `tfsdk:"size_bytes"`
	ControllerType      types.String `tfsdk:"controller_type"`
	ControllerBusNumber types.Int64  `tfsdk:"controller_bus_number"`
	UnitNumber          types.Int64  `tfsdk:"unit_number"`
}

type propertyModel struct {
	Key         types.String `tfsdk:"key"`
	Type        types.String `tfsdk:"type"`
	Default     types.String `tfsdk:"default"`
	Label       types.String `tfsdk:"label"`
	Description types.String `tfsdk:"description"`
}

type keyValueModel struct {
	Key   types.String `tfsdk:"key"`
	Value types.String `tfsdk:"value"`
}

type conditionModel struct {
	Type    types.String `tfsdk:"type"`
	Status  types.String `tfsdk:"status"`
	Reason  types.String `tfsdk:"reason"`
	Message types.String `tfsdk:"message"`
}

// newImageModel shows an image to the namespace that it was looked for from.
func newImageModel(ctx context.Context, namespace string, img *image.Image) (imageModel, diag.Diagnostics) {
	attributes := imageAttributes()
	labels, diags := types.MapValueFrom(ctx, types.StringType, img.Labels)
	spec, more := types.ObjectValueFrom(ctx, attributeTypes(attributes["spec"]), specModel{ProviderRef: &providerRefModel{
		APIVersion: types.StringValue(img.ProviderRef.APIVersion),
		Kind:       types.StringValue(img.ProviderRef.Kind),
		Name:       types.StringValue(img.ProviderRef.Name),
	}})
	diags.Append(more...)
	status, more := types.ObjectValueFrom(ctx, attributeTypes(attributes["status"]), newStatusModel(&img.Status))
	diags.Append(more...)
	return imageModel{
		Kind: types.StringValue(string(img.Kind)), Name: types.StringValue(img.ID.String()), Namespace: types.StringValue(namespace),
		Labels: labels, Spec: spec, Status: status,
	}, diags
}

func attributeTypes(attribute schema.Attribute) map[string]attr.Type {
	if object, ok := attribute.GetType().(types.ObjectType); ok {
		return object.AttrTypes
	}
	return nil
}

func newStatusModel(status *image.Status) statusModel {
	model := statusModel{
		Name:                   types.StringValue(status.Name),
		Type:                   types.StringValue(string(status.Type)),
		Firmware:               fwtypes.OptionalText(string(status.Firmware)),
		HardwareVersion:        optionalNumber(status.HardwareVersion),
		Capabilities:           fwtypes.TextList(status.Capabilities),
		Disks:                  make([]diskModel, len(status.Disks)),
		OVFProperties:          make([]propertyModel, len(status.OVFProperties)),
		VMwareSystemProperties: make([]keyValueModel, len(status.VMwareSystemProperties)),
		ProviderItemID:         types.StringValue(status.ProviderItemID),
		ProviderContentVersion: fwtypes.OptionalText(status.ProviderContentVersion),
		Conditions:             make([]conditionModel, len(status.Conditions)),
	}
	if os := status.OSInfo; os != nil {
		model.OSInfo = &osModel{ID: fwtypes.OptionalText(os.ID), Type: fwtypes.OptionalText(os.Type), Version: fwtypes.OptionalText(os.Version)}
	}
	if product := status.ProductInfo; product != nil {
		model.ProductInfo = &productModel{
			Product: fwtypes.OptionalText(product.Product), Vendor: fwtypes.OptionalText(product.Vendor),
			Version: fwtypes.OptionalText(product.Version), FullVersion: fwtypes.OptionalText(product.FullVersion),
		}
	}
	for i, disk := range status.Disks {
		model.Disks[i] = diskModel{
			Name: types.StringValue(disk.Name), Capacity: types.StringValue(disk.Capacity), Size: types.StringPointerValue(disk.Size),
			CapacityBytes: types.Int64Value(disk.CapacityBytes), SizeBytes: types.Int64PointerValue(disk.SizeBytes),
			ControllerType:      fwtypes.OptionalText(disk.ControllerType),
			ControllerBusNumber: optionalNumber(disk.ControllerBusNumber), UnitNumber: optionalNumber(disk.UnitNumber),
		}
	}
	for i, property := range status.OVFProperties {
		model.OVFProperties[i] = propertyModel{
			Key: types.StringValue(property.Key), Type: types.StringValue(property.Type), Default: types.StringPointerValue(property.Default),
			Label: fwtypes.OptionalText(property.Label), Description: fwtypes.OptionalText(property.Description),
		}
	}
	for i, property := range status.VMwareSystemProperties {
		model.VMwareSystemProperties[i] = keyValueModel{Key: types.StringValue(property.Key), Value: types.StringValue(property.Value)}
	}
	for i, condition := range status.Conditions {
		model.Conditions[i] = conditionModel{
			Type: types.StringValue(condition.Type), Status: types.StringValue(condition.Status),
			Reason: fwtypes.OptionalText(condition.Reason), Message: fwtypes.OptionalText(condition.Message),
		}
	}
	return model
}

func optionalNumber(value *int32) types.Int64 {
	if value == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*value))
}
