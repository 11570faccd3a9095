package virtualmachine

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// The functions below put a value that was observed into an attribute of a state, where the
// attribute says something else. An attribute that says nothing is left alone unless it is open
// for good reason: open tells that what was observed has to be said all the same.

func setText(to *types.String, seen known.Value[string], open bool) {
	if value, ok := seen.Get(); ok && (open || !to.IsNull()) {
		*to = types.StringValue(value)
	}
}

func setBool(to *types.Bool, seen known.Value[bool], open bool) {
	if value, ok := seen.Get(); ok && (open || !to.IsNull()) {
		*to = types.BoolValue(value)
	}
}

func setInt64(to *types.Int64, seen known.Value[int64], open bool) {
	if value, ok := seen.Get(); ok && (open || !to.IsNull()) {
		*to = types.Int64Value(value)
	}
}

// setQuantity keeps a spelling of the same amount.
func setQuantity(to *fwtypes.Quantity, seen known.Value[int64], spell func(int64) fwtypes.Quantity, open bool) {
	value, ok := seen.Get()
	if !ok || to.IsNull() && !open {
		return
	}
	if was, err := fwtypes.WholeQuantity(to.ValueString()); err != nil || was != value {
		*to = spell(value)
	}
}

// setDuration keeps a spelling of the same span.
func setDuration(to *fwtypes.Duration, seen known.Value[int64]) {
	value, ok := seen.Get()
	if !ok || to.IsNull() {
		return
	}
	span := time.Duration(value) * time.Millisecond
	if was, err := time.ParseDuration(to.ValueString()); err != nil || was != span {
		*to = fwtypes.DurationOf(span)
	}
}

// imageTypes are those of an image that is named by kind and name.
var imageTypes = map[string]attr.Type{"kind": types.StringType, "name": types.StringType}

// image says what is in a drive. An id keeps its spelling, and a kind that is the default is left
// open where it was.
func (s *hardwareSetter) image(c *cdromModel, seen *cdromSpec) {
	if seen.ImageName.IsUnknown() {
		if c.Image.IsNull() {
			c.Image = types.ObjectNull(imageTypes)
		}
		return
	}
	name, holds := seen.ImageName.Get()
	if !holds {
		c.Image = types.ObjectNull(imageTypes)
		return
	}
	written, diags := fwtypes.Block[imageModel](s.ctx, c.Image)
	s.diags.Append(diags...)
	of := written.Or(imageModel{})
	if !sameImage(of.Name.ValueString(), name) {
		of.Name = types.StringValue(name)
	}
	setText(&of.Kind, seen.ImageKind, seen.ImageKind.Or("") != string(image.VirtualMachineImage))
	object, diags := types.ObjectValueFrom(s.ctx, imageTypes, of)
	s.diags.Append(diags...)
	c.Image = object
}

// sameImage tells whether two VMI IDs are of one image.
func sameImage(a, b string) bool {
	if a == b {
		return true
	}
	first, err := image.ParseID(a)
	if err != nil {
		return false
	}
	second, err := image.ParseID(b)
	return err == nil && first == second
}
