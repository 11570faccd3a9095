package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// restSessions are the ids of the live REST sessions.
type restSessions struct {
	mu  sync.Mutex
	ids []string
}

func (r *restSessions) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, id)
}

func (r *restSessions) remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = slices.DeleteFunc(r.ids, func(x string) bool { return x == id })
}

func (r *restSessions) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// login lets vcsim log in and remembers the session.
func (g *gate) login(w http.ResponseWriter, r *http.Request) {
	a := newAnswer()
	g.next.ServeHTTP(a, r)
	var body struct {
		Value string `json:"value"`
	}
	if a.code() == http.StatusOK && json.Unmarshal(a.body.Bytes(), &body) == nil && body.Value != "" {
		g.rest.add(body.Value)
	}
	a.replay(w)
}

// authorized answers 401 without a live REST session, and the handler otherwise.
func (g *gate) authorized(w http.ResponseWriter, r *http.Request, handler http.HandlerFunc) {
	id := r.Header.Get(sessionHeader)
	if id == "" {
		if c, err := r.Cookie(sessionHeader); err == nil {
			id = c.Value
		}
	}
	if id == "" || !slices.Contains(g.rest.list(), id) {
		restError(w, http.StatusUnauthorized, "unauthenticated", "This method requires authentication.")
		return
	}
	handler(w, r)
}

// Sessions counts the live sessions.
type Sessions struct {
	SOAP int `json:"soap"`
	REST int `json:"rest"`
}

// Sessions returns how many sessions are live.
func (s *Simulator) Sessions() Sessions {
	return Sessions{SOAP: len(s.soapSessions()), REST: len(s.gate.rest.list())}
}

// ExpireSessions ends every session, SOAP and REST, as an idle time-out does: the next
// request of a client is not authenticated.
func (s *Simulator) ExpireSessions() {
	keys := s.soapSessions()
	if len(keys) > 0 {
		ctx := s.context()
		ctx.Session = &vcsim.Session{Registry: vcsim.NewRegistry(), Map: s.registry()}
		for _, key := range keys {
			// One at a time: a session that has just logged out must not spare the others.
			s.registry().SessionManager().TerminateSession(ctx, &types.TerminateSession{SessionId: []string{key}})
		}
	}
	for _, id := range s.gate.rest.list() {
		r, err := http.NewRequest(http.MethodDelete, sessionPath, http.NoBody)
		if err != nil {
			panic(err) // a constant URL
		}
		r.Header.Set(sessionHeader, id)
		s.gate.next.ServeHTTP(newAnswer(), r)
		s.gate.rest.remove(id)
	}
}
