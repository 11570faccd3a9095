package cloudinit

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// The ExtraConfig keys of cloud-init's VMware data source, and the encoding that is
// written to the two keys that name one.
const (
	KeyMetadata         = "guestinfo.metadata"
	KeyMetadataEncoding = "guestinfo.metadata.encoding"
	KeyUserData         = "guestinfo.userdata"
	KeyUserDataEncoding = "guestinfo.userdata.encoding"
	Encoding            = "gzip+base64"
)

// Sizes in bytes, of the encoded value. vSphere takes 524,288 bytes of cloud-init data;
// through guestinfo, values above 64 KiB do not arrive with every version of ESXi and Tools.
const (
	MaxEncodedSize  = 512 * 1024
	SafeEncodedSize = 64 * 1024
)

// maxDecodedSize bounds what a value may unpack to: it was somebody else's to write.
const maxDecodedSize = 16 * 1024 * 1024

// ErrDecode is returned for a guestinfo value that is not what its encoding says.
var ErrDecode = errors.New("the guestinfo value cannot be decoded")

// Encode returns a text in base64 of gzip, the form of both guestinfo values.
func Encode(text string) string {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	// A bytes.Buffer takes everything; neither call can fail.
	_, _ = io.WriteString(writer, text)
	_ = writer.Close()
	return base64.StdEncoding.EncodeToString(packed.Bytes())
}

// Decode returns the text of a guestinfo value as the guest would read it: base64 (or b64)
// and gzip+base64 (or gz+b64) are unpacked, once; without encoding the value is the text.
// Encodings that cloud-init does not know and values that are not UTF-8 are ErrDecode.
func Decode(value, encoding string) (string, error) {
	switch encoding {
	case "", "plain", "text/plain":
		return value, nil
	case "base64", "b64", "gzip+base64", "gz+b64":
	default:
		return "", fmt.Errorf("%w: cloud-init does not know the encoding %q", ErrDecode, encoding)
	}
	data, err := decodeBase64(value)
	if err != nil {
		return "", fmt.Errorf("%w: encoding %s: %w", ErrDecode, encoding, err)
	}
	text := string(data)
	if strings.HasPrefix(encoding, "gz") {
		if text, err = gunzip(data); err != nil {
			return "", fmt.Errorf("%w: encoding %s: %w", ErrDecode, encoding, err)
		}
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%w: encoding %s: the text is not UTF-8", ErrDecode, encoding)
	}
	return text, nil
}

// ExtraConfig returns the keys that carry the documents into the guest. Without user data
// there are only those of the metadata.
func ExtraConfig(metadata, userData string) map[string]string {
	values := map[string]string{KeyMetadata: Encode(metadata), KeyMetadataEncoding: Encoding}
	if userData != "" {
		values[KeyUserData], values[KeyUserDataEncoding] = Encode(userData), Encoding
	}
	return values
}

// Changes returns the keys that must be written so that the guest reads what desired says,
// out of the four of ExtraConfig; it is empty when nothing has to change. Texts are compared
// decoded: gzip is not the same everywhere, and other tools use other encodings.
//
// Without user data in desired, what the machine has stays, unless the caller wrote it:
// with clearUserData its keys become empty, which removes them.
func Changes(desired, current map[string]string, clearUserData bool) map[string]string {
	changes := map[string]string{}
	for _, keys := range [][2]string{{KeyMetadata, KeyMetadataEncoding}, {KeyUserData, KeyUserDataEncoding}} {
		value, encoding := keys[0], keys[1]
		if _, wanted := desired[value]; !wanted && (value != KeyUserData || !clearUserData) {
			continue
		}
		if sameText(desired, current, value, encoding) {
			continue
		}
		for _, key := range keys {
			if desired[key] != current[key] {
				changes[key] = desired[key]
			}
		}
	}
	return changes
}

// sameText reports whether two ExtraConfigs hold the same text under a key. A value that
// cannot be decoded is no text.
func sameText(a, b map[string]string, value, encoding string) bool {
	if a[value] == "" || b[value] == "" {
		return a[value] == b[value] && a[encoding] == b[encoding]
	}
	left, err := Decode(a[value], a[encoding])
	if err != nil {
		return false
	}
	right, err := Decode(b[value], b[encoding])
	return err == nil && left == right
}

// CheckSizes judges whether the documents fit through guestinfo.
func CheckSizes(metadata, userData string) []network.Problem {
	var problems []network.Problem
	for _, document := range []struct{ name, text, advice string }{
		{"metadata", metadata, "Fewer SSH keys, routes or interfaces make it smaller."},
		{"user data", userData, "Let the guest fetch large files instead of carrying them in write_file."},
	} {
		if len(document.text) <= SafeEncodedSize/2 {
			continue // gzip and base64 cannot make so much of it
		}
		size := len(Encode(document.text))
		problem := network.Problem{Rule: RuleSize, Path: root()}
		switch {
		case size > MaxEncodedSize:
			problem.Severity = network.Error
			problem.Summary = fmt.Sprintf("The cloud-init %s is too large", document.name)
			problem.Detail = fmt.Sprintf("It takes %d bytes when compressed and encoded; vSphere carries %d. %s",
				size, MaxEncodedSize, document.advice)
		case size > SafeEncodedSize:
			problem.Severity = network.Warning
			problem.Summary = fmt.Sprintf("The cloud-init %s may not reach the guest", document.name)
			problem.Detail = fmt.Sprintf("It takes %d bytes when compressed and encoded; above %d bytes a guestinfo value "+
				"does not arrive with every version of ESXi and VMware Tools. %s", size, SafeEncodedSize, document.advice)
		default:
			continue
		}
		problems = append(problems, problem)
	}
	return problems
}

// decodeBase64 reads standard base64 as the guest does: white space does not count, padding does.
func decodeBase64(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1f, 0x8b}) }

func gunzip(data []byte) (string, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(reader, maxDecodedSize+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxDecodedSize {
		return "", fmt.Errorf("it unpacks to more than %d bytes", maxDecodedSize)
	}
	return string(text), nil
}
