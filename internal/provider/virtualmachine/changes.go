package virtualmachine

import (
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// effect is what it takes to change something on a machine that exists.
type effect uint8

const (
	live          effect = iota // vSphere does it whatever the power state
	needsPowerOff               // vSphere does it on a machine that is off
)

// change is an attribute that differs, and what that takes.
type change struct {
	Attribute string
	Effect    effect
}

// traits are the properties of a machine by which a change is judged: of the one that is
// there, and of the one that is wanted.
type traits struct {
	Name     string
	CPUs     int32
	MemoryMB int64
	// VApp says that the machine has a vApp configuration, or may have one.
	VApp bool
	// Cards by interface name.
	Cards map[string]cardTraits
}

// cardTraits are the properties of a network card. An empty MAC is one that vCenter chose.
type cardTraits struct{ Network, Type, MAC string }

// changes lists what differs between the machine that is there and the one that is wanted,
// in the order of the attributes' names.
//
// vSphere adds and removes network cards of a running machine and connects them to other
// networks, but gives them no other address; it changes processors and memory of a machine
// that is off (hot-add is not switched on by this provider).
func changes(have, want traits) []change {
	var out []change
	add := func(attribute string, differs bool, takes effect) {
		if differs {
			out = append(out, change{attribute, takes})
		}
	}
	add("name", have.Name != want.Name, live)
	add("class_name", have.CPUs != want.CPUs || have.MemoryMB != want.MemoryMB, needsPowerOff)
	// cloud-init would prefer the OVF environment, so it goes, which a running machine refuses.
	add("bootstrap.cloud_init", have.VApp && !want.VApp, needsPowerOff)
	for name, card := range want.Cards {
		at := "network.interface[" + name + "]"
		before, had := have.Cards[name]
		if !had {
			add(at, true, live)
			continue
		}
		add(at+".type", before.Type != card.Type && card.Type != "", live)
		add(at+".network", before.Network != card.Network, live)
		// A card of another type is a new one, which gets its address from the beginning.
		takes := needsPowerOff
		if before.Type != card.Type && card.Type != "" {
			takes = live
		}
		add(at+".mac_addr", card.MAC != "" && !fwtypes.SameMAC(before.MAC, card.MAC), takes)
	}
	for name := range have.Cards {
		if _, wanted := want.Cards[name]; !wanted {
			add("network.interface["+name+"]", true, live)
		}
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.Attribute, b.Attribute) })
	return out
}

// needing are the attributes whose change takes a machine that is off.
func needing(all []change, takes effect) []string {
	var out []string
	for _, c := range all {
		if c.Effect == takes {
			out = append(out, c.Attribute)
		}
	}
	return out
}
