package virtualmachine

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// quantity is the whole number that a quantity stands for. of is what it is the quantity of, for a CLI
// that does not find the place.
func (d *hardwareDecoder) quantity(at path.Path, of string, value fwtypes.Quantity) known.Value[int64] {
	return known.FlatMap(fwtypes.String(value), func(text string) known.Value[int64] {
		number, err := fwtypes.WholeQuantity(text)
		if err != nil {
			d.diags.AddAttributeError(at, "Not a whole quantity",
				fmt.Sprintf("%s: a whole number, or a quantity that stands for one such as 4Gi, is needed, and %q was given: %s", of, text, backend.Sentence(err.Error())))
			return known.Unknown[int64]()
		}
		return known.Of(number)
	})
}

// milliseconds is the length of a duration.
func (d *hardwareDecoder) milliseconds(at path.Path, value fwtypes.Duration) known.Value[int64] {
	return known.FlatMap(fwtypes.String(value), func(text string) known.Value[int64] {
		span, err := time.ParseDuration(text)
		var problem string
		switch {
		case err != nil:
			problem = "It is no duration: write numbers with units, such as 500ms, 10s or 1m30s."
		case span < 0:
			problem = "It is negative."
		case span%time.Millisecond != 0:
			problem = "vSphere counts whole milliseconds."
		default:
			return known.Of(span.Milliseconds())
		}
		d.diags.AddAttributeError(at, "Not a duration", fmt.Sprintf("%s: a duration of whole milliseconds, such as 10s, is needed, and %q was given. %s", at, text, problem))
		return known.Unknown[int64]()
	})
}
