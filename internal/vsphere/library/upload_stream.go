package library

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/soap"
)

// stream sends an OVA from its server to vCenter, file by file, and keeps no more than a buffer,
// the descriptor and the manifest of it.
func (r *Remote) stream(ctx context.Context, s *session) error {
	body, size, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	s.total = max(size, 0)
	whole := newSums(r.Checksum.Algorithm)
	archive := &archiveStream{session: s, from: io.TeeReader(&cancelable{ctx: ctx, from: body}, whole), sums: map[string]sums{}}
	if err := archive.send(ctx); err != nil {
		return fmt.Errorf("read %s: %w", r, err)
	}
	if err := whole.expect(r.Checksum, r.name(), "checksum"); err != nil {
		return err
	}
	if err := complete(r.name(), archive.named, archive.parts); err != nil {
		return err
	}
	return archive.agrees()
}

// open begins to download.
func (r *Remote) open(ctx context.Context) (io.ReadCloser, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL.String(), http.NoBody)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: it is no URL", ErrPackage)
	}
	res, err := r.client().Do(req)
	if err != nil {
		// The error of net/http shows the URL with its query.
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		if unknown := (*tls.CertificateVerificationError)(nil); errors.As(err, &unknown) && r.Thumbprint == "" && len(unknown.UnverifiedCertificates) > 0 {
			return nil, 0, &untrusted{fmt.Errorf("%w: %w. Its SHA-1 thumbprint is %s. If that is the right certificate, set ssl_thumbprint to it",
				ErrTransfer, err, soap.ThumbprintSHA1(unknown.UnverifiedCertificates[0]))}
		}
		failed := fmt.Errorf("%w: download %s: %w", ErrTransfer, r, err)
		if errors.Is(err, errThumbprint) {
			return nil, 0, &untrusted{failed}
		}
		return nil, 0, failed
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, 0, fmt.Errorf("%w: the server of %s answers %s", ErrTransfer, r, res.Status)
	}
	return res.Body, res.ContentLength, nil
}

// errThumbprint is wrapped by the error about a certificate that is not the one that was named.
var errThumbprint = errors.New("its certificate does not have the SHA-1 thumbprint of ssl_thumbprint")

// untrusted is the error of a certificate that this machine does not trust.
type untrusted struct{ error }

func (e *untrusted) Unwrap() error { return e.error }

// probe begins to download, and says what keeps it from that.
func (r *Remote) probe(ctx context.Context) *Unreachable {
	ctx, cancel := context.WithTimeout(ctx, cleanup)
	defer cancel()
	body, _, err := r.open(ctx)
	if err != nil {
		certificate := (*untrusted)(nil)
		return &Unreachable{Here: true, Certificate: errors.As(err, &certificate), Text: fmt.Sprintf("this machine, which is to stream %s, cannot read it now: %s", r, err)}
	}
	_ = body.Close()
	return nil
}

func (r *Remote) client() *http.Client {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	if r.Thumbprint == "" {
		return &http.Client{Transport: transport}
	}
	transport.TLSClientConfig = &tls.Config{
		MinVersion: tls.VersionTLS12,
		// As vCenter does: with a thumbprint, it alone decides.
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies
		VerifyConnection: func(state tls.ConnectionState) error {
			if leaf := state.PeerCertificates[0]; soap.ThumbprintSHA1(leaf) != r.Thumbprint {
				return fmt.Errorf("%w: it has %s", errThumbprint, soap.ThumbprintSHA1(leaf))
			}
			return nil
		},
	}
	return &http.Client{Transport: transport}
}

// archiveStream is an OVA that is read once, from its beginning to its end.
type archiveStream struct {
	*session
	from io.Reader

	named    []string
	manifest map[string]*Checksum
	parts    []part
	// sums are of the files that were sent before their checksums were known: a manifest may
	// be at the end.
	sums map[string]sums
}

func (a *archiveStream) send(ctx context.Context) error {
	entries := tar.NewReader(a.from)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, a.from) // what follows the end of the archive is part of the file
			return err
		}
		if err != nil {
			return fmt.Errorf("%w: it is not a whole tar archive, as an OVA is: %w", ErrPackage, err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		entry := part{name: strings.TrimPrefix(header.Name, "./"), size: header.Size}
		var content io.Reader = entries
		switch extension(entry.name) {
		case ".ovf", ".mf":
			text, err := limited(entries, entry.name)
			if err != nil {
				return err
			}
			if err := a.read(entry.name, text); err != nil {
				return err
			}
			content = bytes.NewReader(text)
		case ".cert":
		default:
			if a.named == nil {
				return fmt.Errorf("%w: it does not begin with its descriptor, so that it cannot be streamed. Download it and set file", ErrPackage)
			}
			if !slices.Contains(a.named, entry.name) {
				continue
			}
		}
		own := newSums("SHA256", "SHA1", "SHA512")
		if a.manifest != nil {
			own = nil
		}
		entry.sum = a.manifest[entry.name]
		if err := a.push(ctx, entry.name, entry.size, entry.sum, io.TeeReader(content, own)); err != nil {
			return err
		}
		a.parts = append(a.parts, entry)
		a.sums[entry.name] = own
	}
}

// read takes the descriptor or the manifest.
func (a *archiveStream) read(name string, text []byte) error {
	var err error
	if extension(name) == ".ovf" {
		a.named, err = references(text)
		a.named = slices.Concat([]string{}, a.named)
		return err
	}
	if a.manifest, err = readManifest(bytes.NewReader(text)); err != nil {
		return fmt.Errorf("%w: the manifest cannot be used: %w", ErrPackage, err)
	}
	return nil
}

// agrees compares what was sent before the manifest was known.
func (a *archiveStream) agrees() error {
	for name, own := range a.sums {
		if want := a.manifest[name]; want != nil && own != nil && own[want.Algorithm] != nil {
			if err := own.expect(want, name, "the manifest"); err != nil {
				return err
			}
		}
	}
	return nil
}
