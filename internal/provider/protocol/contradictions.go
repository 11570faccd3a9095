package protocol

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Contradictions are the places where a later value differs from what an earlier one said.
// Unknown says nothing.
func Contradictions(earlier, later tftypes.Value) []string {
	var out []string
	Compare(tftypes.NewAttributePath(), earlier, later, func(at *tftypes.AttributePath, was, is tftypes.Value) {
		out = append(out, fmt.Sprintf("%s: %s became %s", Dotted(at), was, is))
	})
	return out
}

// Compare tells of each such place, the outermost if a whole value became another.
func Compare(at *tftypes.AttributePath, earlier, later tftypes.Value, differs func(at *tftypes.AttributePath, was, is tftypes.Value)) {
	if !earlier.IsKnown() || earlier.Equal(later) {
		return
	}
	if earlier.IsNull() || later.IsNull() || !later.IsKnown() {
		differs(at, earlier, later)
		return
	}
	switch earlier.Type().(type) {
	case tftypes.Object, tftypes.Map:
		was, is := AttributesOf(earlier), AttributesOf(later)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if _, ok := is[name]; ok {
				Compare(at.WithAttributeName(name), was[name], is[name], differs)
			} else {
				differs(at.WithAttributeName(name), was[name], tftypes.Value{})
			}
		}
	case tftypes.List, tftypes.Tuple:
		was, is := ElementsOf(earlier), ElementsOf(later)
		if len(was) != len(is) {
			differs(at, earlier, later)
			return
		}
		for i := range was {
			Compare(at.WithElementKeyInt(i), was[i], is[i], differs)
		}
	default:
		differs(at, earlier, later)
	}
}
