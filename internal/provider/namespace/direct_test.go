package namespace_test

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// tree is a configuration or a state: values by name. What is left out is null.
type tree = protocol.Tree

// direct reads data sources over protocol 6, without a process.
type direct struct{ *protocol.Server }

// connected serves a provider that is configured for a simulator, with more arguments than where
// that is.
func connected(t testing.TB, sim *simulator.Simulator, more tree) *direct {
	t.Helper()
	d := &direct{protocol.Serve(t)}
	config := tree{"vsphere_server": sim.Host, "user": simulator.User, "password": simulator.Password, "ca_certificates": sim.CAPEM}
	maps.Copy(config, more)
	d.Clean("configure the provider", d.Configure(config))
	return d
}

// read reads a data source, named without the provider's prefix.
func (d *direct) read(name string, config tree) (tree, []*tfprotov6.Diagnostic) {
	d.Helper()
	value, diags := d.Show("vmoperator_"+name, config)
	if protocol.Failed(diags) {
		return nil, diags
	}
	state, ok := plain(d.TB, value).(tree)
	if !ok {
		d.Fatalf("the state of %s is %s", name, value)
	}
	return state, diags
}

// found reads a data source without as much as a warning.
func (d *direct) found(name string, config tree) tree {
	d.Helper()
	state, diags := d.read(name, config)
	if len(diags) > 0 {
		d.Error(protocol.Said(diags))
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
	at := protocol.Dotted(diags[0].Attribute)
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
