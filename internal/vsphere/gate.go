package vsphere

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/vmware/govmomi/vim25/soap"
)

// LogSubsystem is the tflog subsystem that gets one Debug line per request to vCenter: what
// was called, how it ended, how long it took. Bodies and headers are never logged.
const LogSubsystem = "vsphere"

// WithLogging registers LogSubsystem in ctx. Its level is that of the environment variable
// TF_LOG_PROVIDER_VMOPERATOR_VSPHERE, or else the provider's.
func WithLogging(ctx context.Context) context.Context {
	return tflog.NewSubsystem(ctx, LogSubsystem, tflog.WithRootFields(),
		tflog.WithLevelFromEnv("TF_LOG_PROVIDER_VMOPERATOR", "VSPHERE"))
}

// call is what the SOAP layer knows about a request and HTTP does not show.
type call struct {
	method   string // of the vSphere API, like RetrievePropertiesEx
	longPoll bool   // waits in vCenter for something to happen
}

type callKey struct{}

func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// gate is the one door to vCenter, for SOAP and REST alike: it counts, bounds and logs.
type gate struct {
	next      http.RoundTripper
	userAgent string
	slots     chan struct{}
	calls     atomic.Int64
}

func newGate(next http.RoundTripper, userAgent string, bound int) *gate {
	return &gate{next: next, userAgent: userAgent, slots: make(chan struct{}, bound)}
}

// RoundTrip sends req when a slot is free. The slot is held until the body of the response is
// closed, so that reading a large answer counts as a request in flight.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	info, isSOAP := ctx.Value(callKey{}).(call)
	release := func() {}
	if !info.longPoll && !isTransfer(req) {
		select {
		case g.slots <- struct{}{}:
			release = sync.OnceFunc(func() { <-g.slots })
		case <-ctx.Done():
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, ctx.Err()
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(ctx)
		req.Header.Set("User-Agent", g.userAgent)
	}
	g.calls.Add(1)
	start := time.Now()
	res, err := g.next.RoundTrip(req)
	logCall(req, info, res, err, time.Since(start))
	if err != nil {
		release()
		return nil, err
	}
	if isSOAP && info.method != "Login" {
		dropSessionCookie(res)
	}
	res.Body = &slotBody{ReadCloser: res.Body, release: release}
	return res, nil
}

// isTransfer says whether req moves the content of a file. Transfers take as long as the file
// is large, and their owner makes API calls meanwhile: they must not wait for each other.
func isTransfer(req *http.Request) bool {
	return req.Method != http.MethodPost && !isAPI(req)
}

func isAPI(req *http.Request) bool {
	return strings.HasPrefix(req.URL.Path, "/rest/") || strings.HasPrefix(req.URL.Path, "/api/")
}

// dropSessionCookie keeps the answer to a straggler of a dead session, for which vCenter opens
// an anonymous session, from replacing the cookie of the login that goes on beside it.
func dropSessionCookie(res *http.Response) {
	cookies := res.Header.Values("Set-Cookie")
	kept := make([]string, 0, len(cookies))
	for _, cookie := range cookies {
		if !strings.HasPrefix(cookie, soap.SessionCookieName+"=") {
			kept = append(kept, cookie)
		}
	}
	if len(kept) != len(cookies) {
		res.Header["Set-Cookie"] = kept
	}
}

// slotBody gives the slot back when the response has been dealt with.
type slotBody struct {
	io.ReadCloser
	release func()
}

// Close implements io.Closer.
func (b *slotBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}

func logCall(req *http.Request, info call, res *http.Response, err error, duration time.Duration) {
	ctx := req.Context()
	// An unregistered subsystem reports no level at all.
	if !tflog.SubsystemIsError(ctx, LogSubsystem) && tflog.IsDebug(ctx) {
		ctx = WithLogging(ctx)
	}
	if !tflog.SubsystemIsDebug(ctx, LogSubsystem) {
		return
	}
	fields := map[string]any{
		"http_method": req.Method,
		"host":        req.URL.Host,
		"path":        loggedPath(req),
		"duration_ms": duration.Milliseconds(),
	}
	if info.method != "" {
		fields["method"] = info.method
	} else if action := req.URL.Query().Get("~action"); action != "" {
		fields["method"] = action
	}
	if res != nil {
		fields["status"] = res.StatusCode
	}
	if err != nil {
		fields["error"] = err.Error()
	}
	tflog.SubsystemDebug(ctx, LogSubsystem, "Called vCenter", fields)
}

// loggedPath is the path without the query. What follows the first element of a transfer's
// path opens the file to whoever knows it.
func loggedPath(req *http.Request) string {
	if !isTransfer(req) {
		return req.URL.Path
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	return "/" + first + "/…"
}
