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

// The keys that VM Operator looks for where a reference names none.
const (
	keyPassword            = "password"
	keyProductID           = "product_id"
	keyDomainAdminPassword = "domain_admin_password"
	keyUnattend            = "unattend"
)

// reference says how an entry of a secret is read.
type reference struct {
	// key is the key where none is written; empty if one has to be.
	key string
	// mayBeEmpty says that an empty text is a value.
	mayBeEmpty bool
}

// value reads a block that has exactly one of value and from.
func (r *secretReader) value(ctx context.Context, object types.Object, at path.Path) known.Value[string] {
	return r.keyed(ctx, object, at, "")
}

// keyed reads a block that has exactly one of value and from, the key of which may be left out.
func (r *secretReader) keyed(ctx context.Context, object types.Object, at path.Path, key string) known.Value[string] {
	written, state := r.block(ctx, object, at)
	if state != nil {
		return *state
	}
	if fwtypes.PresenceOf(written.From) > fwtypes.Possible && !written.Value.IsNull() && !written.Value.IsUnknown() {
		r.diags.AddAttributeError(at, "Two values", "The block has both value and from. Keep one of them.")
		return known.Value[string]{}
	}
	if !written.From.IsNull() {
		return r.read(ctx, written.From, at.AtName("from"), reference{key: key})
	}
	return r.inline(written.Value, at.AtName("value"))
}

// pair reads such a block where it is judged elsewhere that it has not both of the two.
func (r *secretReader) pair(ctx context.Context, object types.Object, at path.Path) (value, from known.Value[string]) {
	written, state := r.block(ctx, object, at)
	if state != nil {
		return *state, known.Value[string]{}
	}
	return r.inline(written.Value, at.AtName("value")), r.read(ctx, written.From, at.AtName("from"), reference{})
}

// block decodes a block that has value and from. Where there is nothing to read in it, state is
// what comes of it.
func (r *secretReader) block(ctx context.Context, object types.Object, at path.Path) (written secretModel, state *known.Value[string]) {
	block, diags := fwtypes.Block[secretModel](ctx, object)
	r.diags.Append(diags...)
	written, ok := block.Get()
	if !ok {
		nothing := known.Map(block, func(secretModel) string { return "" })
		return written, &nothing
	}
	r.used = true
	if written.From.IsNull() && written.Value.IsNull() {
		r.diags.AddAttributeError(at, "Missing value", "The block has neither value nor from. Set value, or from { name, key } to take the value from bootstrap.secrets_wo.")
		return written, new(known.Value[string])
	}
	return written, nil
}

// inline reads a text that is written in place.
func (r *secretReader) inline(value types.String, at path.Path) known.Value[string] {
	if value.ValueString() == "" && !value.IsUnknown() && !value.IsNull() {
		r.diags.AddAttributeError(at, "Empty value", "The value is empty, and a text of at least one character is needed. Remove the block to do without.")
	}
	return fwtypes.String(value)
}

// reference reads a from block.
func (r *secretReader) reference(ctx context.Context, object types.Object, at path.Path) known.Value[string] {
	return r.read(ctx, object, at, reference{})
}

// optional reads a from block for which an empty text is a value.
func (r *secretReader) optional(ctx context.Context, object types.Object, at path.Path) known.Value[string] {
	return r.read(ctx, object, at, reference{mayBeEmpty: true})
}

func (r *secretReader) read(ctx context.Context, object types.Object, at path.Path, how reference) known.Value[string] {
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
	if from.Key.IsNull() && how.key != "" {
		from.Key = types.StringValue(how.key)
	}
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
	if from.Key.IsUnknown() {
		return known.Unknown[string]()
	}
	secret := r.secret(from.Name, at.AtName("name"))
	entries, ok := secret.Get()
	if !ok {
		return known.Map(secret, func(types.Map) string { return "" })
	}
	found, ok := entries.Elements()[from.Key.ValueString()]
	if !ok {
		r.diags.AddAttributeError(at.AtName("key"), "No such key",
			fmt.Sprintf("The secret %q in bootstrap.secrets_wo has no key %q%s. Add it there, or correct the key.",
				from.Name.ValueString(), from.Key.ValueString(), onlyThose(entries.Elements())))
		return known.Value[string]{}
	}
	text, isText := found.(types.String)
	if !isText || text.IsUnknown() {
		return known.Unknown[string]()
	}
	if text.ValueString() == "" && !how.mayBeEmpty {
		r.diags.AddAttributeError(at.AtName("key"), "Empty secret",
			fmt.Sprintf("The key %q of the secret %q in bootstrap.secrets_wo is empty, and a text of at least one character is needed.", from.Key.ValueString(), from.Name.ValueString()))
	}
	return fwtypes.String(text)
}

// all reads a whole secret by its name, which may be null. An entry that is null is none.
func (r *secretReader) all(name types.String, at path.Path) known.Value[map[string]known.Value[string]] {
	if name.IsNull() || !name.IsUnknown() && name.ValueString() == "" {
		return known.Value[map[string]known.Value[string]]{}
	}
	r.used = true
	return known.Map(r.secret(name, at), func(entries types.Map) map[string]known.Value[string] {
		out := make(map[string]known.Value[string], len(entries.Elements()))
		for key, element := range entries.Elements() {
			if text, ok := element.(types.String); ok {
				out[key] = fwtypes.String(text)
			}
		}
		return out
	})
}

// secret finds a secret by its name. at is where the name is written.
func (r *secretReader) secret(name types.String, at path.Path) known.Value[types.Map] {
	if name.IsUnknown() || r.secrets.IsUnknown() {
		return known.Unknown[types.Map]()
	}
	element, ok := r.secrets.Elements()[name.ValueString()]
	if !ok {
		r.diags.AddAttributeError(at, "No such secret",
			fmt.Sprintf("bootstrap.secrets_wo has no secret named %q%s. Add it there, or correct the name.", name.ValueString(), onlyThose(r.secrets.Elements())))
		return known.Value[types.Map]{}
	}
	entries, isMap := element.(types.Map)
	if !isMap || entries.IsUnknown() {
		return known.Unknown[types.Map]()
	}
	return known.Of(entries)
}

// quoted lists the keys of a map.
func onlyThose(elements map[string]attr.Value) string {
	if len(elements) == 0 {
		return ", and none at all"
	}
	names := make([]string, 0, len(elements))
	for name := range elements {
		names = append(names, fmt.Sprintf("%q", name))
	}
	slices.Sort(names)
	return ", only " + strings.Join(names, ", ")
}
