package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const machineType = "vmoperator_virtual_machine"

// tree is a configuration as it is written.
type tree = protocol.Tree

// unknown stands for a value that is not known yet.
type unknown = protocol.Unknown

// What the tests of this package say in short.
var (
	failed         = protocol.Failed
	said           = protocol.Said
	dotted         = protocol.Dotted
	elementsOf     = protocol.ElementsOf
	contradictions = protocol.Contradictions
	compare        = protocol.Compare
	within         = protocol.Within
	textAt         = protocol.TextAt
	unknownIn      = protocol.UnknownIn
)

// direct plans, applies and reads machines over protocol 6, without a process.
type direct struct {
	testing.TB
	resource *protocol.Resource
}

// serve serves a provider that is not configured yet.
func serve(t testing.TB) *direct {
	t.Helper()
	return &direct{TB: t, resource: protocol.Serve(t).Resource(machineType)}
}

// connected serves a provider that is configured for a simulator.
func connected(t testing.TB, sim *simulator.Simulator) *direct {
	t.Helper()
	d := serve(t)
	d.clean("configure the provider", d.configure(providerTree(sim)))
	return d
}

// in is the same provider, seen by another test.
func (d *direct) in(t testing.TB) *direct { return &direct{TB: t, resource: d.resource.In(t)} }

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
	return d.resource.Configure(config)
}

// machine is a machine in state.
type machine struct {
	state    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

func machineOf(s protocol.State) machine { return machine{s.Value, s.Private, s.Identity} }

func (m machine) kept() protocol.State {
	return protocol.State{Value: m.state, Private: m.private, Identity: m.identity}
}

// nothing is the state of a machine that is not there.
func (d *direct) nothing() machine { return machineOf(d.resource.Nothing()) }

// validate validates the configuration of a machine.
func (d *direct) validate(config tree) []*tfprotov6.Diagnostic {
	d.Helper()
	return d.resource.Validate(config)
}

// plan is a planned change of a machine.
type plan struct {
	*direct
	whole   protocol.Plan
	planned tftypes.Value
	private []byte
	// replace are the attributes that make it another machine.
	replace []string
}

func (d *direct) planOf(p protocol.Plan) plan {
	return plan{direct: d, whole: p, planned: p.Planned, private: p.Private, replace: p.Replace}
}

// plan plans a machine, from nothing or from what it is.
func (d *direct) plan(prior machine, config tree) (plan, []*tfprotov6.Diagnostic) {
	d.Helper()
	p, diags := d.resource.Plan(prior.kept(), config)
	return d.planOf(p), diags
}

// planned plans a machine that can be planned, with nothing to say but what the plan does.
func (d *direct) planned(prior machine, config tree) plan {
	d.Helper()
	p, diags := d.plan(prior, config)
	d.clean("plan", beside(diags, announcements...))
	return p
}

// announcements are warnings that only say what a plan is about to do, which nothing else of it
// shows. Tests of these ask for them; everywhere else they belong to the plan.
var announcements = []string{cycles, reads, destroys, detaches, replacesVolumes, keeps}

// What plans announce.
const (
	cycles          = "The virtual machine will be powered off and on"
	reads           = "The guest reads its new configuration when it boots"
	destroys        = "The disk of a volume will be destroyed"
	detaches        = "The disk of a volume will be detached"
	replacesVolumes = "Replacing the machine destroys its volumes"
	keeps           = "Files of volumes stay behind"
)

// says tells whether there is a warning with that summary.
func says(diags []*tfprotov6.Diagnostic, summary string) bool {
	return len(beside(diags, summary)) < len(diags)
}

// beside are the diagnostics but warnings of that sort.
func beside(diags []*tfprotov6.Diagnostic, summaries ...string) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(diags), func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityWarning && slices.Contains(summaries, d.Summary)
	})
}

// apply carries a plan out.
func (p plan) apply() (machine, []*tfprotov6.Diagnostic) {
	p.Helper()
	made, diags := p.resource.Apply(p.Context(), p.whole)
	return machineOf(made), diags
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
	return d.resource.Destroy(of.kept())
}

// refresh reads a machine.
func (d *direct) refresh(of machine) (machine, error) {
	read, diags, err := d.resource.Refresh(of.kept())
	if err == nil && len(diags) > 0 {
		err = fmt.Errorf("read: %s", said(diags))
	}
	if err != nil {
		return machine{}, err
	}
	return machineOf(read), nil
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

// imported is a machine as an import by its instance UUID knows it.
func (d *direct) imported(id string) machine {
	d.Helper()
	found, diags := d.resource.Import(id)
	d.clean("import", diags)
	return d.refreshed(machineOf(found))
}

// clean wants no diagnostics at all.
func (d *direct) clean(what string, diags []*tfprotov6.Diagnostic) {
	d.Helper()
	if len(diags) > 0 {
		d.Fatalf("%s: %s", what, said(diags))
	}
}
