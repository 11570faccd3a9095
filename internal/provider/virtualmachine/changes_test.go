package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChangesAreNamedWithWhatTheyTake(t *testing.T) {
	t.Parallel()
	card := cardTraits{Network: "/DC0/network/a", Type: "VMXNet3", MAC: "00:50:56:aa:bb:cc"}
	have := traits{Name: "web", CPUs: 2, MemoryMB: 4096, VApp: true, Cards: map[string]cardTraits{"eth0": card}}
	for name, test := range map[string]struct {
		change func(*traits)
		want   []change
	}{
		"nothing":                         {func(*traits) {}, nil},
		"name":                            {func(w *traits) { w.Name = "db" }, []change{{"name", live}}},
		"processors":                      {func(w *traits) { w.CPUs = 4 }, []change{{"class_name", needsPowerOff}}},
		"memory":                          {func(w *traits) { w.MemoryMB = 8192 }, []change{{"class_name", needsPowerOff}}},
		"both of them":                    {func(w *traits) { w.CPUs, w.MemoryMB = 4, 8192 }, []change{{"class_name", needsPowerOff}}},
		"cloud-init":                      {func(w *traits) { w.VApp = false }, []change{{"bootstrap.cloud_init", needsPowerOff}}},
		"a card more":                     {func(w *traits) { w.Cards["eth1"] = card }, []change{{"network.interface[eth1]", live}}},
		"a card less":                     {func(w *traits) { delete(w.Cards, "eth0") }, []change{{"network.interface[eth0]", live}}},
		"a renamed card":                  {func(w *traits) { w.Cards = map[string]cardTraits{"lan0": card} }, []change{{"network.interface[eth0]", live}, {"network.interface[lan0]", live}}},
		"network":                         {func(w *traits) { c := card; c.Network = "b"; w.Cards["eth0"] = c }, []change{{"network.interface[eth0].network", live}}},
		"type":                            {func(w *traits) { c := card; c.Type = "E1000"; w.Cards["eth0"] = c }, []change{{"network.interface[eth0].type", live}}},
		"any type":                        {func(w *traits) { c := card; c.Type = ""; w.Cards["eth0"] = c }, nil},
		"address":                         {func(w *traits) { c := card; c.MAC = "00:50:56:aa:bb:cd"; w.Cards["eth0"] = c }, []change{{"network.interface[eth0].mac_addr", needsPowerOff}}},
		"any address":                     {func(w *traits) { c := card; c.MAC = ""; w.Cards["eth0"] = c }, nil},
		"the address in another spelling": {func(w *traits) { c := card; c.MAC = "00-50-56-AA-BB-CC"; w.Cards["eth0"] = c }, nil},
		"the address of a card that is replaced anyway": {
			func(w *traits) { c := card; c.Type, c.MAC = "E1000", "00:50:56:aa:bb:cd"; w.Cards["eth0"] = c },
			[]change{{"network.interface[eth0].mac_addr", live}, {"network.interface[eth0].type", live}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := have
			want.Cards = map[string]cardTraits{"eth0": card}
			test.change(&want)
			if diff := cmp.Diff(test.want, changes(have, want)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNeedingNamesTheAttributesOfAnEffect(t *testing.T) {
	t.Parallel()
	all := []change{{"a", live}, {"b", needsPowerOff}, {"c", needsPowerOff}}
	if diff := cmp.Diff([]string{"b", "c"}, needing(all, needsPowerOff)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
