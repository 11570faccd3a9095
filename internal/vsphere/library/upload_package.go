package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"
)

// ErrPackage is wrapped by errors about what is in a file that should become an image.
var ErrPackage = errors.New("not a usable image file")

// ErrChecksum is wrapped by errors about content that is not what it should be.
var ErrChecksum = errors.New("wrong checksum")

// Package is an image on this machine: an OVA, an OVF descriptor with the files that it names,
// or an ISO. Nothing of it is open.
type Package struct {
	// Path is the file that was named.
	Path string
	// Type is the type of item that it makes: ovf or iso.
	Type string
	// Files are the files on disk that it consists of, the named one first.
	Files []File
	// parts are the files that the item gets, in the order in which they are read.
	parts []part
}

// File is a file on disk as it was seen.
type File struct {
	Name    string
	Size    int64
	ModTime time.Time
}

// part is a file of an item: all of a file on disk, or a stretch of an OVA.
type part struct {
	name, path   string
	offset, size int64
	sum          *Checksum // nil where no manifest says it
}

// Size is the number of bytes to send.
func (p *Package) Size() int64 {
	var size int64
	for i := range p.parts {
		size += p.parts[i].size
	}
	return size
}

// TypeOf returns the type of item that a file makes, by the ending of its name or of the path
// of its URL. The error says which endings there are.
func TypeOf(name string) (string, error) {
	switch extension(name) {
	case ".ova", ".ovf":
		return vapi.ItemTypeOVF, nil
	case ".iso":
		return vapi.ItemTypeISO, nil
	}
	return "", fmt.Errorf("%w: %q ends in none of .ova, .ovf and .iso, by which its type is told", ErrPackage, filepath.Base(name))
}

func extension(name string) string { return strings.ToLower(filepath.Ext(name)) }

// OpenPackage looks at an image file and at what it names, without reading disks. Errors are
// fs.ErrNotExist and the like, or wrap ErrPackage: no descriptor, a descriptor that does not
// parse, a file that is missing.
func OpenPackage(path string) (*Package, error) {
	itemType, err := TypeOf(path)
	if err != nil {
		return nil, err
	}
	p := &Package{Path: path, Type: itemType}
	main, err := p.see(path)
	if err != nil {
		return nil, err
	}
	switch extension(path) {
	case ".ova":
		err = p.readArchive()
	case ".ovf":
		err = p.readFolder()
	default:
		p.parts = []part{{name: main.Name, path: path, size: main.Size}}
		err = isDisc(path)
	}
	return p, err
}

// isDisc makes sure that a file is the image of a disc: its volume descriptors, a sector of 2048 bytes each, begin with the
// 17th, and name their standard from the second byte on (ECMA-119, 8.1.2; ECMA-167, 2/9.1).
func isDisc(path string) error {
	const sector, first, standard = 2048, 16, 5
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	name := make([]byte, standard)
	if _, err := file.ReadAt(name, first*sector+1); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !slices.Contains([]string{"CD001", "BEA01"}, string(name)) {
		return fmt.Errorf("%w: %s is not the image of a disc: it has neither an ISO 9660 nor a UDF volume", ErrPackage, path)
	}
	return nil
}

// see adds a file on disk.
func (p *Package) see(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("%w: %s is not a regular file", ErrPackage, path)
	}
	if info.Size() == 0 {
		return File{}, fmt.Errorf("%w: %s is empty", ErrPackage, path)
	}
	file := File{Name: filepath.Base(path), Size: info.Size(), ModTime: info.ModTime()}
	p.Files = append(p.Files, file)
	return file, nil
}

// readFolder reads an OVF descriptor, and finds the files that it names beside it, and its
// manifest and certificate, which have its name with other endings.
func (p *Package) readFolder() error {
	text, err := readSmall(p.Path)
	if err != nil {
		return err
	}
	names, err := references(text)
	if err != nil {
		return err
	}
	descriptor := p.Files[0]
	p.parts = []part{{name: descriptor.Name, path: p.Path, size: descriptor.Size}}
	stem := strings.TrimSuffix(p.Path, filepath.Ext(p.Path))
	for _, ending := range []string{".mf", ".cert"} {
		if _, err := os.Stat(stem + ending); err == nil {
			names = append(names, filepath.Base(stem)+ending)
		}
	}
	for _, name := range names {
		at := filepath.Join(filepath.Dir(p.Path), name)
		file, err := p.see(at)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%w: %s names the file %q, which is not beside it", ErrPackage, descriptor.Name, name)
		}
		if err != nil {
			return err
		}
		p.parts = append(p.parts, part{name: name, path: at, size: file.Size})
	}
	if !slices.Contains(names, filepath.Base(stem)+".mf") {
		return nil
	}
	manifest, err := readSmall(stem + ".mf")
	if err != nil {
		return err
	}
	return p.expect(manifest)
}

// expect notes the checksums of a manifest.
func (p *Package) expect(text []byte) error {
	manifest, err := readManifest(strings.NewReader(string(text)))
	if err != nil {
		return fmt.Errorf("%w: the manifest cannot be used: %w", ErrPackage, err)
	}
	for i := range p.parts {
		p.parts[i].sum = manifest[p.parts[i].name]
	}
	return nil
}

// readSmall reads a descriptor or a manifest, which are small.
func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return limited(file, filepath.Base(path))
}

func limited(from io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxDescriptor+1))
	if err == nil && len(text) > maxDescriptor {
		return nil, fmt.Errorf("%w: %s is larger than %d MiB", ErrPackage, name, maxDescriptor>>20)
	}
	return text, err
}

// Digest reads a file of a directory whole and returns its SHA-256: how a file whose time has
// changed is told from one whose content has.
func (f File) Digest(ctx context.Context, dir string) (Checksum, error) {
	return checksumOf(ctx, filepath.Join(dir, f.Name), contentAlgorithm)
}

// Checksum reads the named file whole and returns its checksum by an algorithm, which is one
// that a Checksum has.
func (p *Package) Checksum(ctx context.Context, algorithm string) (Checksum, error) {
	return checksumOf(ctx, p.Path, algorithm)
}

func checksumOf(ctx context.Context, path, algorithm string) (Checksum, error) {
	file, err := os.Open(path)
	if err != nil {
		return Checksum{}, err
	}
	defer func() { _ = file.Close() }()
	sum := newSums(algorithm)
	if _, err := io.Copy(sum, &cancelable{ctx: ctx, from: file}); err != nil {
		return Checksum{}, err
	}
	return sum.of(algorithm), nil
}

// cancelable reads until its context ends.
type cancelable struct {
	ctx  context.Context //nolint:containedctx // a reader has no other way to be told
	from io.Reader
}

// Read implements io.Reader.
func (c *cancelable) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.from.Read(p)
}
