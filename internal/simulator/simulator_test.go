package simulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// clients are plain govmomi clients of a simulator.
type clients struct {
	t    *testing.T
	c    *govmomi.Client
	rest *rest.Client
	find *find.Finder
	lib  *library.Manager
}

// login logs in with a verified certificate.
func login(t *testing.T, at simulator.Connection, ca string) *clients {
	t.Helper()
	ctx := context.Background()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca)) {
		t.Fatal("the CA certificate is not PEM")
	}
	sc := soap.NewClient(&url.URL{Scheme: "https", Host: at.Server, Path: "/sdk"}, false)
	transport, ok := sc.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("govmomi's transport is a %T", sc.Transport)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	vc, err := vim25.NewClient(ctx, sc)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	user := url.UserPassword(at.User, at.Password)
	c := &govmomi.Client{Client: vc, SessionManager: session.NewManager(vc)}
	if err := c.Login(ctx, user); err != nil {
		t.Fatalf("SOAP login: %v", err)
	}
	r := rest.NewClient(vc)
	if err := r.Login(ctx, user); err != nil {
		t.Fatalf("REST login: %v", err)
	}
	f := find.NewFinder(vc)
	dc, err := f.Datacenter(ctx, simulator.Datacenter)
	if err != nil {
		t.Fatalf("find the datacenter: %v", err)
	}
	f.SetDatacenter(dc)
	return &clients{t: t, c: c, rest: r, find: f, lib: library.NewManager(r)}
}

func start(t *testing.T, opts ...simulator.Option) (*simulator.Simulator, *clients) {
	t.Helper()
	s := simulator.Start(t, opts...)
	return s, login(t, s.Connection(), s.CAPEM)
}

func TestSeedIsComplete(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	for _, path := range []string{"/DC0/vm/team-a", "/DC0/vm/team-b"} {
		if _, err := c.find.Folder(ctx, path); err != nil {
			t.Errorf("folder %s: %v", path, err)
		}
	}
	for _, path := range []string{"DC0_C0/Resources/team-a", "DC0_C1/Resources/team-b"} {
		if _, err := c.find.ResourcePool(ctx, path); err != nil {
			t.Errorf("resource pool %s: %v", path, err)
		}
	}
	for _, name := range []string{"VM Network", "frontend", "backend"} {
		if _, err := c.find.Network(ctx, name); err != nil {
			t.Errorf("network %s: %v", name, err)
		}
	}
	ids, err := c.lib.FindLibraryItems(ctx, library.FindItem{Type: "ovf"})
	if err != nil || len(ids) != 10 {
		t.Errorf("OVF items: %d, %v", len(ids), err)
	}
	item, err := c.lib.GetLibraryItem(ctx, simulator.ItemPhoton)
	if err != nil || item.Name != "Photon OS 5.0" || item.Size == 0 {
		t.Errorf("Photon OS: %+v, %v", item, err)
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
