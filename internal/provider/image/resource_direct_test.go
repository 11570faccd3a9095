package image_test

import (
	"context"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	images "github.com/vmoperator/terraform-provider-vmoperator/internal/provider/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestMain(m *testing.M) {
	images.Impatient()
	code := m.Run()
	if removeAfterwards != "" {
		_ = os.RemoveAll(removeAfterwards)
	}
	os.Exit(code)
}

const imageType = "vmoperator_virtual_machine_image"

// values are arguments by name; a nested map is a block. What is left out is null, and unknown{}
// is not known.
type values = map[string]any

type unknown struct{}

// direct speaks to a provider as a CLI does, over protocol 6 and without a process.
type direct struct {
	testing.TB
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

// state is an image in state.
type state struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// connected serves a provider that is configured for a simulator.
func connected(t testing.TB, sim *simulator.Simulator) *direct {
	t.Helper()
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	d := &direct{TB: t, server: providerserver.NewProtocol6(provider.New("test", sessions)())()}
	var err error
	if d.schema, err = d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if sim == nil {
		return d
	}
	configured, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.0", Config: d.dynamic(written(d.schema.Provider.Block, values{
			"vsphere_server": sim.Host, "user": simulator.User, "password": simulator.Password, "ca_certificates": sim.CAPEM,
		})),
	})
	if err != nil || failed(configured.Diagnostics) {
		t.Fatal(err, said(configured.Diagnostics))
	}
	return d
}

func (d *direct) block() *tfprotov6.SchemaBlock { return d.schema.ResourceSchemas[imageType].Block }

func (d *direct) nothing() state {
	return state{value: tftypes.NewValue(d.block().ValueType(), nil)}
}

// written is a block with arguments.
func written(block *tfprotov6.SchemaBlock, arguments values) tftypes.Value {
	out := map[string]tftypes.Value{}
	for _, attribute := range block.Attributes {
		out[attribute.Name] = tftypes.NewValue(attribute.ValueType(), nil)
		switch v := arguments[attribute.Name].(type) {
		case string:
			out[attribute.Name] = tftypes.NewValue(attribute.ValueType(), v)
		case unknown:
			out[attribute.Name] = tftypes.NewValue(attribute.ValueType(), tftypes.UnknownValue)
		}
	}
	for _, nested := range block.BlockTypes {
		switch v := arguments[nested.TypeName].(type) {
		case values:
			out[nested.TypeName] = written(nested.Block, v)
		case unknown:
			out[nested.TypeName] = tftypes.NewValue(nested.ValueType(), tftypes.UnknownValue)
		default:
			out[nested.TypeName] = tftypes.NewValue(nested.ValueType(), nil)
			if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
				out[nested.TypeName] = tftypes.NewValue(nested.ValueType(), []tftypes.Value{})
			}
		}
	}
	return tftypes.NewValue(block.ValueType(), out)
}

// proposed is the configuration, with what is computed and not written taken from the state.
func proposed(block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	before, out := parts(prior), maps.Clone(parts(config))
	for _, attribute := range block.Attributes {
		if attribute.Computed && out[attribute.Name].IsNull() && before != nil {
			out[attribute.Name] = before[attribute.Name]
		}
	}
	for _, nested := range block.BlockTypes {
		was := tftypes.NewValue(nested.ValueType(), nil)
		if before != nil {
			was = before[nested.TypeName]
		}
		out[nested.TypeName] = proposed(nested.Block, was, out[nested.TypeName])
	}
	return tftypes.NewValue(config.Type(), out)
}

func parts(value tftypes.Value) map[string]tftypes.Value {
	var out map[string]tftypes.Value
	if value.IsNull() || !value.IsKnown() || value.As(&out) != nil {
		return nil
	}
	return out
}

func (d *direct) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	d.Helper()
	out, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		d.Fatal(err)
	}
	return &out
}

func (d *direct) value(from *tfprotov6.DynamicValue) tftypes.Value {
	d.Helper()
	out, err := from.Unmarshal(d.block().ValueType())
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// plan plans an image, from nothing or from what it is.
func (d *direct) plan(prior state, arguments values) (*tfprotov6.PlanResourceChangeResponse, tftypes.Value) {
	d.Helper()
	config := written(d.block(), arguments)
	resp, err := d.server.PlanResourceChange(d.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: imageType, PriorState: d.dynamic(prior.value), PriorPrivate: prior.private, PriorIdentity: prior.identity,
		ProposedNewState: d.dynamic(proposed(d.block(), prior.value, config)), Config: d.dynamic(config),
	})
	if err != nil {
		d.Fatal(err)
	}
	return resp, config
}

// apply plans and applies an image.
func (d *direct) apply(ctx context.Context, prior state, arguments values) (state, []*tfprotov6.Diagnostic) {
	d.Helper()
	p, config := d.plan(prior, arguments)
	if failed(p.Diagnostics) {
		return prior, p.Diagnostics
	}
	resp, err := d.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: imageType, PriorState: d.dynamic(prior.value), PlannedState: p.PlannedState, Config: d.dynamic(config),
		PlannedPrivate: p.PlannedPrivate, PlannedIdentity: p.PlannedIdentity,
	})
	if err != nil {
		d.Fatal(err)
	}
	return state{d.value(resp.NewState), resp.Private, resp.NewIdentity}, resp.Diagnostics
}

// destroy destroys an image.
func (d *direct) destroy(of state) []*tfprotov6.Diagnostic {
	d.Helper()
	nothing := d.dynamic(d.nothing().value)
	resp, err := d.server.ApplyResourceChange(d.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: imageType, PriorState: d.dynamic(of.value), PlannedState: nothing, Config: nothing, PlannedPrivate: of.private, PlannedIdentity: of.identity,
	})
	if err != nil {
		d.Fatal(err)
	}
	return resp.Diagnostics
}

// refresh reads an image.
func (d *direct) refresh(of state) (state, []*tfprotov6.Diagnostic) {
	d.Helper()
	resp, err := d.server.ReadResource(d.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: imageType, CurrentState: d.dynamic(of.value), Private: of.private, CurrentIdentity: of.identity,
	})
	if err != nil {
		d.Fatal(err)
	}
	return state{d.value(resp.NewState), resp.Private, resp.NewIdentity}, resp.Diagnostics
}

// at is a text in a state.
func (s state) at(steps ...string) string {
	value := s.value
	for _, step := range steps {
		value = parts(value)[step]
	}
	var text *string
	if value.IsNull() || !value.IsKnown() || value.As(&text) != nil {
		return ""
	}
	return *text
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// said is the text of diagnostics, with the attributes they are at.
func said(diags []*tfprotov6.Diagnostic) string {
	var out strings.Builder
	for _, d := range diags {
		out.WriteString(d.Severity.String() + " ")
		if d.Attribute != nil {
			out.WriteString(d.Attribute.String() + " ")
		}
		out.WriteString(d.Summary + ": " + d.Detail + "\n")
	}
	return out.String()
}
