package simulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Paths of the REST endpoints that the gate answers itself.
const (
	sessionPath     = "/rest/com/vmware/cis/session"
	libraryItemPath = "/rest/com/vmware/content/library/item"
	libraryOVFPath  = "/rest/com/vmware/vcenter/ovf/library-item/"
	templatePath    = "/rest/vcenter/vm-template/library-items"
	sessionHeader   = "vmware-api-session-id"
)

// gate stands in front of everything that the simulator serves. It records, delays and
// fails requests, and answers those that vcsim answers wrongly.
type gate struct {
	sim     *Simulator
	next    http.Handler
	record  record
	rules   rules
	latency atomic.Int64
	rest    restSessions
	vapi    *vapi
	classes *classes
}

func newGate(s *Simulator, next http.Handler, latency time.Duration) *gate {
	g := &gate{sim: s, next: next}
	g.latency.Store(int64(latency))
	return g
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q Request
	if transfer(r) {
		q = Request{Operation: operation(r)}
	} else {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		q = describe(r, body)
	}
	q.Method, q.Path, q.Query, q.UserAgent = r.Method, r.URL.Path, r.URL.RawQuery, r.UserAgent()
	q = g.record.add(q)
	rule, due := g.rules.take(q.Operation)
	if !g.delay(r) {
		return
	}
	if due && (rule.Lose || rule.Cut) {
		if rule.Lose {
			g.serve(newAnswer(), r)
		}
		drop(w)
		return
	}
	if due && g.fail(w, r, q, rule) {
		return
	}
	g.serve(w, r)
}

// transfer tells whether a request carries a file, whose content is not recorded.
func transfer(r *http.Request) bool {
	return r.Method == http.MethodPut || strings.HasPrefix(r.URL.Path, "/nfc/") || strings.HasPrefix(r.URL.Path, "/folder/")
}

// delay waits as long as the latency says, false when the client went away meanwhile.
func (g *gate) delay(r *http.Request) bool {
	d := time.Duration(g.latency.Load())
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// describe names a request.
func describe(r *http.Request, body []byte) Request {
	q := Request{Operation: operation(r), Body: string(body)}
	if r.Method != http.MethodPost || !bytes.Contains(body, []byte("Envelope")) {
		return q
	}
	method, err := vcsim.UnmarshalBody(typeFunc(r.URL.Path), body)
	if err != nil {
		return q
	}
	q.SOAP, q.Operation = true, method.Name
	q.Object = method.This.Type + ":" + method.This.Value
	return q
}

// typeFunc knows the types of the SOAP endpoint at path.
func typeFunc(path string) func(string) (reflect.Type, bool) {
	f := types.TypeFunc()
	namespace := ""
	if strings.HasPrefix(path, "/pbm") {
		namespace = "pbm:"
	}
	return func(name string) (reflect.Type, bool) {
		if namespace != "" {
			if t, ok := f(namespace + name); ok {
				return t, true
			}
		}
		if t, ok := f(name); ok {
			return t, true
		}
		_, local, ok := strings.Cut(name, ":")
		if !ok {
			return nil, false
		}
		return f(local)
	}
}

// fail answers by a rule, false when the rule does not apply to this request after all.
func (g *gate) fail(w http.ResponseWriter, r *http.Request, q Request, rule Rule) bool {
	if rule.Status != 0 {
		kind := "internal_server_error"
		switch rule.Status {
		case http.StatusUnauthorized:
			kind = "unauthenticated"
		case http.StatusNotFound:
			kind = "not_found"
		case http.StatusServiceUnavailable:
			kind = "service_unavailable"
		}
		restError(w, rule.Status, kind, text(rule.Message, "injected by a rule"))
		return true
	}
	if !q.SOAP {
		return false
	}
	fault, err := rule.fault()
	if err != nil {
		return false
	}
	if !rule.Task {
		if err := writeFault(w, text(rule.Message, "A fault of the simulator: "+rule.Fault), fault); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		return true
	}
	if !g.sim.soapSession(r) {
		return false
	}
	kind, value, _ := strings.Cut(q.Object, ":")
	writeTask(w, q.Operation, g.sim.failedTask(reference(kind, value), q.Operation, fault))
	return true
}

func text(given, otherwise string) string {
	if given != "" {
		return given
	}
	return otherwise
}

// serve answers a request: itself where vcsim would be wrong, else vcsim.
func (g *gate) serve(w http.ResponseWriter, r *http.Request) {
	path, action := r.URL.Path, r.URL.Query().Get("~action")
	switch {
	case path == sessionPath && r.Method == http.MethodPost && action == "":
		g.login(w, r)
	case path == sessionPath && r.Method == http.MethodDelete:
		g.rest.remove(r.Header.Get(sessionHeader))
		g.next.ServeHTTP(w, r)
	case strings.HasPrefix(path, classesPath):
		g.authorized(w, r, g.classes.ServeHTTP)
	case path == libraryItemPath && action == "find":
		g.authorized(w, r, g.findItems)
	case strings.HasPrefix(path, libraryOVFPath) && action == "deploy":
		g.authorized(w, r, g.deploy)
	case strings.HasPrefix(path, libraryOVFPath) && action == "filter":
		g.authorized(w, r, g.filter)
	case r.Method == http.MethodPost && (strings.HasPrefix(path, subscribedLibraryPath) || strings.HasPrefix(path, subscribedItemPath)):
		g.subscribed(w, r)
	case path == templatePath && r.Method == http.MethodPost:
		g.authorized(w, r, g.createTemplate)
	case strings.HasPrefix(path, templatePath+"/") && r.Method == http.MethodGet:
		g.authorized(w, r, g.templateInfo)
	default:
		g.next.ServeHTTP(w, r)
	}
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if c, _, err := h.Hijack(); err == nil {
			_ = c.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// failedTask returns a task of an object that has failed with a fault.
func (s *Simulator) failedTask(object types.ManagedObjectReference, method string, fault types.BaseMethodFault) types.ManagedObjectReference {
	name := strings.TrimSuffix(method, "_Task")
	task := vcsim.CreateTask(object, strings.ToLower(name[:1])+name[1:], func(*vcsim.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, fault
	})
	return task.Run(s.context())
}

// soapSession tells whether a request carries the cookie of a live SOAP session.
func (s *Simulator) soapSession(r *http.Request) bool {
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return false
	}
	for _, key := range s.soapSessions() {
		if key == cookie.Value {
			return true
		}
	}
	return false
}

// soapSessions lists the keys of the live SOAP sessions.
func (s *Simulator) soapSessions() []string {
	session := &vcsim.Session{Registry: vcsim.NewRegistry(), Map: s.registry()}
	m, ok := session.Get(s.registry().SessionManager().Reference()).(*vcsim.SessionManager)
	if !ok {
		panic(fmt.Sprintf("govmomi's session manager has changed at %s", vim25.Path))
	}
	keys := make([]string, 0, len(m.SessionList))
	for _, u := range m.SessionList {
		keys = append(keys, u.Key)
	}
	return keys
}
