package virtualmachine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestSecretsAreReadFromOneOfTwoPlaces(t *testing.T) {
	t.Parallel()
	fromTypes := map[string]attr.Type{"name": types.StringType, "key": types.StringType}
	fromType := types.ObjectType{AttrTypes: fromTypes}
	blockTypes := map[string]attr.Type{"value": types.StringType, "from": fromType}
	from := func(name, key attr.Value) attr.Value {
		return types.ObjectValueMust(fromTypes, map[string]attr.Value{"name": name, "key": key})
	}
	block := func(value, from attr.Value) types.Object {
		return types.ObjectValueMust(blockTypes, map[string]attr.Value{"value": value, "from": from})
	}
	text := func(s string) attr.Value { return types.StringValue(s) }
	none, unknownText, noFrom := types.StringNull(), types.StringUnknown(), types.ObjectNull(fromTypes)
	secretType := types.MapType{ElemType: types.StringType}
	secrets := types.MapValueMust(secretType, map[string]attr.Value{
		"app":   types.MapValueMust(types.StringType, map[string]attr.Value{"token": text("hunter2"), "empty": text(""), "null": none, "later": unknownText}),
		"later": types.MapUnknown(types.StringType),
	})
	unknownSecrets, noSecrets := types.MapUnknown(secretType), types.MapNull(secretType)
	value := known.Of[string]
	for name, test := range map[string]struct {
		object  types.Object
		secrets *types.Map // nil for secrets
		want    known.Value[string]
		errorAt string
	}{
		"no block":               {object: types.ObjectNull(blockTypes)},
		"unknown block":          {object: types.ObjectUnknown(blockTypes), want: known.Unknown[string]()},
		"value":                  {object: block(text("plain"), noFrom), want: value("plain")},
		"unknown value":          {object: block(unknownText, noFrom), want: known.Unknown[string]()},
		"from":                   {object: block(none, from(text("app"), text("token"))), want: value("hunter2")},
		"unknown from":           {object: block(none, types.ObjectUnknown(fromTypes)), want: known.Unknown[string]()},
		"value and unknown from": {object: block(text("plain"), types.ObjectUnknown(fromTypes)), want: known.Unknown[string]()},
		"unknown name":           {object: block(none, from(unknownText, text("token"))), want: known.Unknown[string]()},
		"unknown secrets":        {object: block(none, from(text("app"), text("token"))), secrets: &unknownSecrets, want: known.Unknown[string]()},
		"unknown secret":         {object: block(none, from(text("later"), text("token"))), want: known.Unknown[string]()},
		"unknown key's value":    {object: block(none, from(text("app"), text("later"))), want: known.Unknown[string]()},
		"neither":                {object: block(none, noFrom), errorAt: "at"},
		"both":                   {object: block(text("plain"), from(text("app"), text("token"))), errorAt: "at"},
		"empty value":            {object: block(text(""), noFrom), want: value(""), errorAt: "at.value"},
		"no name":                {object: block(none, from(none, text("token"))), errorAt: "at.from.name"},
		"no key":                 {object: block(none, from(text("app"), none)), errorAt: "at.from.key"},
		"no such secret":         {object: block(none, from(text("apq"), text("token"))), errorAt: "at.from.name"},
		"no such key":            {object: block(none, from(text("app"), text("tokem"))), errorAt: "at.from.key"},
		"no secrets":             {object: block(none, from(text("app"), text("token"))), secrets: &noSecrets, errorAt: "at.from.name"},
		"empty secret":           {object: block(none, from(text("app"), text("empty"))), want: value(""), errorAt: "at.from.key"},
		"null secret":            {object: block(none, from(text("app"), text("null"))), errorAt: "at.from.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &secretReader{secrets: secrets}
			if test.secrets != nil {
				reader.secrets = *test.secrets
			}
			got := reader.value(t.Context(), test.object, path.Root("at"))
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(known.Value[string]{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var places []string
			for _, diagnostic := range reader.diags {
				if strings.Contains(diagnostic.Detail(), "hunter2") {
					t.Errorf("a secret is told: %s", diagnostic.Detail())
				}
				if at, ok := diagnostic.(interface{ Path() path.Path }); ok {
					places = append(places, at.Path().String())
				}
			}
			if got := strings.Join(places, " "); got != test.errorAt {
				t.Errorf("errors at %q, want %q: %v", got, test.errorAt, reader.diags)
			}
		})
	}
}
