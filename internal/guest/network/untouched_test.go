package network_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// What is adopted from a network, and what is put in order, is so in the result alone. VM
// Operator once wrote an adopted gateway into what the user had written.
func TestWhatWasWrittenIsLeftAlone(t *testing.T) {
	t.Parallel()
	adopting := func() input {
		in := bare()
		in.spec.Interfaces = known.Of([]network.Interface{eth(0), eth(1, addressed("", "", "10.1.0.9/24")), eth(2, addressed("", "None", "2001:db8::9/64", "10.3.0.9/24"))})
		return in
	}
	options := cmp.Options{
		cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
		cmp.Exporter(func(kind reflect.Type) bool { return strings.HasPrefix(kind.Name(), "Value[") }),
		cmp.AllowUnexported(input{}),
	}
	for name, build := range map[string]func() input{"rich": rich, "bare": bare, "broken": broken, "adopting": adopting} {
		in := build()
		in.validate()
		config := in.resolve()
		network.ReviewPools(in.spec, func(string, netip.Addr) string { return "pool" })
		_ = config.Unknown()
		for _, record := range config.Interfaces.Or(nil) {
			for i := range record.Addresses.Or(nil) {
				record.Addresses.Or(nil)[i] = known.Unknown[netip.Prefix]()
			}
		}
		if diff := cmp.Diff(build(), in, options); diff != "" {
			t.Errorf("%s: the input was changed (-before +after):\n%s", name, diff)
		}
	}
	in := adopting()
	if got := facts(in.resolve())["1.gateway4"]; got != "10.1.0.1" {
		t.Errorf("no gateway was adopted, but %q", got)
	}
}
