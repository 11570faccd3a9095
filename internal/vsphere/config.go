package vsphere

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// defaultConcurrency is the number of requests in flight when the configuration names none:
// far below the 2,000 that vpxd serves, well above what one Terraform run keeps busy.
const defaultConcurrency = 32

// defaultUserAgent names this software to vCenter when the caller does not.
const defaultUserAgent = "terraform-provider-vmoperator"

// Config says which vCenter to talk to, as whom, and how far to trust it.
type Config struct {
	// Server is a host, host:port, or https URL with or without /sdk.
	Server string
	// User and Password of a vCenter account, like "administrator@vsphere.local".
	User, Password string
	// AllowUnverifiedSSL accepts any certificate. It excludes the next two.
	AllowUnverifiedSSL bool
	// CACertificates holds PEM text, or the path of a file with it: certificate authorities
	// trusted beside the system's.
	CACertificates string
	// Thumbprint is the SHA-1 or SHA-256 hash of vCenter's own certificate in hexadecimal, in
	// any case, with or without colons. When set, vCenter is trusted by it and nothing else.
	Thumbprint string
	// Datacenter is a name or an inventory path. Empty: the only one there is.
	Datacenter string
	// MaxConcurrentRequests bounds the API requests in flight; 0 means 32. Long polls and the
	// transfer of files are not counted.
	MaxConcurrentRequests int
	// UserAgent is sent with every request.
	UserAgent string
}

// String describes the configuration without its password.
func (c Config) String() string {
	return fmt.Sprintf("vCenter %q as %q, datacenter %q", c.Server, c.User, c.Datacenter)
}

// GoString is String: %#v must not show the password either.
func (c Config) GoString() string { return c.String() }

// validate fills in defaults and reports everything that is wrong at once.
func (c *Config) validate() (*url.URL, *trust, error) {
	var problems []error
	endpoint, err := parseServer(c.Server)
	problems = append(problems, err)
	if c.User == "" {
		problems = append(problems, errors.New("user is empty: set the name of a vCenter account, like administrator@vsphere.local"))
	}
	if c.Password == "" {
		problems = append(problems, errors.New("password is empty: set the password of the vCenter account"))
	}
	switch {
	case c.MaxConcurrentRequests < 0:
		problems = append(problems, fmt.Errorf("max_concurrent_requests is %d: set a number from 1, or none for %d", c.MaxConcurrentRequests, defaultConcurrency))
	case c.MaxConcurrentRequests == 0:
		c.MaxConcurrentRequests = defaultConcurrency
	}
	if c.UserAgent == "" {
		c.UserAgent = defaultUserAgent
	}
	trusted, err := newTrust(*c, endpoint)
	problems = append(problems, err)
	if err := errors.Join(problems...); err != nil {
		return nil, nil, err
	}
	return endpoint, trusted, nil
}

// parseServer turns what users write for a server into the URL of its SOAP endpoint.
func parseServer(server string) (*url.URL, error) {
	text := strings.TrimSpace(server)
	if text == "" {
		return nil, errors.New("server is empty: set the host name or address of a vCenter")
	}
	if !strings.Contains(text, "://") {
		if address, err := netip.ParseAddr(text); err == nil && address.Is6() {
			text = "[" + text + "]"
		}
		text = "https://" + text
	}
	endpoint, err := url.Parse(text)
	if err != nil {
		// The text is not repeated: it may hold credentials.
		return nil, errors.New("server is not a host name, host:port or URL: set it like vcenter.example.com")
	}
	switch {
	case endpoint.User != nil:
		return nil, errors.New("server holds credentials: remove them from it and set user and password")
	case endpoint.Hostname() == "":
		return nil, fmt.Errorf("server %q names no host: set it like vcenter.example.com", server)
	case endpoint.Scheme != "https" && (endpoint.Scheme != "http" || !isLoopback(endpoint.Hostname())):
		return nil, fmt.Errorf("server %q would send the password in the clear: use https", server)
	case endpoint.RawQuery != "" || endpoint.Fragment != "":
		return nil, fmt.Errorf("server %q has a query or fragment: set the host alone, like %s", server, endpoint.Host)
	}
	switch strings.TrimRight(endpoint.Path, "/") {
	case "", "/sdk":
	default:
		return nil, fmt.Errorf("server %q has the path %q: set the host alone, like %s", server, endpoint.Path, endpoint.Host)
	}
	return &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Path: "/sdk"}, nil
}

// isLoopback says whether traffic to host stays on this machine, where a simulator may well
// speak plain HTTP.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
