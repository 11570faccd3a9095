package library_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/vmware/govmomi/find"
	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

const templateInfo = "/rest/vcenter/vm-template/library-items/"

// templates stands between the catalogue and the simulator, which does not say what a vm-template
// item keeps, and answers that: by item, the information about its template.
type templates map[string]vcenter.TemplateInfo

func (infos templates) serve(t *testing.T, w *world) *library.Catalogue {
	t.Helper()
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(w.sim.CAPEM))
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: w.sim.Host})
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		info, ok := infos[strings.TrimPrefix(r.URL.Path, templateInfo)]
		if !ok || !strings.HasPrefix(r.URL.Path, templateInfo) {
			proxy.ServeHTTP(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(rw).Encode(map[string]any{"value": info}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	client, err := vsphere.New(vsphere.Config{
		Server: server.Listener.Addr().String(), User: simulator.User, Password: simulator.Password, CACertificates: w.sim.CAPEM + string(own),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Logout(context.Background()) })
	return library.New(client)
}

// addTemplate adds an item of the type vm-template to team-a-images.
func (w *world) addTemplate(t *testing.T, name string) string {
	t.Helper()
	id, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{
		Name: name, LibraryID: simulator.LibraryTeamAImagesID, Type: vapi.ItemTypeVMTX,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// deploy makes a machine of an item and returns its managed object id.
func (w *world) deploy(t *testing.T, itemID string) string {
	t.Helper()
	vim, err := w.client.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pool, err := find.NewFinder(vim).ResourcePool(t.Context(), "/DC0/host/DC0_C0/Resources/"+simulator.PoolTeamA)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := vcenter.NewManager(w.items.Client).DeployLibraryItem(t.Context(), itemID, vcenter.Deploy{
		DeploymentSpec: vcenter.DeploymentSpec{Name: "template", AcceptAllEULA: true},
		Target:         vcenter.Target{ResourcePoolID: pool.Reference().Value},
	})
	if err != nil {
		t.Fatal(err)
	}
	return machine.Value
}

func TestAVMTemplateIsDescribedByItsMachine(t *testing.T) {
	w := newWorld(t)
	machine := w.deploy(t, simulator.ItemPhoton)
	kept, lost, told, silent := w.addTemplate(t, "kept"), w.addTemplate(t, "lost"), w.addTemplate(t, "told"), w.addTemplate(t, "silent")
	catalogue := templates{
		kept: {VmTemplate: machine},
		lost: {VmTemplate: "vm-404"},
		told: {GuestOS: "UBUNTU_64", Memory: vcenter.Memory{SizeMB: 1024}, Disks: []vcenter.Disks{{Key: "2000", Value: &vcenter.DiskInfo{Capacity: 1 << 30}}}},
	}.serve(t, w)

	images, warnings, err := catalogue.List(t.Context(), teamA(), image.VirtualMachineImage)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("warnings %v, error %v", warnings, err)
	}
	statuses := map[string]image.Status{}
	for _, img := range images {
		statuses[img.ItemID] = img.Status
	}
	if len(images) != 6 { // two more, of OVF
		t.Errorf("%d images, want 6: %v", len(images), titles(images))
	}

	status := statuses[kept]
	if status.Type != image.TypeVM || status.Firmware != image.EFI || status.HardwareVersion == nil || *status.HardwareVersion != 19 {
		t.Errorf("of a machine it is %s, firmware %s, hardware version %v", status.Type, status.Firmware, status.HardwareVersion)
	}
	if status.OSInfo == nil || status.OSInfo.ID != "vmwarePhoton64Guest" || status.OSInfo.Type != "Linux" {
		t.Errorf("of a machine its system is %+v", status.OSInfo)
	}
	if len(status.Disks) != 1 || status.Disks[0].Capacity != "20Gi" || status.Disks[0].ControllerType != "SCSI" {
		t.Errorf("of a machine its disks are %+v", status.Disks)
	}
	if ready, _, message := status.Ready(); !ready {
		t.Errorf("of a machine it is not ready: %s", message)
	}

	if ready, reason, message := statuses[lost].Ready(); ready || reason != image.ReasonNotSynced || !strings.Contains(message, lost) {
		t.Errorf("without its machine it is ready: %t, %s, %q", ready, reason, message)
	}
	if status := statuses[told]; status.OSInfo == nil || status.OSInfo.ID != "ubuntu64Guest" || len(status.Disks) != 1 || status.Firmware != "" {
		t.Errorf("by what the item tells it is %+v", status)
	}
	if status := statuses[silent]; status.OSInfo != nil || status.Disks != nil || status.ProviderContentVersion == "" {
		t.Errorf("of an item that tells nothing it is %+v", status)
	}
}

// A template costs what an OVF item costs, which is told by a descriptor: the question which
// machine it keeps, and what that is.
func TestATemplateIsResolvedAndDescribedForAHandfulOfCalls(t *testing.T) {
	for name, test := range map[string]struct {
		asked string
		calls int64
	}{
		// A search by name, the item, its library; the machine, the connection to ask it, and what it is.
		"a display name": {simulator.TemplateMachine, 7},
		// The ids of the items of two types instead of a search.
		"a VMI ID": {image.NewID(simulator.ItemTemplate).String(), 8},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.WithEveryImageType())
			var got image.Image
			calls := w.calls(func() {
				var err error
				if got, _, err = w.catalogue.Image(t.Context(), library.Scopes{}, library.Query{Name: test.asked}); err != nil {
					t.Fatal(err)
				}
			})
			if got.ItemID != simulator.ItemTemplate || got.Descriptor == nil || got.Descriptor.GuestID() != "ubuntu64Guest" {
				t.Errorf("found %s, described as %+v", got.ItemID, got.Descriptor)
			}
			if calls != test.calls {
				t.Errorf("%d calls, want %d: %v", calls, test.calls, w.sim.Calls())
			}
		})
	}
}
