package library_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// server serves entries, and notes who fetched which.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	fetched map[string]string
}

func serve(t *testing.T, start func(http.Handler) *httptest.Server, entries ...entry) *server {
	t.Helper()
	s := &server{fetched: map[string]string{}}
	s.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, e := range entries {
			if r.URL.Path != "/images/"+e.name || r.URL.Query().Get("token") != "t0ken" {
				continue
			}
			if r.Method == http.MethodGet {
				s.mu.Lock()
				s.fetched[e.name] = r.UserAgent()
				s.mu.Unlock()
			}
			_, _ = w.Write(e.text)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) remote(t *testing.T, name string) *library.Remote {
	t.Helper()
	r, err := library.NewRemote(s.URL + "/images/" + name + "?token=t0ken")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sha(e entry) *library.Checksum {
	return &library.Checksum{Algorithm: "SHA256", Digits: fmt.Sprintf("%x", sha256.Sum256(e.text))}
}

// pushed are the files that were sent to vCenter.
func (w *world) pushed() int { return len(w.sim.Requests("PUT *")) }

func TestVCenterFetchesWhatIsAtAURL(t *testing.T) {
	entries := small("1.0", 1)
	ova, iso := entry{"small.ova", archive(entries...)}, disk("boot.iso", 5000, 3)
	for _, test := range []struct {
		name   string
		sum    *library.Checksum
		files  []string
		pushed int
	}{
		{"small.ova", nil, sizes(entries...), 0},
		{"small.ovf", sha(entries[0]), sizes(entries...), 0},
		{"boot.iso", sha(iso), sizes(iso), 0},
		// vCenter compares none of an OVA: it comes through this machine, which does.
		{"small.ova", sha(ova), sizes(entries...), 4},
	} {
		t.Run(fmt.Sprint(test.name, test.sum != nil), func(t *testing.T) {
			w := newWorld(t)
			from := serve(t, httptest.NewServer, append(entries, ova, iso)...)
			remote := from.remote(t, test.name)
			remote.Checksum = test.sum
			id, err := w.upload(t.Context(), spec("remote"), remote)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.files, w.files(t, id)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if w.pushed() != test.pushed {
				t.Errorf("%d files were pushed, want %d", w.pushed(), test.pushed)
			}
			if test.name != "small.ovf" {
				return
			}
			// Other content, whose disks have the same names.
			other := small("2.0", 2)
			again := serve(t, httptest.NewServer, other...)
			if _, err := w.uploads().Fill(t.Context(), id, again.remote(t, "small.ovf"), nil); err != nil {
				t.Fatal(err)
			}
			for _, e := range other {
				if again.fetched[e.name] == "" {
					t.Errorf("%s was not fetched again", e.name)
				}
			}
		})
	}
}

func TestRemoteContentThatIsWrongNeverBecomesAnImage(t *testing.T) {
	entries := small("1.0", 1)
	wrong := append([]entry{}, entries...)
	wrong[2] = disk("disk1.vmdk", 300_000, 44)
	late := []entry{wrong[0], wrong[2], wrong[3], wrong[1]} // the manifest at the end
	ova := entry{"small.ova", archive(entries...)}
	none := &library.Checksum{Algorithm: "SHA1", Digits: strings.Repeat("0", 40)}
	for _, test := range []struct {
		name, file string
		entries    []entry
		sum        *library.Checksum
		kind       error
		part       string
	}{
		{"an ISO of another checksum", "boot.iso", []entry{disk("boot.iso", 5000, 3)}, none, library.ErrChecksum, "checksum of boot.iso"},
		{"an OVA of another checksum", "small.ova", []entry{ova}, none, library.ErrChecksum, "small.ova is sha1:"},
		{"an OVA that contradicts its manifest", "small.ova", []entry{{"small.ova", archive(wrong...)}}, sha(entry{"", archive(wrong...)}), library.ErrChecksum, "the manifest says"},
		{"an OVA that contradicts its last file", "small.ova", []entry{{"small.ova", archive(late...)}}, sha(entry{"", archive(late...)}), library.ErrChecksum, "the manifest says"},
		{"an OVA that begins with a disk", "small.ova", []entry{{"small.ova", archive(entries[2], entries[0])}}, none, library.ErrPackage, "Download it and set file"},
		{"an OVA that lacks a disk", "small.ova", []entry{{"small.ova", archive(entries[0], entries[2])}}, sha(entry{"", archive(entries[0], entries[2])}), library.ErrPackage, `"disk2.vmdk", which is not in it`},
		{"an OVF that lacks a disk", "small.ovf", entries[:3], nil, library.ErrTransfer, "disk2.vmdk"},
		{"nothing", "none.iso", nil, nil, library.ErrTransfer, "404"},
		{"nothing to stream", "none.ova", nil, none, library.ErrTransfer, "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			remote := serve(t, httptest.NewServer, test.entries...).remote(t, test.file)
			remote.Checksum = test.sum
			id, err := w.upload(t.Context(), spec("remote"), remote)
			wantError(t, err, test.kind, test.part)
			if err != nil && strings.Contains(err.Error(), "t0ken") {
				t.Errorf("the error shows the token: %v", err)
			}
			if len(w.files(t, id)) != 0 || len(w.sim.UpdateSessions()) != 0 {
				t.Errorf("the item has %v, sessions %v", w.files(t, id), w.sim.UpdateSessions())
			}
		})
	}
}

func TestAServerIsTrustedByItsThumbprint(t *testing.T) {
	entries := small("1.0", 1)
	ova := entry{"small.ova", archive(entries...)}
	for _, streamed := range []bool{false, true} {
		t.Run(fmt.Sprint("streamed=", streamed), func(t *testing.T) {
			w := newWorld(t)
			from := serve(t, httptest.NewTLSServer, ova)
			right := soap.ThumbprintSHA1(from.Certificate())
			for i, thumbprint := range []string{"", strings.Repeat("00:", 19) + "00", right} {
				remote := from.remote(t, "small.ova")
				remote.Thumbprint = thumbprint
				if streamed {
					remote.Checksum = sha(ova)
				}
				reason, err := w.uploads().Probe(t.Context(), remote)
				if err != nil {
					t.Fatal(err)
				}
				if wrong := thumbprint != right; wrong != (reason != nil) || (wrong && (!reason.Certificate || reason.Here != streamed)) {
					t.Errorf("with %q vCenter says %+v", thumbprint, reason)
				}
				if i == 0 && reason != nil && (!reason.Certificate || !strings.Contains(reason.Text, right)) {
					t.Errorf("vCenter says %+v, without the thumbprint %s", reason, right)
				}
				if _, err := w.upload(t.Context(), spec(fmt.Sprint("remote", i)), remote); (err == nil) != (thumbprint == right) {
					t.Errorf("with %q: %v", thumbprint, err)
				}
			}
		})
	}
}

func TestAURLIsJudged(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://h/a/b.ova?x=1": vapi.ItemTypeOVF, "http://h/b.OVF": vapi.ItemTypeOVF, "https://h/b.iso": vapi.ItemTypeISO,
		"ftp://h/b.iso": "", "https:///b.iso": "", "b.iso": "", "https://h/b.vmdk": "", "https://h/": "", "https://h/%zz.iso": "",
	} {
		got, err := library.NewRemote(text)
		if want == "" {
			wantError(t, err, library.ErrPackage)
		} else if err != nil || got.Type() != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	secret, err := library.NewRemote("https://user:hunter2@h/a.iso?signature=s3cret")
	if err != nil || secret.String() != "https://h/a.iso" {
		t.Errorf("%v, %v", secret, err)
	}
	_, err = library.NewRemote("https://user:hunter2@h/a.img")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}
