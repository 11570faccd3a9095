package simulator

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"
)

// Control paths of the hooks into guests.
const (
	adminVersion    = "/api-version"
	adminPace       = "/guest-pace"
	adminAddress    = "/guest-address"
	adminInfo       = "/guest-info"
	adminPublish    = "/publish-guest-info"
	adminShutdown   = "/ignore-shutdown"
	adminVariables  = "/info/{key}"
	adminSpec       = "/customization"
	adminProperties = "/ovf-environment"
)

// guests serves the hooks into guests.
func (a *Admin) guests() {
	s := a.sim
	get(a, adminGuests+"{name}", func(r *http.Request) (GuestReport, error) { return s.GuestReport(r.PathValue("name")) })
	get(a, adminGuests+"{name}"+adminSpec, func(r *http.Request) (Customization, error) { return s.Customization(r.PathValue("name")) })
	get(a, adminGuests+"{name}"+adminProperties, func(r *http.Request) (OVFEnvironment, error) { return s.OVFEnvironment(r.PathValue("name")) })
	get(a, adminGuests+"{name}"+adminVariables, func(r *http.Request) (string, error) {
		return s.GuestInfo(r.PathValue("name"), r.PathValue("key"))
	})
	a.post(adminCustomize, func(c command) error { s.FailNextCustomization(c.Message); return nil })
	a.post(adminInstall, func(c command) error { return s.InstallGuest(c.Name) })
	a.post(adminVersion, func(c command) error { return s.SetAPIVersion(c.Version) })
	a.post(adminInfo, func(c command) error { return s.SetGuestInfo(c.Name, c.Key, c.Value) })
	a.post(adminPublish, func(c command) error { return s.PublishGuestInfo(c.Name, c.Key, c.Value) })
	a.post(adminShutdown, func(c command) error { s.IgnoreShutdown(c.Name, c.On); return nil })
	a.post(adminPace, func(c command) error {
		tools, err := duration(c.Tools)
		if err != nil {
			return err
		}
		customization, err := duration(c.Customization)
		if err != nil {
			return err
		}
		return s.SetGuestPace(c.Name, GuestPace{Tools: tools, Customization: customization})
	})
	a.post(adminAddress, func(c command) error {
		var address netip.Addr
		if c.Address != "" {
			var err error
			if address, err = netip.ParseAddr(c.Address); err != nil {
				return err
			}
		}
		s.SetGuestAddress(c.Name, address)
		return nil
	})
}

// get serves what a hook returns.
func get[T any](a *Admin, path string, f func(*http.Request) (T, error)) {
	a.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(r)
		if err != nil {
			done(w, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

// never is how Never is written, where a shell or another program says it.
const never = "never"

// duration reads a time that a guest takes: none where there is no text.
func duration(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case never:
		return Never, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("the duration %q: %w", text, err)
	}
	return d, nil
}
