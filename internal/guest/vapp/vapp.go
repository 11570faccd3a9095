// Package vapp carries settings into a guest as OVF properties, which a machine's vApp
// configuration holds and VMware Tools hands to the guest. It knows the types of the
// properties, the templates that their values may be, and which edits make the properties
// of a machine those that somebody wrote.
//
// # Keys
//
// VM Operator finds a property by its id alone: two properties of one id in different
// classes both get the value. Here a key is an id, as there, or a qualified key of class,
// id and instance with dots between them, as the guest sees it. An id that several
// properties have, of which more than one may be set, is refused with the list of
// their qualified keys.
//
// # Templates
//
// Each value, and a raw Sysprep answer file, is a text/template. Its root has the fields
// V1alpha1 to V1alpha6, one for each version of VM Operator's API, with
//
//	.Net.Devices        the interfaces in order
//	  .MacAddress       lower case, with dashes
//	  .IPAddresses      IPv4 addresses in CIDR notation
//	  .Gateway4         without prefix length, empty without one
//	  .IPv6Addresses    V1alpha6 only
//	  .Gateway6         V1alpha6 only
//	.Net.Nameservers    those of the whole guest, not those of an interface
//	.VM                 the machine as that version of the API shows it
//
// The machine has what this provider knows of it and what does not move by itself:
//
//	.Name .Namespace .Labels .Annotations     also under .ObjectMeta
//	.Spec.ImageName .ClassName .StorageClass .PowerState
//	.Spec.NetworkInterfaces[].NetworkName     V1alpha1 only
//	.Spec.MinHardwareVersion                  from V1alpha2 on
//	.Spec.Network.HostName .Disabled          from V1alpha2 on
//	.Spec.Network.Interfaces[]                from V1alpha2 on, as it was written: .Name, .Network.Name,
//	                                          .Addresses, .DHCP4, .DHCP6, .Gateway4, .Gateway6, .MTU,
//	                                          .Nameservers, .SearchDomains
//	.Spec.Network.Interfaces[].GuestDeviceName .MACAddr    from V1alpha3 on
//	.Spec.Network.DomainName .Nameservers .SearchDomains   from V1alpha3 on
//	.Spec.Image.Kind .Image.Name .GuestID .InstanceUUID .BiosUUID    from V1alpha3 on
//	.Status.UniqueID .InstanceUUID .BiosUUID
//
// What the guest or vCenter reports over time (power state, host, observed addresses) is
// left out: a property that is made of it would change at every plan. A field that is not
// there is an error, as everything is that does not render; VM Operator sends such a text
// to the guest as it is written. An object is not printed, its fields are.
//
// The package is pure. What is not known yet is ErrUnknown, and only where a template asks
// for it.
package vapp

import (
	"errors"
	"maps"
	"slices"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// ErrUnknown is wrapped by the errors of what cannot be rendered before more is known, such
// as the MAC addresses of a machine that is not there yet. The error names what is missing.
var ErrUnknown = errors.New("not known yet")

// Settings is VM Operator's spec.bootstrap.vAppConfig, with secrets already read. At most
// one of its fields is set.
type Settings struct {
	// Properties are the values by key, in the order they were written.
	Properties known.Value[[]Property]
	// RawProperties is a whole secret, every entry of which is a property.
	RawProperties known.Value[map[string]known.Value[string]]
}

// Property is the value of one property. Without Value and From it leaves the property alone.
type Property struct {
	// Key is the property's id, or its qualified key: class, id and instance, joined by dots.
	Key known.Value[string]
	// Value is the text inline, From the entry of a secret. At most one is set.
	Value, From known.Value[string]
}

// root is the path of the vapp_config block, followed by steps.
func root(steps ...any) network.Path {
	return network.Path{"bootstrap", "vapp_config"}.At(steps...)
}

// entry is one property that somebody wrote, from either place.
type entry struct {
	key, text known.Value[string]
	// secret tells that the text must not appear in a message.
	secret  bool
	keyPath network.Path
	path    network.Path
}

// entries lists the properties with a value, known or not: those of a secret in the order
// of their keys, and only where there are no others.
func (s Settings) entries() []entry {
	properties, _ := s.Properties.Get()
	var all []entry
	for i, property := range properties {
		at := entry{key: property.Key, text: property.Value, keyPath: root("property", i, "key"), path: root("property", i, "value")}
		if at.text.IsAbsent() && !property.From.IsAbsent() {
			at.text, at.secret, at.path = property.From, true, root("property", i, "from")
		}
		if !at.text.IsAbsent() {
			all = append(all, at)
		}
	}
	if len(properties) > 0 {
		return all
	}
	raw, _ := s.RawProperties.Get()
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if at := root("raw_properties"); !raw[key].IsAbsent() {
			all = append(all, entry{key: known.Of(key), text: raw[key], secret: true, keyPath: at, path: at})
		}
	}
	return all
}

// incomplete tells whether there may be more properties than entries lists.
func (s Settings) incomplete() bool { return s.Properties.IsUnknown() || s.RawProperties.IsUnknown() }
