package vapp

import (
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// network2 is .VM.Spec.Network in V1alpha2: the network as it was written.
type network2 struct{ object }

func (n network2) written() network.Spec { return n.run.facts.VM.Network }

// HostName as it was written.
func (n network2) HostName() (string, error) {
	return text(n.written().HostName, "network.host_name")
}

// Disabled tells that the machine has no network.
func (n network2) Disabled() (bool, error) {
	return plainValue(n.written().Disabled, "network.disabled")
}

// Interfaces in order.
func (n network2) Interfaces() ([]interface2, error) {
	interfaces, err := n.run.writtenInterfaces()
	listed := make([]interface2, len(interfaces))
	for i, nic := range interfaces {
		listed[i] = interface2{n.run.object("an interface"), nic}
	}
	return listed, err
}

// network3 is .VM.Spec.Network from V1alpha3 on.
type network3 struct{ network2 }

// DomainName as it was written.
func (n network3) DomainName() (string, error) {
	return text(n.written().DomainName, "network.domain_name")
}

// Nameservers as they were written.
func (n network3) Nameservers() ([]string, error) {
	return texts(n.written().Nameservers, same, "network.nameservers")
}

// SearchDomains as they were written.
func (n network3) SearchDomains() ([]string, error) {
	return texts(n.written().SearchDomains, same, "network.search_domains")
}

// Interfaces in order.
func (n network3) Interfaces() ([]interface3, error) {
	interfaces, err := n.network2.Interfaces()
	listed := make([]interface3, len(interfaces))
	for i, nic := range interfaces {
		listed[i] = interface3{nic}
	}
	return listed, err
}

func (s *session) writtenInterfaces() ([]network.Interface, error) {
	return plainValue(s.facts.VM.Network.Interfaces, "the list of the machine's interfaces")
}

// interface2 is an interface as it was written, in V1alpha2.
type interface2 struct {
	object
	nic network.Interface
}

// of names an argument of the interface.
func (i interface2) of(argument string) string {
	return argument + " of an interface"
}

// Name of the interface.
func (i interface2) Name() (string, error) { return text(i.nic.Name, i.of("name")) }

// Network that the interface is connected to.
func (i interface2) Network() networkRef {
	return networkRef{i.run.object("Network"), i.nic.Network}
}

// Addresses in CIDR notation.
func (i interface2) Addresses() ([]string, error) {
	return texts(i.nic.Addresses, same, i.of("addresses"))
}

// DHCP4 is false where nobody said.
func (i interface2) DHCP4() (bool, error) { return plainValue(i.nic.DHCP4, i.of("dhcp4")) }

// DHCP6 is false where nobody said.
func (i interface2) DHCP6() (bool, error) { return plainValue(i.nic.DHCP6, i.of("dhcp6")) }

// Gateway4 is an address, None or empty.
func (i interface2) Gateway4() (string, error) { return text(i.nic.Gateway4, i.of("gateway4")) }

// Gateway6 is an address, None or empty.
func (i interface2) Gateway6() (string, error) { return text(i.nic.Gateway6, i.of("gateway6")) }

// MTU in bytes, or 0.
func (i interface2) MTU() (int64, error) { return plainValue(i.nic.MTU, i.of("mtu")) }

// Nameservers of the interface.
func (i interface2) Nameservers() ([]string, error) {
	return texts(i.nic.Nameservers, same, i.of("nameservers"))
}

// SearchDomains of the interface.
func (i interface2) SearchDomains() ([]string, error) {
	return texts(i.nic.SearchDomains, same, i.of("search_domains"))
}

// interface3 is an interface as it was written, from V1alpha3 on.
type interface3 struct{ interface2 }

// GuestDeviceName as it was written.
func (i interface3) GuestDeviceName() (string, error) {
	return text(i.nic.GuestDeviceName, i.of("guest_device_name"))
}

// MACAddr as it was written.
func (i interface3) MACAddr() (string, error) { return text(i.nic.MACAddr, i.of("mac_addr")) }

// networkRef is a reference to a network.
type networkRef struct {
	object
	network known.Value[string]
}

// Name of the network.
func (n networkRef) Name() (string, error) {
	return text(n.network, "the network of an interface")
}

func same(text string) string { return text }
