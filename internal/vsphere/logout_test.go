package vsphere

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestLogoutLeavesNoSession(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	rc, err := c.REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := rc.SessionID()
	if len(v.sessions(t)) != 1 || id == "" {
		t.Fatalf("sessions before logout: SOAP %v, REST %q", v.sessions(t), id)
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := v.sessions(t); len(left) != 0 {
		t.Errorf("SOAP sessions left: %v", left)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+v.host+"/rest/com/vmware/content/library", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(restSessionHeader, id)
	res, err := v.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the REST session answers %s after logout", res.Status)
	}
	v.reset()
	for _, err := range []error{readSOAP(t.Context(), c), readREST(t.Context(), c)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after logout: err = %v, want ErrClosed", err)
		}
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Errorf("second Logout: %v", err)
	}
	if got := v.total(); got != 0 {
		t.Errorf("%d requests after logout", got)
	}
}

func TestLogoutOfEndedSessionsSucceeds(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	v.expire(t)
	v.reset()
	if err := c.Logout(t.Context()); err != nil {
		t.Errorf("Logout: %v", err)
	}
	if got := v.count("Login") + v.count(opRESTLogin); got != 0 {
		t.Errorf("%d logins in order to log out", got)
	}
}

func TestLogoutReachesTheSecondSessionWhenTheFirstFails(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	c := v.client(t)
	noErrors(t, []error{readSOAP(t.Context(), c), readREST(t.Context(), c)})
	v.setIntercept(func(op string, w http.ResponseWriter, _ *http.Request) bool {
		if !strings.HasPrefix(op, http.MethodDelete) {
			return false
		}
		w.WriteHeader(http.StatusInternalServerError)
		return true
	})
	if err := c.Logout(t.Context()); err == nil {
		t.Error("Logout did not report that the REST session is left")
	}
	if left := v.sessions(t); len(left) != 0 {
		t.Errorf("SOAP sessions left: %v", left)
	}
}
