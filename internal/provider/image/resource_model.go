package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// resourceModel is an image as it is configured and kept in state.
type resourceModel struct {
	ID             types.String   `tfsdk:"id"`
	ContentLibrary types.String   `tfsdk:"content_library"`
	Name           types.String   `tfsdk:"name"`
	Description    types.String   `tfsdk:"description"`
	Namespace      types.String   `tfsdk:"namespace"`
	Kind           types.String   `tfsdk:"kind"`
	Image          types.Object   `tfsdk:"image"`
	Labels         types.Map      `tfsdk:"labels"`
	Spec           types.Object   `tfsdk:"spec"`
	Status         types.Object   `tfsdk:"status"`
	Source         types.Object   `tfsdk:"source"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// sourceModel is what an image is made of.
type sourceModel struct {
	File           types.String `tfsdk:"file"`
	URL            types.String `tfsdk:"url"`
	Checksum       types.String `tfsdk:"checksum"`
	SSLThumbprint  types.String `tfsdk:"ssl_thumbprint"`
	VirtualMachine types.String `tfsdk:"virtual_machine"`
}

// identityModel is the identity of an image.
type identityModel struct {
	ID types.String `tfsdk:"id"`
}

// pinnedType is the type of image: kind and VMI ID.
var pinnedType = map[string]attr.Type{"kind": types.StringType, "name": types.StringType}

// sourceOf decodes the source block. The second result is false where there is none, or where it
// is not known.
func sourceOf(ctx context.Context, object types.Object) (sourceModel, bool, diag.Diagnostics) {
	var source sourceModel
	if object.IsNull() || object.IsUnknown() {
		return source, false, nil
	}
	diags := object.As(ctx, &source, basetypes.ObjectAsOptions{})
	return source, !diags.HasError(), diags
}

// sourceObject is the source block of a model.
func sourceObject(ctx context.Context, source sourceModel, like types.Object) (types.Object, diag.Diagnostics) {
	return types.ObjectValueFrom(ctx, like.AttributeTypes(ctx), source)
}

// show puts into a model what vCenter has. What a plan has promised stays: values that moved
// meanwhile are the next refresh's to show.
func (m *resourceModel) show(ctx context.Context, uploaded *library.Uploaded, promised *resourceModel) {
	shown := newImageModel(m.Namespace.ValueString(), &uploaded.Image)
	m.ID = types.StringValue(uploaded.ItemID)
	m.Name = types.StringValue(uploaded.Name)
	if uploaded.Description != m.Description.ValueString() || m.Description.IsUnknown() {
		m.Description = types.StringValue(uploaded.Description)
	}
	m.Kind, m.Labels, m.Spec, m.Status = shown.Kind, shown.Labels, shown.Spec, shown.Status
	m.Image = types.ObjectValueMust(pinnedType, map[string]attr.Value{"kind": shown.Kind, "name": shown.Name})
	if uploaded.Image.Kind == "" {
		m.Kind, m.Image, m.Spec = types.StringNull(), types.ObjectNull(pinnedType), types.ObjectNull(shown.Spec.AttributeTypes(ctx))
	}
	if promised == nil {
		return
	}
	m.Name, m.Description = promised.Name, promised.Description
	for _, value := range []struct {
		known bool
		keep  func()
	}{
		{!promised.Kind.IsUnknown(), func() { m.Kind = promised.Kind }},
		{!promised.Image.IsUnknown() && fullyKnown(promised.Image), func() { m.Image = promised.Image }},
		{!promised.Labels.IsUnknown(), func() { m.Labels = promised.Labels }},
		{!promised.Spec.IsUnknown(), func() { m.Spec = promised.Spec }},
		{!promised.Status.IsUnknown(), func() { m.Status = promised.Status }},
	} {
		if value.known {
			value.keep()
		}
	}
}

// forget makes null of what a plan does not know yet.
func (m *resourceModel) forget(ctx context.Context) {
	if m.Kind.IsUnknown() {
		m.Kind = types.StringNull()
	}
	if m.Image.IsUnknown() || !fullyKnown(m.Image) {
		m.Image = types.ObjectNull(pinnedType)
	}
	if m.Labels.IsUnknown() {
		m.Labels = types.MapNull(types.StringType)
	}
	if m.Spec.IsUnknown() {
		m.Spec = types.ObjectNull(m.Spec.AttributeTypes(ctx))
	}
	if m.Status.IsUnknown() {
		m.Status = types.ObjectNull(m.Status.AttributeTypes(ctx))
	}
}

func fullyKnown(object types.Object) bool {
	for _, value := range object.Attributes() {
		if value.IsUnknown() {
			return false
		}
	}
	return true
}
