package vsphere

import (
	"errors"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
)

func TestDatacenter(t *testing.T) {
	t.Parallel()
	v := startVCenter(t, func(m *simulator.Model) { m.Machine, m.Datacenter = 0, 2 })
	// /DC0, /DC1, /north/DC0, /north/east/DC%2f7
	root := object.NewRootFolder(v.admin.Client)
	north, err := root.CreateFolder(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	east, err := north.CreateFolder(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	for folder, name := range map[*object.Folder]string{north: "DC0", east: "DC%2f7"} {
		if _, err := folder.CreateDatacenter(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		wanted, path string
		err          error
		text         []string
	}{
		{wanted: "DC1", path: "/DC1"},
		{wanted: "/DC0", path: "/DC0"},
		{wanted: "/north/DC0", path: "/north/DC0"},
		{wanted: "north/DC0/", path: "/north/DC0"},
		{wanted: "DC%2f7", path: "/north/east/DC%2f7"},
		{wanted: "DC/7", path: "/north/east/DC%2f7"},
		{wanted: "DC0", err: ErrAmbiguous, text: []string{`"/DC0", "/north/DC0"`}},
		{wanted: "", err: ErrAmbiguous, text: []string{`"/DC0", "/DC1", "/north/DC0", "/north/east/DC%2f7"`}},
		{wanted: "dc1", err: ErrNotFound, text: []string{`"dc1"`, `"/DC0", "/DC1"`}},
		{wanted: "/south/DC0", err: ErrNotFound, text: []string{`"/south/DC0"`, "Set datacenter to one of"}},
		{wanted: "/north", err: ErrNotFound},
	} {
		t.Run(test.wanted, func(t *testing.T) {
			c := v.client(t, func(cfg *Config) { cfg.Datacenter = test.wanted })
			got, err := c.Datacenter(t.Context())
			if !errors.Is(err, test.err) {
				t.Fatalf("err = %v, want %v", err, test.err)
			}
			if err != nil {
				for _, part := range append(test.text, v.host) {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error does not mention %q: %v", part, err)
					}
				}
				return
			}
			if got.InventoryPath != test.path {
				t.Errorf("InventoryPath = %q, want %q", got.InventoryPath, test.path)
			}
			if folders, err := got.Folders(t.Context()); err != nil || !strings.HasPrefix(folders.VmFolder.InventoryPath, test.path) {
				t.Errorf("Folders: %v, %v", folders, err)
			}
		})
	}
}

func TestOnlyDatacenterIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, together(20, func() error {
		datacenter, err := c.Datacenter(t.Context())
		if err == nil && datacenter.InventoryPath != "/DC0" {
			t.Errorf("InventoryPath = %q", datacenter.InventoryPath)
		}
		return err
	}))
	if got := v.count("RetrievePropertiesEx"); got != 1 {
		t.Errorf("%d reads, want 1", got)
	}
}

func TestDatacenterThatAppearsLaterIsFound(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t, func(cfg *Config) { cfg.Datacenter = "later" })
	if _, err := c.Datacenter(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Fatalf("err = %v, want ErrNotFound", err)
	}
	if _, err := object.NewRootFolder(v.admin.Client).CreateDatacenter(t.Context(), "later"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Datacenter(t.Context()); err != nil {
		t.Errorf("err = %v", err)
	}
}

func TestNoDatacenterAtAll(t *testing.T) {
	t.Parallel()
	v := startVCenter(t, func(m *simulator.Model) {
		m.Datacenter, m.Cluster, m.Host, m.Machine, m.Datastore, m.Portgroup = 0, 0, 0, 0, 0, 0
	})
	_, err := v.client(t).Datacenter(t.Context())
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "sees no datacenter at all") {
		t.Errorf("err = %v", err)
	}
}

func TestHostIsNotAVCenter(t *testing.T) {
	t.Parallel()
	building.Lock()
	defer building.Unlock()
	model := simulator.ESX()
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Remove)
	server := model.Service.NewServer()
	t.Cleanup(server.Close)
	c := newClient(t, Config{Server: "http://" + server.URL.Host, User: testUser, Password: testPassword})
	_, err := c.Vim(t.Context())
	if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "not a vCenter") {
		t.Errorf("err = %v, want ErrUnsupported", err)
	}
}
