package image_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	images "github.com/vmoperator/terraform-provider-vmoperator/internal/provider/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
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
type values = protocol.Tree

type unknown = protocol.Unknown

// What the tests of this package say in short.
var (
	failed = protocol.Failed
	said   = protocol.Said
	parts  = protocol.AttributesOf
)

// direct plans, applies and reads images over protocol 6, without a process.
type direct struct{ *protocol.Resource }

// state is an image in state.
type state struct{ protocol.State }

// connected serves a provider that is configured for a simulator, or not at all.
func connected(t testing.TB, sim *simulator.Simulator) *direct {
	t.Helper()
	d := &direct{protocol.Serve(t).Resource(imageType)}
	if sim != nil {
		d.Clean("configure the provider", d.Configure(values{
			"vsphere_server": sim.Host, "user": simulator.User, "password": simulator.Password, "ca_certificates": sim.CAPEM,
		}))
	}
	return d
}

func (d *direct) nothing() state { return state{d.Nothing()} }

// plan plans an image, from nothing or from what it is.
func (d *direct) plan(prior state, arguments values) (protocol.Plan, []*tfprotov6.Diagnostic) {
	d.Helper()
	return d.Plan(prior.State, arguments)
}

// apply plans and applies an image.
func (d *direct) apply(ctx context.Context, prior state, arguments values) (state, []*tfprotov6.Diagnostic) {
	d.Helper()
	p, diags := d.plan(prior, arguments)
	if failed(diags) {
		return prior, diags
	}
	made, diags := d.Apply(ctx, p)
	return state{made}, diags
}

// destroy destroys an image.
func (d *direct) destroy(of state) []*tfprotov6.Diagnostic {
	d.Helper()
	return d.Destroy(of.State)
}

// refresh reads an image.
func (d *direct) refresh(of state) (state, []*tfprotov6.Diagnostic) {
	d.Helper()
	read, diags, err := d.Refresh(of.State)
	if err != nil {
		d.Fatal(err)
	}
	return state{read}, diags
}

// at is a text in a state.
func (s state) at(steps ...string) string {
	value := protocol.Within(s.Value, strings.Join(steps, "."))
	var text *string
	if value.IsNull() || !value.IsKnown() || value.As(&text) != nil {
		return ""
	}
	return *text
}
