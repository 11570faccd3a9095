package vsphere

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/fault"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// statusError is an HTTP status that stands in place of a SOAP answer: the proxy before
// vCenter answers for a service that is away.
type statusError struct {
	code   int
	status string
}

func (e *statusError) Error() string { return e.status }

// soapTransport gives the statuses that govmomi hides a type.
type soapTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *soapTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if isTransfer(req) {
		return t.next.RoundTrip(req)
	}
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	res, err := t.next.RoundTrip(withBody(req, body))
	if err != nil || res.StatusCode == http.StatusOK || res.StatusCode == http.StatusInternalServerError {
		return res, err
	}
	_ = res.Body.Close()
	return nil, &statusError{code: res.StatusCode, status: res.Status}
}

// soapCaller sends SOAP requests: reads again when the connection breaks, and everything
// again, once, when it turns out that the session has ended – which vCenter says before it
// executes anything.
type soapCaller struct {
	client *Client
	next   soap.RoundTripper
}

// RoundTrip implements soap.RoundTripper.
func (s *soapCaller) RoundTrip(ctx context.Context, req, res soap.HasFault) error {
	seen := s.client.soap.current()
	err := s.send(ctx, req, res)
	if !sessionEnded(err, res) {
		return err
	}
	if err := s.client.soap.renew(ctx, seen); err != nil {
		return err
	}
	if isWait(req) {
		// Its filters went with the session: sent again, it would wait for nothing.
		return fmt.Errorf("%w: %s belonged to the session before", ErrSessionRenewed, method(req))
	}
	reset(res)
	return s.send(ctx, req, res)
}

// send is RoundTrip without an eye on the session.
func (s *soapCaller) send(ctx context.Context, req, res soap.HasFault) error {
	name := method(req)
	ctx = withCall(ctx, call{method: name, longPoll: isLongPoll(req)})
	return s.client.repeat(ctx, isRead(name), func() error {
		reset(res)
		return s.next.RoundTrip(ctx, req, res)
	})
}

// method is the name of the vSphere API method that a request body stands for.
func method(req soap.HasFault) string {
	return strings.TrimSuffix(reflect.Indirect(reflect.ValueOf(req)).Type().Name(), "Body")
}

// reset makes a response body empty again; decoding would append to what is there.
func reset(res soap.HasFault) {
	if v := reflect.ValueOf(res); v.Kind() == reflect.Pointer && !v.IsNil() {
		v.Elem().SetZero()
	}
}

// isWait says whether a request waits for changes under filters made before.
func isWait(req soap.HasFault) bool {
	switch req.(type) {
	case *methods.WaitForUpdatesExBody, *methods.WaitForUpdatesBody, *methods.CheckForUpdatesBody:
		return true
	default:
		return false
	}
}

// isLongPoll says whether vCenter may take its time to answer a request.
func isLongPoll(req soap.HasFault) bool {
	switch body := req.(type) {
	case *methods.WaitForUpdatesBody:
		return true
	case *methods.WaitForUpdatesExBody:
		options := body.Req.Options
		return options == nil || options.MaxWaitSeconds == nil || *options.MaxWaitSeconds > 0
	default:
		return false
	}
}

// sessionEnded says whether vCenter did not know the session. It says so with a fault, and to
// property reads also per property, inside an answer that looks like success.
func sessionEnded(err error, res soap.HasFault) bool {
	if err != nil {
		// The storage policy service has a fault of its own for a foreign session.
		return fault.Is(err, &types.NotAuthenticated{}) || fault.Is(err, &pbmtypes.PbmFaultInvalidLogin{})
	}
	switch body := res.(type) {
	case *methods.RetrievePropertiesExBody:
		return body.Res != nil && body.Res.Returnval != nil && missingSession(body.Res.Returnval.Objects)
	case *methods.ContinueRetrievePropertiesExBody:
		return body.Res != nil && missingSession(body.Res.Returnval.Objects)
	case *methods.RetrievePropertiesBody:
		return body.Res != nil && missingSession(body.Res.Returnval)
	default:
		return false
	}
}

func missingSession(objects []types.ObjectContent) bool {
	for _, object := range objects {
		for _, missing := range object.MissingSet {
			if _, ok := missing.Fault.Fault.(*types.NotAuthenticated); ok {
				return true
			}
		}
	}
	return false
}
