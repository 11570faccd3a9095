package virtualmachine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type secretModel struct {
	Value types.String `tfsdk:"value"`
	From  types.Object `tfsdk:"from"`
}

type fromModel struct {
	Name types.String `tfsdk:"name"`
	Key  types.String `tfsdk:"key"`
}

// secretReader reads the values that VM Operator takes from Secrets, and says at their line
// what is wrong with a reference. Nothing that it says contains a secret.
type secretReader struct {
	// secrets is bootstrap.secrets_wo, as configured.
	secrets types.Map
	diags   diag.Diagnostics
	// used tells that a secret was read.
	used bool
}

// value reads a block that has exactly one of value and from.
func (r *secretReader) value(ctx context.Context, object types.Object, at path.Path) known.Value[string] {
	block, diags := fwtypes.Block[secretModel](ctx, object)
	r.diags.Append(diags...)
	if block.IsUnknown() {
		return known.Unknown[string]()
	}
	written, ok := block.Get()
	if !ok {
		return known.Value[string]{}
	}
	r.used = true
	switch {
	case written.From.IsNull() && written.Value.IsNull():
		r.diags.AddAttributeError(at, "Missing value", "The block has neither value nor from. Set value, or from { name, key } to take the value from bootstrap.secrets_wo.")
		return known.Value[string]{}
	case !written.From.IsNull() && !written.From.IsUnknown() && !written.Value.IsNull() && !written.Value.IsUnknown():
		r.diags.AddAttributeError(at, "Two values", "The block has both value and from. Keep one of them.")
		return known.Value[string]{}
	case !written.From.IsNull():
		return r.reference(ctx, written.From, at.AtName("from"))
	}
	if written.Value.ValueString() == "" && !written.Value.IsUnknown() {
		r.diags.AddAttributeError(at.AtName("value"), "Empty value", "The value is empty, and a text of at least one character is needed. Remove the block to do without.")
	}
	return fwtypes.String(written.Value)
}

// reference reads a from block.
func (r *secretReader) reference(ctx context.Context, object types.Object, at path.Path) known.Value[string] {
	block, diags := fwtypes.Block[fromModel](ctx, object)
	r.diags.Append(diags...)
	if block.IsUnknown() {
		return known.Unknown[string]()
	}
	from, ok := block.Get()
	if !ok {
		return known.Value[string]{}
	}
	r.used = true
	for _, needed := range []struct {
		attribute string
		value     types.String
	}{{"name", from.Name}, {"key", from.Key}} {
		if needed.value.IsNull() {
			r.diags.AddAttributeError(at.AtName(needed.attribute), "Missing reference",
				fmt.Sprintf("The block has no %s. It needs the name of a secret in bootstrap.secrets_wo and a key in it.", needed.attribute))
			return known.Value[string]{}
		}
	}
	if from.Name.IsUnknown() || from.Key.IsUnknown() || r.secrets.IsUnknown() {
		return known.Unknown[string]()
	}
	element, ok := r.secrets.Elements()[from.Name.ValueString()]
	if !ok {
		r.diags.AddAttributeError(at.AtName("name"), "No such secret",
			fmt.Sprintf("bootstrap.secrets_wo has no secret named %q, only %s. Add it there, or correct the name.", from.Name.ValueString(), quoted(r.secrets.Elements())))
		return known.Value[string]{}
	}
	secret, isMap := element.(types.Map)
	if !isMap || secret.IsUnknown() {
		return known.Unknown[string]()
	}
	found, ok := secret.Elements()[from.Key.ValueString()]
	if !ok {
		r.diags.AddAttributeError(at.AtName("key"), "No such key",
			fmt.Sprintf("The secret %q in bootstrap.secrets_wo has no key %q, only %s. Add it there, or correct the key.",
				from.Name.ValueString(), from.Key.ValueString(), quoted(secret.Elements())))
		return known.Value[string]{}
	}
	text, isText := found.(types.String)
	if !isText || text.IsUnknown() {
		return known.Unknown[string]()
	}
	if text.ValueString() == "" {
		r.diags.AddAttributeError(at.AtName("key"), "Empty secret",
			fmt.Sprintf("The key %q of the secret %q in bootstrap.secrets_wo is empty, and a text of at least one character is needed.", from.Key.ValueString(), from.Name.ValueString()))
	}
	return fwtypes.String(text)
}

// quoted lists the keys of a map.
func quoted(elements map[string]attr.Value) string {
	if len(elements) == 0 {
		return "none"
	}
	names := make([]string, 0, len(elements))
	for name := range elements {
		names = append(names, fmt.Sprintf("%q", name))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
