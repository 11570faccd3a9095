package cloudinit

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// What is rendered is read back as the same record, whatever things are called.
func FuzzNetplan(f *testing.F) {
	for seed, text := range []string{"ens160", "no", "010", "1e3", "2030-01-01", "=", "<<", "~", "0x_", "a: b", "- a", "12:34:56:10:20:30", "{{ a }}", "\u0085", "😀", " ", "#"} {
		f.Add(uint64(seed), text, text, text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, name, device, domain string) {
		for _, text := range []string{name, device, domain} {
			if text == "" || !utf8.ValidString(text) {
				t.Skip("a name that Terraform cannot have, or nobody gives")
			}
		}
		_, config, macs := invent(rand.New(rand.NewPCG(seed, 2)))
		records := config.Interfaces.Or(nil)
		if _, taken := macs[name]; len(records) == 0 || taken {
			t.Skip("no interface, or none to rename")
		}
		was := records[0].Name.Or("")
		macs[name] = macs[was]
		delete(macs, was)
		records[0].Name, records[0].GuestDeviceName = known.Of(name), known.Of(device)
		records[0].SearchDomains = known.ListOf(domain, "example.com")
		vlans := config.VLANs.Or(nil)
		for i := range vlans {
			vlans[i].Link = known.Of(name)
		}

		text, err := netplanText(config, macs)
		if err != nil {
			t.Fatalf("%+v: %v", config, err)
		}
		if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\n\n") && !strings.Contains(name+device+domain, "\n") {
			t.Fatalf("loose ends in\n%s", text)
		}
		got, err := ParseMetadata("network:\n" + indent(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		want := canonical(Settings{}, network.Config{Interfaces: config.Interfaces, VLANs: config.VLANs}, macs)
		if diff := gocmp.Diff(want, got, compareRecords); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, text)
		}
	})
}

// indent puts a document two columns to the right.
func indent(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return "  " + strings.Join(lines, "\n  ") + "\n"
}
