package provider

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// SignIn is a session of somebody who does not use Terraform; out ends it.
func SignIn(t *testing.T, sim *simulator.Simulator) (client *govmomi.Client, out func()) {
	t.Helper()
	where := *sim.URL
	where.User = url.UserPassword(simulator.User, simulator.Password)
	client, err := govmomi.NewClient(t.Context(), &where, true)
	if err != nil {
		t.Fatal(err)
	}
	return client, func() {
		t.Helper()
		if err := client.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// SignInREST is SignIn for the REST interface alone.
func SignInREST(t *testing.T, sim *simulator.Simulator) (session *rest.Client, out func()) {
	t.Helper()
	where := *sim.URL
	where.User = nil
	client, err := govmomi.NewClient(t.Context(), &where, true)
	if err != nil {
		t.Fatal(err)
	}
	session = rest.NewClient(client.Client)
	if err := session.Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	return session, func() {
		t.Helper()
		if err := session.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
