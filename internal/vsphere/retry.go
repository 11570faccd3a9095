package vsphere

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// maxAttempts is how often a read is sent when vCenter is away for a moment. With backoff it
// bridges about four seconds: a restart of the proxy, not one of vCenter.
const maxAttempts = 5

// backoff is the pause before attempt n (from 1): 250 ms doubled each time, give or take a
// fifth, so that many callers do not come back in step.
func backoff(n int) time.Duration {
	pause := 250 * time.Millisecond << (n - 1)
	return pause + time.Duration((rand.Float64()-0.5)*0.4*float64(pause)) //nolint:gosec // not a secret
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// repeat sends a request until it is answered. Only a read is sent more than once: of a write
// nobody knows whether it was executed before the answer got lost.
func (c *Client) repeat(ctx context.Context, read bool, send func() error) error {
	for n := 1; ; n++ {
		err := send()
		if err == nil || !read || n == maxAttempts || !isTemporary(err) || ctx.Err() != nil {
			return err
		}
		if sleep(ctx, c.backoff(n)) != nil {
			return err
		}
	}
}

// isTemporary says whether the same request may well succeed in a moment.
func isTemporary(err error) bool {
	var status *statusError
	if errors.As(err, &status) {
		return isTemporaryStatus(status.code)
	}
	return isInterrupted(err) || errors.Is(err, syscall.ECONNREFUSED)
}

func isTemporaryStatus(code int) bool {
	return code == http.StatusBadGateway || code == http.StatusServiceUnavailable
}

// isInterrupted says whether err is the loss of a connection that was there.
func isInterrupted(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		// net/http has no value for this one
		strings.Contains(err.Error(), "server closed idle connection")
}

// readPrefixes begin the names of the vSphere API's methods that change nothing.
var readPrefixes = []string{
	"Retrieve", "Query", "Find", "Fetch", "Check", "CurrentTime", "Browse",
	"Validate", "Recommend", "PbmRetrieve", "PbmQuery", "PbmFind", "PbmFetch", "PbmCheck",
}

// isRead says whether a SOAP method may be sent twice. Not so ContinueRetrievePropertiesEx,
// whose token is used up, and what starts a task. Not so either the waits for updates: a lost
// answer may have taken its news along, and the same wait would never tell them again. Whoever
// waits makes new filters, which begin with all there is.
func isRead(method string) bool {
	if strings.HasSuffix(method, "_Task") || strings.HasPrefix(method, "CheckForUpdates") {
		return false
	}
	for _, prefix := range readPrefixes {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// restReads are the actions of POST requests of the vAPI that change nothing.
var restReads = map[string]bool{
	"get": true, "list": true, "find": true, "filter": true, "validate": true,
	"list-attached-tags": true, "list-attached-tags-on-objects": true,
	"list-attached-objects": true, "list-attached-objects-on-tags": true,
	"list-tags-for-category": true, "list-used-categories": true, "list-used-tags": true,
}

func isReadREST(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPost:
		query := req.URL.Query()
		return restReads[query.Get("~action")] || restReads[query.Get("action")]
	default:
		return false
	}
}
