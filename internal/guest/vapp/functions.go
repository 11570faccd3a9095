package vapp

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"text/template"
)

// apiVersions are the versions of VM Operator's API whose functions templates can call.
const apiVersions = 6

// functions are the functions of all versions, by name.
func (s *session) functions() template.FuncMap {
	all := template.FuncMap{}
	for version := 1; version <= apiVersions; version++ {
		f := functions{run: s, ipv6: version >= 6}
		prefix := fmt.Sprintf("V1alpha%d_", version)
		add0(all, prefix+"FirstIP", f.firstIP)
		add1(all, prefix+"FirstIPFromNIC", f.firstIPFromNIC)
		add1(all, prefix+"IPsFromNIC", f.ipsFromNIC)
		add0(all, prefix+"FirstNicMacAddr", f.firstNICMACAddr)
		add2(all, prefix+"FormatNameservers", f.formatNameservers)
		add1(all, prefix+"SubnetMask", f.subnetMask)
		add1(all, prefix+"IP", f.withClassfulPrefix)
		add2(all, prefix+"FormatIP", formatIP)
		if f.ipv6 {
			add0(all, prefix+"FirstIPv4", func() (string, error) { return f.strictFromNIC(0, isIPv4, "IPv4") })
			add1(all, prefix+"FirstIPv4FromNIC", func(nic int) (string, error) { return f.strictFromNIC(nic, isIPv4, "IPv4") })
			add0(all, prefix+"FirstIPv6", func() (string, error) { return f.strictFromNIC(0, isIPv6, "IPv6") })
			add1(all, prefix+"FirstIPv6FromNIC", func(nic int) (string, error) { return f.strictFromNIC(nic, isIPv6, "IPv6") })
			add1(all, prefix+"PrefixLength", prefixLength)
			all[prefix+"IsUsableIP"] = isUsableIP
		}
	}
	return all
}

// add0 registers a function without arguments, whose errors get its name. add1 and add2
// are the same for one and two.
func add0[R any](all template.FuncMap, name string, call func() (R, error)) {
	all[name] = func() (R, error) {
		result, err := call()
		return result, named(name, err)
	}
}

func add1[A, R any](all template.FuncMap, name string, call func(A) (R, error)) {
	all[name] = func(a A) (R, error) {
		result, err := call(a)
		return result, named(name, err)
	}
}

func add2[A, B, R any](all template.FuncMap, name string, call func(A, B) (R, error)) {
	all[name] = func(a A, b B) (R, error) {
		result, err := call(a, b)
		return result, named(name, err)
	}
}

func named(function string, err error) error {
	if err == nil {
		return nil
	}
	return &callError{function, err}
}

// functions are the functions of one version.
type functions struct {
	run *session
	// ipv6 tells that the version knows IPv6.
	ipv6 bool
}

// device returns the device of an index.
func (f functions) device(nic int) (device, error) {
	devices, err := f.run.devices()
	switch {
	case err != nil:
		return device{}, err
	case len(devices) == 0:
		return device{}, errors.New("the machine has no interface")
	case nic < 0 || nic >= len(devices):
		return device{}, fmt.Errorf("there is no interface %d, the indexes are 0 to %d", nic, len(devices)-1)
	}
	return devices[nic], nil
}

// firstIP returns the first address of the first device, with its prefix length.
func (f functions) firstIP() (string, error) { return f.firstIPFromNIC(0) }

// firstIPFromNIC returns the first IPv4 address of a device. A version that knows IPv6 falls
// back to the first one that can be reached from elsewhere, and then to the first one.
func (f functions) firstIPFromNIC(nic int) (string, error) {
	d, err := f.device(nic)
	if err != nil {
		return "", err
	}
	filters := []func(netip.Prefix) bool{isIPv4}
	family := "IPv4"
	if f.ipv6 {
		filters = append(filters, func(prefix netip.Prefix) bool { return isUsable(prefix.Addr()) }, isIPv6)
		family = "IP"
	}
	for _, filter := range filters {
		if address, found, err := d.first(filter); found || err != nil {
			return address, err
		}
	}
	return "", d.without(family)
}

// strictFromNIC returns the first address of a device in one family.
func (f functions) strictFromNIC(nic int, accept func(netip.Prefix) bool, family string) (string, error) {
	d, err := f.device(nic)
	if err != nil {
		return "", err
	}
	address, found, err := d.first(accept)
	if err == nil && !found {
		err = d.without(family)
	}
	return address, err
}

// without says that a device has no address, and why that may be. An address from DHCP is
// never known here: the guest asks for it after it got its properties.
func (d device) without(family string) error {
	if d.record.DHCP4.Or(false) && family != "IPv6" || d.record.DHCP6.Or(false) && family != "IPv4" {
		return fmt.Errorf("%s has no static %s address: DHCP assigns it one in the running guest, after the properties are written. Give it a static address, or leave the function out", d.label, family)
	}
	return fmt.Errorf("%s has no %s address", d.label, family)
}

// ipsFromNIC returns all IPv4 addresses of a device. A version that knows IPv6 falls back to
// all of its IPv6 addresses.
func (f functions) ipsFromNIC(nic int) ([]string, error) {
	d, err := f.device(nic)
	if err != nil {
		return nil, err
	}
	found, err := d.addresses(isIPv4)
	if err == nil && len(found) == 0 && f.ipv6 {
		return d.addresses(isIPv6)
	}
	return found, err
}

// firstNICMACAddr returns the MAC address of the first device, with dashes.
func (f functions) firstNICMACAddr() (string, error) {
	d, err := f.device(0)
	if err != nil {
		return "", err
	}
	return d.MacAddress()
}

// formatNameservers joins the first nameservers of the guest; a negative count is all.
func (f functions) formatNameservers(count int, delimiter string) (string, error) {
	servers, err := f.run.nameservers()
	switch {
	case err != nil:
		return "", err
	case len(servers) == 0:
		return "", errors.New("the machine has no nameservers. Those of an interface do not count")
	case count >= 0 && count < len(servers):
		servers = servers[:count]
	}
	return strings.Join(servers, delimiter), nil
}
