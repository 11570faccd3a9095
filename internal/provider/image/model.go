package image

import (
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// imageModel is what is shown of an image.
type imageModel struct {
	Kind      types.String `tfsdk:"kind"`
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`
	Labels    types.Map    `tfsdk:"labels"`
	Spec      types.Object `tfsdk:"spec"`
	Status    types.Object `tfsdk:"status"`
}

// values are the members of a framework object.
type values = map[string]attr.Value

// shape is the types of an object's attributes. Values are made of it directly: the framework's
// reflection takes a millisecond for an image, and there are catalogues of thousands.
type shape map[string]attr.Type

// imageShape is that of an image in a list.
var imageShape = sync.OnceValue(func() shape {
	types := shape{"kind": types.StringType, "name": types.StringType, "namespace": types.StringType}
	for name, attribute := range imageAttributes() {
		types[name] = attribute.GetType()
	}
	return types
})

// in returns the shape of an attribute that is an object, or of the elements of one that is a
// list of objects.
func (s shape) in(name string) shape {
	switch t := s[name].(type) {
	case types.ObjectType:
		return t.AttrTypes
	case types.ListType:
		if element, ok := t.ElemType.(types.ObjectType); ok {
			return element.AttrTypes
		}
	}
	return nil
}

// object returns an object of the shape. An attribute too few or of another type is a mistake
// of this package, and ends in a panic.
func (s shape) object(members values) types.Object { return types.ObjectValueMust(s, members) }

// null returns the object of the shape that is not there.
func (s shape) null() types.Object { return types.ObjectNull(s) }

// list returns a list of objects of the shape, one for each source.
func list[T any](s shape, sources []T, members func(*T) values) types.List {
	objects := make([]attr.Value, len(sources))
	for i := range sources {
		objects[i] = s.object(members(&sources[i]))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: s}, objects)
}

// newImageModel shows an image to the namespace that it was looked for from.
func newImageModel(namespace string, img *image.Image) imageModel {
	labels := make(values, len(img.Labels))
	for key, value := range img.Labels {
		labels[key] = types.StringValue(value)
	}
	spec := imageShape().in("spec")
	return imageModel{
		Kind: types.StringValue(string(img.Kind)), Name: types.StringValue(img.ID.String()), Namespace: types.StringValue(namespace),
		Labels: types.MapValueMust(types.StringType, labels),
		Spec: spec.object(values{"provider_ref": spec.in("provider_ref").object(values{
			"api_version": types.StringValue(img.ProviderRef.APIVersion),
			"kind":        types.StringValue(img.ProviderRef.Kind),
			"name":        types.StringValue(img.ProviderRef.Name),
		})}),
		Status: newStatus(imageShape().in("status"), &img.Status),
	}
}

// newImageList shows images as newImageModel does each of them.
func newImageList(namespace string, images []image.Image) types.List {
	return list(imageShape(), images, func(img *image.Image) values {
		model := newImageModel(namespace, img)
		return values{
			"kind": model.Kind, "name": model.Name, "namespace": model.Namespace,
			"labels": model.Labels, "spec": model.Spec, "status": model.Status,
		}
	})
}

func newStatus(s shape, status *image.Status) types.Object {
	members := values{
		"name":                     types.StringValue(status.Name),
		"type":                     types.StringValue(string(status.Type)),
		"firmware":                 fwtypes.OptionalText(string(status.Firmware)),
		"hardware_version":         optionalNumber(status.HardwareVersion),
		"capabilities":             texts(status.Capabilities),
		"os_info":                  s.in("os_info").null(),
		"product_info":             s.in("product_info").null(),
		"provider_item_id":         types.StringValue(status.ProviderItemID),
		"provider_content_version": fwtypes.OptionalText(status.ProviderContentVersion),
	}
	if os := status.OSInfo; os != nil {
		members["os_info"] = s.in("os_info").object(values{
			"id": fwtypes.OptionalText(os.ID), "type": fwtypes.OptionalText(os.Type), "version": fwtypes.OptionalText(os.Version),
		})
	}
	if product := status.ProductInfo; product != nil {
		members["product_info"] = s.in("product_info").object(values{
			"product": fwtypes.OptionalText(product.Product), "vendor": fwtypes.OptionalText(product.Vendor),
			"version": fwtypes.OptionalText(product.Version), "full_version": fwtypes.OptionalText(product.FullVersion),
		})
	}
	maps.Copy(members, newStatusLists(s, status))
	return s.object(members)
}

func newStatusLists(s shape, status *image.Status) values {
	return values{
		"disks": list(s.in("disks"), status.Disks, func(disk *image.Disk) values {
			return values{
				"name": types.StringValue(disk.Name), "capacity": types.StringValue(disk.Capacity), "size": types.StringPointerValue(disk.Size),
				"capacity_bytes": types.Int64Value(disk.CapacityBytes), "size_bytes": types.Int64PointerValue(disk.SizeBytes),
				"controller_type":       fwtypes.OptionalText(disk.ControllerType),
				"controller_bus_number": optionalNumber(disk.ControllerBusNumber), "unit_number": optionalNumber(disk.UnitNumber),
			}
		}),
		"ovf_properties": list(s.in("ovf_properties"), status.OVFProperties, func(property *image.Property) values {
			return values{
				"key": types.StringValue(property.Key), "type": types.StringValue(property.Type), "default": types.StringPointerValue(property.Default),
				"label": fwtypes.OptionalText(property.Label), "description": fwtypes.OptionalText(property.Description),
			}
		}),
		"vmware_system_properties": list(s.in("vmware_system_properties"), status.VMwareSystemProperties, func(property *image.KeyValue) values {
			return values{"key": types.StringValue(property.Key), "value": types.StringValue(property.Value)}
		}),
		"conditions": list(s.in("conditions"), status.Conditions, func(condition *image.Condition) values {
			return values{
				"type": types.StringValue(condition.Type), "status": types.StringValue(condition.Status),
				"reason": fwtypes.OptionalText(condition.Reason), "message": fwtypes.OptionalText(condition.Message),
			}
		}),
	}
}

// texts is a list, an empty one of nothing: contains and for take no null.
func texts(list []string) types.List {
	elements := make([]attr.Value, len(list))
	for i, text := range list {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

func optionalNumber(value *int32) types.Int64 {
	if value == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*value))
}
