package protocol

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Resource is one type of resources of a served provider.
type Resource struct {
	*Server
	Type string
}

// Resource is a type of resources, such as "vmoperator_virtual_machine".
func (s *Server) Resource(kind string) *Resource {
	s.Helper()
	if s.Schema.ResourceSchemas[kind] == nil {
		s.Fatalf("there is no resource %s", kind)
	}
	return &Resource{Server: s, Type: kind}
}

// In is the same resource of the same provider, seen by another test.
func (r *Resource) In(t testing.TB) *Resource { return &Resource{Server: r.Server.In(t), Type: r.Type} }

// Block is the schema.
func (r *Resource) Block() *tfprotov6.SchemaBlock { return r.Schema.ResourceSchemas[r.Type].Block }

// State is what the CLI keeps of a resource.
type State struct {
	Value    tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
}

// Nothing is the state of what is not there.
func (r *Resource) Nothing() State {
	return State{Value: tftypes.NewValue(r.Block().ValueType(), nil)}
}

// Validate validates a configuration.
func (r *Resource) Validate(config Tree) []*tfprotov6.Diagnostic {
	r.Helper()
	resp, err := r.ValidateResourceConfig(r.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: r.Type, Config: Dynamic(BlockValue(r.Block(), config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		r.Fatal(err)
	}
	return resp.Diagnostics
}

// Plan is a planned change.
type Plan struct {
	Prior    State
	Config   tftypes.Value
	Planned  tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
	// Replace are the attributes that make it another resource, in alphabetical order.
	Replace []string
}

// Plan plans a configuration, from nothing or from what is. The plan is empty if there is an error.
func (r *Resource) Plan(prior State, config Tree) (Plan, []*tfprotov6.Diagnostic) {
	r.Helper()
	written := BlockValue(r.Block(), config)
	return r.propose(prior, written, proposed(r.Block(), prior.Value, written))
}

func (r *Resource) propose(prior State, config, proposal tftypes.Value) (Plan, []*tfprotov6.Diagnostic) {
	r.Helper()
	resp, err := r.PlanResourceChange(r.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: r.Type, PriorState: Dynamic(prior.Value), PriorPrivate: prior.Private, PriorIdentity: prior.Identity,
		ProposedNewState: Dynamic(proposal), Config: Dynamic(config),
	})
	if err != nil {
		r.Fatal(err)
	}
	if Failed(resp.Diagnostics) {
		return Plan{}, resp.Diagnostics
	}
	out := Plan{
		Prior: prior, Config: config, Planned: Value(resp.PlannedState, r.Block()),
		Private: resp.PlannedPrivate, Identity: resp.PlannedIdentity,
	}
	for _, at := range resp.RequiresReplace {
		out.Replace = append(out.Replace, Dotted(at))
	}
	slices.Sort(out.Replace)
	out.Replace = slices.Compact(out.Replace)
	return out, resp.Diagnostics
}

// Planned plans what can be planned without a warning.
func (r *Resource) Planned(prior State, config Tree) Plan {
	r.Helper()
	p, diags := r.Plan(prior, config)
	r.Clean("plan", diags)
	return p
}

// Apply carries a plan out. A context that ends is an interrupt.
func (r *Resource) Apply(ctx context.Context, p Plan) (State, []*tfprotov6.Diagnostic) {
	r.Helper()
	resp, err := r.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: r.Type, PriorState: Dynamic(p.Prior.Value), PlannedState: Dynamic(p.Planned), Config: Dynamic(p.Config),
		PlannedPrivate: p.Private, PlannedIdentity: p.Identity,
	})
	if err != nil {
		r.Fatal(err)
	}
	return State{Value: Value(resp.NewState, r.Block()), Private: resp.Private, Identity: resp.NewIdentity}, resp.Diagnostics
}

// Applied plans and applies a configuration without a warning, and checks that the result is what was planned.
func (r *Resource) Applied(prior State, config Tree) State {
	r.Helper()
	p := r.Planned(prior, config)
	made, diags := r.Apply(r.Context(), p)
	r.Clean("apply", diags)
	if broken := Contradictions(p.Planned, made.Value); len(broken) > 0 {
		r.Fatalf("apply contradicts the plan:\n%s", strings.Join(broken, "\n"))
	}
	return made
}

// PlanDestroy plans the end of a resource.
func (r *Resource) PlanDestroy(of State) (Plan, []*tfprotov6.Diagnostic) {
	r.Helper()
	nothing := r.Nothing().Value
	return r.propose(of, nothing, nothing)
}

// Destroy plans the end of a resource, and applies it. It returns what the apply says, or why there is
// no plan; what a plan says that can be applied is PlanDestroy's.
func (r *Resource) Destroy(of State) []*tfprotov6.Diagnostic {
	r.Helper()
	p, diags := r.PlanDestroy(of)
	if Failed(diags) {
		return diags
	}
	_, diags = r.Apply(r.Context(), p)
	return diags
}

// Refresh reads a resource. It may be called from any goroutine.
func (r *Resource) Refresh(of State) (State, []*tfprotov6.Diagnostic, error) {
	resp, err := r.ReadResource(r.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: r.Type, CurrentState: Dynamic(of.Value), Private: of.Private, CurrentIdentity: of.Identity,
	})
	if err != nil {
		return State{}, nil, err
	}
	return State{Value: Value(resp.NewState, r.Block()), Private: resp.Private, Identity: resp.NewIdentity}, resp.Diagnostics, nil
}

// Import imports the one resource that an id stands for. Nothing is read yet.
func (r *Resource) Import(id string) (State, []*tfprotov6.Diagnostic) {
	r.Helper()
	resp, err := r.ImportResourceState(r.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: r.Type, ID: id})
	if err != nil {
		r.Fatal(err)
	}
	if Failed(resp.Diagnostics) {
		return State{}, resp.Diagnostics
	}
	if len(resp.ImportedResources) != 1 {
		r.Fatalf("%d resources are imported", len(resp.ImportedResources))
	}
	only := resp.ImportedResources[0]
	return State{Value: Value(only.State, r.Block()), Private: only.Private, Identity: only.Identity}, resp.Diagnostics
}
