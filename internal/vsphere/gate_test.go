package vsphere

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func TestRequestsInFlightAreBounded(t *testing.T) {
	t.Parallel()
	const bound, callers = 3, 12
	v := startVCenter(t)
	c := v.client(t, func(cfg *Config) { cfg.MaxConcurrentRequests = bound })
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rc, err := c.REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	inFlight, most := 0, 0
	full, polling, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
	v.setIntercept(func(op string, _ http.ResponseWriter, r *http.Request) bool {
		switch op {
		case "WaitForUpdatesEx":
			close(polling)
			<-r.Context().Done() // nothing happens
			return true
		case "CurrentTime", "GET /rest/com/vmware/content/library":
		default:
			return false
		}
		mu.Lock()
		inFlight++
		most = max(most, inFlight)
		if inFlight == bound {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-release
		mu.Lock()
		inFlight--
		mu.Unlock()
		return false
	})

	done := make(chan []error)
	go func() {
		var mu sync.Mutex
		n := 0
		done <- together(callers, func() error {
			mu.Lock()
			n++
			rest := n%2 == 0
			mu.Unlock()
			if rest {
				_, err := library.NewManager(rc).ListLibraries(t.Context())
				return err
			}
			_, err := methods.GetCurrentTime(t.Context(), vc)
			return err
		})
	}()
	<-full

	// A long poll goes beside the bound …
	pollCtx, stop := context.WithCancel(t.Context())
	polled := make(chan error)
	go func() {
		_, err := methods.WaitForUpdatesEx(pollCtx, vc, &types.WaitForUpdatesEx{
			This: vc.ServiceContent.PropertyCollector, Options: &types.WaitOptions{MaxWaitSeconds: types.NewInt32(600)},
		})
		polled <- err
	}()
	<-polling
	// … and whoever waits for a slot goes away when told to.
	waiting, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := methods.GetCurrentTime(waiting, vc); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled wait for a slot ended with %v", err)
	}
	close(release)
	noErrors(t, <-done)
	// With the poll still out, the bound is free again.
	noErrors(t, together(callers, func() error { _, err := methods.GetCurrentTime(t.Context(), vc); return err }))
	stop()
	if err := <-polled; !errors.Is(err, context.Canceled) {
		t.Errorf("the long poll ended with %v", err)
	}
	if most != bound {
		t.Errorf("%d requests were in flight at most, want %d", most, bound)
	}
}

func TestRenewalNeedsNoSecondSlot(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t, func(cfg *Config) { cfg.MaxConcurrentRequests = 1 })
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	v.expire(t)
	noErrors(t, together(8, func() error { return errors.Join(readSOAP(t.Context(), c), readREST(t.Context(), c)) }))
}

func TestOnlyPollsThatWaitAreLong(t *testing.T) {
	t.Parallel()
	body := func(options *types.WaitOptions) *methods.WaitForUpdatesExBody {
		return &methods.WaitForUpdatesExBody{Req: &types.WaitForUpdatesEx{Options: options}}
	}
	for name, test := range map[string]struct {
		body *methods.WaitForUpdatesExBody
		want bool
	}{
		"no options":  {body(nil), true},
		"no limit":    {body(&types.WaitOptions{}), true},
		"ten seconds": {body(&types.WaitOptions{MaxWaitSeconds: types.NewInt32(10)}), true},
		"look only":   {body(&types.WaitOptions{MaxWaitSeconds: types.NewInt32(0)}), false},
	} {
		if got := isLongPoll(test.body); got != test.want {
			t.Errorf("%s: isLongPoll = %v", name, got)
		}
	}
	if isLongPoll(&methods.CurrentTimeBody{}) {
		t.Error("CurrentTime is no long poll")
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := vc.DefaultTransport().MaxIdleConnsPerHost; got != defaultConcurrency {
		t.Errorf("MaxIdleConnsPerHost = %d, want %d", got, defaultConcurrency)
	}
	if vc.DefaultTransport().Proxy == nil {
		t.Error("the proxies of the environment are ignored")
	}
	if vc.DefaultTransport().DialTLSContext != nil {
		t.Error("TLS connections are made by govmomi, which knows no context")
	}
}

func TestCallsAreLoggedWithoutContent(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	var log lockedBuffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	noErrors(t, []error{readSOAP(ctx, c), readREST(ctx, c)})
	rc, err := c.REST(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, secret := range []string{testPassword, rc.SessionID(), "RetrieveServiceContentRequest", "Envelope"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	entries, err := tflogtest.MultilineJSONDecode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, entry := range entries {
		if entry["@module"] != "provider."+LogSubsystem || entry["@level"] != "debug" || entry["duration_ms"] == nil || entry["status"] == nil {
			t.Errorf("entry %v", entry)
		}
		method, _ := entry["method"].(string)
		path, _ := entry["path"].(string)
		lines[path+" "+method]++
	}
	for _, line := range []string{
		"/sdk RetrieveServiceContent", "/sdk Login", "/sdk RetrievePropertiesEx",
		"/rest/com/vmware/cis/session ", "/rest/com/vmware/content/library ", "/rest/com/vmware/content/library find",
	} {
		if lines[line] != 1 {
			t.Errorf("%d lines for %q, want 1; there are %v", lines[line], line, lines)
		}
	}
	if int64(len(entries)) != c.Calls() {
		t.Errorf("%d lines for %d calls", len(entries), c.Calls())
	}
}

func TestPathsOfTransfersAreNotLogged(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://vc/cls/data/5263-ticket/disk.vmdk": "/cls/…",
		"https://vc/nfc/5263-ticket/disk-0.vmdk":    "/nfc/…",
		"https://vc/rest/com/vmware/x":              "/rest/com/vmware/x",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got := loggedPath(request); got != want {
			t.Errorf("loggedPath(%s) = %q, want %q", url, got, want)
		}
	}
}

// lockedBuffer takes the log of several goroutines.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestUserAgentIsSentWithEveryRequest(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	if _, err := c.PBM(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Transfers of files do not go through the part of govmomi that knows the user agent.
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := vc.Download(t.Context(), vc.URL().JoinPath("/folder/none"), &soap.DefaultDownload); err == nil {
		t.Error("downloaded what is not there")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if agents := slices.Collect(maps.Keys(v.agents)); !slices.Equal(agents, []string{"test-agent/1"}) {
		t.Errorf("user agents: %q", agents)
	}
}

// A request that announces its length can be sent over another connection when the one chosen
// turns out to be closed.
func TestRequestsAnnounceTheirLength(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	v.setIntercept(func(op string, _ http.ResponseWriter, r *http.Request) bool {
		if len(r.TransferEncoding) > 0 || r.ContentLength < 0 {
			t.Errorf("%s: length %d, transfer encoding %v", op, r.ContentLength, r.TransferEncoding)
		}
		return false
	})
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
}
