package vsphere

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quiet keeps servers that are talked to wrongly on purpose from saying so.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestServerSpellings(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"vcenter.example.com":              "https://vcenter.example.com/sdk",
		" vcenter.example.com\n":           "https://vcenter.example.com/sdk",
		"vcenter.example.com:8443":         "https://vcenter.example.com:8443/sdk",
		"https://vcenter.example.com":      "https://vcenter.example.com/sdk",
		"https://vcenter.example.com/":     "https://vcenter.example.com/sdk",
		"https://vcenter.example.com/sdk":  "https://vcenter.example.com/sdk",
		"https://vcenter.example.com/sdk/": "https://vcenter.example.com/sdk",
		"vcenter.example.com/sdk":          "https://vcenter.example.com/sdk",
		"192.0.2.1":                        "https://192.0.2.1/sdk",
		"192.0.2.1:443":                    "https://192.0.2.1:443/sdk",
		"2001:db8::1":                      "https://[2001:db8::1]/sdk",
		"[2001:db8::1]:8443":               "https://[2001:db8::1]:8443/sdk",
		"http://127.0.0.1:8989":            "http://127.0.0.1:8989/sdk",
		"http://localhost:8989/sdk":        "http://localhost:8989/sdk",
	} {
		got, err := parseServer(server)
		if err != nil || got.String() != want {
			t.Errorf("parseServer(%q) = %v, %v; want %s", server, got, err, want)
		}
	}
}

func TestRefusedServers(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"":                                    "empty",
		"https://":                            "names no host",
		"https://root:pa55word@vcenter/sdk":   "holds credentials",
		"root:pa55word@vcenter":               "holds credentials",
		"https://vcenter/ui/app":              `has the path "/ui/app"`,
		"https://vcenter/sdk?x=1":             "query or fragment",
		"http://vcenter.example.com":          "in the clear",
		"ftp://vcenter.example.com":           "use https",
		"https://vcenter:port":                "is not a host name",
		"https://root:pa55word@vcenter:port/": "is not a host name",
	} {
		_, err := parseServer(server)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseServer(%q): %v; want an error with %q", server, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "pa55word") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestNewReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{MaxConcurrentRequests: -1, Thumbprint: "xyz", CACertificates: "/nonexistent/ca.pem"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"server is empty", "user is empty", "password is empty", "max_concurrent_requests is -1", "thumbprint", "ca_certificates"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not mention %q:\n%v", part, err)
		}
	}
}

func TestRefusedTrust(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	for name, test := range map[string]struct {
		cfg  Config
		want string
	}{
		"missing file":                    {Config{CACertificates: filepath.Join(dir, "none.pem")}, "neither PEM text nor the path of a readable file"},
		"directory":                       {Config{CACertificates: dir}, "neither PEM text nor the path of a readable file"},
		"file without PEM":                {Config{CACertificates: write("text", "hello")}, "holds no PEM certificate"},
		"lines that are no PEM":           {Config{CACertificates: "hello\nworld"}, "no PEM block"},
		"cut off":                         {Config{CACertificates: "-----BEGIN CERTIFICATE-----\nMIIB"}, "broken PEM block"},
		"not a certificate":               {Config{CACertificates: garbage}, "certificate 1 of ca_certificates cannot be read"},
		"not a certificate in a file":     {Config{CACertificates: write("garbage.pem", garbage)}, "garbage.pem"},
		"private key":                     {Config{CACertificates: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}, "holds a PRIVATE KEY"},
		"short thumbprint":                {Config{Thumbprint: "AA:BB"}, `thumbprint "AA:BB" is not a certificate hash`},
		"no hexadecimal":                  {Config{Thumbprint: strings.Repeat("zz", 32)}, "is not a certificate hash"},
		"MD5":                             {Config{Thumbprint: strings.Repeat("ab", 16)}, "is not a certificate hash"},
		"thumbprint without verification": {Config{AllowUnverifiedSSL: true, Thumbprint: strings.Repeat("ab", 32)}, "allow_unverified_ssl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.cfg.Server, test.cfg.User, test.cfg.Password = "vcenter", "user", "password"
			_, err := New(test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v; want one with %q", err, test.want)
			}
		})
	}
}

func TestPasswordIsNotPrinted(t *testing.T) {
	t.Parallel()
	cfg := Config{Server: "vcenter.example.com", User: "root", Password: testPassword}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []any{cfg, &cfg, c} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, testPassword) {
				t.Errorf("%s of %T shows the password", verb, value)
			} else if !strings.Contains(text, "vcenter.example.com") {
				t.Errorf("%s of %T = %s", verb, value, text)
			}
		}
	}
}
