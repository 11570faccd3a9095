package fwtypes

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Fix checks the schema of a resource, and works out the types of its nested attributes and blocks once. Otherwise the
// framework works them out of all that is beneath them, for each step of the path to each value, several times in a
// plan: with a schema as large as a machine's that is half of what a plan costs. It takes a type that a schema names.
// Those that are named already stay, and the schema is the same to whoever asks.
//
// The framework checks a schema before it shows it, but trusts a type that is named: hence the check in front.
func Fix(ctx context.Context, resp *resource.SchemaResponse) {
	resp.Diagnostics.Append(resp.Schema.ValidateImplementation(ctx)...)
	resp.Schema.Attributes, resp.Schema.Blocks = fixedAttributes(resp.Schema.Attributes), fixedBlocks(resp.Schema.Blocks)
}

func fixedAttributes(from map[string]schema.Attribute) map[string]schema.Attribute {
	out := make(map[string]schema.Attribute, len(from))
	for name, attribute := range from {
		switch a := attribute.(type) {
		case schema.SingleNestedAttribute:
			a.Attributes = fixedAttributes(a.Attributes)
			if a.CustomType == nil {
				a.CustomType = object(a.GetType())
			}
			attribute = a
		case schema.ListNestedAttribute:
			a.NestedObject = fixedAttributeObject(a.NestedObject)
			if a.CustomType == nil {
				a.CustomType = basetypes.ListType{ElemType: a.NestedObject.Type()}
			}
			attribute = a
		}
		out[name] = attribute
	}
	return out
}

func fixedBlocks(from map[string]schema.Block) map[string]schema.Block {
	out := make(map[string]schema.Block, len(from))
	for name, block := range from {
		switch b := block.(type) {
		case schema.SingleNestedBlock:
			b.Attributes, b.Blocks = fixedAttributes(b.Attributes), fixedBlocks(b.Blocks)
			if b.CustomType == nil {
				b.CustomType = object(b.Type())
			}
			block = b
		case schema.ListNestedBlock:
			b.NestedObject.Attributes, b.NestedObject.Blocks = fixedAttributes(b.NestedObject.Attributes), fixedBlocks(b.NestedObject.Blocks)
			if b.NestedObject.CustomType == nil {
				b.NestedObject.CustomType = object(b.NestedObject.Type())
			}
			if b.CustomType == nil {
				b.CustomType = basetypes.ListType{ElemType: b.NestedObject.Type()}
			}
			block = b
		}
		out[name] = block
	}
	return out
}

func fixedAttributeObject(o schema.NestedAttributeObject) schema.NestedAttributeObject {
	o.Attributes = fixedAttributes(o.Attributes)
	if o.CustomType == nil {
		o.CustomType = object(o.Type())
	}
	return o
}

// object is the type of a nested attribute, block or object that names none, which is always one of its own.
func object(t attr.Type) basetypes.ObjectTypable {
	typable, ok := t.(basetypes.ObjectTypable)
	if !ok {
		panic(fmt.Sprintf("%T is no type of an object", t))
	}
	return typable
}
