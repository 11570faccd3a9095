package vsphere

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const silentText = "it did not answer in time. Check vsphere_server, the network and the firewalls between"

// networkCause finds the cause in an error of the connection.
func networkCause(err error) (found cause, ok bool) {
	var (
		status *statusError
		dns    *net.DNSError
		op     *net.OpError
		record tls.RecordHeaderError
		alert  tls.AlertError
		late   net.Error
	)
	if text, ok := certificateCause(err); ok {
		return cause{ErrUntrusted, text}, true
	}
	switch {
	case errors.Is(err, context.Canceled):
		return cause{nil, "it was canceled here"}, true
	case errors.Is(err, context.DeadlineExceeded):
		return cause{ErrTimeout, "the time allowed for it is over. It may go on in vCenter"}, true
	case errors.As(err, &status):
		return statusCause(status)
	case errors.As(err, &dns):
		return cause{ErrUnreachable, fmt.Sprintf("the name %q does not resolve. Check vsphere_server and the DNS servers of this machine", dns.Name)}, true
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		return cause{ErrUnreachable, "there is no connection. Check vsphere_server, the network, the firewalls between and HTTPS_PROXY"}, true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return cause{ErrUnreachable, "what answers at this port does not speak TLS. Check the port in vsphere_server"}, true
	case errors.As(err, &alert), isHandshakeTimeout(err):
		return cause{ErrUnreachable, "the TLS handshake failed"}, true
	case isInterrupted(err):
		return cause{ErrInterrupted, "the connection broke before the answer was there"}, true
	case errors.As(err, &late) && late.Timeout():
		return cause{ErrTimeout, "the connection is silent. It may go on in vCenter"}, true
	}
	return cause{}, false
}

// isHandshakeTimeout recognises the error of net/http that has neither type nor value.
func isHandshakeTimeout(err error) bool {
	return strings.Contains(err.Error(), "TLS handshake timeout")
}

func statusCause(status *statusError) (found cause, ok bool) {
	switch status.code {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return cause{ErrInterrupted, "the service is not available in vCenter now. Try again later"}, true
	case http.StatusNotFound:
		return cause{ErrUnsupported, "what answers is not a vCenter. Check vsphere_server"}, true
	default:
		return cause{}, false
	}
}

// certificateCause says why a certificate was not accepted and what to do about it.
func certificateCause(err error) (text string, ok bool) {
	var (
		verification *tls.CertificateVerificationError
		thumbprint   *thumbprintError
	)
	switch {
	case errors.As(err, &thumbprint):
		return fmt.Sprintf("the certificate is not the one that thumbprint names, which is %s. It is %s. If it has been renewed, set thumbprint to this one; if not, someone is in between",
			formatThumbprint(thumbprint.expected), describe(thumbprint.certificate)), true
	case errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0:
		certificate := verification.UnverifiedCertificates[0]
		return fmt.Sprintf("%s. It is %s. %s", reason(verification.Err, certificate), describe(certificate), advice(verification.Err)), true
	default:
		return "", false
	}
}

// describe names a certificate so that it can be compared with the one on the server.
func describe(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return fmt.Sprintf("the certificate of %q, issued by %q, with the SHA-256 thumbprint %s",
		certificate.Subject, certificate.Issuer, formatThumbprint(sum[:]))
}

func reason(err error, certificate *x509.Certificate) string {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is not valid for %q but for %s", name.Host, names(certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("a certificate is out of date: that of the server is valid from %s to %s",
			certificate.NotBefore.Format(time.DateOnly), certificate.NotAfter.Format(time.DateOnly))
	default:
		return "the certificate is not signed by an authority that is trusted here"
	}
}

func advice(err error) string {
	if name := (x509.HostnameError{}); errors.As(err, &name) {
		return "Set server to a name that it is valid for, or, if it is the right one, thumbprint"
	}
	return "If it is the right one, set ca_certificates to the authority that issued it, or thumbprint"
}

func names(certificate *x509.Certificate) string {
	names := make([]string, 0, len(certificate.DNSNames)+len(certificate.IPAddresses))
	for _, name := range certificate.DNSNames {
		names = append(names, fmt.Sprintf("%q", name))
	}
	for _, address := range certificate.IPAddresses {
		names = append(names, fmt.Sprintf("%q", address))
	}
	if len(names) == 0 {
		return "no name at all"
	}
	return strings.Join(names, ", ")
}
