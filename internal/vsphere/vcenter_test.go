package vsphere

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
)

const (
	testUser     = "administrator@vsphere.local"
	testPassword = "correct horse battery staple"
)

// vcenter is a simulated vCenter that counts requests and lets a test get in between.
type vcenter struct {
	host   string
	server *simulator.Server
	admin  *govmomi.Client
	next   http.Handler

	mu      sync.Mutex
	counts  map[string]int
	agents  map[string]int
	revoked map[string]bool // REST sessions that have ended
	seen    map[string]bool // REST sessions ever used
	// intercept answers a request in place of the simulator when it returns true.
	intercept func(op string, w http.ResponseWriter, r *http.Request) bool
}

// building serialises the simulator's set-up, which shares its licences between models.
var building sync.Mutex

func startVCenter(t *testing.T, change ...func(*simulator.Model)) *vcenter {
	t.Helper()
	model := simulator.VPX()
	model.Machine = 1
	for _, c := range change {
		c(model)
	}
	building.Lock()
	defer building.Unlock()
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	model.Service.TLS = new(tls.Config)
	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{User: url.UserPassword(testUser, testPassword)}
	v := &vcenter{
		counts: map[string]int{}, agents: map[string]int{}, revoked: map[string]bool{}, seen: map[string]bool{},
	}
	v.server = model.Service.NewServer()
	v.host = v.server.URL.Host
	v.next = v.server.Config.Handler
	v.server.Config.Handler = v
	v.server.Config.ErrorLog = quiet()
	t.Cleanup(func() {
		_ = v.server.Config.Close() // Server.Close waits for abandoned long polls
		model.Remove()
	})
	admin, err := govmomi.NewClient(t.Context(), v.server.URL, true)
	if err != nil {
		t.Fatal(err)
	}
	v.admin = admin
	v.reset()
	return v
}

var soapMethod = regexp.MustCompile(`<Body[^>]*>\s*<(\w+)`)

func operation(r *http.Request, body []byte) string {
	if match := soapMethod.FindSubmatch(body); match != nil {
		return string(match[1])
	}
	op := r.Method + " " + r.URL.Path
	if action := r.URL.Query().Get("~action"); action != "" {
		op += " " + action
	}
	return op
}

const opRESTLogin = "POST /rest/com/vmware/cis/session"

// ServeHTTP implements http.Handler.
func (v *vcenter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	op, id := operation(r, body), r.Header.Get(restSessionHeader)
	v.mu.Lock()
	v.counts[op]++
	v.agents[r.UserAgent()]++
	if id != "" {
		v.seen[id] = true
	}
	ended, intercept := v.revoked[id], v.intercept
	v.mu.Unlock()
	if intercept != nil && intercept(op, w, r) {
		return
	}
	if ended {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	v.next.ServeHTTP(w, r)
}

func (v *vcenter) setIntercept(f func(op string, w http.ResponseWriter, r *http.Request) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.intercept = f
}

func (v *vcenter) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.counts)
	clear(v.agents)
}

func (v *vcenter) count(op string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.counts[op]
}

func (v *vcenter) total() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	total := 0
	for n := range maps.Values(v.counts) {
		total += n
	}
	return int64(total)
}

// sessions returns the keys of the SOAP sessions other than the administrator's.
func (v *vcenter) sessions(t *testing.T) []string {
	t.Helper()
	var manager mo.SessionManager
	err := v.admin.RetrieveOne(t.Context(), *v.admin.ServiceContent.SessionManager, []string{"sessionList", "currentSession"}, &manager)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, session := range manager.SessionList {
		if session.Key != manager.CurrentSession.Key {
			keys = append(keys, session.Key)
		}
	}
	return keys
}

// expire ends all sessions but the administrator's.
func (v *vcenter) expire(t *testing.T) {
	t.Helper()
	if keys := v.sessions(t); len(keys) > 0 {
		if err := v.admin.SessionManager.TerminateSession(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.Copy(v.revoked, v.seen)
}

func (v *vcenter) config() Config {
	return Config{Server: v.host, User: testUser, Password: testPassword, AllowUnverifiedSSL: true, UserAgent: "test-agent/1"}
}

// client returns a Client that does not pause between attempts.
func (v *vcenter) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := v.config()
	for _, c := range change {
		c(&cfg)
	}
	return newClient(t, cfg)
}

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.backoff = func(int) time.Duration { return 0 }
	t.Cleanup(func() {
		// The test's own context is over by now.
		if err := c.Logout(context.WithoutCancel(t.Context())); err != nil {
			t.Logf("log out: %v", err)
		}
	})
	return c
}

// together calls f n times at once and returns the errors.
func together(n int, f func() error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = f()
		})
	}
	close(start)
	group.Wait()
	return errs
}
