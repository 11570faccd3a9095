package virtualmachine

import "github.com/hashicorp/terraform-plugin-go/tftypes"

// writtenBlock is a configuration of a block: attributes and blocks by name, what is left out is
// null, and a repeated block a list.
type writtenBlock map[string]any

// unknownYet stands for what is not known yet.
type unknownYet struct{}

func blockOf(shape tftypes.Type, written any) tftypes.Value {
	switch w := written.(type) {
	case unknownYet:
		return tftypes.NewValue(shape, tftypes.UnknownValue)
	case writtenBlock:
		values := map[string]tftypes.Value{}
		for name, kind := range shape.(tftypes.Object).AttributeTypes {
			values[name] = blockOf(kind, w[name])
		}
		return tftypes.NewValue(shape, values)
	case []writtenBlock:
		elements := make([]tftypes.Value, len(w))
		for i := range w {
			elements[i] = blockOf(shape.(tftypes.List).ElementType, w[i])
		}
		return tftypes.NewValue(shape, elements)
	case []string:
		elements := make([]tftypes.Value, len(w))
		for i := range w {
			elements[i] = tftypes.NewValue(tftypes.String, w[i])
		}
		return tftypes.NewValue(shape, elements)
	case tftypes.Value:
		return w // of what may be of any type
	case nil:
		if isRepeatedBlock(shape) {
			return tftypes.NewValue(shape, []tftypes.Value{})
		}
	}
	return tftypes.NewValue(shape, written)
}
