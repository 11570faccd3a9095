package protocol

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Tree is a configuration as it is written: attributes and blocks by name. What is left out is null, a repeated block is
// a []any. Numbers are whole.
type Tree = map[string]any

// Unknown stands for a value that is not known yet.
type Unknown struct{}

// BlockValue makes the value of a block: a repeated block that is left out is an empty list, as in the CLI. It panics at
// an argument that is not in the schema.
func BlockValue(block *tfprotov6.SchemaBlock, written Tree) tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, attribute := range block.Attributes {
		values[attribute.Name] = attributeValue(attribute.ValueType(), written[attribute.Name])
	}
	for _, nested := range block.BlockTypes {
		values[nested.TypeName] = nestedValue(nested, written[nested.TypeName])
	}
	for name := range written {
		if _, ok := values[name]; !ok {
			panic("there is no argument " + name)
		}
	}
	return tftypes.NewValue(block.ValueType(), values)
}

func nestedValue(nested *tfprotov6.SchemaNestedBlock, written any) tftypes.Value {
	switch w := written.(type) {
	case Unknown:
		return tftypes.NewValue(nested.ValueType(), tftypes.UnknownValue)
	case Tree:
		return BlockValue(nested.Block, w)
	case []any:
		elements := make([]tftypes.Value, len(w))
		for i, element := range w {
			inner, ok := element.(Tree)
			if !ok {
				panic(fmt.Sprintf("an element of %s is a %T", nested.TypeName, element))
			}
			elements[i] = BlockValue(nested.Block, inner)
		}
		return tftypes.NewValue(nested.ValueType(), elements)
	}
	if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
		return tftypes.NewValue(nested.ValueType(), []tftypes.Value{})
	}
	return tftypes.NewValue(nested.ValueType(), nil)
}

func attributeValue(shape tftypes.Type, written any) tftypes.Value {
	switch w := written.(type) {
	case nil:
		return tftypes.NewValue(shape, nil)
	case Unknown:
		return tftypes.NewValue(shape, tftypes.UnknownValue)
	case int:
		return tftypes.NewValue(tftypes.Number, big.NewFloat(float64(w)))
	case []any:
		elements := make([]tftypes.Value, len(w))
		kinds := make([]tftypes.Type, len(w))
		for i, element := range w {
			elements[i] = attributeValue(elementShape(shape), element)
			kinds[i] = elements[i].Type()
		}
		if shape.Is(tftypes.DynamicPseudoType) {
			shape = tftypes.Tuple{ElementTypes: kinds}
		}
		return tftypes.NewValue(shape, elements)
	case Tree:
		values := map[string]tftypes.Value{}
		if object, ok := shape.(tftypes.Object); ok {
			for name, kind := range object.AttributeTypes {
				values[name] = attributeValue(kind, w[name])
			}
		} else {
			for name, element := range w {
				values[name] = attributeValue(elementShape(shape), element)
			}
		}
		return tftypes.NewValue(shape, values)
	case string:
		return tftypes.NewValue(tftypes.String, w)
	default:
		return tftypes.NewValue(tftypes.Bool, w)
	}
}

func elementShape(shape tftypes.Type) tftypes.Type {
	switch s := shape.(type) {
	case tftypes.List:
		return s.ElementType
	case tftypes.Map:
		return s.ElementType
	default:
		return tftypes.DynamicPseudoType
	}
}
