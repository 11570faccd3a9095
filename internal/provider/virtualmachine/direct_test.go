package virtualmachine_test

import (
	"context"
	"fmt"
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

const machineType = "vmoperator_virtual_machine"

// tree is a configuration as it is written: attributes and blocks by name. What is left out is
// null, a repeated block is a list.
type tree = map[string]any

// unknown stands for a value that is not known yet.
type unknown struct{}

// direct speaks to the provider as a CLI does, over protocol 6 and without a process.
type direct struct {
	testing.TB
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

// serve serves a provider that is not configured yet.
func serve(t testing.TB) *direct {
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
	d.clean("read the schema", schema.Diagnostics)
	d.schema = schema
	return d
}

// connected serves a provider that is configured for a simulator.
func connected(t testing.TB, sim *simulator.Simulator) *direct {
	t.Helper()
	d := serve(t)
	d.clean("configure the provider", d.configure(providerTree(sim)))
	return d
}

// providerTree is the provider configuration of most tests.
func providerTree(sim *simulator.Simulator) tree {
	return tree{
		"vsphere_server": sim.Host, "user": simulator.User, "password": simulator.Password, "ca_certificates": sim.CAPEM,
		"default_namespace": "team-a", "cluster_content_libraries": []any{"base-images"},
		"namespace": []any{tree{
			"name": "team-a", "content_libraries": []any{"team-a-images"}, "resource_pool": simulator.PoolTeamA,
			"folder": simulator.FolderTeamA, "datastore": simulator.Datastore0, "default_network": simulator.NetworkStandard,
		}},
	}
}

func (d *direct) configure(config tree) []*tfprotov6.Diagnostic {
	d.Helper()
	value := d.dynamic(blockValue(d.schema.Provider.Block, config))
	validated, err := d.server.ValidateProviderConfig(d.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: value})
	if err != nil {
		d.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := d.server.ConfigureProvider(d.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.0", Config: value})
	if err != nil {
		d.Fatal(err)
	}
	return configured.Diagnostics
}

// machine is a machine in state.
type machine struct {
	state    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// nothing is the state of a machine that is not there.
func (d *direct) nothing() machine {
	return machine{state: tftypes.NewValue(d.machineBlock().ValueType(), nil)}
}

func (d *direct) machineBlock() *tfprotov6.SchemaBlock {
	return d.schema.ResourceSchemas[machineType].Block
}

// validate validates the configuration of a machine.
func (d *direct) validate(config tree) []*tfprotov6.Diagnostic {
	d.Helper()
	resp, err := d.server.ValidateResourceConfig(d.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: machineType, Config: d.dynamic(blockValue(d.machineBlock(), config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		d.Fatal(err)
	}
	return resp.Diagnostics
}

// plan is a planned change of a machine.
type plan struct {
	*direct
	prior    machine
	config   tftypes.Value
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	// replace are the attributes that make it another machine.
	replace []string
}

// plan plans a machine, from nothing or from what it is.
func (d *direct) plan(prior machine, config tree) (plan, []*tfprotov6.Diagnostic) {
	d.Helper()
	block := d.machineBlock()
	written := blockValue(block, config)
	resp, err := d.server.PlanResourceChange(d.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: machineType, PriorState: d.dynamic(prior.state), PriorPrivate: prior.private, PriorIdentity: prior.identity,
		ProposedNewState: d.dynamic(proposed(block, prior.state, written)), Config: d.dynamic(written),
	})
	if err != nil {
		d.Fatal(err)
	}
	if failed(resp.Diagnostics) {
		return plan{}, resp.Diagnostics
	}
	out := plan{
		direct: d, prior: prior, config: written, planned: d.value(resp.PlannedState, block),
		private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
	}
	for _, at := range resp.RequiresReplace {
		out.replace = append(out.replace, dotted(at))
	}
	slices.Sort(out.replace)
	out.replace = slices.Compact(out.replace)
	return out, resp.Diagnostics
}

// planned plans a machine that can be planned.
func (d *direct) planned(prior machine, config tree) plan {
	d.Helper()
	p, diags := d.plan(prior, config)
	d.clean("plan", diags)
	return p
}

// apply carries a plan out.
func (p plan) apply() (machine, []*tfprotov6.Diagnostic) {
	p.Helper()
	resp, err := p.server.ApplyResourceChange(p.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: machineType, PriorState: p.dynamic(p.prior.state), PlannedState: p.dynamic(p.planned), Config: p.dynamic(p.config),
		PlannedPrivate: p.private, PlannedIdentity: p.identity,
	})
	if err != nil {
		p.Fatal(err)
	}
	return machine{state: p.value(resp.NewState, p.machineBlock()), private: resp.Private, identity: resp.NewIdentity}, resp.Diagnostics
}

// applied plans and applies a machine, and checks that the result is what was planned.
func (d *direct) applied(prior machine, config tree) machine {
	d.Helper()
	p := d.planned(prior, config)
	made, diags := p.apply()
	d.clean("apply", diags)
	if broken := contradictions(p.planned, made.state); len(broken) > 0 {
		d.Fatalf("apply contradicts the plan:\n%s", strings.Join(broken, "\n"))
	}
	return made
}

// destroy plans and applies the end of a machine.
func (d *direct) destroy(of machine) []*tfprotov6.Diagnostic {
	d.Helper()
	nothing := d.nothing().state
	planned, err := d.server.PlanResourceChange(d.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: machineType, PriorState: d.dynamic(of.state), PriorPrivate: of.private, PriorIdentity: of.identity,
		ProposedNewState: d.dynamic(nothing), Config: d.dynamic(nothing),
	})
	if err != nil {
		d.Fatal(err)
	}
	d.clean("plan to destroy", planned.Diagnostics)
	resp, err := d.server.ApplyResourceChange(d.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: machineType, PriorState: d.dynamic(of.state), PlannedState: planned.PlannedState, Config: d.dynamic(nothing),
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		d.Fatal(err)
	}
	return resp.Diagnostics
}

// refresh reads a machine.
func (d *direct) refresh(of machine) (machine, error) {
	resp, err := d.server.ReadResource(d.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: machineType, CurrentState: d.dynamic(of.state), Private: of.private, CurrentIdentity: of.identity,
	})
	if err != nil {
		return machine{}, err
	}
	if len(resp.Diagnostics) > 0 {
		return machine{}, fmt.Errorf("read: %s", said(resp.Diagnostics))
	}
	return machine{state: d.value(resp.NewState, d.machineBlock()), private: resp.Private, identity: resp.NewIdentity}, nil
}

// refreshed reads a machine that can be read.
func (d *direct) refreshed(of machine) machine {
	d.Helper()
	read, err := d.refresh(of)
	if err != nil {
		d.Fatal(err)
	}
	return read
}

func (d *direct) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	out, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		panic(err) // the tests build it
	}
	return &out
}

func (d *direct) value(from *tfprotov6.DynamicValue, block *tfprotov6.SchemaBlock) tftypes.Value {
	out, err := from.Unmarshal(block.ValueType())
	if err != nil {
		panic(err)
	}
	return out
}

// clean wants no diagnostics at all.
func (d *direct) clean(what string, diags []*tfprotov6.Diagnostic) {
	d.Helper()
	if len(diags) > 0 {
		d.Fatalf("%s: %s", what, said(diags))
	}
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// said is one line for each diagnostic.
func said(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, len(diags))
	for i, d := range diags {
		lines[i] = fmt.Sprintf("%s at %s: %s: %s", d.Severity, dotted(d.Attribute), d.Summary, d.Detail)
	}
	return strings.Join(lines, "\n")
}

// dotted writes a path as people do: network.interface[0].name.
func dotted(at *tftypes.AttributePath) string {
	var out strings.Builder
	for _, step := range at.Steps() {
		switch s := step.(type) {
		case tftypes.AttributeName:
			if out.Len() > 0 {
				out.WriteByte('.')
			}
			out.WriteString(string(s))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&out, "[%d]", int64(s))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&out, "[%q]", string(s))
		}
	}
	return out.String()
}

// blockValue makes the value of a block: a repeated block that is left out is an empty list.
func blockValue(block *tfprotov6.SchemaBlock, written tree) tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, attribute := range block.Attributes {
		values[attribute.Name] = attributeValue(attribute.ValueType(), written[attribute.Name])
	}
	for _, nested := range block.BlockTypes {
		values[nested.TypeName] = nestedValue(nested, written[nested.TypeName])
	}
	for name := range written {
		if _, ok := values[name]; !ok {
			panic("there is no argument " + name)
		}
	}
	return tftypes.NewValue(block.ValueType(), values)
}

func nestedValue(nested *tfprotov6.SchemaNestedBlock, written any) tftypes.Value {
	switch w := written.(type) {
	case unknown:
		return tftypes.NewValue(nested.ValueType(), tftypes.UnknownValue)
	case tree:
		return blockValue(nested.Block, w)
	case []any:
		elements := make([]tftypes.Value, len(w))
		for i, element := range w {
			elements[i] = blockValue(nested.Block, element.(tree))
		}
		return tftypes.NewValue(nested.ValueType(), elements)
	}
	if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
		return tftypes.NewValue(nested.ValueType(), []tftypes.Value{})
	}
	return tftypes.NewValue(nested.ValueType(), nil)
}

func attributeValue(shape tftypes.Type, written any) tftypes.Value {
	switch w := written.(type) {
	case nil:
		return tftypes.NewValue(shape, nil)
	case unknown:
		return tftypes.NewValue(shape, tftypes.UnknownValue)
	case int:
		return tftypes.NewValue(tftypes.Number, big.NewFloat(float64(w)))
	case []any:
		elements := make([]tftypes.Value, len(w))
		kinds := make([]tftypes.Type, len(w))
		for i, element := range w {
			elements[i] = attributeValue(elementShape(shape), element)
			kinds[i] = elements[i].Type()
		}
		if shape.Is(tftypes.DynamicPseudoType) {
			shape = tftypes.Tuple{ElementTypes: kinds}
		}
		return tftypes.NewValue(shape, elements)
	case tree:
		values := map[string]tftypes.Value{}
		if object, ok := shape.(tftypes.Object); ok {
			for name, kind := range object.AttributeTypes {
				values[name] = attributeValue(kind, w[name])
			}
		} else {
			for name, element := range w {
				values[name] = attributeValue(elementShape(shape), element)
			}
		}
		return tftypes.NewValue(shape, values)
	case string:
		return tftypes.NewValue(tftypes.String, w)
	default:
		return tftypes.NewValue(tftypes.Bool, w)
	}
}

func elementShape(shape tftypes.Type) tftypes.Type {
	switch s := shape.(type) {
	case tftypes.List:
		return s.ElementType
	case tftypes.Map:
		return s.ElementType
	default:
		return tftypes.DynamicPseudoType
	}
}

// proposed is the configuration, with what is computed and not written taken from the prior
// state: what the core of the CLI proposes to a provider.
func proposed(block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	if !config.IsKnown() || config.IsNull() {
		return config
	}
	before, written := attributesOf(prior), attributesOf(config)
	out := map[string]tftypes.Value{}
	for _, attribute := range block.Attributes {
		value := written[attribute.Name]
		switch {
		case attribute.WriteOnly:
			value = tftypes.NewValue(attribute.ValueType(), nil)
		case value.IsNull() && attribute.Computed && before != nil:
			value = before[attribute.Name]
		}
		out[attribute.Name] = value
	}
	for _, nested := range block.BlockTypes {
		out[nested.TypeName] = proposedBlock(nested, before[nested.TypeName], written[nested.TypeName])
	}
	return tftypes.NewValue(config.Type(), out)
}

func proposedBlock(nested *tfprotov6.SchemaNestedBlock, prior, config tftypes.Value) tftypes.Value {
	if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeList {
		return proposed(nested.Block, prior, config)
	}
	if !config.IsKnown() || config.IsNull() {
		return config
	}
	before, written := elementsOf(prior), elementsOf(config)
	for i := range written {
		was := tftypes.NewValue(written[i].Type(), nil)
		if i < len(before) {
			was = before[i]
		}
		written[i] = proposed(nested.Block, was, written[i])
	}
	return tftypes.NewValue(config.Type(), written)
}

// attributesOf is nil for what is null or unknown.
func attributesOf(value tftypes.Value) map[string]tftypes.Value {
	var out map[string]tftypes.Value
	if value.IsKnown() && !value.IsNull() {
		if err := value.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

func elementsOf(value tftypes.Value) []tftypes.Value {
	var out []tftypes.Value
	if value.IsKnown() && !value.IsNull() {
		if err := value.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

// contradictions are the places where a later value differs from what an earlier one said.
// Unknown says nothing.
func contradictions(earlier, later tftypes.Value) []string {
	var out []string
	compare(tftypes.NewAttributePath(), earlier, later, func(at *tftypes.AttributePath, was, is tftypes.Value) {
		out = append(out, fmt.Sprintf("%s: %s became %s", dotted(at), was, is))
	})
	return out
}

func compare(at *tftypes.AttributePath, earlier, later tftypes.Value, differs func(at *tftypes.AttributePath, was, is tftypes.Value)) {
	if !earlier.IsKnown() || earlier.Equal(later) {
		return
	}
	if earlier.IsNull() || later.IsNull() || !later.IsKnown() {
		differs(at, earlier, later)
		return
	}
	switch earlier.Type().(type) {
	case tftypes.Object, tftypes.Map:
		was, is := attributesOf(earlier), attributesOf(later)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if _, ok := is[name]; ok {
				compare(at.WithAttributeName(name), was[name], is[name], differs)
			} else {
				differs(at.WithAttributeName(name), was[name], tftypes.Value{})
			}
		}
	case tftypes.List, tftypes.Tuple:
		was, is := elementsOf(earlier), elementsOf(later)
		if len(was) != len(is) {
			differs(at, earlier, later)
			return
		}
		for i := range was {
			compare(at.WithElementKeyInt(i), was[i], is[i], differs)
		}
	default:
		differs(at, earlier, later)
	}
}

// within is the value at a place, such as "status.network.config".
func within(value tftypes.Value, place string) tftypes.Value {
	for _, step := range strings.Split(place, ".") {
		if !value.IsKnown() || value.IsNull() {
			return value
		}
		name, index, indexed := strings.Cut(step, "[")
		value = attributesOf(value)[name]
		if indexed {
			var i int
			if _, err := fmt.Sscanf(index, "%d]", &i); err != nil {
				panic(err)
			}
			value = elementsOf(value)[i]
		}
	}
	return value
}

// textAt is the text at a place, empty for null.
func textAt(value tftypes.Value, place string) string {
	var out *string
	if err := within(value, place).As(&out); err != nil {
		panic(fmt.Errorf("%s: %w", place, err))
	}
	if out == nil {
		return ""
	}
	return *out
}

// unknownIn are the outermost places of a value that are not known.
func unknownIn(value tftypes.Value) []string {
	var out []string
	_ = tftypes.Walk(value, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if v.IsKnown() {
			return true, nil
		}
		out = append(out, dotted(at))
		return false, nil
	})
	slices.Sort(out)
	return out
}
