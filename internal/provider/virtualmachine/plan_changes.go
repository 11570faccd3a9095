package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// moves tells which observed values a change can move: the others are as they were.
type moves struct {
	// power: the machine is powered on, off or suspended.
	power bool
	// cards: network cards are added, removed or connected elsewhere.
	cards bool
	// version and guestID: these. upgrade is the version that the machine will have, where version
	// does not leave it open; 0 for the one that it has.
	version, guestID bool
	upgrade          int
	movedParts
}

// planChanges finds out what the change takes, by comparing what is wanted with the machine
// as vCenter has it, and refuses what it may not do.
func (p *planner) planChanges(ctx context.Context) {
	if p.prior == nil || !p.changed || len(p.resp.RequiresReplace) > 0 {
		return
	}
	if p.world == nil {
		p.moves = everything() // where the machine belongs is not known, and what it takes is not either
		return
	}
	observed, err := p.observe(ctx, p.prior)
	if errors.Is(err, vsphere.ErrNotFound) {
		return // it has gone since it was read; apply will say so
	}
	if err != nil {
		backend.Failed(&p.resp.Diagnostics, path.Empty(), "Unable to read the virtual machine", err)
		return
	}
	if observed.Template {
		p.template(observed)
		return
	}
	p.resp.Diagnostics.Append(newerRecord(observed)...)
	p.planProperties(ctx, observed)
	p.planRestart(observed)
	p.planRenaming(ctx, observed)
	if p.resp.Diagnostics.HasError() {
		return
	}
	if observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff && p.plan.PowerState.ValueString() == suspended {
		p.resp.Diagnostics.AddAttributeError(path.Root("power_state"), "A machine that is off cannot be suspended",
			fmt.Sprintf("%s is %s, and only a running machine can be suspended. Set power_state = %q first, and suspend it afterwards.",
				observed.Title(), poweredOff, poweredOn))
		return
	}
	before, diags := p.prior.hardware(ctx)
	p.resp.Diagnostics.Append(diags...)
	if err := p.readPolicies(ctx, &wish{spec: p.hardware, before: before}, observed); err != nil {
		backend.Failed(&p.resp.Diagnostics, volumePath, "Unable to read the storage policies of the disks", err)
		return
	}
	all, wanted, ok := p.compare(ctx, p.resumed(observed))
	if !ok {
		return
	}
	if anew := having(all, replaces); len(anew) > 0 {
		for _, c := range anew {
			p.resp.RequiresReplace = append(p.resp.RequiresReplace, attributePath(c.Attribute))
		}
		return
	}
	if p.strays && p.cards.Empty() && len(all) == 0 {
		p.changed = false // the cards are in their places again, or the configuration is another one
	}
	p.planCards(ctx, observed, wanted)
	p.planPower(observed, all, wanted)
	if !p.resp.Diagnostics.HasError() {
		p.planDisks(&before)
		p.planDrives()
	}
}

// template refuses to change a machine that somebody has made a template.
func (p *planner) template(observed *machine.Observation) {
	at := path.Empty()
	if p.plan.PowerState.ValueString() != poweredOff {
		at = path.Root("power_state")
	}
	p.resp.Diagnostics.AddAttributeError(at, isTemplate, templateText(observed)+" Or remove it from the configuration and from the state, which leaves the template alone.")
}

// compare lists what is to change of the machine.
func (p *planner) compare(ctx context.Context, observed *machine.Observation) ([]change, *wish, bool) {
	before, diags := p.prior.hardware(ctx)
	p.resp.Diagnostics.Append(diags...)
	configured, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	remembered := recordOf(observed)
	had := remembered.Volumes
	p.resp.Diagnostics.Append(adopting(&p.hardware, remembered.adoptDisks(&p.hardware, observed))...)
	p.resp.Diagnostics.Append(lostVolumes(&p.hardware, &before, &remembered, observed)...)
	wanted := &wish{spec: p.hardware, before: before, world: p.world, class: p.plan.ClassName.ValueString()}
	wanted.cpu, wanted.memory, diags = p.allocation(ctx, p.world)
	p.resp.Diagnostics.Append(diags...)
	wanted.planNICs(configured, observed, remembered.Devices)
	devices := remembered.Devices
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if last != nil && last.leavesCards(configured, wanted.nics, observed, &remembered) {
		remembered.Devices = wanted.leaveCards(observed, devices)
	}
	wanted.discs, wanted.installer = plannedDiscs(p.world, &remembered, observed)
	if err := wanted.keepsLost(&remembered, observed); err != nil {
		p.cannotHave(err, observed.Title())
	}
	if p.resp.Diagnostics.HasError() {
		return nil, nil, false
	}
	recorded := remembered.recorded(observed)
	recorded.ExtraConfig = wanted.managedKeys(&remembered)
	p.keepUnknown(wanted, &remembered)
	difference, err := machine.Compare(wanted.machine(&remembered, observed), observed, recorded)
	if err != nil {
		p.cannotHave(err, observed.Title())
		return nil, nil, false
	}
	if err := wanted.needsLost(difference); err != nil {
		p.cannotHave(err, observed.Title())
		return nil, nil, false
	}
	p.moves.movedParts = p.movedParts(difference, observed, recorded, had, wanted)
	have := identity{Name: observed.Name, Firmware: observed.Firmware, VApp: observed.VApp != nil}
	want := identity{Name: p.plan.Name.ValueString(), Firmware: p.hardware.Boot.Firmware.Or(""), VApp: observed.VApp != nil && !p.boot.sends()}
	p.moves.upgrade = difference.Upgrade
	p.moves.named = p.moves.named || !maps.Equal(devices, remembered.Devices)
	p.cards = difference.NICs
	p.leaveOpen(wanted)
	hardware := &comparison{Difference: difference, Observed: observed, Recorded: recorded, Class: wanted.ofClass()}
	p.compared = hardware
	hardware.Class["min_hardware_version"] = int64(difference.Upgrade) > p.hardware.MinHardware.Or(0)
	return changes(have, want, hardware), wanted, true
}

// keepUnknown leaves the size of the machine alone where it is not known yet.
func (p *planner) keepUnknown(wanted *wish, remembered *record) {
	if p.plan.ClassName.IsUnknown() {
		wanted.class = remembered.Class
		wanted.world = new(world)
		*wanted.world = *p.world
		wanted.world.class = nil
	}
}

// observe reads the machine of a state as it is now.
func (r *Resource) observe(ctx context.Context, state *model) (*machine.Observation, error) {
	return r.backend.Machines.ObserveByID(ctx, lastSeen(ctx, state), state.ID.ValueString())
}

// lastSeen is where vCenter had the machine of a state.
func lastSeen(ctx context.Context, state *model) machine.Ref {
	status, _ := fwtypes.Block[statusModel](ctx, state.Status)
	s, ok := status.Get()
	if !ok || s.UniqueID.ValueString() == "" {
		return machine.Ref{}
	}
	return machine.Ref{Type: "VirtualMachine", Value: s.UniqueID.ValueString()}
}

// planNICs finds the network cards that are wanted, where they are known. A card whose network is
// not known yet is left where it is.
func (w *wish) planNICs(spec network.Spec, observed *machine.Observation, devices map[string]int32) {
	interfaces := spec.EffectiveInterfaces()
	list, ok := interfaces.Get()
	w.cards = ok || interfaces.IsAbsent()
	w.open = !w.cards
	w.nics = make([]machine.NIC, len(list))
	for i, nic := range list {
		name, named := nic.Name.Get()
		w.open = w.open || !named || nic.MACAddr.IsUnknown() || nic.Type.IsUnknown() || nic.Network.IsUnknown()
		w.nics[i] = machine.NIC{Name: name, Type: nic.Type.Or(""), MAC: normalMAC(nic.MACAddr.Or(""))}
		if connected, found := w.world.networks[name]; found {
			w.nics[i].Backing = connected.Backing()
		} else if card := cardOf(observed, devices, name); card != nil && card.Device != nil {
			w.nics[i].Backing = card.Device.GetVirtualEthernetCard().Backing
		} else {
			w.cards = false
		}
	}
}

// normalMAC is an address in vSphere's spelling; one that is not valid is an error elsewhere.
func normalMAC(text string) string {
	if parsed, err := network.ParseMAC(text); err == nil {
		return parsed.String()
	}
	return text
}

// plannedDiscs are what drives hold, as far as a plan has to know: a file that is there stays,
// and any other is a change. A library keeps the files of an item in a folder of its id, by which
// those are known that somebody else has put into a drive. installer tells that the machine was
// installed from its image.
func plannedDiscs(w *world, remembered *record, observed *machine.Observation) (discs map[string]disc, installer bool) {
	discs = map[string]disc{}
	for name, drive := range remembered.CDROMs {
		if name == installerDrive {
			installer = true
			discs[name] = disc{Item: drive.Item, ISO: drive.ISO}
		}
	}
	for name, found := range w.discs {
		discs[name] = disc{Item: found.ItemID, ISO: "[] " + found.ItemID}
		for i := range observed.CDROMs {
			if file := observed.CDROMs[i].ISO; strings.Contains(file, "/"+found.ItemID+"/") {
				discs[name] = disc{Item: found.ItemID, ISO: file}
			}
		}
		if drive, ok := remembered.driveWith(name, found.ItemID); ok {
			discs[name] = disc{Item: drive.Item, ISO: drive.ISO}
		}
	}
	return discs, installer
}

// stateOf spells a power state as VM Operator does.
func stateOf(state govmomi.VirtualMachinePowerState) string {
	switch state {
	case govmomi.VirtualMachinePowerStatePoweredOn:
		return poweredOn
	case govmomi.VirtualMachinePowerStateSuspended:
		return suspended
	case govmomi.VirtualMachinePowerStatePoweredOff:
	}
	return poweredOff
}
