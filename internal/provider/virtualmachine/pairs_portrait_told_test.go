package virtualmachine_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// ofClass is what only a class of vCenter says of a machine.
func (out portrait) ofClass(config *types.VirtualMachineConfigInfo) {
	is := func(b *bool) bool { return b != nil && *b }
	cores := int32(1)
	if n := config.Hardware.NumCoresPerSocket; n != nil {
		cores = max(*n, 1)
	}
	out["cores per socket"], out["annotation"] = fmt.Sprint(cores), config.Annotation
	out["hot cpus"], out["hot removed cpus"], out["hot memory"] = fmt.Sprint(is(config.CpuHotAddEnabled)), fmt.Sprint(is(config.CpuHotRemoveEnabled)), fmt.Sprint(is(config.MemoryHotAddEnabled))
	out["nested"], out["counters"] = fmt.Sprint(is(config.NestedHVEnabled)), fmt.Sprint(is(config.VPMCEnabled))
	out["memory locked"], out["latency"] = fmt.Sprint(is(config.MemoryReservationLockedToMax)), string(types.LatencySensitivitySensitivityLevelNormal)
	if l := config.LatencySensitivity; l != nil && l.Level != "" {
		out["latency"] = string(l.Level)
	}
	out["flag vvtd"], out["flag mmu"] = fmt.Sprint(is(config.Flags.VvtdEnabled)), config.Flags.VirtualMmuUsage
}

// pools tells which cards have addresses of their networks' pools, and returns the addresses with
// what stands for them.
func (p painter) pools(out portrait, instanceUUID string) (addresses []string) {
	p.Helper()
	held, err := p.sim.IPAllocations(simulator.NetworkPooled)
	if err != nil {
		p.Fatal(err)
	}
	for _, allocation := range held {
		name, own := strings.CutPrefix(allocation.ID, strings.ToLower(instanceUUID)+"/")
		if !own {
			continue
		}
		family := "IPv4"
		if strings.Contains(allocation.Address, ":") {
			family = "IPv6"
		}
		out["card "+name+" "+family] = "of the pool"
		addresses = append(addresses, allocation.Address, "<"+family+" of "+name+">")
	}
	return addresses
}

// customization is what the guest was told by the last customization that has succeeded, its cards
// in the order of their names.
func (p painter) customization(machine string, own *strings.Replacer) string {
	p.Helper()
	found, err := p.sim.Customization(machine)
	if err != nil {
		p.Fatal(err)
	}
	if found.Spec == nil {
		return ""
	}
	said := func(value any) string {
		var text bytes.Buffer
		if err := types.NewJSONEncoder(&text).Encode(value); err != nil {
			p.Fatal(err)
		}
		return own.Replace(text.String())
	}
	spec := *found.Spec
	cards := make([]string, len(spec.NicSettingMap))
	for i, card := range spec.NicSettingMap {
		cards[i] = said(card)
	}
	slices.Sort(cards)
	spec.NicSettingMap = nil
	return said(spec) + strings.Join(cards, "")
}
