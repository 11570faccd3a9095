package library

import (
	"crypto/md5"  //nolint:gosec // publishers of images give such sums; the user chooses
	"crypto/sha1" //nolint:gosec // so do the manifests of older OVF packages
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"

	vapi "github.com/vmware/govmomi/vapi/library"
)

// Checksum is the checksum of a file. The algorithm is spelled as vCenter spells it: SHA1,
// SHA256, SHA512 or MD5. The digits are hexadecimal, in lower case.
type Checksum struct{ Algorithm, Digits string }

// algorithms are those that vCenter compares (vSphere Automation API, File.ChecksumAlgorithm).
var algorithms = map[string]func() hash.Hash{
	"SHA256": sha256.New, "SHA512": sha512.New, "SHA1": sha1.New, "MD5": md5.New,
}

// contentAlgorithm is the one that files are told apart by.
const contentAlgorithm = "SHA256"

// ParseChecksum reads a checksum as people write it: the algorithm in any case, a colon and
// the hexadecimal digits, such as "sha256:9f86d0…". The error says what is expected.
func ParseChecksum(text string) (Checksum, error) {
	name, digits, found := strings.Cut(strings.TrimSpace(text), ":")
	if !found {
		return Checksum{}, fmt.Errorf("%q does not name an algorithm: write sha256:, sha512:, sha1: or md5: before the digits", text)
	}
	return newChecksum(strings.ReplaceAll(name, "-", ""), digits)
}

func newChecksum(algorithm, digits string) (Checksum, error) {
	c := Checksum{Algorithm: strings.ToUpper(strings.TrimSpace(algorithm)), Digits: strings.ToLower(strings.TrimSpace(digits))}
	create, known := algorithms[c.Algorithm]
	if !known {
		return Checksum{}, fmt.Errorf("%q is no algorithm that vCenter compares: it is sha256, sha512, sha1 or md5", algorithm)
	}
	if sum, err := hex.DecodeString(c.Digits); err != nil || len(sum) != create().Size() {
		return Checksum{}, fmt.Errorf("a %s checksum has %d hexadecimal digits, and %q has not", c.Algorithm, 2*create().Size(), digits)
	}
	return c, nil
}

// String is the checksum as people write it.
func (c Checksum) String() string { return strings.ToLower(c.Algorithm) + ":" + c.Digits }

func (c Checksum) api() *vapi.Checksum {
	return &vapi.Checksum{Algorithm: c.Algorithm, Checksum: c.Digits}
}

// sums are checksums of one stream of bytes under way.
type sums map[string]hash.Hash

// newSums starts checksums by the given algorithms, each of which is known.
func newSums(algorithms ...string) sums {
	s := sums{}
	for _, algorithm := range algorithms {
		if s[algorithm] == nil && algorithm != "" {
			s[algorithm] = newHash(algorithm)
		}
	}
	return s
}

func newHash(algorithm string) hash.Hash { return algorithms[algorithm]() }

// Write implements io.Writer.
func (s sums) Write(p []byte) (int, error) {
	for _, h := range s {
		_, _ = h.Write(p) // a hash never fails
	}
	return len(p), nil
}

// of is what was computed by an algorithm that the sums were started with.
func (s sums) of(algorithm string) Checksum {
	return Checksum{Algorithm: algorithm, Digits: hex.EncodeToString(s[algorithm].Sum(nil))}
}

// expect compares with what the file called name should have, according to by. nil expects nothing.
func (s sums) expect(want *Checksum, name, by string) error {
	if want == nil {
		return nil
	}
	if got := s.of(want.Algorithm); got != *want {
		return fmt.Errorf("%w: %s is %s, and %s says %s", ErrChecksum, name, got, by, want)
	}
	return nil
}

// readManifest reads an OVF manifest: the checksums of files by their names. Lines that are
// none of "ALGORITHM(name)= digits" are passed over, as vCenter does with comments.
func readManifest(text io.Reader) (map[string]*Checksum, error) {
	lines, err := vapi.ReadManifest(text)
	if err != nil {
		return nil, err
	}
	manifest := make(map[string]*Checksum, len(lines))
	for name, line := range lines {
		sum, err := newChecksum(line.Algorithm, line.Checksum)
		if err != nil {
			return nil, fmt.Errorf("line of %s: %w", name, err)
		}
		manifest[name] = &sum
	}
	return manifest, nil
}
