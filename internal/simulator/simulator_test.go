package simulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
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
	ctx := t.Context()
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

func TestSimulatorsOfOneProcessAreApart(t *testing.T) {
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			c.power(c.deploy(simulator.ItemPhoton, "web", nil), true)
			s.Settle()
			if r, err := s.GuestReport("web"); err != nil || !r.Running || r.Boots != 1 {
				t.Errorf("report: %+v, %v", r, err)
			}
		})
	}
}

func TestDisksTakeNoSpace(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	_, c := start(t)
	c.deploy(simulator.ItemWindows, "windows", nil)
	var size int64
	if err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if size == 0 || size > 1<<20 {
		t.Errorf("the simulator has written %d bytes", size)
	}
}
