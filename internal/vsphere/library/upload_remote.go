package library

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Remote is content at a URL. vCenter fetches it, and of an OVF descriptor also the files that
// it names, which are beside it – but for an OVA with a checksum: content libraries compare
// none of an OVA (vSphere Automation API, File.AddSpec.checksum_info), so that it is streamed
// through this machine, which does.
type Remote struct {
	URL *url.URL
	// Checksum is what the file at URL should have, nil where nobody says.
	Checksum *Checksum
	// Thumbprint is the SHA-1 hash of the server's certificate, in upper case and with colons.
	// With it no other certificate is accepted, and without it those that vCenter trusts.
	Thumbprint string
	// ItemType is the type of item that it makes.
	ItemType string
}

// NewRemote judges a URL. Errors wrap ErrPackage.
func NewRemote(text string) (*Remote, error) {
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		return nil, fmt.Errorf("%w: it is not the http or https URL of a file", ErrPackage)
	}
	itemType, err := TypeOf(at.Path)
	if err != nil {
		return nil, err
	}
	return &Remote{URL: at, ItemType: itemType}, nil
}

// Type implements Content.
func (r *Remote) Type() string { return r.ItemType }

// String is the URL without what is nobody's business: a password, the signature of a query.
func (r *Remote) String() string {
	shown := url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path}
	return shown.String()
}

func (r *Remote) fill(ctx context.Context, s *session) error {
	if r.streamed() {
		return r.stream(ctx, s)
	}
	if err := s.pull(ctx, r.name(), r.at(r.URL), r.Checksum); err != nil {
		return err
	}
	if extension(r.URL.Path) != ".ovf" {
		return nil
	}
	stem := strings.TrimSuffix(r.name(), path.Ext(r.name()))
	for _, ending := range []string{".mf", ".cert"} {
		// vCenter is asked, which may see what this machine does not.
		if probe, err := s.probe(ctx, r.at(r.sibling(stem+ending))); err == nil && probe.Status == probeSuccess {
			if err := s.pull(ctx, stem+ending, r.at(r.sibling(stem+ending)), nil); err != nil {
				return err
			}
		}
	}
	return r.fillNamed(ctx, s)
}

// fillNamed has vCenter fetch the files that the descriptor names, as soon as it knows them.
func (r *Remote) fillNamed(ctx context.Context, s *session) error {
	if err := s.received(ctx, r.name()); err != nil {
		return err
	}
	result, err := s.manager.ValidateLibraryItemUpdateSessionFile(ctx, s.id)
	if err != nil {
		return vsphere.Translate(err, s.doing)
	}
	for _, name := range result.MissingFiles {
		if name != path.Base(name) || name == "." || name == "/" {
			return fmt.Errorf("%s: %w: the descriptor names %q, which is not beside it", s.doing, ErrPackage, name)
		}
		if err := s.pull(ctx, name, r.at(r.sibling(name)), nil); err != nil {
			return err
		}
	}
	// The files that the item had before may have the names, and be taken for those.
	files, err := s.files(ctx)
	if err != nil {
		return err
	}
	for i := range files {
		name := files[i].Name
		if files[i].SourceType != fromItem || extension(name) == ".ovf" || slices.Contains(s.names, name) {
			continue
		}
		probe, err := s.probe(ctx, r.at(r.sibling(name)))
		if err != nil || probe.Status != probeSuccess {
			continue
		}
		if err := s.pull(ctx, name, r.at(r.sibling(name)), nil); err != nil {
			return err
		}
	}
	return nil
}

// streamed tells whether the content goes through this machine.
func (r *Remote) streamed() bool { return r.Checksum != nil && extension(r.URL.Path) == ".ova" }

func (r *Remote) name() string { return path.Base(r.URL.Path) }

// sibling is the URL of a file beside the descriptor.
func (r *Remote) sibling(name string) *url.URL {
	beside := *r.URL
	beside.RawPath, beside.Path = "", path.Join(path.Dir(r.URL.Path), name)
	return &beside
}

func (r *Remote) at(u *url.URL) *vapi.TransferEndpoint {
	return &vapi.TransferEndpoint{URI: u.String(), SSLCertificateThumbprint: r.Thumbprint}
}

// pull has vCenter fetch a file of the item.
func (s *session) pull(ctx context.Context, name string, from *vapi.TransferEndpoint, sum *Checksum) error {
	spec := vapi.UpdateFile{Name: name, SourceType: fromURL, SourceEndpoint: from}
	if sum != nil {
		spec.Checksum, s.sums[name] = sum.api(), sum
	}
	s.names = append(s.names, name)
	return twice(func() error {
		_, err := s.manager.AddLibraryItemFile(ctx, s.id, spec)
		return vsphere.Translate(err, fmt.Sprintf("%s: have vCenter fetch %s", s.doing, name))
	})
}

// received waits until vCenter has a file.
func (s *session) received(ctx context.Context, name string) error {
	for n := 0; ; n++ {
		file, err := s.manager.GetLibraryItemUpdateSessionFile(ctx, s.id, name)
		if err != nil {
			return vsphere.Translate(err, s.doing)
		}
		switch file.Status {
		case fileReady:
			return nil
		case fileError:
			return s.untransferred(file)
		}
		if err := wait(ctx, s.growing(n)); err != nil {
			return vsphere.Translate(err, s.doing)
		}
	}
}

// ErrTransfer is wrapped by errors about content that could not be fetched.
var ErrTransfer = errors.New("the file could not be fetched")

// untransferred is the error of a file that vCenter has not taken. Not every version says by its text whether the checksum
// was wrong or the server did not answer.
func (s *session) untransferred(file *vapi.UpdateFile) error {
	kind, said, hint := ErrPackage, strings.TrimSuffix(messageOf(file.ErrorMessage), "."), ""
	if file.SourceType == fromURL {
		kind = ErrTransfer
		switch sum := s.sums[file.Name]; {
		case sum == nil:
		case strings.Contains(strings.ToLower(said), "checksum"):
			kind = ErrChecksum
		default:
			hint = fmt.Sprintf(". If vCenter can read it, it does not have the checksum %s", sum)
		}
	}
	return fmt.Errorf("%s: %w: %s: %s%s", s.doing, kind, file.Name, said, hint)
}

// What vCenter says about a source (vSphere Automation API, File.ProbeResult.Status).
const (
	probeSuccess     = "SUCCESS"
	probeCertificate = "CERTIFICATE_ERROR"
)

func (s *session) probe(ctx context.Context, endpoint *vapi.TransferEndpoint) (*vapi.ProbeResult, error) {
	return s.manager.ProbeTransferEndpoint(ctx, *endpoint)
}

// Unreachable is what keeps vCenter from reading a URL.
type Unreachable struct {
	// Here tells that it is this machine that cannot read it, which is to stream the content.
	Here bool
	// Certificate tells that it is the server's certificate.
	Certificate bool
	// Text says it, with what to do.
	Text string
}

// Probe asks vCenter whether it can read the content. nil means that it can, or that this
// vCenter, from before vSphere 7.0, does not say. Content that is streamed is asked for from here.
func (u *Uploads) Probe(ctx context.Context, r *Remote) (*Unreachable, error) {
	if r.streamed() {
		return r.probe(ctx), nil
	}
	manager, err := u.manager(ctx)
	if err != nil {
		return nil, err
	}
	result, err := manager.ProbeTransferEndpoint(ctx, *r.at(r.URL))
	if err = vsphere.Translate(err, "ask whether vCenter can read "+r.String()); err != nil {
		if errors.Is(err, vsphere.ErrUnsupported) || errors.Is(err, vsphere.ErrNotFound) {
			return nil, nil //nolint:nilnil // an older vCenter has no opinion
		}
		return nil, err
	}
	switch {
	case result.Status == probeSuccess:
		return nil, nil //nolint:nilnil // nothing is in the way
	case result.Status == probeCertificate && r.Thumbprint == "" && result.SSLThumbprint != "":
		return &Unreachable{Certificate: true, Text: fmt.Sprintf(
			"vCenter does not trust the certificate of %s, whose SHA-1 thumbprint is %s. If that is the right one, set ssl_thumbprint to it", r.URL.Host, result.SSLThumbprint)}, nil
	case result.Status == probeCertificate:
		return &Unreachable{Certificate: true, Text: fmt.Sprintf("the certificate of %s is not the one that ssl_thumbprint says", r.URL.Host)}, nil
	}
	said := result.Status
	for i := range result.ErrorMessages {
		said += ": " + messageOf(&result.ErrorMessages[i])
	}
	return &Unreachable{Text: fmt.Sprintf("vCenter, which is to fetch it, cannot read %s now (%s)", r, said)}, nil
}
