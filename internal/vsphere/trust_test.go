package vsphere

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what users paste
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is an HTTPS server with a certificate of a private authority. It is no vCenter: that a
// request arrives at all is what these tests are about.
type site struct {
	*httptest.Server
	requests  atomic.Int64
	leaf      *x509.Certificate
	authority string // PEM
	port      string
}

func startSite(t *testing.T, change ...func(leaf *x509.Certificate)) *site {
	t.Helper()
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Private Authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "vcenter.test"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		DNSNames: []string{"vcenter.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, c := range change {
		c(leaf)
	}
	authorityKey, leafKey := newKey(t), newKey(t)
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, &leafKey.PublicKey, authorityKey)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{authority: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER}))}
	if s.leaf, err = x509.ParseCertificate(leafDER); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.requests.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	s.Config.ErrorLog = quiet()
	s.TLS = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER, authorityDER}, PrivateKey: leafKey}},
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	_, s.port, err = net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (s *site) sha256() string {
	sum := sha256.Sum256(s.leaf.Raw)
	return hex.EncodeToString(sum[:])
}

func (s *site) sha1() string {
	sum := sha1.Sum(s.leaf.Raw) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func colons(digits string) string {
	var pairs []string
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, ":")
}

// reach tries to log in, and reports whether a request got through to the site.
func (s *site) reach(t *testing.T, change func(*Config)) (reached bool, err error) {
	t.Helper()
	cfg := Config{Server: "127.0.0.1:" + s.port, User: testUser, Password: testPassword}
	change(&cfg)
	before := s.requests.Load()
	_, err = newClient(t, cfg).Vim(t.Context())
	if err == nil {
		t.Fatal("logged in to what is not a vCenter")
	}
	if strings.Contains(err.Error(), testPassword) {
		t.Errorf("the error shows the password: %v", err)
	}
	return s.requests.Load() > before, err
}

func TestTrustedCertificates(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(s.authority), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"unverified":                func(c *Config) { c.AllowUnverifiedSSL = true },
		"authority as text":         func(c *Config) { c.CACertificates = s.authority },
		"authority as path":         func(c *Config) { c.CACertificates = file },
		"SHA-256":                   func(c *Config) { c.Thumbprint = s.sha256() },
		"SHA-256 upper case":        func(c *Config) { c.Thumbprint = strings.ToUpper(s.sha256()) },
		"SHA-256 colons":            func(c *Config) { c.Thumbprint = colons(s.sha256()) },
		"SHA-256 colons upper case": func(c *Config) { c.Thumbprint = strings.ToUpper(colons(s.sha256())) },
		"SHA-1":                     func(c *Config) { c.Thumbprint = s.sha1() },
		"SHA-1 colons upper case":   func(c *Config) { c.Thumbprint = strings.ToUpper(colons(s.sha1())) },
		"SHA-1 spaces around":       func(c *Config) { c.Thumbprint = " " + s.sha1() + "\n" },
		"thumbprint for a name that the certificate lacks": func(c *Config) {
			c.Server, c.Thumbprint = "localhost:"+s.port, s.sha256()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached, err := s.reach(t, change)
			if !reached || errors.Is(err, ErrUntrusted) {
				t.Errorf("not trusted: %v", err)
			}
		})
	}
}

func TestUntrustedCertificates(t *testing.T) {
	t.Parallel()
	s, other := startSite(t), startSite(t)
	expired := startSite(t, func(leaf *x509.Certificate) {
		leaf.NotBefore, leaf.NotAfter = time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2004, 5, 6, 0, 0, 0, 0, time.UTC)
	})
	thumbprint := strings.ToUpper(colons(s.sha256()))
	named := startSite(t, func(leaf *x509.Certificate) { leaf.DNSNames = []string{"localhost"} })
	for name, test := range map[string]struct {
		site   *site
		change func(*Config)
		text   []string
	}{
		"system authorities only": {s, func(*Config) {}, []string{
			"not signed by an authority that is trusted here", thumbprint,
			"CN=vcenter.test", "CN=Private Authority", "ca_certificates", "or thumbprint",
		}},
		"another authority": {s, func(c *Config) { c.CACertificates = other.authority }, []string{thumbprint}},
		"wrong name": {s, func(c *Config) { c.Server, c.CACertificates = "localhost:"+s.port, s.authority }, []string{
			`not valid for "localhost"`, `"vcenter.test"`, `"127.0.0.1"`, "Set server", thumbprint,
		}},
		"another SHA-256": {s, func(c *Config) { c.Thumbprint = other.sha256() }, []string{
			strings.ToUpper(colons(other.sha256())), thumbprint, "CN=vcenter.test",
		}},
		"another SHA-1": {s, func(c *Config) { c.Thumbprint = other.sha1() }, []string{
			strings.ToUpper(colons(other.sha1())), thumbprint,
		}},
		"another thumbprint although the authority is trusted": {s, func(c *Config) {
			c.Thumbprint, c.CACertificates = other.sha256(), s.authority
		}, []string{thumbprint}},
		"another thumbprint although name and authority are right": {named, func(c *Config) {
			c.Server, c.Thumbprint, c.CACertificates = "LOCALHOST:"+named.port, other.sha256(), named.authority
		}, []string{strings.ToUpper(colons(named.sha256()))}},
		"the authority's thumbprint": {s, func(c *Config) {
			block, _ := pem.Decode([]byte(s.authority))
			sum := sha256.Sum256(block.Bytes)
			c.Thumbprint = hex.EncodeToString(sum[:])
		}, []string{thumbprint}},
		"expired": {expired, func(c *Config) { c.CACertificates = expired.authority }, []string{
			"out of date", "2001-02-03", "2004-05-06",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached, err := test.site.reach(t, test.change)
			if reached {
				t.Error("a request was sent")
			}
			if !errors.Is(err, ErrUntrusted) {
				t.Fatalf("err = %v, want ErrUntrusted", err)
			}
			for _, part := range test.text {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not mention %q: %v", part, err)
				}
			}
		})
	}
}

// Hosts that vCenter refers to have certificates of their own.
func TestThumbprintIsForVCenterOnly(t *testing.T) {
	t.Parallel()
	s, host := startSite(t), startSite(t, func(leaf *x509.Certificate) { leaf.DNSNames = []string{"localhost"} })
	get := func(t *testing.T, url string, change func(*Config)) error {
		t.Helper()
		cfg := Config{Server: "127.0.0.1:" + s.port, User: testUser, Password: testPassword, Thumbprint: s.sha256()}
		change(&cfg)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := newClient(t, cfg).gate.RoundTrip(request)
		if err != nil {
			return Translate(err, "get")
		}
		return res.Body.Close()
	}
	if err := get(t, "https://localhost:"+s.port, func(*Config) {}); err != nil {
		t.Errorf("vCenter under another name: %v", err)
	}
	if err := get(t, "https://localhost:"+host.port, func(c *Config) { c.CACertificates = host.authority }); err != nil {
		t.Errorf("host with a trusted certificate: %v", err)
	}
	if err := get(t, "https://localhost:"+host.port, func(*Config) {}); !errors.Is(err, ErrUntrusted) {
		t.Errorf("host with an unknown certificate: %v, want ErrUntrusted", err)
	}
	if err := get(t, "https://127.0.0.1:"+host.port, func(c *Config) { c.CACertificates = host.authority }); !errors.Is(err, ErrUntrusted) {
		t.Errorf("another certificate at vCenter's address: %v, want ErrUntrusted", err)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := refusing.Addr().String()
	_ = refusing.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	plain.Config.ErrorLog = quiet()
	t.Cleanup(plain.Close)
	for name, test := range map[string]struct{ server, text string }{
		"connection refused": {refused, "Check vsphere_server, the network"},
		"no TLS":             {plain.Listener.Addr().String(), "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Config{Server: test.server, User: testUser, Password: testPassword})
			_, err := c.Vim(t.Context())
			if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("err = %v, want ErrUnreachable with %q", err, test.text)
			}
			if got := c.Calls(); got > 1 {
				t.Errorf("%d requests, want no repetition", got)
			}
		})
	}
}

// A peer that accepts the connection and never shakes hands.
func TestDeadlineEndsASilentHandshake(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- connection
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		for connection := range accepted {
			_ = connection.Close()
		}
	})
	c := newClient(t, Config{Server: listener.Addr().String(), User: testUser, Password: testPassword})
	for name, call := range map[string]func(context.Context) error{
		"SOAP": func(ctx context.Context) error { _, err := c.Vim(ctx); return err },
		"REST": func(ctx context.Context) error { _, err := c.REST(ctx); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		err := call(ctx)
		cancel()
		if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: err = %v, want ErrUnreachable and DeadlineExceeded", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: returned after %s", name, took)
		}
		if !strings.Contains(err.Error(), "did not answer in time") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
