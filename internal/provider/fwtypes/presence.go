package fwtypes

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Presence tells whether a single block is there.
//
// A dynamic block over something that is not known yet, which a variable is during validation, is
// sent by Terraform and by OpenTofu as one block: what its content writes is unknown, also where
// that is a literal, and the rest is null. Terraform itself takes such a block for one that may be
// left out of the next plan (couldBeUnknownBlockPlaceholderElement in its objchange package).
type Presence uint8

// What can be said of a block.
const (
	Absent   Presence = iota
	Possible          // what it holds is unknown: it is there, or a dynamic block that may have no element
	Bare              // it holds nothing: it is written so, or a dynamic block with empty content
	Present           // it holds something that is known
)

// PresenceOf tells what can be said of a single block.
func PresenceOf(object types.Object) Presence {
	switch {
	case object.IsNull():
		return Absent
	case object.IsUnknown():
		return Possible
	}
	presence := Bare
	for _, value := range object.Attributes() {
		switch presenceOf(value) {
		case Present:
			return Present
		case Possible:
			presence = Possible
		case Absent, Bare:
		}
	}
	return presence
}

func presenceOf(value attr.Value) Presence {
	switch v := value.(type) {
	case types.Object:
		return PresenceOf(v)
	case types.List:
		// Without repeated blocks of a kind there is an empty list of them.
		if !v.IsUnknown() && len(v.Elements()) == 0 {
			return Absent
		}
	case types.Dynamic:
		if v.IsUnderlyingValueUnknown() {
			return Possible
		}
	}
	switch {
	case value.IsNull():
		return Absent
	case value.IsUnknown():
		return Possible
	default:
		return Present
	}
}

// PossibleBlock decodes a single block into a model, as Block does, and is unknown also where the
// block may not be there.
func PossibleBlock[T any](ctx context.Context, object types.Object) (known.Value[T], diag.Diagnostics) {
	if PresenceOf(object) == Possible {
		return known.Unknown[T](), nil
	}
	return Block[T](ctx, object)
}
