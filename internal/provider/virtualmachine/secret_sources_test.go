package virtualmachine

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

var (
	fromTypes = map[string]attr.Type{"name": types.StringType, "key": types.StringType}
	entries   = types.MapType{ElemType: types.StringType}
)

// from is a from block.
func from(name, key types.String) types.Object {
	return types.ObjectValueMust(fromTypes, map[string]attr.Value{"name": name, "key": key})
}

// secretOf is a block that has both sources, of which either may be null.
func secretOf(value types.String, from types.Object) types.Object {
	return types.ObjectValueMust(map[string]attr.Type{"value": types.StringType, "from": types.ObjectType{AttrTypes: fromTypes}},
		map[string]attr.Value{"value": value, "from": from})
}

// theSecrets are secrets of all kinds.
func theSecrets() types.Map {
	return types.MapValueMust(entries, map[string]attr.Value{
		"app": types.MapValueMust(types.StringType, map[string]attr.Value{
			"password": types.StringValue("hunter2"), "other": types.StringValue("hunter3"), "empty": types.StringValue(""),
		}),
		"part": types.MapValueMust(types.StringType, map[string]attr.Value{
			"ip0": types.StringValue("hunter2"), "later": types.StringUnknown(), "none": types.StringNull(), "": types.StringValue(""),
		}),
		"bare":  types.MapValueMust(types.StringType, nil),
		"null":  types.MapNull(types.StringType),
		"later": types.MapUnknown(types.StringType),
	})
}

// errorPlaces are the places of all errors. None of them may tell a secret.
func errorPlaces(t *testing.T, reader *secretReader) string {
	t.Helper()
	var places []string
	for _, diagnostic := range reader.diags {
		if text := diagnostic.Summary() + diagnostic.Detail(); strings.Contains(text, "hunter") {
			t.Errorf("a secret is told: %s", text)
		}
		if at, ok := diagnostic.(interface{ Path() path.Path }); ok {
			places = append(places, at.Path().String())
		}
	}
	return strings.Join(places, " ")
}

func TestAReferenceMayLeaveOutTheKeyWhereThereIsADefault(t *testing.T) {
	t.Parallel()
	text, null := types.StringValue, types.StringNull()
	for name, test := range map[string]struct {
		block   types.Object
		key     string
		want    known.Value[string]
		errorAt string
	}{
		"the default":               {secretOf(null, from(text("app"), null)), "password", known.Of("hunter2"), ""},
		"a key all the same":        {secretOf(null, from(text("app"), text("other"))), "password", known.Of("hunter3"), ""},
		"an unknown key":            {secretOf(null, from(text("app"), types.StringUnknown())), "password", known.Unknown[string](), ""},
		"no such default":           {secretOf(null, from(text("app"), null)), "unattend", known.Value[string]{}, "at.from.key"},
		"no default":                {secretOf(null, from(text("app"), null)), "", known.Value[string]{}, "at.from.key"},
		"no name":                   {secretOf(null, from(null, null)), "password", known.Value[string]{}, "at.from.name"},
		"a value needs no key":      {secretOf(text("x"), types.ObjectNull(fromTypes)), "password", known.Of("x"), ""},
		"an empty key is not left ": {secretOf(null, from(text("app"), text(""))), "password", known.Value[string]{}, "at.from.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &secretReader{secrets: theSecrets()}
			got := reader.keyed(t.Context(), test.block, path.Root("at"), test.key)
			if places := errorPlaces(t, reader); got != test.want || places != test.errorAt || !reader.used {
				t.Errorf("%v with errors at %q, want %v and %q", got, places, test.want, test.errorAt)
			}
		})
	}
}

func TestTheTwoSourcesOfAScriptAreKeptApart(t *testing.T) {
	t.Parallel()
	text, null, noFrom := types.StringValue, types.StringNull(), types.ObjectNull(fromTypes)
	there := from(text("app"), text("other"))
	for name, test := range map[string]struct {
		block       types.Object
		value, from known.Value[string]
		errorAt     string
	}{
		"value":              {secretOf(text("#!/bin/sh"), noFrom), known.Of("#!/bin/sh"), known.Value[string]{}, ""},
		"from":               {secretOf(null, there), known.Value[string]{}, known.Of("hunter3"), ""},
		"both":               {secretOf(text("#!/bin/sh"), there), known.Of("#!/bin/sh"), known.Of("hunter3"), ""}, // gosc refuses it
		"unknown value":      {secretOf(types.StringUnknown(), noFrom), known.Unknown[string](), known.Value[string]{}, ""},
		"unknown from":       {secretOf(null, types.ObjectUnknown(fromTypes)), known.Value[string]{}, known.Unknown[string](), ""},
		"neither":            {secretOf(null, noFrom), known.Value[string]{}, known.Value[string]{}, "at"},
		"an empty value":     {secretOf(text(""), noFrom), known.Of(""), known.Value[string]{}, "at.value"},
		"an empty entry":     {secretOf(null, from(text("app"), text("empty"))), known.Value[string]{}, known.Of(""), "at.from.key"},
		"no block":           {types.ObjectNull(noFrom.AttributeTypes(t.Context())), known.Value[string]{}, known.Value[string]{}, ""},
		"an unknown block":   {types.ObjectUnknown(noFrom.AttributeTypes(t.Context())), known.Unknown[string](), known.Value[string]{}, ""},
		"a secret not there": {secretOf(null, from(text("apq"), text("other"))), known.Value[string]{}, known.Value[string]{}, "at.from.name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &secretReader{secrets: theSecrets()}
			value, from := reader.pair(t.Context(), test.block, path.Root("at"))
			if places := errorPlaces(t, reader); value != test.value || from != test.from || places != test.errorAt {
				t.Errorf("%v and %v with errors at %q, want %v, %v and %q", value, from, places, test.value, test.from, test.errorAt)
			}
		})
	}
}

func TestAPropertyMayBeEmpty(t *testing.T) {
	t.Parallel()
	reader := &secretReader{secrets: theSecrets()}
	got := reader.optional(t.Context(), from(types.StringValue("app"), types.StringValue("empty")), path.Root("at"))
	if places := errorPlaces(t, reader); got != known.Of("") || places != "" {
		t.Errorf("%v with errors at %q", got, places)
	}
	got = reader.optional(t.Context(), from(types.StringValue("app"), types.StringValue("missing")), path.Root("at"))
	if places := errorPlaces(t, reader); got.IsSet() || places != "at.key" {
		t.Errorf("%v with errors at %q", got, places)
	}
}

func TestAWholeSecretIsRead(t *testing.T) {
	t.Parallel()
	unknownSecrets := types.MapUnknown(entries)
	for name, test := range map[string]struct {
		name    types.String
		secrets types.Map
		want    []string
		errorAt string
		used    bool
	}{
		"all of its entries": {types.StringValue("part"), theSecrets(), []string{`[""]=""`, `["ip0"]="hunter2"`, `["later"]=unknown`, `["none"]=null`}, "", true},
		"one without any":    {types.StringValue("bare"), theSecrets(), nil, "", true},
		"one that is null":   {types.StringValue("null"), theSecrets(), nil, "", true},
		"an unknown one":     {types.StringValue("later"), theSecrets(), []string{"=unknown"}, "", true},
		"an unknown name":    {types.StringUnknown(), theSecrets(), []string{"=unknown"}, "", true},
		"unknown secrets":    {types.StringValue("part"), unknownSecrets, []string{"=unknown"}, "", true},
		"one that is not":    {types.StringValue("apq"), theSecrets(), []string{"=null"}, "at", true},
		"no secrets":         {types.StringValue("part"), types.MapNull(entries), []string{"=null"}, "at", true},
		"no name":            {types.StringNull(), theSecrets(), []string{"=null"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &secretReader{secrets: test.secrets}
			got := told("", reflect.ValueOf(reader.all(test.name, path.Root("at"))))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if places := errorPlaces(t, reader); places != test.errorAt || reader.used != test.used {
				t.Errorf("errors at %q, want %q; used is %v", places, test.errorAt, reader.used)
			}
		})
	}
}
