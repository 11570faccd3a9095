package fwtypes_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// deep is a schema with every kind of nesting, and one type that it names itself.
func deep() schema.Schema {
	text := func() map[string]schema.Attribute {
		return map[string]schema.Attribute{"text": schema.StringAttribute{Optional: true}, "mac": schema.StringAttribute{Optional: true, CustomType: fwtypes.MACType{}}}
	}
	single := schema.SingleNestedAttribute{Computed: true, Attributes: map[string]schema.Attribute{
		"list": schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: text()}},
	}}
	return schema.Schema{
		Attributes: map[string]schema.Attribute{"single": single, "any": schema.DynamicAttribute{Optional: true}},
		Blocks: map[string]schema.Block{
			"block": schema.SingleNestedBlock{Attributes: text(), Blocks: map[string]schema.Block{
				"many": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{"single": single},
					Blocks:     map[string]schema.Block{"inner": schema.SingleNestedBlock{Attributes: text()}},
				}},
			}},
		},
	}
}

func TestASchemaWhoseTypesAreFixedIsTheSame(t *testing.T) {
	t.Parallel()
	resp := resource.SchemaResponse{Schema: deep()}
	fwtypes.Fix(t.Context(), &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	if want, got := deep().Type(), resp.Schema.Type(); !got.Equal(want) {
		t.Errorf("the type is %s, want %s", got, want)
	}
	if want, got := deep().Type().TerraformType(t.Context()), resp.Schema.Type().TerraformType(t.Context()); !got.Equal(want) {
		t.Errorf("on the wire the type is %s, want %s", got, want)
	}
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
}

// What costs is to work a type out, which allocates a map for each object beneath it.
func TestAFixedTypeIsNotWorkedOutAgain(t *testing.T) {
	resp := resource.SchemaResponse{Schema: deep()}
	fwtypes.Fix(t.Context(), &resp)
	block := resp.Schema.Blocks["block"].(schema.SingleNestedBlock)
	many := block.Blocks["many"].(schema.ListNestedBlock)
	single := many.NestedObject.Attributes["single"].(schema.SingleNestedAttribute)
	list := single.Attributes["list"].(schema.ListNestedAttribute)
	for name, kind := range map[string]func() attr.Type{
		"single nested block": block.Type, "list nested block": many.Type,
		"nested block object": func() attr.Type { return many.NestedObject.Type() },
		"inner block":         many.NestedObject.Blocks["inner"].Type, "single nested attribute": single.GetType,
		"list nested attribute": list.GetType, "nested attribute object": func() attr.Type { return list.NestedObject.Type() },
	} {
		var is attr.Type
		if n := testing.AllocsPerRun(10, func() { is = kind() }); n > 1 { // the value in its interface
			t.Errorf("the type of a %s, %s, is worked out with %v allocations", name, is, n)
		}
	}
}

func TestASchemaThatTheFrameworkRefusesIsRefusedAsBefore(t *testing.T) {
	t.Parallel()
	resp := resource.SchemaResponse{Schema: schema.Schema{Attributes: map[string]schema.Attribute{
		"list": schema.ListNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{"any": schema.DynamicAttribute{Optional: true}},
		}},
	}}}
	fwtypes.Fix(context.Background(), &resp)
	if !resp.Diagnostics.HasError() {
		t.Error("a list of what may be anything is accepted")
	}
}

// A type that a schema names has its reason.
func TestATypeThatASchemaNamesStays(t *testing.T) {
	t.Parallel()
	named := types.ListType{ElemType: types.ObjectType{AttrTypes: map[string]attr.Type{"other": types.StringType}}}
	resp := resource.SchemaResponse{Schema: schema.Schema{Attributes: map[string]schema.Attribute{
		"list": schema.ListNestedAttribute{Optional: true, CustomType: named, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{"text": schema.StringAttribute{Optional: true}},
		}},
	}}}
	fwtypes.Fix(t.Context(), &resp)
	if got := resp.Schema.Attributes["list"].GetType(); !got.Equal(named) {
		t.Errorf("the type is %s", got)
	}
}
