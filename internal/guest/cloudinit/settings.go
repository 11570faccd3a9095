// Package cloudinit turns a resolved network and what somebody wrote about users, files
// and commands into the documents that cloud-init reads in the guest: metadata with its
// Netplan network description, and user data. It also knows how the documents travel
// (guestinfo keys of the VMware data source) and reads them back.
//
// The package is pure. Validate judges a configuration whose values may be unknown;
// everything that renders wants it complete and says which value is not.
package cloudinit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// ErrUnknown is returned by what renders a document when a value that belongs in it is
// not known yet. The error names the values by their paths.
var ErrUnknown = errors.New("not known yet")

// Settings is VM Operator's spec.bootstrap.cloudInit, with secrets already read. The flags
// that let interfaces inherit the machine's DNS belong to the network's resolution and are
// not part of it.
type Settings struct {
	// InstanceID tells cloud-init whether it has seen this machine before. A new one makes
	// the guest repeat what it does once per instance.
	InstanceID known.Value[string]
	// SSHAuthorizedKeys are given to the distribution's default user, one key an element.
	SSHAuthorizedKeys known.List[string]
	// WaitOnNetwork4 and WaitOnNetwork6 make cloud-init wait for an address of the family.
	WaitOnNetwork4, WaitOnNetwork6 known.Value[bool]
	// CloudConfig is user data by fields. At most one of it and RawCloudConfig is set.
	CloudConfig known.Value[CloudConfig]
	// RawCloudConfig is user data as text, literal or in base64, with or without gzip.
	RawCloudConfig known.Value[string]
}

// gaps collects the paths of values that are not known yet.
type gaps []network.Path

// err is nil when every value was known.
func (g gaps) err() error {
	if len(g) == 0 {
		return nil
	}
	places := make([]string, len(g))
	for i, path := range g {
		places[i] = path.String()
	}
	return fmt.Errorf("the guest's configuration cannot be written: %s: %w", strings.Join(places, ", "), ErrUnknown)
}

// get returns a value and whether it is there; an unknown one becomes a gap.
func get[T any](missing *gaps, value known.Value[T], path network.Path) (T, bool) {
	if value.IsUnknown() {
		*missing = append(*missing, path)
	}
	return value.Get()
}

// elements returns the elements of a list; an unknown list or element becomes a gap.
func elements[T any](missing *gaps, list known.List[T], path network.Path) []T {
	found, complete := known.Elements(list)
	if !complete {
		*missing = append(*missing, path)
	}
	return found
}
