package network_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestHostNames(t *testing.T) {
	t.Parallel()
	valid := []string{
		"a", "1", "12", "a-b", "A--b", "192.168.1.1", "::1", "2001:db8::1", "::ffff:10.0.0.1", "✓", "a✓", "😀",
		"a+b", "a=b", "a<b", "a>b", "a^b", "a`b", "a|b", "a~b", "a$b", "über", "名前",
		strings.Repeat("ü", 63), strings.Repeat("a", 63),
	}
	invalid := []string{
		"", "-a", "a-", "-", "a_b", "a.b", "a b", "a!b", "a\u0660", "a\xff", "fe80::1%eth0", "10.0.0.1/24", "a\n",
		strings.Repeat("a", 64), strings.Repeat("ü", 64),
	}
	for _, name := range valid {
		if err := network.CheckHostName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for _, name := range invalid {
		if network.CheckHostName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

func TestDomainNames(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("b", 61)
	valid := []string{
		"com", "local", "LOCAL", "example.com", "a.b.example.london", "12", "1.12", "1.2.3.44", "✓.com", "a+b.com",
		"x.c-m", label + ".com", "x." + label, longest,
	}
	invalid := []string{
		"", "a", "c", "example.c", "com.", ".com", "a..com", "1.2.3.4", "check.✓om", "x.-c", "x.c-", "-x.com", "x_y.com",
		label + "a.com", "x." + label + "a", longest + "b", "x.öö", "x y.com",
	}
	for _, name := range valid {
		if err := network.CheckDomainName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for _, name := range invalid {
		if network.CheckDomainName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

func TestParseMAC(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]network.MAC{
		"50-8A-80-9D-28-22": "50:8a:80:9d:28:22",
		"00:50:56:89:AB:CD": "00:50:56:89:ab:cd",
		"00:50:56:89:ab:cd": "00:50:56:89:ab:cd",
	} {
		mac, err := network.ParseMAC(text)
		if err != nil || mac != want || mac.String() != string(want) {
			t.Errorf("%q is parsed as %q, %v", text, mac, err)
		}
	}
	if dashed := network.MAC("50:8a:80:9d:28:22").Dashed(); dashed != "50-8a-80-9d-28-22" {
		t.Errorf("dashed is %q", dashed)
	}
	for _, text := range []string{"", "00:50:56:89:ab", "00:50:56:89:ab:cd:ef", "00:50-56:89:ab:cd", "005056.89abcd.xx", "00:50:56:89:ab:cg", "0:050:56:89:ab:cd", "00:50:56:89:ab: d", "005056:89:ab:cdef"} {
		if mac, err := network.ParseMAC(text); err == nil {
			t.Errorf("%q is parsed as %q", text, mac)
		}
	}
}

func TestRouteDestination(t *testing.T) {
	t.Parallel()
	via4, via6 := known.Of(netip.MustParseAddr("10.0.0.1")), known.Of(netip.MustParseAddr("fe80::1"))
	tests := map[string]struct {
		route network.RouteConfig
		want  string
	}{
		"default by IPv4":         {network.RouteConfig{To: text("default"), Via: via4}, "0.0.0.0/0"},
		"default by IPv6":         {network.RouteConfig{To: text("default"), Via: via6}, "::/0"},
		"default by nobody knows": {network.RouteConfig{To: text("default"), Via: known.Unknown[netip.Addr]()}, ""},
		"unknown":                 {network.RouteConfig{To: known.Unknown[string](), Via: via4}, ""},
		"network":                 {network.RouteConfig{To: text("10.0.2.0/24"), Via: via4}, "10.0.2.0/24"},
		"network as written":      {network.RouteConfig{To: text("2001:DB8::/32"), Via: via6}, "2001:DB8::/32"},
		"host bits":               {network.RouteConfig{To: text("10.0.2.5/24"), Via: via4}, "10.0.2.0/24"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.route.Destination(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPathsReadLikeTerraform(t *testing.T) {
	t.Parallel()
	root := network.Path{"network", "interface"}
	first, second := root.At(0, "addresses", 1), root.At(1, "route", 2, "to")
	if first.String() != "network.interface[0].addresses[1]" || second.String() != "network.interface[1].route[2].to" {
		t.Errorf("got %s and %s", first, second)
	}
	if root.String() != "network.interface" {
		t.Errorf("the root has become %s", root)
	}
}

func FuzzHostName(f *testing.F) {
	for _, seed := range []string{"a", "my-vm", "-a", "a_b", "192.168.1.1", "::1", "✓", "ü\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := network.CheckHostName(name)
		if _, parseErr := netip.ParseAddr(name); parseErr == nil {
			return
		}
		switch {
		case err != nil && err.Error() == "":
			t.Error("an error without text")
		case err == nil && (strings.ContainsAny(name, "._ /:\n") || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 63 || name == ""):
			t.Errorf("%q is accepted", name)
		}
	})
}

func FuzzDomainName(f *testing.F) {
	for _, seed := range []string{"com", "example.com", "a..com", ".com", "com.", "✓.com", "1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if network.CheckDomainName(name) != nil {
			return
		}
		labels := strings.Split(name, ".")
		for _, label := range labels {
			if network.CheckHostName(label) != nil {
				t.Errorf("%q is accepted with the label %q", name, label)
			}
		}
		if len(name) > 253 || len(labels[len(labels)-1]) < 2 {
			t.Errorf("%q is accepted", name)
		}
	})
}

func FuzzParseMAC(f *testing.F) {
	for _, seed := range []string{"00:50:56:89:AB:CD", "50-8A-80-9D-28-22", "00:50-56:89:ab:cd", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mac, err := network.ParseMAC(text)
		if err != nil {
			return
		}
		if !strings.EqualFold(strings.ReplaceAll(text, "-", ":"), mac.String()) {
			t.Errorf("%q is parsed as %q", text, mac)
		}
		for _, form := range []string{mac.String(), mac.Dashed(), strings.ToUpper(mac.String())} {
			if again, err := network.ParseMAC(form); err != nil || again != mac {
				t.Errorf("%q does not lead back to %q but to %q, %v", form, mac, again, err)
			}
		}
	})
}

func FuzzParseCIDR(f *testing.F) {
	for _, seed := range []string{"10.0.0.5/24", "10.0.0.5", "2001:db8::5/64", "::ffff:10.0.0.1/120", "::ffff:10.0.0.1/1", "fe80::1%eth0/64", " 10.0.0.5/24", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		prefix, err := network.ParseCIDR(text)
		if err == nil {
			if !prefix.IsValid() || prefix.Addr().Is4In6() || prefix.Addr().Zone() != "" {
				t.Errorf("%q is parsed as %v", text, prefix)
			}
			if again, err := network.ParseCIDR(prefix.String()); err != nil || again != prefix {
				t.Errorf("%q does not lead back to %q", prefix, text)
			}
		}
		address, addressErr := network.ParseAddress(text)
		switch {
		case addressErr == nil && (err == nil || address.Is4In6() || address.Zone() != ""):
			t.Errorf("%q is parsed as %v", text, address)
		case errors.Is(addressErr, network.ErrIPv4Mapped) && !netip.MustParseAddr(text).Is4In6():
			t.Errorf("%q is called mapped", text)
		}
	})
}
