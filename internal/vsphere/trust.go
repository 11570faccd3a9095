package vsphere

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // VMware tools print SHA-1 thumbprints; the user chooses.
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// trust decides whether the certificate of a server is accepted.
type trust struct {
	insecure   bool
	roots      *x509.CertPool // nil: the system's
	thumbprint []byte         // of vCenter's certificate; nil: by roots
	host       string         // of vCenter
}

func newTrust(cfg Config, endpoint *url.URL) (*trust, error) {
	t := &trust{insecure: cfg.AllowUnverifiedSSL}
	if endpoint != nil {
		t.host = endpoint.Hostname()
	}
	var problems []error
	if cfg.Thumbprint != "" {
		thumbprint, err := parseThumbprint(cfg.Thumbprint)
		t.thumbprint = thumbprint
		problems = append(problems, err)
	}
	if cfg.CACertificates != "" {
		roots, err := loadRoots(cfg.CACertificates)
		t.roots = roots
		problems = append(problems, err)
	}
	if cfg.AllowUnverifiedSSL && (cfg.Thumbprint != "" || cfg.CACertificates != "") {
		problems = append(problems, errors.New("allow_unverified_ssl accepts every certificate, so thumbprint and ca_certificates would have no effect: remove it, or remove them"))
	}
	return t, errors.Join(problems...)
}

// parseThumbprint reads a SHA-1 or SHA-256 hash as openssl, browsers and VMware's tools print it.
func parseThumbprint(text string) ([]byte, error) {
	digits := strings.Map(func(r rune) rune {
		if r == ':' || r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	hash, err := hex.DecodeString(digits)
	if err != nil || (len(hash) != sha1.Size && len(hash) != sha256.Size) {
		return nil, fmt.Errorf("thumbprint %q is not a certificate hash: set the 40 hexadecimal digits of SHA-1 or the 64 of SHA-256, with or without colons", text)
	}
	return hash, nil
}

// loadRoots reads certificates from PEM text or from the file that the text names, and adds
// the system's.
func loadRoots(textOrPath string) (*x509.CertPool, error) {
	text, source := []byte(textOrPath), "ca_certificates"
	if !strings.Contains(textOrPath, "-----BEGIN") {
		if strings.ContainsAny(textOrPath, "\r\n") {
			return nil, errors.New("ca_certificates has several lines but no PEM block: set PEM text (-----BEGIN CERTIFICATE-----) or the path of a PEM file")
		}
		var err error
		if text, err = os.ReadFile(textOrPath); err != nil {
			return nil, fmt.Errorf("ca_certificates is neither PEM text nor the path of a readable file: %w", err)
		}
		source = fmt.Sprintf("the file %q of ca_certificates", textOrPath)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without roots still has these
	}
	count := 0
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if len(bytes.TrimSpace(rest)) > 0 && bytes.Contains(rest, []byte("-----BEGIN")) {
				return nil, fmt.Errorf("%s has a broken PEM block after %d certificates: check that it was copied whole", source, count)
			}
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%s holds a %s: it must hold certificates only", source, block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of %s cannot be read: %w", count+1, source, err)
		}
		roots.AddCert(certificate)
		count++
	}
	if count == 0 {
		return nil, fmt.Errorf("%s holds no PEM certificate (-----BEGIN CERTIFICATE-----)", source)
	}
	return roots, nil
}

// config is the TLS configuration for all connections, direct and through proxies.
func (t *trust) config() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.roots}
	switch {
	case t.insecure:
		config.InsecureSkipVerify = true
	case t.thumbprint != nil:
		// Verification is done by verify, also for sessions that TLS resumes.
		config.InsecureSkipVerify = true
		config.VerifyConnection = t.verify
	}
	return config
}

// verify accepts vCenter by its thumbprint. Other servers that vCenter refers to, like the
// hosts that take uploads, are accepted by the same thumbprint (vCenter under another name) or
// by the certificate authorities.
func (t *trust) verify(state tls.ConnectionState) error {
	leaf := state.PeerCertificates[0]
	if t.matches(leaf) {
		return nil
	}
	// For an address TLS knows no server name. It then counts as vCenter: refused, not guessed.
	if state.ServerName == "" || strings.EqualFold(state.ServerName, t.host) {
		return &thumbprintError{certificate: leaf, expected: t.thumbprint}
	}
	options := x509.VerifyOptions{Roots: t.roots, DNSName: state.ServerName, Intermediates: x509.NewCertPool()}
	for _, certificate := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(certificate)
	}
	if _, err := leaf.Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}

func (t *trust) matches(certificate *x509.Certificate) bool {
	if len(t.thumbprint) == sha1.Size {
		sum := sha1.Sum(certificate.Raw) //nolint:gosec // see the import
		return bytes.Equal(sum[:], t.thumbprint)
	}
	sum := sha256.Sum256(certificate.Raw)
	return bytes.Equal(sum[:], t.thumbprint)
}

// thumbprintError says that vCenter presented another certificate than the pinned one.
type thumbprintError struct {
	certificate *x509.Certificate
	expected    []byte
}

func (e *thumbprintError) Error() string {
	return fmt.Sprintf("certificate does not have the thumbprint %s", formatThumbprint(e.expected))
}

func formatThumbprint(hash []byte) string {
	digits := make([]string, len(hash))
	for i, b := range hash {
		digits[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(digits, ":")
}
