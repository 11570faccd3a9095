package simulator

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/soap"
)

// errUntrusted is a server whose certificate neither the system nor the thumbprint vouches for.
var errUntrusted = errors.New("the peer is not authenticated")

// clientFor trusts the certificate with the endpoint's thumbprint, or those that the system does.
func clientFor(endpoint *library.TransferEndpoint) *http.Client {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if want := endpoint.SSLCertificateThumbprint; want != "" {
		config.InsecureSkipVerify = true
		config.VerifyConnection = func(state tls.ConnectionState) error {
			if soap.ThumbprintSHA1(state.PeerCertificates[0]) != want {
				return errUntrusted
			}
			return nil
		}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}

func ask(ctx context.Context, method string, endpoint *library.TransferEndpoint) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, endpoint.URI, http.NoBody)
	if err != nil {
		return nil, err
	}
	return clientFor(endpoint).Do(req)
}

// pull fetches the content of a file.
func (u *updates) pull(session *updateSession, file *updateFile) {
	defer session.pulling.Done()
	res, err := ask(context.Background(), http.MethodGet, file.SourceEndpoint)
	if err != nil {
		_ = u.settle(session, file, err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		_ = u.settle(session, file, fmt.Errorf("the server answers %s", res.Status))
		return
	}
	_ = u.take(session, file, res.Body, res.ContentLength)
}

// probe tells whether vCenter can reach a source.
func (u *updates) probe(w http.ResponseWriter, r *http.Request) {
	var spec struct {
		Endpoint library.TransferEndpoint `json:"source_endpoint"`
	}
	if err := json.NewDecoder(r.Body).Decode(&spec); err != nil {
		restError(w, http.StatusBadRequest, "invalid_argument", err.Error())
		return
	}
	result := library.ProbeResult{Status: "SUCCESS"}
	res, err := ask(r.Context(), http.MethodHead, &spec.Endpoint)
	var untrusted *tls.CertificateVerificationError
	var unknown *net.DNSError
	switch {
	case errors.As(err, &untrusted), errors.Is(err, errUntrusted):
		result.Status = "CERTIFICATE_ERROR"
		result.SSLThumbprint = presented(r.Context(), spec.Endpoint.URI)
	case errors.As(err, &unknown):
		result.Status = "HOST_NOT_FOUND"
	case err != nil && strings.Contains(err.Error(), "unsupported protocol scheme"):
		result.Status = "INVALID_URL"
	case err != nil:
		result.Status = "UNKNOWN_ERROR"
	case res.StatusCode == http.StatusNotFound:
		result.Status = "RESOURCE_NOT_FOUND"
	case res.StatusCode == http.StatusUnauthorized:
		result.Status = "INVALID_CREDENTIALS"
	case res.StatusCode != http.StatusOK:
		result.Status = "UNKNOWN_ERROR"
	}
	if err == nil {
		_ = res.Body.Close()
	}
	if result.Status != "SUCCESS" {
		result.ErrorMessages = []rest.LocalizableMessage{{ID: "vcsim.probe", DefaultMessage: fmt.Sprintf("HTTP request error: %v", err)}}
	}
	restValue(w, result)
}

// presented is the thumbprint of the certificate that a server shows.
func presented(ctx context.Context, uri string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, uri, http.NoBody)
	if err != nil {
		return ""
	}
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}}
	res, err := trusting.Do(req)
	if err != nil || res.TLS == nil {
		return ""
	}
	_ = res.Body.Close()
	return soap.ThumbprintSHA1(res.TLS.PeerCertificates[0])
}
