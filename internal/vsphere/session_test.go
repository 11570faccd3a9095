package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// readSOAP reads a property, which an ended session answers with HTTP 200.
func readSOAP(ctx context.Context, c *Client) error {
	vc, err := c.Vim(ctx)
	if err != nil {
		return err
	}
	var folder mo.Folder
	if err := property.DefaultCollector(vc).RetrieveOne(ctx, vc.ServiceContent.RootFolder, []string{"name"}, &folder); err != nil {
		return err
	}
	if folder.Name != "Datacenters" {
		return fmt.Errorf("the root folder is called %q", folder.Name)
	}
	return nil
}

func readREST(ctx context.Context, c *Client) error {
	rc, err := c.REST(ctx)
	if err != nil {
		return err
	}
	_, err = library.NewManager(rc).ListLibraries(ctx) // GET, without a body
	if err != nil {
		return err
	}
	_, err = library.NewManager(rc).FindLibrary(ctx, library.Find{Name: "x"}) // POST, with one
	return err
}

func noErrors(t *testing.T, errs []error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Errorf("unexpected error: %v", err)
		}
	}
}

func TestNothingIsSentBeforeTheFirstNeed(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	if err := c.Logout(t.Context()); err != nil {
		t.Errorf("Logout of what never logged in: %v", err)
	}
	if got := v.total(); got != 0 || c.Calls() != 0 {
		t.Errorf("%d requests arrived, Calls() = %d; want none", got, c.Calls())
	}
}

func TestConcurrentCallersShareOneLogin(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, together(20, func() error { return readSOAP(t.Context(), c) }))
	noErrors(t, together(20, func() error { return readREST(t.Context(), c) }))
	if got := v.count("Login"); got != 1 {
		t.Errorf("%d SOAP logins, want 1", got)
	}
	if got := v.count(opRESTLogin); got != 1 {
		t.Errorf("%d REST logins, want 1", got)
	}
	if got := c.Generation(); got != 1 {
		t.Errorf("Generation() = %d, want 1", got)
	}
	if got := c.Calls(); got != v.total() {
		t.Errorf("Calls() = %d, but %d requests arrived", got, v.total())
	}
}

func TestEndedSessionsAreRenewedOnceForAllCallers(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	for round := range 3 {
		v.expire(t)
		v.reset()
		generation := c.Generation()
		noErrors(t, together(40, func() error {
			return errors.Join(readSOAP(t.Context(), c), readREST(t.Context(), c))
		}))
		if got := v.count("Login"); got != 1 {
			t.Errorf("round %d: %d SOAP logins, want 1", round, got)
		}
		if got := v.count(opRESTLogin); got != 1 {
			t.Errorf("round %d: %d REST logins, want 1", round, got)
		}
		if got := c.Generation(); got != generation+1 {
			t.Errorf("round %d: Generation() went from %d to %d", round, generation, got)
		}
	}
	if got := v.sessions(t); len(got) != 1 {
		t.Errorf("%d SOAP sessions are open, want 1", len(got))
	}
}

// A request that was made before someone else logged in needs no login of its own.
func TestRequestOfTheFormerRESTSessionJoinsTheNewOne(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	rc, err := v.client(t).REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.reset()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+v.host+"/rest/com/vmware/content/library", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(restSessionHeader, "former")
	res, err := rc.Client.Client.Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("status %s", res.Status)
	}
	if got := v.count(opRESTLogin); got != 0 {
		t.Errorf("%d logins, want none", got)
	}
}

// vCenter opens an anonymous session for a request that comes with a dead one.
func TestCookieOfAStragglerIsIgnored(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.reset()
	v.setIntercept(func(op string, w http.ResponseWriter, _ *http.Request) bool {
		if op == "CurrentTime" {
			http.SetCookie(w, &http.Cookie{Name: soap.SessionCookieName, Value: "anonymous"})
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "kept"})
		}
		return false
	})
	if _, err := methods.GetCurrentTime(t.Context(), vc); err != nil {
		t.Fatal(err)
	}
	noErrors(t, []error{readSOAP(t.Context(), c)})
	if got := v.count("Login"); got != 0 {
		t.Errorf("%d logins, want none", got)
	}
	if got := len(c.jar.Cookies(vc.URL())); got != 2 {
		t.Errorf("%d cookies, want that of the session and the other one", got)
	}
}

func TestMethodCallIsRepeatedAfterRenewal(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.expire(t)
	v.reset()
	// A write: NotAuthenticated says that it was not executed.
	if _, err := view.NewManager(vc).CreateListView(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := v.count("CreateListView"); got != 2 {
		t.Errorf("CreateListView was sent %d times, want 2", got)
	}
}

func TestWaitOfAnEndedSessionIsNotRepeated(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	vc, err := c.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.expire(t)
	v.reset()
	_, err = methods.WaitForUpdatesEx(t.Context(), vc, &types.WaitForUpdatesEx{
		This: vc.ServiceContent.PropertyCollector, Options: &types.WaitOptions{MaxWaitSeconds: types.NewInt32(1)},
	})
	if !errors.Is(err, ErrSessionRenewed) {
		t.Errorf("err = %v, want ErrSessionRenewed", err)
	}
	if got := v.count("WaitForUpdatesEx"); got != 1 {
		t.Errorf("WaitForUpdatesEx was sent %d times, want 1", got)
	}
	if got := c.Generation(); got != 2 {
		t.Errorf("Generation() = %d, want 2: the session was to be renewed", got)
	}
}

func TestStoragePolicyServiceFollowsTheRenewedSession(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	pc, err := c.PBM(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.expire(t)
	v.reset()
	id, err := pc.ProfileIDByName(t.Context(), "VM Encryption Policy")
	if err != nil || id == "" {
		t.Errorf("ProfileIDByName = %q, %v", id, err)
	}
	if got := v.count("Login"); got != 1 {
		t.Errorf("%d logins, want 1", got)
	}
	again, err := c.PBM(t.Context())
	if err != nil || again != pc {
		t.Errorf("PBM returned another client (%v), %v", again, err)
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	for _, first := range []struct {
		name string
		call func(context.Context, *Client) error
		op   string
	}{
		{"SOAP", readSOAP, "Login"},
		{"REST", readREST, opRESTLogin},
	} {
		t.Run(first.name, func(t *testing.T) {
			t.Parallel()
			v := startVCenter(t)
			const wrong = "Tr0ub4dor&3"
			c := v.client(t, func(cfg *Config) { cfg.Password = wrong })
			errs := together(20, func() error { return first.call(t.Context(), c) })
			errs = append(errs, readSOAP(t.Context(), c), readREST(t.Context(), c))
			for _, err := range errs {
				if !errors.Is(err, ErrInvalidLogin) {
					t.Fatalf("err = %v, want ErrInvalidLogin", err)
				}
				if strings.Contains(err.Error(), wrong) {
					t.Errorf("the error shows the password: %v", err)
				}
				for _, part := range []string{v.host, testUser, "Check user and password"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error does not mention %q: %v", part, err)
					}
				}
			}
			if got := v.count("Login") + v.count(opRESTLogin); got != 1 || v.count(first.op) != 1 {
				t.Errorf("the password was tried %d times, want 1", got)
			}
		})
	}
}

func TestPasswordChangedMeanwhileIsTriedOnce(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c)})
	v.expire(t)
	v.reset()
	v.setIntercept(func(op string, w http.ResponseWriter, _ *http.Request) bool {
		if op != "Login" {
			return false
		}
		soapFault(w, "InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
		return true
	})
	for _, err := range together(20, func() error { return readSOAP(t.Context(), c) }) {
		if !errors.Is(err, ErrInvalidLogin) {
			t.Errorf("err = %v, want ErrInvalidLogin", err)
		}
	}
	if got := v.count("Login"); got != 1 {
		t.Errorf("%d logins, want 1", got)
	}
}

// soapFault answers with a fault without fields of its own.
func soapFault(w http.ResponseWriter, kind, message string) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><Fault xmlns="urn:vim25" xsi:type="%s"></Fault></detail></soapenv:Fault>
</soapenv:Body></soapenv:Envelope>`, message, kind)
}

func TestFailedLoginIsTriedAgainByTheNextCaller(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	v.setIntercept(func(op string, w http.ResponseWriter, _ *http.Request) bool {
		if op != "Login" && op != opRESTLogin {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	for _, call := range []func(context.Context, *Client) error{readSOAP, readREST} {
		if err := call(t.Context(), c); !errors.Is(err, ErrInterrupted) {
			t.Errorf("err = %v, want ErrInterrupted", err)
		}
	}
	v.setIntercept(nil)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	if got := v.count("Login"); got != 2 {
		t.Errorf("%d logins, want 2: one per caller", got)
	}
}

func TestLoginOutlivesTheCallerWhoStartedIt(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	arrived, proceed := make(chan struct{}), make(chan struct{})
	v.setIntercept(func(op string, _ http.ResponseWriter, _ *http.Request) bool {
		if op == "Login" {
			close(arrived)
			<-proceed
		}
		return false
	})
	impatient, leave := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- readSOAP(impatient, c) }()
	<-arrived
	go func() { second <- readSOAP(t.Context(), c) }()
	waitFor(t, c.soap, 2)
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who left got %v, want context.Canceled", err)
	}
	close(proceed)
	if err := <-second; err != nil {
		t.Errorf("the caller who stayed got %v", err)
	}
	if got := v.count("Login"); got != 1 {
		t.Errorf("%d logins, want 1", got)
	}
}

func TestLoginNobodyWaitsForIsGivenUpAndMadeAgain(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	arrived := make(chan struct{}, 1)
	v.setIntercept(func(op string, _ http.ResponseWriter, r *http.Request) bool {
		if op != "Login" {
			return false
		}
		arrived <- struct{}{}
		<-r.Context().Done() // silent until the client hangs up
		return true
	})
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- readSOAP(ctx, c) }()
	<-arrived
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	v.setIntercept(nil)
	noErrors(t, []error{readSOAP(t.Context(), c)})
}

// waitFor returns when n callers wait for the login of s.
func waitFor(t *testing.T, s *session, n int) {
	t.Helper()
	for t.Context().Err() == nil {
		s.mu.Lock()
		waiters := 0
		if s.running != nil {
			waiters = s.running.waiters
		}
		s.mu.Unlock()
		if waiters == n {
			return
		}
		runtime.Gosched()
	}
}
