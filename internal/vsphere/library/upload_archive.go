package library

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/ovf"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// references are the names of the files that a descriptor names. It has to parse: of another
// no machine can be made.
func references(text []byte) ([]string, error) {
	if _, err := image.ParseDescriptor(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPackage, err)
	}
	envelope, err := ovf.Unmarshal(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPackage, err)
	}
	var names []string
	for _, file := range envelope.References {
		switch {
		case file.ChunkSize != nil && *file.ChunkSize > 0:
			return nil, fmt.Errorf("%w: the descriptor has %q in chunks, which content libraries do not take. Export it without", ErrPackage, file.Href)
		case file.Href == "" || file.Href != path.Base(file.Href) || strings.ContainsAny(file.Href, `\:`):
			return nil, fmt.Errorf("%w: the descriptor names %q. A content library takes files that are beside the descriptor", ErrPackage, file.Href)
		case !slices.Contains(names, file.Href):
			names = append(names, file.Href)
		}
	}
	return names, nil
}

// belongs tells which entries of an OVA make the item: the descriptor, what it names, the
// manifest and the certificate. Content libraries refuse others.
func belongs(name string, named []string) bool {
	return slices.Contains([]string{".ovf", ".mf", ".cert"}, extension(name)) || slices.Contains(named, name)
}

// readArchive reads the headers of an OVA, and the descriptor and the manifest in it. Disks
// are skipped, not read.
//
// Content libraries take an OVA whole, and vCenter expands it. It is sent file by file all the
// same, as govc does: the descriptor and the manifest are judged before anything is sent, each
// file has the checksum that the manifest has for it – an OVA must not have one (vSphere
// Automation API, File.AddSpec.checksum_info) – and after an update it is known which of the
// item's files are no longer needed.
func (p *Package) readArchive() error {
	file, err := os.Open(p.Path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var named []string
	var manifest []byte
	var all []part
	for entries := tar.NewReader(file); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %s is not a whole tar archive, as an OVA is: %w", ErrPackage, p.Path, err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		offset, err := file.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		entry := part{name: path.Clean(header.Name), path: p.Path, offset: offset, size: header.Size}
		if offset+header.Size > p.Files[0].Size {
			return fmt.Errorf("%w: %s ends in the middle of %s. It was not copied whole", ErrPackage, p.Path, entry.name)
		}
		switch extension(entry.name) {
		case ".ovf":
			text, err := limited(entries, entry.name)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(all, func(o part) bool { return extension(o.name) == ".ovf" }) {
				return fmt.Errorf("%w: %s has more than one descriptor", ErrPackage, p.Path)
			}
			if named, err = references(text); err != nil {
				return err
			}
		case ".mf":
			if manifest, err = limited(entries, entry.name); err != nil {
				return err
			}
		}
		all = append(all, entry)
	}
	for i := range all {
		if belongs(all[i].name, named) {
			p.parts = append(p.parts, all[i])
		}
	}
	if err := complete(p.Path, named, p.parts); err != nil {
		return err
	}
	return p.expect(manifest)
}

// complete checks that an archive has a descriptor and all that it names.
func complete(archive string, named []string, parts []part) error {
	has := func(match func(part) bool) bool { return slices.ContainsFunc(parts, match) }
	if !has(func(p part) bool { return extension(p.name) == ".ovf" }) {
		return fmt.Errorf("%w: %s has no OVF descriptor in it", ErrPackage, archive)
	}
	for _, name := range named {
		if !has(func(p part) bool { return p.name == name }) {
			return fmt.Errorf("%w: the descriptor in %s names the file %q, which is not in it", ErrPackage, archive, name)
		}
	}
	return nil
}
