package image_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// with is arguments with others of the same names.
func with(arguments values, others values) values {
	out := values{}
	for name, value := range arguments {
		out[name] = value
	}
	for name, value := range others {
		out[name] = value
	}
	return out
}

func (d *direct) validate(arguments values) []*tfprotov6.Diagnostic {
	d.Helper()
	return d.Validate(arguments)
}

// tells checks that diagnostics have all parts.
func tells(t *testing.T, diags []*tfprotov6.Diagnostic, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said(diags), part) {
			t.Errorf("the diagnostics have no %q:\n%s", part, said(diags))
		}
	}
	if len(diags) == 0 {
		t.Error("there are no diagnostics")
	}
}

func TestWhatIsWrongInTheConfigurationIsSaidAtValidate(t *testing.T) {
	t.Parallel()
	d := connected(t, nil)
	base := values{"content_library": "l", "name": "n"}
	attribute := func(name string) string {
		return "at source." + name + ": "
	}
	const sum = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	for _, test := range []struct {
		name      string
		arguments values
		parts     []string
	}{
		{"no source", base, []string{`at source: Missing source`, "Add a source block"}},
		{"an empty source", with(base, values{"source": values{}}), []string{"Missing source", "Set one of file, url and virtual_machine"}},
		{"two sources", with(base, values{"source": values{"file": "a.ova", "url": "https://h/a.ova"}}), []string{attribute("url"), "file and url are set"}},
		{"another file", with(base, values{"source": values{"file": "a.qcow2"}}), []string{attribute("file"), ".ova, .ovf and .iso"}},
		{"another URL", with(base, values{"source": values{"url": "ds:///vmfs/volumes/x/a.iso"}}), []string{attribute("url"), "http or https"}},
		{"no checksum", with(base, values{"source": values{"file": "a.ova", "checksum": "0123"}}), []string{attribute("checksum"), "does not name an algorithm"}},
		{"a checksum of a machine", with(base, values{"source": values{"virtual_machine": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a", "checksum": sum}}), []string{attribute("checksum"), "A virtual machine has no checksum"}},
		{"no thumbprint", with(base, values{"source": values{"url": "https://h/a.ova", "ssl_thumbprint": sum}}), []string{attribute("ssl_thumbprint"), "40 hexadecimal digits"}},
		{"a thumbprint without server", with(base, values{"source": values{"file": "a.ova", "ssl_thumbprint": strings.Repeat("a1", 20)}}), []string{attribute("ssl_thumbprint"), "No server"}},
		{"a thumbprint of http", with(base, values{"source": values{"url": "http://h/a.ova", "ssl_thumbprint": strings.Repeat("a1", 20)}}), []string{attribute("ssl_thumbprint"), "No certificate"}},
		{"no instance UUID", with(base, values{"source": values{"virtual_machine": "web-1"}}), []string{attribute("virtual_machine"), "Not an instance UUID"}},
		{"a name with a slash", values{"content_library": "l", "name": "a/b", "source": values{"file": "a.ova"}}, []string{"at name: ", "has a slash in it"}},
		{"a tilde", with(base, values{"source": values{"file": "~/a.ova"}}), []string{attribute("file"), `pathexpand("~/a.ova")`}},
		{"no time", with(base, values{"source": values{"file": "a.ova"}, "timeouts": values{"create": "0s"}}), []string{"at timeouts.create: Not a timeout", "more than 0s"}},
		{"a negative time", with(base, values{"source": values{"file": "a.ova"}, "timeouts": values{"delete": "-1.5h"}}), []string{"at timeouts.delete: Not a timeout"}},
		{"a name like a VMI ID", values{"content_library": "l", "name": "vmi-0a0044d7c690bcbea", "source": values{"file": "a.ova"}}, []string{"at name: ", "Not a display name"}},
	} {
		diags := d.validate(test.arguments)
		if !failed(diags) {
			t.Errorf("%s is accepted", test.name)
			continue
		}
		tells(t, diags, test.parts...)
	}
	for _, good := range []values{
		{"file": "a.ova"},
		{"file": unknown{}},
		{"file": unknown{}, "url": unknown{}},
		{"url": "https://h/a.ISO", "checksum": sum, "ssl_thumbprint": strings.Repeat("A1:", 19) + "A1"},
		{"url": unknown{}, "ssl_thumbprint": strings.Repeat("a1", 20)},
		{"virtual_machine": unknown{}, "checksum": unknown{}},
	} {
		if diags := d.validate(with(base, values{"source": good})); failed(diags) {
			t.Errorf("%v: %s", good, said(diags))
		}
	}
	if diags := d.validate(with(base, values{"source": unknown{}})); failed(diags) {
		t.Errorf("a source that is not known: %s", said(diags))
	}
}

func TestWhatIsWrongInTheWorldIsSaidInPlan(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	ova, lone := filepath.Join(dir, "golden.ova"), filepath.Join(dir, "lone.ovf")
	put(t, ova, archive("1.0"), 0)
	put(t, lone, descriptor("1.0").text, 0)
	put(t, filepath.Join(dir, "page.iso"), []byte("<html>"), 0)
	put(t, filepath.Join(dir, "golden.ovf"), bytes.ReplaceAll(descriptor("1.0").text, []byte(`<References><File ovf:href="golden.vmdk" ovf:id="file1"/></References>`), []byte(`<References/>`)), 0)
	put(t, filepath.Join(dir, "text.ova"), []byte(strings.Repeat("text", 1000)), 0)
	subscribed, err := w.items.CreateLibrary(t.Context(), vapi.Library{
		Name: "subscribed", Type: "SUBSCRIBED", Storage: []vapi.StorageBacking{{DatastoreID: w.datastore(), Type: "DATASTORE"}},
		Subscription: &vapi.Subscription{AuthenticationMethod: "NONE", SubscriptionURL: "https://127.0.0.1:1/lib.json"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := connected(t, w.sim)
	ubuntu, _ := d.Import(simulator.ItemUbuntu)
	if _, diags := d.refresh(state{ubuntu}); failed(diags) {
		t.Fatal(said(diags))
	}
	good := arguments(ova)
	for _, test := range []struct {
		name   string
		others values
		parts  []string
	}{
		{"no such library", values{"content_library": "none"}, []string{"at content_library: ", "team-a-images"}},
		{"a subscribed library", values{"content_library": "subscribed"}, []string{`at content_library: A subscribed content library`, subscribed}},
		{"a name that is taken", values{"name": "Rocky Linux 9"}, []string{`at name: The name is taken`, simulator.ItemRocky, "Import it by that id"}},
		{"no such namespace", values{"namespace": "none"}, []string{`at namespace: No such namespace`}},
		{"no such file", values{"source": values{"file": filepath.Join(dir, "none.ova")}}, []string{"at source.file: ", "There is no file"}},
		{"no OVA", values{"source": values{"file": filepath.Join(dir, "text.ova")}}, []string{"at source.file: ", "not a whole tar archive"}},
		{"no disc", values{"source": values{"file": filepath.Join(dir, "page.iso")}}, []string{"at source.file: ", "neither an ISO 9660 nor a UDF volume"}},
		{"another checksum of a descriptor", values{"source": values{"file": filepath.Join(dir, "golden.ovf"), "checksum": "sha256:" + strings.Repeat("0", 64)}}, []string{"at source.checksum: Not the checksum of the file"}},
		{"a disk that is missing", values{"source": values{"file": lone}}, []string{"at source.file: ", `names the file "golden.vmdk", which is not beside it`}},
		{"no such machine", values{"source": values{"virtual_machine": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"}}, []string{`at source.virtual_machine: No such virtual machine`}},
	} {
		_, diags := d.plan(d.nothing(), with(good, test.others))
		if !failed(diags) {
			t.Errorf("%s is planned: %s", test.name, said(diags))
			continue
		}
		tells(t, diags, test.parts...)
	}
	d = connected(t, w.sim)
	first, diags := d.apply(t.Context(), d.nothing(), good)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	first, _ = d.refresh(first)
	_, diags = d.plan(first, with(good, values{"name": "Rocky Linux 9"}))
	tells(t, diags, "The name is taken", simulator.ItemRocky)
	wrong := "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	_, diags = d.plan(first, with(good, values{"source": values{"file": ova, "checksum": wrong}}))
	tells(t, diags, `at source.checksum: Not the checksum of the file`, "has the checksum "+first.at("source", "checksum"))
	// The right one brings nothing new.
	p, diags := d.plan(first, with(good, values{"source": values{"file": ova, "checksum": strings.ToUpper(first.at("source", "checksum"))}}))
	if failed(diags) || !parts(p.Planned)["status"].Equal(parts(first.Value)["status"]) {
		t.Errorf("a checksum that is right uploads the file: %s", said(diags))
	}
	// A replacement bears the name of what it replaces.
	again := d.nothing()
	again.Private = first.Private // all that Terraform tells of it
	_, diags = d.plan(again, good)
	if failed(diags) {
		t.Errorf("the item that is replaced bars its replacement: %s", said(diags))
	}
	if got := w.found(); len(got) != 1 || len(w.sim.UpdateSessions()) != 0 {
		t.Errorf("plans have left %v and %v", got, w.sim.UpdateSessions())
	}
}

func (w *world) datastore() string {
	w.Helper()
	library, err := w.items.GetLibraryByID(w.Context(), simulator.LibraryTeamAImagesID)
	if err != nil {
		w.Fatal(err)
	}
	return library.Storage[0].DatastoreID
}

// What vCenter is to fetch may be there by the time of the apply.
func TestAURLThatVCenterCannotReadIsAWarning(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	d := connected(t, w.sim)
	for _, test := range []struct {
		name   string
		source values
		parts  []string
	}{
		{"one", values{"url": server.URL + "/a.ova?token=s3cret"}, []string{`at source.url: A server that vCenter does not trust`, "set ssl_thumbprint to it"}},
		{"two", values{"url": server.URL + "/a.ova", "ssl_thumbprint": strings.Repeat("00", 20)}, []string{`at source.ssl_thumbprint: Another certificate`}},
		{"three", values{"url": "http://127.0.0.1:1/a.iso"}, []string{`at source.url: A URL that vCenter cannot read`, "The apply fails if that is still so"}},
	} {
		_, diags := d.plan(d.nothing(), values{"content_library": "team-a-images", "name": test.name, "source": test.source})
		if failed(diags) || strings.Contains(said(diags), "s3cret") {
			t.Errorf("%v: %s", test.source, said(diags))
		}
		tells(t, diags, test.parts...)
	}
}

// Every argument may be unknown, the provider's own too, and none of that is an error or a guess.
func TestWhatIsNotKnownIsPlannedAsThat(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	good := with(arguments(ova), values{"namespace": "default"})
	d := connected(t, w.sim)
	made, diags := d.apply(t.Context(), d.nothing(), good)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	made, _ = d.refresh(made)
	for _, name := range []string{"content_library", "name", "description", "namespace", "source", "file", "checksum"} {
		others := values{name: unknown{}}
		switch name {
		case "file":
			others = values{"source": values{"file": unknown{}}}
		case "checksum":
			others = values{"source": values{"file": ova, "checksum": unknown{}}}
		}
		for _, prior := range []state{d.nothing(), made} {
			d := connected(t, w.sim)
			if _, diags := d.refresh(made); failed(diags) {
				t.Fatal(said(diags))
			}
			p, diags := d.plan(prior, with(good, others))
			if failed(diags) {
				t.Errorf("%s: %s", name, said(diags))
				continue
			}
			if len(p.Replace) > 0 {
				t.Errorf("%s, not known, replaces the image", name)
			}
			if uploads := !parts(p.Planned)["status"].IsKnown(); uploads != (prior.Value.IsNull() || name == "source" || name == "file" || name == "checksum") {
				t.Errorf("with %s not known, an upload is planned: %t", name, uploads)
			}
		}
	}
	d = connected(t, nil)
	if p, diags := d.plan(d.nothing(), good); failed(diags) || parts(p.Planned)["kind"].IsKnown() {
		t.Errorf("without a vCenter: %s", said(diags))
	}
}

func TestAnImageThatIsInUseIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	made, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	w.sim.OccupyItem(made.at("id"), true)
	tells(t, d.destroy(made), "The image is in use", `"golden"`, made.at("id"), "Destroy again")
	w.sim.OccupyItem(made.at("id"), false)
	for range 2 { // gone is gone
		if diags := d.destroy(made); failed(diags) {
			t.Error(said(diags))
		}
	}
	got, diags := d.refresh(made)
	if failed(diags) || !got.Value.IsNull() {
		t.Errorf("%v, %s", got.Value, said(diags))
	}
	// A vCenter that does not answer is no reason to forget an image.
	made, diags = d.apply(t.Context(), d.nothing(), arguments(ova))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	if err := w.sim.Inject(simulator.Rule{Operation: "*", Times: -1, Status: 500}); err != nil {
		t.Fatal(err)
	}
	if got, diags := d.refresh(made); !failed(diags) || got.Value.IsNull() {
		t.Errorf("%v, %s", got.Value, said(diags))
	}
	w.sim.ClearRules()
}
