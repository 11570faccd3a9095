package machine

import (
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// NICPlan says what a set of changes does to the cards of a machine, by interface name.
type NICPlan struct {
	// Keep and Edit name the interfaces whose card stays, Add those that get a new one.
	Keep, Edit, Add []string
	// Remove are the cards that no interface wants.
	Remove []ObservedNIC
	// Keys are the device keys of the cards that stay. Those of added ones are known when the
	// machine is read again: see Assign.
	Keys map[string]int32
	// Offline are the changes that a running machine cannot take: another address, and SR-IOV
	// cards that come or go. Cards of other types come, go and move between networks.
	Offline []Reason
}

// Empty says that nothing changes.
func (p NICPlan) Empty() bool { return len(p.Edit)+len(p.Add)+len(p.Remove) == 0 }

func (p *NICPlan) offline(name, text string) {
	p.Offline = append(p.Offline, Reason{PartInterface, name, text})
}

// NICChanges compares the wanted cards with those of a machine and returns the device changes
// between them: removals, then edits, then additions in the order of want.
//
// Recorded are the device keys by interface name, as Assign returned them earlier. An
// interface keeps the card that is recorded for it: a changed network or address is an edit in
// place, which keeps the key and, unless another is wanted, the MAC address. A card of another
// type than the one wanted is replaced, which vSphere cannot do in place. Without a record, a
// card that belongs to no other interface is identified by its address, or by its network where no
// address is wanted (VM Operator asks for both). A card that no interface claims is removed.
func NICChanges(want []NIC, have []ObservedNIC, recorded map[string]int32) ([]types.BaseVirtualDeviceConfigSpec, NICPlan, error) {
	claims := match(want, have, recorded)
	plan := NICPlan{Keys: map[string]int32{}}
	var removals, edits, additions []types.BaseVirtualDeviceConfigSpec
	claimed := map[int]bool{}
	for i, nic := range want {
		at, found := claims[i]
		if !found {
			change, err := addCard(nic, len(additions))
			if err != nil {
				return nil, NICPlan{}, err
			}
			additions = append(additions, change)
			plan.Add = append(plan.Add, nic.Name)
			if nic.Type == sriov {
				plan.offline(nic.Name, "an SR-IOV card cannot be added to a running machine")
			}
			continue
		}
		claimed[at] = true
		plan.Keys[nic.Name] = have[at].Key
		if hasWanted(nic, &have[at]) {
			plan.Keep = append(plan.Keep, nic.Name)
			continue
		}
		change, err := editCard(nic, &have[at])
		if err != nil {
			return nil, NICPlan{}, err
		}
		edits = append(edits, change)
		plan.Edit = append(plan.Edit, nic.Name)
		if nic.MAC != "" && !strings.EqualFold(nic.MAC, have[at].MAC) {
			plan.offline(nic.Name, "the MAC address cannot change while the machine runs")
		}
	}
	for i := range have {
		if claimed[i] {
			continue
		}
		change, err := removeCard(&have[i])
		if err != nil {
			return nil, NICPlan{}, err
		}
		removals = append(removals, change)
		plan.Remove = append(plan.Remove, have[i])
		if have[i].Type == sriov {
			plan.offline(have[i].Label, "an SR-IOV card cannot be removed from a running machine")
		}
	}
	return slices.Concat(removals, edits, additions), plan, nil
}

// NICChange is NICChanges on a machine that was observed, as a Change.
func NICChange(want []NIC, have *Observation, recorded map[string]int32) (Change, NICPlan, error) {
	changes, plan, err := NICChanges(want, have.NICs, recorded)
	change := Change{Offline: plan.Offline}
	change.device(changes...)
	return change, plan, err
}

// Assign pairs the interfaces with the cards of a machine and returns device keys by interface
// name: after a deploy without a record, after a change with NICPlan.Keys. Interfaces that ask
// for the same network without an address get their cards in the order of units, in which they
// were added. Where the networks do not tell and as many interfaces as cards are left, the
// order decides as well: vCenter puts a port group in the place of an NSX network.
func Assign(want []NIC, have []ObservedNIC, recorded map[string]int32) map[string]int32 {
	claims := match(want, have, recorded)
	claimed := map[int]bool{}
	for _, at := range claims {
		claimed[at] = true
	}
	var wanting, free []int
	for i := range want {
		if _, found := claims[i]; !found {
			wanting = append(wanting, i)
		}
	}
	for i := range have {
		if !claimed[i] {
			free = append(free, i)
		}
	}
	if len(wanting) == len(free) {
		for n, i := range wanting {
			claims[i] = free[n]
		}
	}
	keys := make(map[string]int32, len(claims))
	for i, at := range claims {
		keys[want[i].Name] = have[at].Key
	}
	return keys
}

// match claims at most one card for each interface and returns indexes of have by indexes of
// want. The surest identification goes first for all of them, so that none takes the card of
// another.
func match(want []NIC, have []ObservedNIC, recorded map[string]int32) map[int]int {
	claims := map[int]int{}
	taken := map[int]bool{}
	of := make(map[int32]string, len(recorded))
	for name, key := range recorded {
		of[key] = name
	}
	pass := func(is func(nic NIC, card *ObservedNIC) bool) {
		for i, nic := range want {
			if _, found := claims[i]; found {
				continue
			}
			for at := range have {
				if owner, known := of[have[at].Key]; known && owner != nic.Name {
					continue // it goes with its interface
				}
				if !taken[at] && is(nic, &have[at]) && hasType(nic, &have[at]) {
					claims[i], taken[at] = at, true
					break
				}
			}
		}
	}
	pass(func(nic NIC, card *ObservedNIC) bool {
		key, found := recorded[nic.Name]
		return found && key == card.Key
	})
	pass(func(nic NIC, card *ObservedNIC) bool {
		return nic.MAC != "" && strings.EqualFold(nic.MAC, card.MAC) && BackingOf(nic.Backing).Same(card.Backing)
	})
	pass(func(nic NIC, card *ObservedNIC) bool {
		return nic.MAC != "" && strings.EqualFold(nic.MAC, card.MAC)
	})
	pass(func(nic NIC, card *ObservedNIC) bool {
		return nic.MAC == "" && BackingOf(nic.Backing).Same(card.Backing)
	})
	return claims
}

func hasType(nic NIC, card *ObservedNIC) bool { return nic.Type == "" || nic.Type == card.Type }

// hasWanted says that the card needs no change for nic.
func hasWanted(nic NIC, card *ObservedNIC) bool {
	return BackingOf(nic.Backing).Same(card.Backing) && (nic.MAC == "" || strings.EqualFold(nic.MAC, card.MAC))
}
