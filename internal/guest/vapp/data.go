package vapp

import (
	"fmt"
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// session is one execution of a template. Its data are objects with methods, which look
// to a template like fields and can answer that a value is not known yet.
type session struct {
	facts Facts
	// printed names an object that was printed as a whole.
	printed string
}

// object is a part of the data that is not a text. Printing one would show how it is kept.
type object struct {
	run  *session
	name string
}

// Format notes that the object was printed, which makes the execution an error.
func (o object) Format(fmt.State, rune) { o.run.printed = o.name }

func (s *session) object(name string) object { return object{run: s, name: name} }

// data is the root, with a field for each version of VM Operator's API.
type data struct {
	object
	V1alpha1                     release[networkBefore6, machine1]
	V1alpha2                     release[networkBefore6, machine2]
	V1alpha3, V1alpha4, V1alpha5 release[networkBefore6, machine3]
	V1alpha6                     release[networkSince6, machine3]
}

// release is the data in one version of the API.
type release[Net, VM any] struct {
	object
	Net Net
	VM  VM
}

func (s *session) root() data {
	before := networkBefore6{s.object("Net")}
	since := networkSince6{s.object("Net")}
	base := newMachine(s)
	third := release[networkBefore6, machine3]{s.object("V1alpha3"), before, machine3{base}}
	fourth, fifth := third, third
	fourth.object, fifth.object = s.object("V1alpha4"), s.object("V1alpha5")
	return data{
		object:   s.object("the root"),
		V1alpha1: release[networkBefore6, machine1]{s.object("V1alpha1"), before, machine1{base}},
		V1alpha2: release[networkBefore6, machine2]{s.object("V1alpha2"), before, machine2{base}},
		V1alpha3: third, V1alpha4: fourth, V1alpha5: fifth,
		V1alpha6: release[networkSince6, machine3]{s.object("V1alpha6"), since, machine3{base}},
	}
}

// networkBefore6 is .Net up to V1alpha5, which knows no IPv6.
type networkBefore6 struct{ object }

// Devices are the interfaces in order.
func (n networkBefore6) Devices() ([]deviceBefore6, error) {
	devices, err := n.run.devices()
	older := make([]deviceBefore6, len(devices))
	for i, d := range devices {
		older[i] = deviceBefore6{d}
	}
	return older, err
}

// Nameservers are those of the whole guest.
func (n networkBefore6) Nameservers() ([]string, error) { return n.run.nameservers() }

// networkSince6 is .Net from V1alpha6 on.
type networkSince6 struct{ object }

// Devices are the interfaces in order.
func (n networkSince6) Devices() ([]deviceSince6, error) {
	devices, err := n.run.devices()
	newer := make([]deviceSince6, len(devices))
	for i, d := range devices {
		newer[i] = deviceSince6{d}
	}
	return newer, err
}

// Nameservers are those of the whole guest.
func (n networkSince6) Nameservers() ([]string, error) { return n.run.nameservers() }

func (s *session) nameservers() ([]string, error) {
	servers := s.facts.Network.DNS.Nameservers
	return texts(servers, netip.Addr.String, "the list of the machine's nameservers")
}

func (s *session) devices() ([]device, error) {
	interfaces := s.facts.Network.Interfaces
	if interfaces.IsUnknown() {
		return nil, &unknownError{"the list of the machine's interfaces"}
	}
	records := interfaces.Or(nil)
	devices := make([]device, len(records))
	for i, record := range records {
		label := fmt.Sprintf("interface %d", i)
		if name, ok := record.Name.Get(); ok {
			label = fmt.Sprintf("interface %q", name)
		}
		devices[i] = device{object: s.object("a device"), record: record, label: label}
	}
	return devices, nil
}

// device is one resolved interface.
type device struct {
	object
	record network.InterfaceConfig
	label  string
}

// deviceBefore6 is a device up to V1alpha5, which knows no IPv6.
type deviceBefore6 struct{ device }

// deviceSince6 is a device from V1alpha6 on.
type deviceSince6 struct{ device }

// MacAddress has lower-case digits with dashes between the pairs.
func (d device) MacAddress() (string, error) {
	name, ok := d.record.Name.Get()
	mac, found := d.run.facts.MACs[name]
	if !ok || !found {
		return "", &unknownError{"the MAC address of " + d.label}
	}
	return mac.Dashed(), nil
}

// IPAddresses are the IPv4 addresses with prefix lengths.
func (d device) IPAddresses() ([]string, error) { return d.addresses(isIPv4) }

// Gateway4 is the IPv4 gateway, or empty.
func (d device) Gateway4() (string, error) {
	return text(known.Map(d.record.Gateway4, netip.Addr.String), "the IPv4 gateway of "+d.label)
}

// IPv6Addresses are the IPv6 addresses with prefix lengths, link-local ones among them.
func (d deviceSince6) IPv6Addresses() ([]string, error) { return d.addresses(isIPv6) }

// Gateway6 is the IPv6 gateway, or empty.
func (d deviceSince6) Gateway6() (string, error) {
	return text(known.Map(d.record.Gateway6, netip.Addr.String), "the IPv6 gateway of "+d.label)
}

func isIPv4(prefix netip.Prefix) bool { return prefix.Addr().Is4() }
func isIPv6(prefix netip.Prefix) bool { return !isIPv4(prefix) }

// addresses lists the addresses that a filter takes, all of them known.
func (d device) addresses(accept func(netip.Prefix) bool) ([]string, error) {
	prefixes, complete := known.Elements(d.record.Addresses)
	if !complete {
		return nil, d.unknownAddress()
	}
	found := []string{}
	for _, prefix := range prefixes {
		if accept(prefix) {
			found = append(found, prefix.String())
		}
	}
	return found, nil
}

// first returns the first address that a filter takes, which later ones that are not known
// yet cannot change.
func (d device) first(accept func(netip.Prefix) bool) (address string, found bool, err error) {
	if d.record.Addresses.IsUnknown() {
		return "", false, d.unknownAddress()
	}
	for _, value := range d.record.Addresses.Or(nil) {
		if value.IsUnknown() {
			return "", false, d.unknownAddress()
		}
		if prefix, ok := value.Get(); ok && accept(prefix) {
			return prefix.String(), true, nil
		}
	}
	return "", false, nil
}

func (d device) unknownAddress() error {
	return &unknownError{"an address of " + d.label}
}

// text returns a text, or says that it is not known yet.
func text(value known.Value[string], what string) (string, error) {
	if value.IsUnknown() {
		return "", &unknownError{what}
	}
	return value.Or(""), nil
}

// texts returns a list as texts, or says that it is not known yet.
func texts[T any](list known.List[T], write func(T) string, what string) ([]string, error) {
	values, complete := known.Elements(list)
	if !complete {
		return nil, &unknownError{what}
	}
	written := make([]string, len(values))
	for i, value := range values {
		written[i] = write(value)
	}
	return written, nil
}
