package virtualmachine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// What becomes of a change: the words of the guide's table.
const (
	Set          = "set"
	Live         = "live"
	AtNextStart  = "at the next power-on"
	PowerCycled  = "powered off and on"
	Replaces     = "replaces it"
	Refused      = "refused"
	Told         = "told"
	WaitedFor    = "waited for"
	Restarts     = "restarted"
	BroughtAbout = "brought about"
	RecordedOnly = "recorded"
)

// ChangeOutcome is what becomes of a row's change, by the code that plans and updates.
type ChangeOutcome struct {
	// Created is for a machine that is made with it, the others for one that is there.
	Created, Running, Off, Suspended string
	// Replacing are the attributes that make it another machine.
	Replacing []string
	// Changes are what changes of one that runs, and Reasons say why it has to be powered off.
	Changes []string
	Reasons string
	// Members are those of the reconfiguration of one that runs, in the words of the API, with
	// "edit VirtualDisk" for a change of a device. Version is the one that it is upgraded to.
	Members []string
	Version int
}

// Outcome finds out what becomes of a row's change.
func (r *ChangeRow) Outcome(t *testing.T) ChangeOutcome {
	t.Helper()
	before, after := decoded(t, r.Before()), decoded(t, r.After())
	stands := standsAs(t, before, r.HotPlug)
	told := r.tells(t)
	out := ChangeOutcome{Created: r.created(t, before, after, told)}
	for _, state := range []govmomi.VirtualMachinePowerState{
		govmomi.VirtualMachinePowerStatePoweredOff, govmomi.VirtualMachinePowerStateSuspended, govmomi.VirtualMachinePowerStatePoweredOn,
	} {
		have := inPowerState(stands, state)
		if _, same := r.compare(t, before, before, have); len(same) > 0 {
			t.Fatalf("%s: the machine is not what was written of it: %s", r.Name(), reasons(same))
		}
		p, all := r.compare(t, before, after, have)
		cell := r.cell(p, before, after, all, have, told)
		switch state {
		case govmomi.VirtualMachinePowerStatePoweredOff:
			out.Off = cell
		case govmomi.VirtualMachinePowerStateSuspended:
			out.Suspended = cell
		case govmomi.VirtualMachinePowerStatePoweredOn:
			out.Running = cell
			out.Replacing, out.Changes = replacing(p, all), attributes(all)
			out.Reasons = reasons(having(all, needsPowerOff))
			if cell != Refused && len(out.Replacing) == 0 {
				out.Members, out.Version = r.members(t, before, after, have)
			}
		}
	}
	return out
}

// compare plans the change of a machine, as a plan does, up to what the change takes.
func (r *ChangeRow) compare(t *testing.T, before, after *model, have *machine.Observation) (*planner, []change) {
	t.Helper()
	ctx := t.Context()
	hardware, diags := after.hardware(ctx)
	boot, more := after.bootstrap(ctx, after)
	diags.Append(more...)
	earlier, more := before.hardware(ctx)
	if diags.Append(more...); diags.HasError() {
		t.Fatal(diags)
	}
	p := &planner{
		Resource: new(Resource), resp: new(resource.ModifyPlanResponse), plan: *after, config: *after, prior: before,
		changed: true, world: worldFor(t, after), hardware: hardware, boot: boot,
	}
	if before.PowerState.Equal(after.PowerState) {
		p.plan.PowerState = types.StringValue(stateOf(have.PowerState))
	}
	p.keepVolumes(&earlier)
	p.planIdentity(ctx)
	all, _, _ := p.compare(ctx, have)
	return p, all
}

func (r *ChangeRow) cell(p *planner, before, after *model, all []change, have *machine.Observation, told bool) string {
	takes := powerFor(all, have.PowerState, p.plan.PowerState.ValueString(), false)
	runs := have.PowerState == govmomi.VirtualMachinePowerStatePoweredOn
	var cell string
	switch {
	case p.resp.Diagnostics.HasError():
		return Refused
	case len(replacing(p, all)) > 0:
		return Replaces
	case len(takes.Blocked) > 0:
		cell = PowerCycled
	case len(takes.Later) > 0:
		cell = AtNextStart
	case len(all) > 0 && have.PowerState == govmomi.VirtualMachinePowerStatePoweredOff:
		cell = Set
	case len(all) > 0:
		cell = Live
	case !before.PowerState.Equal(after.PowerState):
		return BroughtAbout
	case runs && after.restartTime().After(before.restartTime()):
		return Restarts
	case runs && !before.ReadinessProbe.Equal(after.ReadinessProbe):
		return WaitedFor
	}
	switch {
	case told && cell == "":
		return Told
	case told:
		return cell + ", " + Told
	case cell == "":
		return RecordedOnly
	}
	return cell
}

// replacing are the attributes that make it another machine.
func replacing(p *planner, all []change) []string {
	out := attributes(having(all, replaces))
	for _, at := range p.resp.RequiresReplace {
		out = append(out, at.String())
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// members are what the reconfiguration of a machine has.
func (r *ChangeRow) members(t *testing.T, before, after *model, have *machine.Observation) (members []string, version int) {
	t.Helper()
	remembered := recordOf(have)
	w := wishOf(t, after, before, have, remembered.Devices)
	w.discs, w.installer = plannedDiscs(w.world, &remembered, have)
	recorded := remembered.recorded(have)
	recorded.ExtraConfig = w.managedKeys(&remembered)
	d, err := machine.Compare(w.machine(&remembered, have), have, recorded)
	if err != nil {
		t.Fatal(err)
	}
	whole := d.Cards
	whole.Merge(d.Rest)
	spec := reflect.ValueOf(whole.Spec)
	for i := range spec.NumField() {
		name, _, _ := strings.Cut(spec.Type().Field(i).Tag.Get("xml"), ",")
		switch field := spec.Field(i); {
		case field.IsZero():
		case name == "deviceChange":
			for _, device := range whole.Spec.DeviceChange {
				change := device.GetVirtualDeviceConfigSpec()
				members = append(members, fmt.Sprintf("%s %s", change.Operation, reflect.TypeOf(change.Device).Elem().Name()))
			}
		case name != "":
			members = append(members, name)
		}
	}
	slices.Sort(members)
	return slices.Compact(members), d.Upgrade
}

// created is what becomes of it in a machine that is made.
func (r *ChangeRow) created(t *testing.T, before, after *model, told bool) string {
	t.Helper()
	hardware, diags := after.hardware(t.Context())
	p := &planner{resp: &resource.ModifyPlanResponse{Diagnostics: diags}, hardware: hardware}
	p.newDisks(&image.Image{Status: image.Status{Type: image.TypeOVF, Disks: []image.Disk{{CapacityBytes: bare(false).Disks[0].CapacityBytes}}}})
	if p.resp.Diagnostics.HasError() {
		return Refused
	}
	made := func(m *model) *machine.Wanted {
		have := bare(r.HotPlug)
		want := wishOf(t, m, m, have, nil).machine(new(record), nil)
		for i := range want.Volumes {
			want.Volumes[i].Keep = false // it is for the end of the volume
		}
		want.HardwareVersion = max(want.HardwareVersion, have.HardwareVersion) // at least the image's
		want.Boot.Firmware = wishOf(t, m, m, have, nil).spec.Boot.Firmware.Or("")
		return want
	}
	same := cmp.Equal(made(before), made(after), cmpopts.EquateEmpty())
	place := func(m *model) []any {
		return []any{m.Name, m.Namespace, m.StorageClass, m.Image.String(), m.InstanceUUID, m.BiosUUID, m.PowerState}
	}
	switch {
	case !same || !reflect.DeepEqual(place(before), place(after)):
		if told {
			return Set + ", " + Told
		}
		return Set
	case told:
		return Told
	case !before.ReadinessProbe.Equal(after.ReadinessProbe):
		return WaitedFor
	}
	return RecordedOnly
}

// tells tells whether the guest of a bootstrap provider is told something else.
func (r *ChangeRow) tells(t *testing.T) bool {
	t.Helper()
	for _, provider := range []lines{
		{"cloud_init": lines{}},
		{"linux_prep": lines{}},
		{"sysprep": lines{"sysprep": lines{"user_data": lines{"full_name": "A User", "org_name": "Example"}}}},
	} {
		guest := lines{"bootstrap": provider}
		if old, ok := r.Before()["bootstrap"].(lines); ok && len(old) > 0 {
			guest = nil // it has one of its own
		}
		before, fine := toldOf(t, with(r.Before(), guest))
		after, also := toldOf(t, with(r.After(), guest))
		if fine && also && !cmp.Equal(before, after, cmp.AllowUnexported(toldText{})) {
			return true
		}
	}
	return false
}

// toldOf is what the guest of a machine is told, unless its bootstrap provider refuses that.
func toldOf(t *testing.T, config lines) ([]toldText, bool) {
	t.Helper()
	m := decoded(t, config)
	spec, diags := m.networkSpec(t.Context())
	boot, more := m.bootstrap(t.Context(), m)
	if diags.Append(more...); diags.HasError() {
		t.Fatal(diags)
	}
	g := guest{spec: spec, boot: boot, config: network.Resolve(spec, boot.Bootstrap, network.Defaults{})}
	problems := append(boot.judge(spec), network.Review(spec, boot.Bootstrap, network.Defaults{})...)
	if slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Severity == network.Error }) {
		return nil, false
	}
	to := addressee{apiVersion: guideAPI, instanceID: known.Of("id"), vm: vapp.VM{Name: fromText(m.Name), Network: spec}}
	for i, nic := range spec.EffectiveInterfaces().Or(nil) {
		// A card of another type is another card.
		address := fmt.Sprintf("00:50:56:00:%02x:%02x", len(nic.Type.Or("")), i)
		to.cards = append(to.cards, gosc.Card{Interface: nic.Name.Or(""), MAC: network.MAC(nic.MACAddr.Or(address))})
	}
	sent, err := g.boot.deliver(g.config, &to)
	if err != nil {
		t.Fatalf("%v", err)
	}
	texts := []toldText{{"metadata", sent.documents.metadata}, {"user data", sent.documents.userData}}
	if sent.customization != nil {
		document, err := gosc.Canonical(*sent.customization)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, toldText{"customization", document})
	}
	for _, property := range sent.properties {
		texts = append(texts, toldText{property.Key, property.Text})
	}
	return texts, true
}

func fromText(value types.String) known.Value[string] { return known.Of(value.ValueString()) }
