package protocol

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// proposed is the configuration, with what is computed and not written taken from the prior
// state: what the core of the CLI proposes to a provider.
func proposed(block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	if !config.IsKnown() || config.IsNull() {
		return config
	}
	before, written := AttributesOf(prior), AttributesOf(config)
	out := map[string]tftypes.Value{}
	for _, attribute := range block.Attributes {
		value := written[attribute.Name]
		switch {
		case attribute.WriteOnly:
			value = tftypes.NewValue(attribute.ValueType(), nil)
		case value.IsNull() && attribute.Computed && before != nil:
			value = before[attribute.Name]
		}
		out[attribute.Name] = value
	}
	for _, nested := range block.BlockTypes {
		out[nested.TypeName] = proposedBlock(nested, before[nested.TypeName], written[nested.TypeName])
	}
	return tftypes.NewValue(config.Type(), out)
}

func proposedBlock(nested *tfprotov6.SchemaNestedBlock, prior, config tftypes.Value) tftypes.Value {
	if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeList {
		return proposed(nested.Block, prior, config)
	}
	if !config.IsKnown() || config.IsNull() {
		return config
	}
	before, written := ElementsOf(prior), slices.Clone(ElementsOf(config)) // the configuration stays what was written
	for i := range written {
		was := tftypes.NewValue(written[i].Type(), nil)
		if i < len(before) {
			was = before[i]
		}
		written[i] = proposed(nested.Block, was, written[i])
	}
	return tftypes.NewValue(config.Type(), written)
}
