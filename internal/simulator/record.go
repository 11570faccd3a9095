package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one recorded request.
type Request struct {
	// Number counts from 1 in the order of arrival.
	Number int `json:"number"`
	// Time of arrival.
	Time time.Time `json:"time"`
	// Operation is what was asked: the SOAP method ("ReconfigVM_Task") or, for all other
	// requests, the HTTP method and path with ids replaced and the action appended, such as
	// "POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy".
	Operation string `json:"operation"`
	// SOAP tells whether Operation is a SOAP method.
	SOAP bool `json:"soap"`
	// Object is the managed object that a SOAP method was called on, as "Type:value".
	Object string `json:"object,omitempty"`
	// Method, Path and Query are of the HTTP request.
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	// Body is the whole body: the envelope of a SOAP request, the JSON of a REST one.
	Body string `json:"body,omitempty"`
	// UserAgent as the client named itself.
	UserAgent string `json:"user_agent,omitempty"`
}

// record keeps the requests of one simulator.
type record struct {
	mu       sync.Mutex
	requests []Request
	next     int
}

func (r *record) add(q Request) Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	q.Number, q.Time = r.next, time.Now()
	r.requests = append(r.requests, q)
	return q
}

func (r *record) list() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func (r *record) reset() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.requests
	r.requests = nil
	return old
}

var ids = regexp.MustCompile(`(id:)?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

// operation names a request that is not SOAP.
func operation(r *http.Request) string {
	op := r.Method + " " + ids.ReplaceAllString(r.URL.Path, "{id}")
	for _, key := range []string{"~action", "action"} {
		if a := r.URL.Query().Get(key); a != "" {
			op += "?" + key + "=" + a
		}
	}
	return op
}

// matches tells whether a pattern names an operation. A pattern is the operation itself
// or has "*" for any run of characters.
func matches(pattern, op string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == op
	}
	if !strings.HasPrefix(op, parts[0]) {
		return false
	}
	op = op[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(op, p)
		if i < 0 {
			return false
		}
		op = op[i+len(p):]
	}
	return strings.HasSuffix(op, last)
}

// Requests returns the recorded requests in order of arrival whose operation matches one
// of the patterns ("*" stands for any run of characters), or all without a pattern.
func (s *Simulator) Requests(patterns ...string) []Request {
	all := s.gate.record.list()
	if len(patterns) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(q Request) bool {
		return !slices.ContainsFunc(patterns, func(p string) bool { return matches(p, q.Operation) })
	})
}

// Calls counts the recorded requests by operation.
func (s *Simulator) Calls() map[string]int { return count(s.gate.record.list()) }

// ResetRequests forgets the recorded requests and returns them.
func (s *Simulator) ResetRequests() []Request { return s.gate.record.reset() }

func count(requests []Request) map[string]int {
	n := map[string]int{}
	for _, q := range requests {
		n[q.Operation]++
	}
	return n
}
