package library_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

func TestAPackageThatCannotBeUploadedIsRefusedBeforehand(t *testing.T) {
	t.Parallel()
	descriptor, first := ovf("1.0", "disk1.vmdk"), disk("disk1.vmdk", 100, 1)
	chunked := entry{"small.ovf", []byte(strings.Replace(string(descriptor.text), `ovf:id="file0"`, `ovf:id="file0" ovf:chunkSize="10"`, 1))}
	outside := entry{"small.ovf", []byte(strings.ReplaceAll(string(descriptor.text), "disk1.vmdk", "../disk1.vmdk"))}
	for _, test := range []struct {
		name string
		file entry
		more []entry
		part string
	}{
		{"an OVA without a descriptor", entry{"a.ova", archive(first)}, nil, "has no OVF descriptor"},
		{"an OVA without a disk", entry{"a.ova", archive(descriptor)}, nil, `names the file "disk1.vmdk", which is not in it`},
		{"an OVA with two descriptors", entry{"a.ova", archive(descriptor, entry{"b.ovf", descriptor.text}, first)}, nil, "more than one descriptor"},
		{"an OVA that was cut", entry{"a.ova", archive(descriptor, first, disk("disk2.vmdk", 5000, 1))[:9000]}, nil, "was not copied whole"},
		{"what is no OVA", disk("a.ova", 2000, 1), nil, "not a whole tar archive"},
		{"a broken descriptor in an OVA", entry{"a.ova", archive(entry{"small.ovf", []byte("<html>")})}, nil, "OVF descriptor cannot be used"},
		{"a broken manifest in an OVA", entry{"a.ova", archive(descriptor, entry{"small.mf", []byte("SHA256(disk1.vmdk)= 12")}, first)}, nil, "64 hexadecimal digits"},
		{"a disk in chunks", chunked, []entry{first}, "in chunks"},
		{"a disk elsewhere", outside, []entry{first}, "beside the descriptor"},
		{"a folder without a disk", descriptor, nil, `names the file "disk1.vmdk", which is not beside it`},
		{"a folder with a broken manifest", descriptor, []entry{first, {"small.mf", []byte("SHA3(disk1.vmdk)= 12")}}, `"SHA3" is no algorithm`},
		{"an empty ISO", entry{"a.iso", nil}, nil, "is empty"},
		{"another file", disk("a.vmdk", 10, 1), nil, "none of .ova, .ovf and .iso"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, append(test.more, test.file)...)
			_, err := library.OpenPackage(filepath.Join(dir, test.file.name))
			wantError(t, err, library.ErrPackage, test.part)
		})
	}
	if _, err := library.OpenPackage(filepath.Join(t.TempDir(), "none.ova")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	directory := filepath.Join(t.TempDir(), "a.iso")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := library.OpenPackage(directory)
	wantError(t, err, library.ErrPackage, "not a regular file")
}

func TestChecksumsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	sha1, sha256 := strings.Repeat("aB", 20), strings.Repeat("01", 32)
	for text, want := range map[string]string{
		"sha1:" + sha1: "sha1:" + strings.ToLower(sha1), " SHA-256:" + sha256: "sha256:" + sha256,
		"md5:" + sha1[:32]: "md5:" + strings.ToLower(sha1[:32]), "sha512:" + sha256 + sha256: "sha512:" + sha256 + sha256,
		sha256: "", "sha256:" + sha1: "", "sha3:" + sha256: "", "sha1:" + strings.Repeat("g", 40): "", "": "",
	} {
		got, err := library.ParseChecksum(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q was read as %v", text, got)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}

func TestTheDigestOfAFileIsItsSHA256(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, entry{"a.ova", []byte("abc")})
	p := &library.Package{Path: filepath.Join(dir, "a.ova"), Files: []library.File{{Name: "a.ova", Size: 3}}}
	got, err := p.Files[0].Digest(t.Context(), dir)
	if want := "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; err != nil || got.String() != want {
		t.Errorf("digest %v, %v", got, err)
	}
	if got, err := p.Checksum(t.Context(), "MD5"); err != nil || got.String() != "md5:900150983cd24fb0d6963f7d28e17f72" {
		t.Errorf("checksum %v, %v", got, err)
	}
}

func TestAFileThatIsNoDiscIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := make([]byte, 17*2048)
	copy(text[16*2048+1:], "CD001")
	write(t, dir, entry{"disc.iso", text}, entry{"page.iso", []byte("<html>")}, entry{"zeros.iso", make([]byte, 70_000)})
	if p := opened(t, filepath.Join(dir, "disc.iso")); p.Size() != 17*2048 {
		t.Errorf("size %d", p.Size())
	}
	for _, name := range []string{"page.iso", "zeros.iso"} {
		_, err := library.OpenPackage(filepath.Join(dir, name))
		wantError(t, err, library.ErrPackage, name, "neither an ISO 9660 nor a UDF volume")
	}
}
