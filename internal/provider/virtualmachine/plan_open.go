package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// leaveOpen adds to what a change moves what may come to it from what is not known yet: the plan
// that is made again for apply, when it is known, may say more than the first one, and nothing
// else than that one.
func (p *planner) leaveOpen(wanted *wish) {
	spec, m := &wanted.spec, &p.moves
	if p.plan.ClassName.IsUnknown() || wanted.sizing() {
		// A class that is applied brings all that it holds.
		m.version, m.cpu, m.memory, m.tracking, m.extraConfig = true, true, true, true, true
	}
	m.version = m.version || spec.MinHardware.IsUnknown()
	m.guestID = m.guestID || spec.GuestID.IsUnknown()
	drives, _ := spec.CDROMs.Get()
	for i := range drives {
		m.drives = m.drives || drives[i].Connected.IsUnknown() || drives[i].AllowGuestControl.IsUnknown()
	}
	volumes, _ := spec.Volumes.Get()
	for i := range volumes {
		m.volumes = m.volumes || volumes[i].StorageClass.IsUnknown()
	}
}

// sizing tells that it is not known whether the class is applied once more: it is where the
// resources block becomes another one than was applied with it.
func (w *wish) sizing() bool { return w.class != "" && w.spec.Resources.unknown() }

// written tells that some amount is there, whatever becomes of the others.
func (r *resourcesSpec) written() bool {
	for _, a := range []amounts{r.Size, r.Requests, r.Limits} {
		if a.CPU.IsSet() || a.Memory.IsSet() {
			return true
		}
	}
	return false
}

// undecided tells that something of the hardware is not known yet, so that the plan which is made
// again for apply may find that the machine has to be powered off. cycles tells that the machine
// may be powered off and on also for what a running one takes, and acts on at its next start.
func (w *wish) undecided(cycles bool) bool {
	s := &w.spec
	if w.open || s.GuestID.IsUnknown() || s.MinHardware.IsUnknown() || s.Managed.IsUnknown() || w.sizing() ||
		s.Resources.Size.CPU.IsUnknown() || s.Resources.Size.Memory.IsUnknown() || s.Boot.unknown() ||
		s.Advanced.BootDiskBytes.IsUnknown() { // which does not grow on an IDE controller
		return true
	}
	if cycles && (s.Advanced.ChangeTracking.IsUnknown() || unknownExtraConfig(s)) {
		return true
	}
	_, volumes := w.volumes()
	_, drives := w.drives(new(record))
	return !volumes || !drives && s.Managed.Or(false)
}

func (b *bootSpec) unknown() bool {
	entries, _ := b.Order.Get()
	for _, entry := range entries {
		if entry.Type.IsUnknown() || entry.Name.IsUnknown() {
			return true
		}
	}
	return b.Firmware.IsUnknown() || b.DelayMS.IsUnknown() || b.Retry.IsUnknown() || b.RetryDelayMS.IsUnknown() ||
		b.SecureBoot.IsUnknown() || b.NetworkBootProtocol.IsUnknown() || b.Order.IsUnknown()
}

// everything is that all of what is observed may move.
func everything() moves {
	return moves{
		power: true, cards: true, version: true, guestID: true,
		movedParts: movedParts{cpu: true, memory: true, tracking: true, volumes: true, drives: true, extraConfig: true},
	}
}

// resumed is a machine as a change finds it: one that is suspended, and is to run, is powered on
// first, and runs.
func (p *planner) resumed(observed *machine.Observation) *machine.Observation {
	if observed.PowerState != govmomi.VirtualMachinePowerStateSuspended || p.plan.PowerState.ValueString() != poweredOn {
		return observed
	}
	running := *observed
	running.PowerState = govmomi.VirtualMachinePowerStatePoweredOn
	return &running
}

// planOpenIdentity tells that it is not known whether the machine is replaced. A plan that replaces
// a machine cannot be taken back when the value turns out to be the one that the machine has, and
// its disks would be lost for nothing. So the machine stays, and where the value turns out to be
// another one, Terraform and OpenTofu refuse the plan that is made for apply, which replaces it.
// UUIDs are not among these: one that is not known is a new one.
func (p *planner) planOpenIdentity(context.Context) {
	if p.prior == nil || len(p.resp.RequiresReplace) > 0 {
		return
	}
	open := func(at path.Path) {
		p.resp.Diagnostics.AddAttributeWarning(at, "It is not known yet whether the machine is replaced",
			fmt.Sprintf("%s is not known yet, and %q is kept. Should it turn out to be another one than the machine was made with, which replaces the machine, "+
				"then apply stops with an inconsistent final plan and changes nothing of it: plan and apply again then, to see the replacement first.",
				at, p.prior.Name.ValueString()))
	}
	if p.hardware.Boot.Firmware.IsUnknown() {
		open(bootOptionsPath.AtName("firmware"))
	}
	switch {
	case p.prior.Image.IsNull(): // nobody knows what it was made of
	case p.config.ImageName.IsUnknown():
		open(path.Root("image_name"))
	case p.config.Image.IsUnknown():
		open(path.Root("image"))
	}
	if p.prior.Namespace.IsNull() {
		return // nor where it is
	}
	if p.config.Namespace.IsUnknown() {
		open(path.Root("namespace"))
	}
	if p.config.StorageClass.IsUnknown() {
		open(path.Root("storage_class"))
	}
}
