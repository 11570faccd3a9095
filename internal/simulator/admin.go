package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Admin is the interface to a simulator from outside its process: HTTP with JSON, on a
// loopback listener of its own. Its paths are the constants below; Control is the client.
type Admin struct {
	sim *Simulator
	mux *http.ServeMux
}

// Control paths.
const (
	adminRequests  = "/requests"
	adminLatency   = "/latency"
	adminRules     = "/rules"
	adminSessions  = "/sessions"
	adminMachines  = "/machines"
	adminGuests    = "/guests/"
	adminRename    = "/rename"
	adminDestroy   = "/destroy"
	adminPower     = "/power"
	adminCustomize = "/fail-next-customization"
	adminInstall   = "/install-guest"
	adminItem      = "/touch-item"
	adminSettle    = "/settle"
	adminRestart   = "/restart"
	adminPools     = "/pools/"
)

// command is the body of requests that change something.
type command struct {
	Name     string `json:"name,omitempty"`
	NewName  string `json:"new_name,omitempty"`
	Message  string `json:"message,omitempty"`
	Version  string `json:"version,omitempty"`
	On       bool   `json:"on,omitempty"`
	Duration string `json:"duration,omitempty"`
	Key      string `json:"key,omitempty"`
	Value    string `json:"value,omitempty"`
	Address  string `json:"address,omitempty"`
	// Tools and Customization are durations, or "never".
	Tools         string `json:"tools,omitempty"`
	Customization string `json:"customization,omitempty"`
}

// NewAdmin makes the admin endpoint of a simulator.
func NewAdmin(s *Simulator) *Admin {
	a := &Admin{sim: s, mux: http.NewServeMux()}
	a.mux.HandleFunc("GET "+adminRequests, func(w http.ResponseWriter, r *http.Request) {
		list := s.Requests(r.URL.Query()["operation"]...)
		if n, err := strconv.Atoi(r.URL.Query().Get("since")); err == nil {
			for len(list) > 0 && list[0].Number <= n {
				list = list[1:]
			}
		}
		if list == nil {
			list = []Request{}
		}
		writeJSON(w, http.StatusOK, list)
	})
	a.mux.HandleFunc("DELETE "+adminRequests, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.ResetRequests())
	})
	a.mux.HandleFunc("POST "+adminRules, func(w http.ResponseWriter, r *http.Request) {
		var rule Rule
		if read(w, r, &rule) {
			done(w, s.Inject(rule))
		}
	})
	a.mux.HandleFunc("DELETE "+adminRules, func(w http.ResponseWriter, _ *http.Request) { s.ClearRules(); done(w, nil) })
	a.mux.HandleFunc("GET "+adminSessions, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Sessions()) })
	a.mux.HandleFunc("DELETE "+adminSessions, func(w http.ResponseWriter, _ *http.Request) { s.ExpireSessions(); done(w, nil) })
	a.mux.HandleFunc("GET "+adminMachines, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Machines()) })
	get(a, adminPools+"{name}", func(r *http.Request) ([]IPAllocation, error) { return s.IPAllocations(r.PathValue("name")) })
	a.guests()
	a.post(adminSettle, func(command) error { s.Settle(); return nil })
	a.post(adminRename, func(c command) error { return s.Rename(c.Name, c.NewName) })
	a.post(adminDestroy, func(c command) error { return s.Destroy(c.Name) })
	a.post(adminItem, func(c command) error { return s.TouchItem(c.Name, c.Version) })
	a.post(adminPower, func(c command) error {
		if c.On {
			return s.PowerOn(c.Name)
		}
		return s.PowerOff(c.Name)
	})
	a.post(adminLatency, func(c command) error { return c.during(func(d time.Duration) error { s.SetLatency(d); return nil }) })
	a.post(adminRestart, func(c command) error { return c.during(s.Restart) })
	return a
}

// ServeHTTP implements http.Handler.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// post serves a command.
func (a *Admin) post(path string, f func(command) error) {
	a.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var c command
		if read(w, r, &c) {
			done(w, f(c))
		}
	})
}

// during parses the command's duration.
func (c command) during(f func(time.Duration) error) error {
	d, err := time.ParseDuration(c.Duration)
	if err != nil {
		return fmt.Errorf("the duration %q: %w", c.Duration, err)
	}
	return f(d)
}

func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "the body is not JSON: " + err.Error()})
		return false
	}
	return true
}

func done(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, struct{}{})
	case errors.Is(err, errNotFound):
		writeJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
	default:
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
	}
}
