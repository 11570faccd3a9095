package virtualmachine

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	written := record{
		ItemID: "item", ContentVersion: "2", Devices: map[string]int32{"eth0": 4000}, Revision: 3, Class: "small",
		Provider: "LinuxPrep", Customized: "abc", Deferred: true, Properties: &propertyRecord{Public: "def", Keys: []string{"ip0"}},
		Pools:  map[string]poolRecord{"eth0": {Pool: 7, Address4: "10.0.1.5"}, "eth1": {Address6: "2001:db8::5"}},
		Config: json.RawMessage(`{"name":"web"}`),
	}
	value, err := written.encode()
	if err != nil {
		t.Fatal(err)
	}
	read := decodeRecord(value)
	if diff := cmp.Diff(written, read); diff != "" || !read.same(&written) {
		t.Errorf("(-want +got):\n%s", diff)
	}
	read.Revision++
	if read.same(&written) {
		t.Error("records of different revisions are the same")
	}
}

func TestWhatIsNoRecordIsIgnored(t *testing.T) {
	t.Parallel()
	pack := func(text string) string {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, _ = writer.Write([]byte(text))
		_ = writer.Close()
		return base64.StdEncoding.EncodeToString(packed.Bytes())
	}
	whole := pack(`{"version":1,"class":"small"}`)
	if decodeRecord(whole).Class != "small" {
		t.Fatal("a record is ignored")
	}
	for name, value := range map[string]string{
		"nothing":          "",
		"no base64":        "!",
		"no gzip":          base64.StdEncoding.EncodeToString([]byte("text")),
		"cut off":          whole[:len(whole)/2/4*4],
		"no JSON":          pack("{"),
		"another shape":    pack(`{"version":1,"devices":[1]}`),
		"a later version":  pack(`{"version":2,"class":"small"}`),
		"more than a bomb": pack(`{"version":1,"class":"` + strings.Repeat("a", maxRecordSize) + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := record{Newer: name == "a later version"} // which is left alone
			if diff := cmp.Diff(want, decodeRecord(value)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// recorded is a schema with one of everything that a record has to tell apart.
func recorded(more map[string]schema.Attribute) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id":       schema.StringAttribute{Computed: true},
		"name":     schema.StringAttribute{Required: true},
		"status":   schema.StringAttribute{Computed: true},
		"password": schema.StringAttribute{Optional: true, Sensitive: true},
		"count":    schema.Int64Attribute{Optional: true},
		"flag":     schema.BoolAttribute{Optional: true},
		"texts":    schema.ListAttribute{Optional: true, ElementType: types.StringType},
		"run":      schema.DynamicAttribute{Optional: true},
		"absent":   schema.StringAttribute{Optional: true},
	}
	for name, attribute := range more {
		attributes[name] = attribute
	}
	return schema.Schema{Attributes: attributes, Blocks: map[string]schema.Block{
		"block": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"name":   schema.StringAttribute{Required: true},
			"secret": schema.StringAttribute{Optional: true, Sensitive: true},
		}}},
	}}
}

// recordedValue fills the attributes of a schema: what is not in values is null, and a repeated
// block is there no time.
func recordedValue(t *testing.T, from schema.Schema, values map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	shape := from.Type().TerraformType(t.Context()).(tftypes.Object)
	all := map[string]tftypes.Value{}
	for name, kind := range shape.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
		if isRepeatedBlock(kind) {
			all[name] = tftypes.NewValue(kind, []tftypes.Value{})
		}
		if value, ok := values[name]; ok {
			all[name] = value
		}
	}
	return tftypes.NewValue(shape, all)
}

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// written is a value of the recorded schema, with secrets or without, as plan or as record.
func written(t *testing.T, from schema.Schema, record bool) tftypes.Value {
	t.Helper()
	command := tftypes.NewValue(tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Number}}}}, []tftypes.Value{
		text("echo one"),
		tftypes.NewValue(tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Number}}, []tftypes.Value{text("seq"), tftypes.NewValue(tftypes.Number, 3)}),
	})
	blockType := from.Type().TerraformType(t.Context()).(tftypes.Object).AttributeTypes["block"].(tftypes.List)
	secret := text("hunter2")
	if record {
		secret = tftypes.NewValue(tftypes.String, nil)
	}
	values := map[string]tftypes.Value{
		"count": tftypes.NewValue(tftypes.Number, new(big.Float).SetInt64(1<<53-1)),
		"flag":  tftypes.NewValue(tftypes.Bool, false),
		"texts": tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{text("a"), text("")}),
		"run":   command,
		"block": tftypes.NewValue(blockType, []tftypes.Value{tftypes.NewValue(blockType.ElementType, map[string]tftypes.Value{"name": text("one"), "secret": secret})}),
	}
	if !record {
		values["id"], values["name"], values["status"], values["password"] = text("1"), text("web"), text("on"), text("hunter2")
		values["absent"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	}
	return recordedValue(t, from, values)
}

func TestTheRecordedConfigurationIsWhatWasWrittenWithoutSecrets(t *testing.T) {
	t.Parallel()
	from := recorded(nil)
	config, err := configJSON(t.Context(), written(t, from, false), from)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(config), "hunter2") {
		t.Errorf("the record holds a secret: %s", config)
	}
	read, err := configValue(config, from.Type().TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if want := written(t, from, true); !read.Equal(want) {
		t.Errorf("read %s\nwant %s", read, want)
	}
}

func TestARecordOutlivesChangesOfTheSchema(t *testing.T) {
	t.Parallel()
	before := recorded(map[string]schema.Attribute{"dropped": schema.StringAttribute{Optional: true}})
	after := recorded(map[string]schema.Attribute{"gained": schema.StringAttribute{Optional: true}})
	// A block of each kind is new, and one of a repeated block that there was has one in it.
	inner := schema.NestedBlockObject{Attributes: map[string]schema.Attribute{"name": schema.StringAttribute{Required: true}}}
	after.Blocks["more"] = schema.ListNestedBlock{NestedObject: inner}
	after.Blocks["once"] = schema.SingleNestedBlock{Blocks: map[string]schema.Block{"deep": schema.ListNestedBlock{NestedObject: inner}}}
	block := after.Blocks["block"].(schema.ListNestedBlock)
	block.NestedObject.Blocks = map[string]schema.Block{"inner": schema.ListNestedBlock{NestedObject: inner}}
	after.Blocks["block"] = block

	elements := func(from schema.Schema, more map[string]tftypes.Value) tftypes.Value {
		list := from.Type().TerraformType(t.Context()).(tftypes.Object).AttributeTypes["block"].(tftypes.List)
		values := map[string]tftypes.Value{"name": text("one"), "secret": tftypes.NewValue(tftypes.String, nil)}
		maps.Copy(values, more)
		return tftypes.NewValue(list, []tftypes.Value{tftypes.NewValue(list.ElementType, values)})
	}
	flag := tftypes.NewValue(tftypes.Bool, true)
	plan := recordedValue(t, before, map[string]tftypes.Value{"dropped": text("x"), "flag": flag, "block": elements(before, nil)})
	config, err := configJSON(t.Context(), plan, before)
	if err != nil {
		t.Fatal(err)
	}
	read, err := configValue(config, after.Type().TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	innerType := tftypes.List{ElementType: inner.Type().TerraformType(t.Context())}
	want := recordedValue(t, after, map[string]tftypes.Value{
		"flag": flag, "block": elements(after, map[string]tftypes.Value{"inner": tftypes.NewValue(innerType, []tftypes.Value{})}),
	})
	if !read.Equal(want) {
		t.Errorf("read %s\nwant %s", read, want)
	}
}

// What tells a repeated block from an attribute when a record is read is its type alone.
func TestOnlyRepeatedBlocksAreListsOfObjects(t *testing.T) {
	t.Parallel()
	var resp resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	var attributes func(at string, all map[string]schema.Attribute)
	var blocks func(at string, all map[string]schema.Block)
	seen := 0
	attributes = func(at string, all map[string]schema.Attribute) {
		for name, attribute := range all {
			seen++
			if isRepeatedBlock(attribute.GetType().TerraformType(t.Context())) && (attribute.IsOptional() || attribute.IsRequired()) {
				t.Errorf("%s%s is a list of objects, and no block", at, name)
			}
		}
	}
	blocks = func(at string, all map[string]schema.Block) {
		for name, block := range all {
			switch b := block.(type) {
			case schema.SingleNestedBlock:
				attributes(at+name+".", b.Attributes)
				blocks(at+name+".", b.Blocks)
			case schema.ListNestedBlock:
				if !isRepeatedBlock(b.Type().TerraformType(t.Context())) {
					t.Errorf("%s%s is a repeated block that is not recognised", at, name)
				}
				attributes(at+name+".", b.NestedObject.Attributes)
				blocks(at+name+".", b.NestedObject.Blocks)
			default:
				t.Errorf("%s%s is a block of another kind: %T", at, name, block)
			}
		}
	}
	attributes("", resp.Schema.Attributes)
	blocks("", resp.Schema.Blocks)
	if seen < 100 {
		t.Errorf("only %d attributes were looked at", seen)
	}
}

func TestARecordOfAnotherShapeIsAnError(t *testing.T) {
	t.Parallel()
	for _, config := range []string{`[]`, `{"flag":"perhaps"}`, `{"texts":{}}`, `{"run":"echo"}`, `{`} {
		if _, err := configValue(json.RawMessage(config), recorded(nil).Type().TerraformType(t.Context())); err == nil {
			t.Errorf("%s was read", config)
		}
	}
}

// The resource's own schema goes through the same functions: nothing in it has a type that
// they do not know.
func TestTheResourceCanBeRecorded(t *testing.T) {
	t.Parallel()
	var resp resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	empty := recordedValue(t, resp.Schema, nil)
	config, err := configJSON(t.Context(), empty, resp.Schema)
	if err != nil {
		t.Fatal(err)
	}
	read, err := configValue(config, resp.Schema.Type().TerraformType(t.Context()))
	if err != nil || !read.Equal(empty) {
		t.Errorf("%s, %v", read, err)
	}
}
