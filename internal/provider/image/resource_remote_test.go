package image_test

import (
	"crypto/sha1" //nolint:gosec // what thumbprints are made of
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// vCenter takes whatever is at a URL for a descriptor. It does not become an image.
func TestAPageAtTheURLOfADescriptorIsNoImage(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".ovf") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("<html><body>Sign in</body></html>"))
	}))
	t.Cleanup(server.Close)
	d := connected(t, w.sim)
	_, diags := d.apply(t.Context(), d.nothing(), values{"content_library": "team-a-images", "name": "golden", "source": values{"url": server.URL + "/golden.ovf"}})
	tells(t, diags, "at source.url: ", "is not an OVF image", `"html"`, "was removed")
	if got := w.found(); len(got) != 0 {
		t.Errorf("%v are left", got)
	}
}

// An OVA with a checksum is streamed through this machine, which has to be able to read it.
func TestAnOVAThatIsToBeStreamedIsAskedForInPlan(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	d := connected(t, w.sim)
	checksum := "sha256:" + strings.Repeat("0", 64)
	thumbprint := fmt.Sprintf("%X", sha1.Sum(server.Certificate().Raw)) //nolint:gosec // a thumbprint
	plan := func(name string, source values) string {
		_, diags := d.plan(d.nothing(), values{"content_library": "team-a-images", "name": name, "source": source})
		if failed(diags) {
			t.Errorf("%s", said(diags))
		}
		return said(diags)
	}
	untrusted := plan("one", values{"url": server.URL + "/a.ova", "checksum": checksum})
	if !strings.Contains(untrusted, "A server that this machine does not trust") || !strings.Contains(strings.ReplaceAll(untrusted, ":", ""), thumbprint) || !strings.Contains(untrusted, "set ssl_thumbprint to it") {
		t.Errorf("an untrusted server: %s", untrusted)
	}
	absent := plan("two", values{"url": server.URL + "/a.ova", "checksum": checksum, "ssl_thumbprint": thumbprint})
	if !strings.Contains(absent, "at source.url: A URL that cannot be read") || !strings.Contains(absent, "404") {
		t.Errorf("a file that is not there: %s", absent)
	}
}

// Of a subscribed library vCenter changes no item, whoever has imported it.
func TestAnImageOfASubscribedLibraryIsNotManaged(t *testing.T) {
	t.Parallel()
	d := connected(t, simulator.Start(t, simulator.WithEveryImageType()))
	imported, _ := d.Import(simulator.ItemSubscribed)
	got, diags := d.refresh(state{imported})
	if failed(diags) {
		t.Fatal(said(diags))
	}
	for _, name := range []string{got.at("name"), "renamed"} {
		_, diags := d.plan(got, values{"content_library": simulator.LibrarySubscribed, "name": name, "source": values{"virtual_machine": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"}})
		tells(t, diags, "at content_library: A subscribed content library", "neither changes nor deletes", "terraform state rm")
	}
}
