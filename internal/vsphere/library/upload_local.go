package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"

	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Local is content that is sent from this machine. Files are streamed: no more than a buffer
// of them is in memory.
type Local struct {
	*Package
	// Checksum is what the named file should have, nil where nobody says.
	Checksum *Checksum
}

// Type implements Content.
func (l *Local) Type() string { return l.Package.Type }

func (l *Local) fill(ctx context.Context, s *session) error {
	s.total = l.Size()
	for i := range l.Files {
		if err := l.send(ctx, s, &l.Files[i], l.partsOf(i)); err != nil {
			return err
		}
	}
	return nil
}

// partsOf are what the item gets of the n-th file on disk: all of an OVA, else the file itself.
func (p *Package) partsOf(n int) []part {
	if len(p.Files) == 1 {
		return p.parts
	}
	return p.parts[n : n+1]
}

// send reads a file from its beginning to its end, once: parts of it go to vCenter, and all of
// it into its checksums.
func (l *Local) send(ctx context.Context, s *session, file *File, parts []part) error {
	on, err := os.Open(parts[0].path)
	if err != nil {
		return err
	}
	defer func() { _ = on.Close() }()
	if err := file.unchanged(on); err != nil {
		return err
	}
	whole := newSums(contentAlgorithm)
	if l.Checksum != nil && on.Name() == l.Path {
		whole = newSums(contentAlgorithm, l.Checksum.Algorithm)
	}
	stream := &cancelable{ctx: ctx, from: io.TeeReader(on, whole)}
	var at int64
	for i := range parts {
		if _, err := io.CopyN(io.Discard, stream, parts[i].offset-at); err != nil {
			return shorter(err, file.Name)
		}
		if err := s.push(ctx, parts[i].name, parts[i].size, parts[i].sum, stream); err != nil {
			return err
		}
		at = parts[i].offset + parts[i].size
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return err
	}
	if err := file.unchanged(on); err != nil {
		return err
	}
	s.filled.Digests[file.Name] = whole.of(contentAlgorithm)
	if on.Name() == l.Path {
		return whole.expect(l.Checksum, file.Name, "checksum")
	}
	return nil
}

// unchanged compares an open file with how it was seen.
func (f *File) unchanged(on *os.File) error {
	now, err := on.Stat()
	if err != nil {
		return err
	}
	if now.Size() != f.Size || !now.ModTime().Equal(f.ModTime) {
		return fmt.Errorf("%w: %s was changed while it was uploaded", ErrPackage, f.Name)
	}
	return nil
}

func shorter(err error, name string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s ends too early", ErrPackage, name)
	}
	return err
}

// push sends a file of the item: the next size bytes of a stream. Both sides compare it with
// its checksum, where it has one.
func (s *session) push(ctx context.Context, name string, size int64, sum *Checksum, stream io.Reader) error {
	doing := fmt.Sprintf("%s: send %s", s.doing, name)
	spec := vapi.UpdateFile{Name: name, SourceType: fromClient, Size: size}
	own := sums{}
	if sum != nil {
		spec.Checksum = sum.api()
		own = newSums(sum.Algorithm)
	}
	s.names = append(s.names, name)
	var file *vapi.UpdateFile
	err := twice(func() (err error) {
		file, err = s.manager.AddLibraryItemFile(ctx, s.id, spec)
		return vsphere.Translate(err, doing)
	})
	if err != nil {
		return err
	}
	if file.UploadEndpoint == nil {
		return fmt.Errorf("%s: vCenter does not say where to", doing)
	}
	to, err := s.manager.ParseURL(file.UploadEndpoint.URI)
	if err != nil {
		return fmt.Errorf("%s: vCenter wants it at a place that is no URL: %w", doing, err)
	}
	body := &counted{from: io.TeeReader(io.LimitReader(stream, size), own), size: size, count: s.sent}
	upload := soap.DefaultUpload
	upload.ContentLength = size
	err = s.manager.Upload(ctx, lengthOf(body, size), to, &upload)
	sent, readErr := body.stop()
	if err != nil {
		// net/http's error shows the place, which takes the file from whoever knows it.
		if place := (*url.Error)(nil); errors.As(err, &place) {
			err = place.Err
		}
		if readErr != nil { // the transport tells it in its own words
			return shorter(readErr, name)
		}
		if sent == size && own.expect(sum, name, "the manifest") != nil { // that is why
			return own.expect(sum, name, "the manifest")
		}
		if err = vsphere.Translate(err, doing); sent < size || !s.arrived(ctx, name) {
			return err
		}
	}
	// Where vCenter is satisfied with less, the stream is still to be read.
	if _, err := io.Copy(io.Discard, body.from); err != nil {
		return err
	}
	return own.expect(sum, name, "the manifest")
}

// lengthOf is a body of a length: to net/http, a reader of 0 bytes is one of unknown length.
func lengthOf(body io.Reader, size int64) io.Reader {
	if size == 0 {
		return http.NoBody
	}
	return body
}

// arrived tells whether a file that was sent whole has arrived although no answer said so: where
// the datastore is slow, proxies lose patience first.
func (s *session) arrived(ctx context.Context, name string) bool {
	for n := 0; ; n++ {
		file, err := s.manager.GetLibraryItemUpdateSessionFile(ctx, s.id, name)
		if err != nil || file.Status == fileWaiting || file.Status == fileError {
			return false
		}
		if file.Status == fileReady {
			return true
		}
		if wait(ctx, s.growing(n)) != nil {
			return false
		}
	}
}

// counted reports how much was read, and keeps why reading failed. net/http may go on reading
// after an answer has come early: not beyond stop.
type counted struct {
	from  io.Reader
	size  int64
	count func(int64)

	mu      sync.Mutex
	n       int64
	err     error
	stopped bool
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return 0, io.ErrClosedPipe
	}
	n, err := c.from.Read(p)
	if n > 0 {
		c.n += int64(n)
		c.count(int64(n))
	}
	if errors.Is(err, io.EOF) && c.n < c.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// stop ends reading, and returns how much was read and why it failed.
func (c *counted) stop() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	return c.n, c.err
}
