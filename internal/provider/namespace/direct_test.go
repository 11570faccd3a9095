package namespace_test

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// tree is a configuration or a state: values by name. What is left out is null.
type tree = map[string]any

// direct speaks to the provider as a CLI does, over protocol 6 and without a process.
type direct struct {
	testing.TB
	server  tfprotov6.ProviderServer
	sources map[string]*tfprotov6.Schema
}

// connected serves a provider that is configured for a simulator, with more arguments than where
// that is.
func connected(t testing.TB, sim *simulator.Simulator, more tree) *direct {
	t.Helper()
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	d := &direct{TB: t, server: providerserver.NewProtocol6(provider.New("test", sessions)())()}
	schema, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	d.sources = schema.DataSourceSchemas
	config := tree{"vsphere_server": sim.Host, "user": simulator.User, "password": simulator.Password, "ca_certificates": sim.CAPEM}
	maps.Copy(config, more)
	configured, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.0", Config: d.dynamic(config, schema.Provider),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured.Diagnostics)
	}
	return d
}

// dynamic is a configuration. Blocks that are left out are empty, and not null.
func (d *direct) dynamic(config tree, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	d.Helper()
	config = maps.Clone(config)
	for _, block := range schema.Block.BlockTypes {
		if _, ok := config[block.TypeName]; !ok && block.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
			config[block.TypeName] = []any{}
		}
	}
	text, err := json.Marshal(config)
	if err != nil {
		d.Fatal(err)
	}
	return &tfprotov6.DynamicValue{JSON: text}
}

// read reads a data source, named without the provider's prefix.
func (d *direct) read(name string, config tree) (tree, []*tfprotov6.Diagnostic) {
	d.Helper()
	schema := d.sources["vmoperator_"+name]
	if schema == nil {
		d.Fatalf("there is no data source %s", name)
	}
	resp, err := d.server.ReadDataSource(d.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "vmoperator_" + name, Config: d.dynamic(config, schema),
	})
	if err != nil {
		d.Fatal(err)
	}
	for _, diagnostic := range resp.Diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, resp.Diagnostics
		}
	}
	value, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil {
		d.Fatal(err)
	}
	state, ok := plain(d.TB, value).(tree)
	if !ok {
		d.Fatalf("the state of %s is %s", name, value)
	}
	return state, resp.Diagnostics
}

// found reads a data source without as much as a warning.
func (d *direct) found(name string, config tree) tree {
	d.Helper()
	state, diags := d.read(name, config)
	for _, diagnostic := range diags {
		d.Errorf("%s: %s: %s", diagnostic.Attribute, diagnostic.Summary, diagnostic.Detail)
	}
	return state
}

// refused reads a data source that cannot be read, and checks the error: the attribute that is to
// blame and texts of its summary and detail.
func (d *direct) refused(name string, config tree, attribute string, texts ...string) {
	d.Helper()
	_, diags := d.read(name, config)
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
		d.Errorf("%s of %v: there are %d diagnostics, want one error", name, config, len(diags))
		return
	}
	at := ""
	if diags[0].Attribute != nil {
		at = strings.TrimSuffix(strings.TrimPrefix(diags[0].Attribute.String(), `AttributeName("`), `")`)
	}
	said := diags[0].Summary + ": " + diags[0].Detail
	if at != attribute {
		d.Errorf("%s is to blame for %s, want %q", at, said, attribute)
	}
	for _, text := range texts {
		if !strings.Contains(said, text) {
			d.Errorf("%q does not say %q", said, text)
		}
	}
}

// plain is a Terraform value as Go has it.
func plain(t testing.TB, value tftypes.Value) any {
	t.Helper()
	if value.IsNull() || !value.IsKnown() {
		return nil
	}
	as := func(target any) {
		t.Helper()
		if err := value.As(target); err != nil {
			t.Fatal(err)
		}
	}
	switch kind := value.Type(); {
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		values := map[string]tftypes.Value{}
		as(&values)
		out := tree{}
		for name, inner := range values {
			out[name] = plain(t, inner)
		}
		return out
	case kind.Is(tftypes.List{}):
		values := []tftypes.Value{}
		as(&values)
		out := []any{}
		for _, inner := range values {
			out = append(out, plain(t, inner))
		}
		return out
	case kind.Is(tftypes.String):
		var text string
		as(&text)
		return text
	case kind.Is(tftypes.Bool):
		var is bool
		as(&is)
		return is
	default:
		number := new(big.Float)
		as(&number)
		whole, _ := number.Int64()
		return int(whole)
	}
}

// column is one value of each element of a list.
func column(list any, name string) []any {
	var values []any
	for _, element := range list.([]any) {
		values = append(values, element.(tree)[name])
	}
	return values
}

// operations are what vCenter was asked for since the last time, in alphabetical order.
func operations(sim *simulator.Simulator) []string {
	var all []string
	for _, request := range sim.Requests() {
		all = append(all, request.Operation)
	}
	sim.ResetRequests()
	slices.Sort(all)
	return all
}
