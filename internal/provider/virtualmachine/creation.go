package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// lastSteps is how long the end of a creation may take beyond the time that was allowed: what is
// left then is to look at the machine, which runs, and to take its mark off.
const lastSteps = 2 * time.Minute

// creation is a machine between its deploy and its end.
type creation struct {
	*Resource
	*desired
	wanted   *wish
	ref      machine.Ref
	deployed machine.DeploySpec
	source   *image.Image

	out      delivery
	observed *machine.Observation
	record   record
	sent     sent
	// warnings are about a machine that runs and is late.
	warnings diag.Diagnostics
}

// finish does everything after the deploy.
func (c *creation) finish(ctx context.Context, plan tfsdk.Plan) error {
	if err := c.configure(ctx, plan); err != nil {
		return err
	}
	if !c.powersOn() {
		if err := c.look(ctx); err != nil || !c.record.identify(c.observed) {
			return err
		}
		return c.writeDown(ctx, c.ref, &c.record)
	}
	if c.boot.customizes() {
		if err := c.customize(ctx, c.ref, &c.out); err != nil {
			return err
		}
		if err := c.sent.hand(&c.out, c.boot.occasion(), machine.Customization{}); err != nil {
			return err
		}
	}
	if err := c.powerOn(ctx, c.ref); err != nil {
		return err
	}
	// The machine runs. From here on being late is no reason to replace it.
	if err := c.await(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSteps)
	defer cancel()
	if err := c.look(ctx); err != nil {
		return err
	}
	return c.unmark(ctx)
}

// unmark takes the mark off as the last step: whoever is killed before that leaves a machine that
// the next creation of this name takes for unfinished. What the guest has confirmed is noted in
// the same call. A machine that runs is not replaced because the mark does not come off: a plan
// shows it, and the next update takes it off.
func (c *creation) unmark(ctx context.Context) error {
	spec := govmomi.VirtualMachineConfigSpec{ExtraConfig: unmark()}
	confirmed := c.record.Handed != "" && c.sent.Handed == nil
	if confirmed {
		c.record.Customized, c.record.Handed, c.record.HandedAfter, c.record.Deferred = c.record.Handed, "", time.Time{}, false
	}
	if identified := c.record.identify(c.observed); confirmed || identified {
		value, err := c.record.encode()
		if err != nil {
			return err
		}
		addExtraConfig(&spec, c.observed, map[string]string{recordKey: value})
	}
	c.sent.ChangeVersion = ""
	c.sent.Unfinished = false
	err := c.backend.Machines.Reconfigure(ctx, c.ref, spec)
	if errors.Is(err, vsphere.ErrInterrupted) {
		err = c.backend.Machines.Reconfigure(ctx, c.ref, spec) // it does the same twice
	}
	if err != nil {
		c.sent.Unfinished = true
		c.warnings.AddWarning("The machine still bears the mark of an unfinished creation",
			backend.Sentence(err.Error())+" The machine runs and is kept. Apply again, which takes the mark off: until then another machine of its name in its folder would replace it.")
		return nil
	}
	delete(c.observed.ExtraConfig, machine.CreateMark) // what is shown of the machine was read before
	return nil
}

// powersOn tells whether the machine is to run.
func (c *creation) powersOn() bool { return c.plan.PowerState.ValueString() == poweredOn }

// unmark removes the mark of an unfinished creation.
func unmark() []govmomi.BaseOptionValue {
	return machine.ExtraConfigChange(map[string]string{machine.CreateMark: ""})
}

// configure makes the machine what it is to be, in one reconfiguration.
func (c *creation) configure(ctx context.Context, plan tfsdk.Plan) error {
	observed, err := c.backend.Machines.Observe(ctx, c.ref)
	if err != nil {
		return err
	}
	devices := machine.Assign(c.nics, observed.NICs, nil)
	devices, observed, err = c.settleCards(ctx, c.ref, c.nics, observed, devices, "")
	if err != nil {
		return err
	}
	// vCenter takes the configuration together with the deploy; what it left out is made good.
	difference, err := c.compare(observed, devices)
	if err != nil {
		return err
	}
	if difference.Upgrade != 0 {
		if err := c.backend.Machines.UpgradeHardware(ctx, c.ref, difference.Upgrade); err != nil {
			return err
		}
	}
	spec := difference.Rest.Spec
	if observed.InstanceUUID != c.deployed.InstanceUUID {
		spec.InstanceUuid = c.deployed.InstanceUUID
		observed.InstanceUUID = c.deployed.InstanceUUID
	}
	if observed.BIOSUUID != c.deployed.BIOSUUID {
		spec.Uuid = c.deployed.BIOSUUID
		observed.BIOSUUID = c.deployed.BIOSUUID
	}
	warnings, err := c.take(ctx, c.desired, c.deployed.InstanceUUID)
	c.warnings.Append(warnings...)
	if err != nil {
		return err
	}
	if c.out, err = c.deliver(ctx, observed, devices); err != nil {
		return err
	}
	if err := c.propertySpec(observed, &spec); err != nil {
		return err
	}
	written, err := c.configOf(ctx, plan)
	if err != nil {
		return err
	}
	c.record = record{
		ItemID: c.source.ItemID, ContentVersion: c.source.ContentVersion,
		Devices: devices, Pools: c.pools, Config: written, Restarted: c.plan.restarted(),
	}
	c.record.note(c.wanted, difference, observed)
	if err := c.recordDelivery(); err != nil {
		return err
	}
	value, err := c.record.encode()
	if err != nil {
		return err
	}
	addExtraConfig(&spec, observed, c.keys(observed, value))
	if !c.powersOn() {
		spec.ExtraConfig = append(spec.ExtraConfig, unmark()...)
	}
	tflog.Debug(ctx, "tell the guest its configuration", map[string]any{"machine": c.ref.Value})
	if err := c.backend.Machines.Reconfigure(ctx, c.ref, spec); err != nil || !difference.Reorder {
		return err
	}
	return c.reorder(ctx, c.ref, c.wanted, &c.record)
}

// keys are the ExtraConfig keys that the machine is told: the configuration of its guest and its
// record, and nothing that its image holds of another guest.
func (c *creation) keys(observed *machine.Observation, recorded string) map[string]string {
	inherited := machine.Inherited(observed.ExtraConfig, c.deployed.Given())
	bare := *observed
	bare.ExtraConfig = maps.Clone(observed.ExtraConfig)
	for key := range inherited {
		delete(bare.ExtraConfig, key)
	}
	own := machine.ExtraConfig{recordKey: recorded}
	maps.Copy(own, c.guestKeys(&c.out, &bare, false))
	maps.DeleteFunc(inherited, func(key, _ string) bool { _, told := own.Get(key); return told })
	maps.Copy(own, inherited)
	return own
}

// compare says what the machine lacks that was deployed. The disks and drives of one that was made
// for an ISO image are where the deploy put them.
func (c *creation) compare(observed *machine.Observation, devices map[string]int32) (*machine.Difference, error) {
	made := &record{Devices: devices}
	if c.deployed.Source == machine.FromISO {
		disks, drives, err := c.deployed.Plans()
		if err != nil {
			return nil, err
		}
		made.Volumes = disks.Intended()
		made.CDROMs = map[string]driveRecord{}
		for name, place := range drives.Places {
			made.CDROMs[name] = driveRecord{Place: place}
		}
	}
	return machine.Compare(c.wanted.machine(made, observed), observed, made.recorded(observed))
}

// propertySpec sets the OVF properties of a machine that was just deployed. cloud-init would
// take the OVF environment for its data source, and not see the network: for it they go.
func (c *creation) propertySpec(observed *machine.Observation, spec *govmomi.VirtualMachineConfigSpec) error {
	if c.needsRemoval(observed) {
		spec.VAppConfigRemoved = govmomi.NewBool(true)
		return nil
	}
	wanted := vapp.Wanted{Deployed: true}
	if c.sendsProperties() {
		wanted.Values = c.out.properties
	}
	changes, err := vapp.Changes(observed.VApp, wanted)
	if changes != nil {
		spec.VAppConfig = changes
	}
	return err
}

// sendsProperties tells whether OVF properties are set now. Together with a customization they
// wait for the power-on, as it does.
func (c *creation) sendsProperties() bool {
	return c.boot.setsProperties() && (!c.boot.customizes() || c.powersOn())
}

// recordDelivery notes what the guest is sent in the machine's record and in private state.
func (c *creation) recordDelivery() error {
	c.record.Provider = c.boot.provider()
	if c.sendsProperties() {
		c.record.Properties = c.out.propertyRecord()
	}
	switch {
	case c.boot.sends():
		c.record.Revision = 1
		return c.sent.note(c.out.documents)
	case c.boot.customizes() && !c.powersOn():
		c.record.Deferred = true
	case c.boot.customizes():
		// It is only done when the guest says so.
		c.record.Revision, c.record.Deferred = 1, true
		_, public, err := c.out.customizationTexts()
		c.record.Handed = digest(public)
		return err
	case c.sendsProperties():
		c.record.Revision = 1
	}
	return nil
}

// look observes the machine as it has become.
func (c *creation) look(ctx context.Context) error {
	var err error
	if c.observed, err = c.backend.Machines.Observe(ctx, c.ref); err != nil {
		return err
	}
	c.sent.remember(c.observed, c.record.Devices)
	if c.sendsProperties() {
		return c.sent.noteProperties(&c.out, c.observed.VApp)
	}
	return nil
}

// await waits for what the guest does when it first runs. A guest that reports a failure is an
// error; one that is late is a warning.
func (c *creation) await(ctx context.Context) error {
	switch {
	case !c.boot.customizes():
	case c.boot.implied:
		c.sent.confirm() // nobody waits for a customization that nobody asked for
	default:
		_, err := c.backend.Machines.WaitForCustomization(ctx, c.ref, machine.Customization{})
		switch {
		case errors.Is(err, machine.ErrCustomizationFailed):
			return err
		case err != nil:
			c.late("The guest's customization has not ended", err)
		default:
			c.sent.confirm()
		}
	}
	if err := c.awaitReady(ctx, c.desired, c.ref); err != nil {
		c.late("The guest is not ready", err)
	}
	return nil
}

// awaitReady waits until the readiness probe succeeds, where there is one.
func (r *Resource) awaitReady(ctx context.Context, d *desired, ref machine.Ref) error {
	probe, ok := d.probe.Get()
	if !ok {
		return nil
	}
	last, err := r.waitReady(ctx, ref, &probe, observed.Provider(d.boot.provider()))
	condition := readyCondition(err == nil, last)
	d.ready = &condition
	return err
}

// late warns of a wait that came to no end.
func (c *creation) late(summary string, err error) {
	c.warnings.AddWarning(summary, fmt.Sprintf("%s The machine runs and is kept. status.conditions of the next refresh says how it goes on; "+
		"timeouts.create allows more time.", backend.Sentence(err.Error())))
}

// settleCards makes the network cards what they should be, when the deploy did not. A version of the
// machine's configuration, where there is one, guards against changes by others.
func (r *Resource) settleCards(ctx context.Context, ref machine.Ref, nics []machine.NIC, observed *machine.Observation, devices map[string]int32, version string) (map[string]int32, *machine.Observation, error) {
	changes, steps, err := machine.NICChanges(nics, observed.NICs, devices)
	if err != nil {
		return nil, nil, err
	}
	if steps.Empty() {
		return steps.Keys, observed, nil
	}
	if err := r.backend.Machines.Reconfigure(ctx, ref, govmomi.VirtualMachineConfigSpec{DeviceChange: changes, ChangeVersion: version}); err != nil {
		return nil, nil, err
	}
	after, err := r.backend.Machines.Observe(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	devices = machine.Assign(nics, after.NICs, steps.Keys)
	if len(devices) != len(nics) || len(after.NICs) != len(nics) {
		return nil, nil, fmt.Errorf("%s has %d network cards after its reconfiguration, of which %d belong to the %d interfaces that were asked for",
			after.Title(), len(after.NICs), len(devices), len(nics))
	}
	return devices, after, nil
}

// customize hands the guest its customization. An answer that got lost is looked up.
func (r *Resource) customize(ctx context.Context, ref machine.Ref, out *delivery) error {
	err := r.backend.Machines.Customize(ctx, ref, *out.customization)
	if err == nil || !errors.Is(err, vsphere.ErrInterrupted) {
		return err
	}
	if observed, lookErr := r.backend.Machines.Observe(ctx, ref); lookErr == nil && observed.PendingCustomization {
		return nil
	}
	return err
}

// powerOn turns a machine on. One that came up although no answer did is as good.
func (r *Resource) powerOn(ctx context.Context, ref machine.Ref) error {
	err := r.backend.Machines.PowerOn(ctx, ref)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSteps)
	defer cancel()
	if observed, lookErr := r.backend.Machines.Observe(ctx, ref); lookErr == nil && observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOn {
		return nil
	}
	return err
}

// save writes the finished machine into state.
func (c *creation) save(ctx context.Context, state *tfsdk.State) diag.Diagnostics {
	return c.saveState(ctx, c.observed, &c.record, state)
}
