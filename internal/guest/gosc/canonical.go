package gosc

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Canonical writes a specification in the form that tells whether two are the same: the XML
// that vCenter gets, which names the type of each object that has a choice of types. JSON
// would not do: it writes DHCP and "no IPv4" alike. The text holds the specification's
// secrets and is only fit for a slow, salted hash.
func Canonical(spec types.CustomizationSpec) (string, error) {
	text, err := xml.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("write a customization specification: %w", err)
	}
	return string(text), nil
}
