package vsphere

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vapi/rest"
)

// restFault is an error of the vAPI as a response words it.
type restFault struct {
	status   int
	kind     string // like not_found; empty when the body does not say
	messages []string
	text     string // the body, when it is not the JSON of an error
}

// String is the status, the kind and vCenter's messages.
func (f restFault) String() string {
	parts := []string{strings.TrimSpace(strconv.Itoa(f.status) + " " + http.StatusText(f.status))}
	if f.kind != "" {
		parts = append(parts, f.kind)
	}
	parts = append(parts, f.messages...)
	if f.text != "" {
		parts = append(parts, f.text)
	}
	return strings.Join(parts, ": ")
}

// restStatus matches the texts of rest.Client, which has no types for its errors: "404 Not
// Found" after the URL, or "400 Bad Request: " and the body. Transfers of files end likewise.
var restStatus = regexp.MustCompile(`(?s)^(?:[A-Z]+ https?://\S+: |download\(\S+\): )?([45]\d\d)(?: [A-Z][A-Za-z' -]*)?(?:: (.*))?$`)

// parseREST finds the error of a vAPI response in err.
func parseREST(err error) (restFault, bool) {
	if errors.As(err, new(*statusError)) {
		return restFault{}, false // of SOAP
	}
	for ; err != nil; err = errors.Unwrap(err) {
		match := restStatus.FindStringSubmatch(err.Error())
		if match == nil {
			continue
		}
		fault := restFault{}
		fault.status, _ = strconv.Atoi(match[1]) // three digits
		fault.parse(match[2])
		return fault, true
	}
	return restFault{}, false
}

// parse reads the body of an error: {"type", "value": {"messages"}} under /rest, and
// {"error_type", "messages"} under /api.
func (f *restFault) parse(body string) {
	type content struct {
		ErrorType string            `json:"error_type"`
		Messages  []json.RawMessage `json:"messages"`
	}
	var reply struct {
		Type  string `json:"type"`
		Value struct{ content }
		content
	}
	if json.Unmarshal([]byte(body), &reply) != nil {
		f.text = strings.TrimSpace(body)
		return
	}
	// com.vmware.vapi.std.errors.not_found and NOT_FOUND are the same.
	kind := cmp.Or(strings.TrimPrefix(reply.Type, "com.vmware.vapi.std.errors."), reply.Value.ErrorType, reply.ErrorType)
	f.kind = strings.ToLower(kind)
	for _, raw := range append(reply.Value.Messages, reply.Messages...) {
		var message rest.LocalizableMessage
		var plain string
		switch {
		case json.Unmarshal(raw, &message) == nil && message.DefaultMessage != "":
			f.messages = append(f.messages, message.DefaultMessage)
		case json.Unmarshal(raw, &plain) == nil && plain != "":
			f.messages = append(f.messages, plain)
		}
	}
}

// restCauses are the standard errors of the vAPI.
var restCauses = map[string]cause{
	"already_exists":                {ErrAlreadyExists, "the name or object exists already"},
	"already_in_desired_state":      {ErrInvalidState, "it is in the wanted state already"},
	"canceled":                      {ErrCanceled, "someone canceled it in vCenter"},
	"concurrent_change":             {ErrConflict, "someone else changed it meanwhile. Try again"},
	"feature_in_use":                {ErrInvalidState, "it is in use"},
	"invalid_argument":              {ErrInvalidArgument, "vCenter refused a value of the request"},
	"invalid_element_configuration": {ErrInvalidArgument, "an object that the request names is not configured for it"},
	"invalid_element_type":          {ErrInvalidArgument, "an object that the request names is of the wrong type"},
	"invalid_request":               {ErrInvalidArgument, "vCenter refused the request"},
	"not_allowed_in_current_state":  {ErrInvalidState, "its state does not allow this now"},
	"not_found":                     {ErrNotFound, "vCenter has no such object, or the account may not see it"},
	"operation_not_found":           {ErrUnsupported, "this vCenter does not have the operation"},
	"resource_busy":                 {ErrTaskInProgress, "something else holds it. Try again later"},
	"resource_in_use":               {ErrInvalidState, "it is in use"},
	"resource_inaccessible":         {ErrInvalidState, "vCenter cannot reach it, or its storage, now"},
	"service_unavailable":           {ErrInterrupted, "the service is not available in vCenter now. Try again later"},
	"timed_out":                     {ErrTimeout, "vCenter gave up waiting for it"},
	"unable_to_allocate_resource":   {ErrInsufficientResources, "there are not enough free resources"},
	"unauthenticated":               {ErrNotPermitted, "vCenter does not know the session"},
	"unauthorized":                  {ErrNotPermitted, "the account lacks a privilege. Have an administrator grant it"},
	"unexpected_input":              {ErrInvalidArgument, "vCenter does not know a field of the request"},
	"unsupported":                   {ErrUnsupported, "this vCenter does not support it"},
	"unverified_peer":               {ErrUntrusted, "vCenter does not trust the certificate of a server that it was told to contact"},
}

// statusKinds stand in where the body does not say, as the vAPI assigns statuses to errors.
var statusKinds = map[int]string{
	http.StatusBadRequest:         "invalid_argument",
	http.StatusUnauthorized:       "unauthenticated",
	http.StatusForbidden:          "unauthorized",
	http.StatusNotFound:           "not_found",
	http.StatusConflict:           "concurrent_change",
	http.StatusTooManyRequests:    "resource_busy",
	http.StatusBadGateway:         "service_unavailable",
	http.StatusServiceUnavailable: "service_unavailable",
	http.StatusGatewayTimeout:     "timed_out",
}

// restCause finds the cause in an error of the vAPI.
func restCause(err error) (found cause, ok bool) {
	fault, ok := parseREST(err)
	if !ok {
		return cause{}, false
	}
	if known, ok := restCauses[fault.kind]; ok {
		return known, true
	}
	return restCauses[statusKinds[fault.status]], true
}
