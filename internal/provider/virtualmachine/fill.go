package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fill completes what was planned with what was observed: Terraform holds a provider to
// every value that it planned, and a value that moved meanwhile is the next refresh's to show.
func fill(ctx context.Context, planned, observed attr.Value) attr.Value {
	if planned.IsUnknown() {
		return observed
	}
	if planned.IsNull() || observed.IsNull() || observed.IsUnknown() {
		return planned
	}
	switch p := planned.(type) {
	case types.Object:
		o, ok := observed.(types.Object)
		if !ok {
			return planned
		}
		attributes := make(map[string]attr.Value, len(p.Attributes()))
		for name, value := range p.Attributes() {
			attributes[name] = fill(ctx, value, o.Attributes()[name])
		}
		return types.ObjectValueMust(p.AttributeTypes(ctx), attributes)
	case types.List:
		o, ok := observed.(types.List)
		if !ok || len(o.Elements()) != len(p.Elements()) {
			return planned
		}
		elements := make([]attr.Value, len(p.Elements()))
		for i, value := range p.Elements() {
			elements[i] = fill(ctx, value, o.Elements()[i])
		}
		return types.ListValueMust(p.ElementType(ctx), elements)
	default:
		return planned
	}
}

// withoutUnknown makes null of what is not known: the state of a machine whose creation is
// under way.
func withoutUnknown(value tftypes.Value) (tftypes.Value, error) {
	out, err := tftypes.Transform(value, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		return tftypes.Value{}, fmt.Errorf("make a state of the plan: %w", err)
	}
	return out, nil
}
