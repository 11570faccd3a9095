package vsphere

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/vmware/govmomi/vapi/rest"
)

const (
	restSessionHeader = "vmware-api-session-id"
	restLoginHeader   = "vmware-use-header-authn"
	// maxErrorBody bounds what is read of the body of an error.
	maxErrorBody = 64 << 10
)

// restTransport sends vAPI requests: reads again when the connection breaks, everything again,
// once, when the session has ended. It keeps what an error response says, which rest.Client
// would drop except for a 400.
type restTransport struct {
	client *Client
	next   http.RoundTripper
	rest   *rest.Client // whose requests these are
}

// RoundTrip implements http.RoundTripper.
func (t *restTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if isTransfer(req) {
		return t.next.RoundTrip(req)
	}
	// The body is kept, so that it can be sent again; govmomi's cannot.
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	seen := t.client.vapi.current()
	id := req.Header.Get(restSessionHeader)
	res, err := t.send(req, body, id)
	if err != nil || res.StatusCode != http.StatusUnauthorized || req.Header.Get(restLoginHeader) != "" {
		return res, err
	}
	if id == t.rest.SessionID() { // else someone has logged in since the request was made
		if err := t.client.vapi.renew(req.Context(), seen); err != nil {
			return nil, err
		}
	}
	return t.send(req, body, t.rest.SessionID())
}

// send sends req with the given body, in the session id if there is one.
func (t *restTransport) send(req *http.Request, body []byte, id string) (res *http.Response, err error) {
	err = t.client.repeat(req.Context(), isReadREST(req), func() error {
		again := withBody(req, body)
		if id != "" {
			again.Header.Set(restSessionHeader, id)
		}
		var err error
		if res, err = t.next.RoundTrip(again); err != nil { //nolint:bodyclose // the caller's; explain has read that of an answer that is repeated
			return err
		}
		if err := explain(res); err != nil {
			return err
		}
		if isTemporaryStatus(res.StatusCode) {
			return &statusError{code: res.StatusCode, status: res.Status}
		}
		return nil
	})
	if status := (*statusError)(nil); errors.As(err, &status) {
		err = nil // the response says it
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// withBody returns a copy of req with the given body, which can be had again: net/http then
// goes to another connection by itself when one turns out to be closed before anything was
// written to it.
func withBody(req *http.Request, body []byte) *http.Request {
	again := req.Clone(req.Context())
	again.Body, again.ContentLength = http.NoBody, int64(len(body))
	again.GetBody = func() (io.ReadCloser, error) { return http.NoBody, nil }
	if len(body) > 0 {
		again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		again.Body = io.NopCloser(bytes.NewReader(body))
	}
	return again
}

func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	if closeErr := req.Body.Close(); err == nil {
		err = closeErr
	}
	return body, err
}

// explain puts what the body of an error response says into its Status, where rest.Client
// takes the text of its errors from, and closes the connection's part of it. A 400 is left
// to rest.Client, which reads the body of that one itself.
func explain(res *http.Response) error {
	if res.StatusCode < http.StatusBadRequest {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	var compact bytes.Buffer
	if res.StatusCode != http.StatusBadRequest && json.Compact(&compact, body) == nil {
		res.Status = fmt.Sprintf("%s: %s", res.Status, compact.Bytes())
	}
	return nil
}
