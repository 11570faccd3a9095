package vsphere

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// failing makes the first n requests of op fail.
func failing(v *vcenter, op string, n int, fail func(http.ResponseWriter)) {
	v.reset()
	v.setIntercept(func(got string, w http.ResponseWriter, _ *http.Request) bool {
		if got != op || v.count(op) > n {
			return false
		}
		fail(w)
		return true
	})
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = connection.Close()
}

const (
	opList   = "GET /rest/com/vmware/content/library"
	opFind   = "POST /rest/com/vmware/content/library find"
	opCreate = "POST /rest/com/vmware/content/local-library"
)

func TestOnlyReadsAreSentAgain(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rc, err := c.REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	libraries := library.NewManager(rc)
	calls := map[string]func() error{
		"CurrentTime":    func() error { _, err := methods.GetCurrentTime(t.Context(), vc); return err },
		"CreateListView": func() error { _, err := view.NewManager(vc).CreateListView(t.Context(), nil); return err },
		"WaitForUpdatesEx": func() error {
			_, err := methods.WaitForUpdatesEx(t.Context(), vc, &types.WaitForUpdatesEx{
				This: vc.ServiceContent.PropertyCollector, Options: &types.WaitOptions{MaxWaitSeconds: types.NewInt32(0)},
			})
			return err
		},
		opList: func() error { _, err := libraries.ListLibraries(t.Context()); return err },
		opFind: func() error { _, err := libraries.FindLibrary(t.Context(), library.Find{Name: "x"}); return err },
		opCreate: func() error {
			_, err := libraries.CreateLibrary(t.Context(), library.Library{Name: "x", Type: "LOCAL", Storage: []library.StorageBacking{{DatastoreID: "x"}}})
			return err
		},
	}
	for _, test := range []struct {
		name string
		op   string
		n    int // failures
		fail func(http.ResponseWriter)
		sent int
		err  error
	}{
		{"SOAP read, 503", "CurrentTime", 2, status(http.StatusServiceUnavailable), 3, nil},
		{"SOAP read, 502", "CurrentTime", 2, status(http.StatusBadGateway), 3, nil},
		{"SOAP read, lost", "CurrentTime", 2, hangUp, 3, nil},
		{"SOAP read, 404", "CurrentTime", 1, status(http.StatusNotFound), 1, ErrUnsupported},
		{"SOAP read, 503 for good", "CurrentTime", 99, status(http.StatusServiceUnavailable), maxAttempts, ErrInterrupted},
		{"SOAP read, lost for good", "CurrentTime", 99, hangUp, maxAttempts, ErrInterrupted},
		{"SOAP write, 503", "CreateListView", 1, status(http.StatusServiceUnavailable), 1, ErrInterrupted},
		{"SOAP write, lost", "CreateListView", 1, hangUp, 1, ErrInterrupted},
		{"wait, 503", "WaitForUpdatesEx", 1, status(http.StatusServiceUnavailable), 1, ErrInterrupted},
		{"wait, lost", "WaitForUpdatesEx", 1, hangUp, 1, ErrInterrupted},
		{"REST read, 503", opList, 2, status(http.StatusServiceUnavailable), 3, nil},
		{"REST read, lost", opList, 2, hangUp, 3, nil},
		{"REST read, 503 for good", opList, 99, status(http.StatusServiceUnavailable), maxAttempts, ErrInterrupted},
		{"REST read with a body, 502", opFind, 2, status(http.StatusBadGateway), 3, nil},
		{"REST read with a body, lost", opFind, 2, hangUp, 3, nil},
		{"REST write, 503", opCreate, 1, status(http.StatusServiceUnavailable), 1, ErrInterrupted},
		{"REST write, lost", opCreate, 1, hangUp, 1, ErrInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			failing(v, test.op, test.n, test.fail)
			err := Translate(calls[test.op](), "call")
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("err = %v, want %v", err, test.err)
			}
			if got := v.count(test.op); got != test.sent {
				t.Errorf("sent %d times, want %d", got, test.sent)
			}
		})
	}
}

func TestGovmomiStillKnowsTheStatus(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	rc, err := v.client(t).REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	failing(v, opList, 99, status(http.StatusServiceUnavailable))
	if _, err := library.NewManager(rc).ListLibraries(t.Context()); !rest.IsStatusError(err, http.StatusServiceUnavailable) {
		t.Errorf("err = %v", err)
	}
}

func TestPauseEndsWithTheContext(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.backoff = func(int) time.Duration { cancel(); return time.Hour }
	failing(v, "CurrentTime", 99, status(http.StatusServiceUnavailable))
	if _, err := methods.GetCurrentTime(ctx, vc); err == nil {
		t.Error("no error")
	}
	if got := v.count("CurrentTime"); got != 1 {
		t.Errorf("sent %d times, want 1", got)
	}
}

func TestPausesGrow(t *testing.T) {
	t.Parallel()
	for n, middle := range map[int]time.Duration{
		1: 250 * time.Millisecond, 2: 500 * time.Millisecond, 3: time.Second, 4: 2 * time.Second,
	} {
		for range 100 {
			if got := backoff(n); got < middle*8/10 || got > middle*12/10 {
				t.Fatalf("backoff(%d) = %s, want %s ± 20 %%", n, got, middle)
			}
		}
	}
}

func TestReadsAndWrites(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{
		"RetrievePropertiesEx": true, "QueryIpPools": true, "FindByInventoryPath": true, "CurrentTime": true,
		"FetchDVPorts": true, "PbmQueryProfile": true, "PbmRetrieveContent": true,
		"RetrieveServiceContent": true,
		"WaitForUpdatesEx":       false, "WaitForUpdates": false, "CheckForUpdates": false, "CheckCompatibility_Task": false,
		"ContinueRetrievePropertiesEx": false, "CloneVM_Task": false, "CreateVM_Task": false,
		"QueryX_Task": false, "SearchDatastore_Task": false, "Login": false, "Logout": false, "CreateFilter": false,
		"ModifyListView": false, "AllocateIpv4Address": false, "DestroyPropertyFilter": false, "CancelTask": false,
	} {
		if got := isRead(method); got != want {
			t.Errorf("isRead(%s) = %v", method, got)
		}
	}
}
