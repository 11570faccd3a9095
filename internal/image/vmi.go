// Package image decides what an image is: its VMI ID, the status that its OVF descriptor
// gives, the labels that select it, whether it is ready, and which image a display name
// means. The package is pure: no I/O, no clock, no Terraform. The rules are VM Operator's
// for VirtualMachineImage and ClusterVirtualMachineImage.
package image

import (
	"crypto/sha1" // what the VMI ID is defined by; nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ID is a VMI ID: "vmi-" and 17 lower-case hexadecimal digits. It names an image in both
// scopes.
type ID string

// String returns the ID as it is written.
func (id ID) String() string { return string(id) }

const (
	idPrefix        = "vmi-"
	clusterIDPrefix = "cvmi-"
	idDigits        = 17
)

// ErrInvalidID is what every error of ParseID is.
var ErrInvalidID = errors.New("not a VMI ID")

// NewID returns the VMI ID of a content library item, or of the managed object id of a
// virtual machine: the beginning of the SHA-1 of the identifier without its ASCII hyphens.
// The identifier is taken as it is – neither trimmed nor lower-cased – and every string has an ID.
func NewID(itemID string) ID { return ID(idPrefix + itemDigest(itemID)) }

// itemDigest returns the 17 digits that stand for an item in the names of VM Operator's
// objects. 17 is odd, so the cut is made in the text, never in the digest's bytes.
func itemDigest(itemID string) string {
	sum := sha1.Sum([]byte(strings.ReplaceAll(itemID, "-", "")))
	return hex.EncodeToString(sum[:])[:idDigits]
}

// IsID tells whether a string is meant as a VMI ID. What begins "vmi-" or "cvmi-" is an id
// and never a display name, also when it is malformed: ParseID judges that.
func IsID(s string) bool {
	return strings.HasPrefix(s, idPrefix) || isClusterID(s)
}

// isClusterID tells whether an id is written in the form that names cluster images only.
func isClusterID(s string) bool { return strings.HasPrefix(s, clusterIDPrefix) }

// ParseID reads a VMI ID as a user writes it. "cvmi-" is accepted in place of "vmi-" for
// images of the cluster and gives the same ID. Errors wrap ErrInvalidID and name the
// expected form.
func ParseID(s string) (ID, error) {
	digits, ok := strings.CutPrefix(s, clusterIDPrefix)
	if !ok {
		digits, ok = strings.CutPrefix(s, idPrefix)
	}
	var found string
	switch {
	case !ok:
		found = `it does not begin with "` + idPrefix + `"`
	case len(digits) != idDigits:
		found = fmt.Sprintf("it has %d characters after the hyphen", len(digits))
	case strings.Trim(digits, "0123456789abcdef") != "":
		found = "it has other characters after the hyphen"
	default:
		return ID(idPrefix + digits), nil
	}
	return "", fmt.Errorf("%q is %w: expected %q and %d lower-case hexadecimal digits, such as %s, but %s",
		s, ErrInvalidID, idPrefix, idDigits, "vmi-0a0044d7c690bcbea", found)
}
