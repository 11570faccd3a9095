package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// desired is a planned machine, everything known: what create and update work towards.
type desired struct {
	plan *model
	// written is the network as it was written.
	written network.Spec
	boot    bootstrap
	world   *world
	// spec is the network with what is planned, and resolved what the guest is told of it.
	spec     network.Spec
	resolved network.Config
	// offers is what the machine's networks and namespace offer, wanted which interfaces get an
	// address of their network's pool, and pools what the machine holds of these.
	offers *offers
	wanted map[string]families
	pools  map[string]poolRecord
	nics   []machine.NIC
	// hardware is what was written of the rest of the machine's hardware.
	hardware hardwareSpec
	// probe tells when the guest is ready, absent where nobody waits for it, and ready what it found.
	probe known.Value[probe]
	ready *observed.Condition
	// apiVersion is that of the vCenter.
	apiVersion string
	// cpu and memory are the allocations of the class, nil without one.
	cpu, memory *govmomi.ResourceAllocationInfo
}

// desire decodes a plan and finds what it refers to. implied tells that the guest of a machine
// without a bootstrap block is customized nevertheless: see bootstrap.imply. have is what the
// machine holds of the pools of its networks, and there what it has of the rest.
func (r *Resource) desire(ctx context.Context, plan, config *model, implied bool, have map[string]poolRecord, there holdings) (*desired, diag.Diagnostics) {
	d := &desired{plan: plan}
	spec, diags := plan.networkSpec(ctx)
	boot, more := plan.bootstrap(ctx, config)
	diags.Append(more...)
	boot.imply(implied)
	d.boot = boot
	d.hardware, more = plan.hardware(ctx)
	diags.Append(more...)
	if diags.HasError() {
		return nil, diags
	}
	var err error
	if d.apiVersion, err = r.backend.Client.APIVersion(ctx); err != nil {
		backend.Failed(&diags, path.Empty(), "Unable to reach vCenter", err)
		return nil, diags
	}
	d.world, more = r.look(ctx, plan, spec, &d.hardware, there)
	diags.Append(more...)
	if diags.HasError() {
		return nil, diags
	}
	d.spec = spec
	d.offers, more = r.offers(ctx, d.world, spec, have)
	diags.Append(more...)
	if diags.HasError() {
		return nil, diags
	}
	d.wanted = wantedPools(spec, boot.Bootstrap, d.offers)
	d.pools = intended(have, d.wanted, d.offers.profiles)
	d.probe, more = plan.readiness(ctx)
	diags.Append(more...)
	// What vCenter chose is unknown in the plan or of an earlier card: only an address that
	// was written is asked for.
	d.written, more = config.networkSpec(ctx)
	diags.Append(more...)
	interfaces, _ := d.written.EffectiveInterfaces().Get()
	for i, nic := range interfaces {
		name := nic.Name.Or("")
		connected := d.world.networks[name]
		mac := ""
		if address, ok := nic.MACAddr.Get(); ok {
			parsed, err := network.ParseMAC(address)
			if err != nil {
				diags.AddAttributeError(path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), "MAC address is not valid", backend.Sentence(err.Error()))
				return nil, diags
			}
			mac = parsed.String()
		}
		d.nics = append(d.nics, machine.NIC{Name: name, Type: nic.Type.Or(""), Backing: connected.Backing(), MAC: mac})
	}
	d.cpu, d.memory, more = r.allocation(ctx, d.world)
	diags.Append(more...)
	return d, diags
}

// allocation is what the class reserves and allows, in MHz and MB; nil without a class.
func (r *Resource) allocation(ctx context.Context, w *world) (cpu, memory *govmomi.ResourceAllocationInfo, diags diag.Diagnostics) {
	if w.class == nil {
		return nil, nil, nil
	}
	var mhz int64
	if w.class.NeedsMHz() {
		var err error
		if mhz, err = r.backend.Inventory.LowestMHz(ctx, w.namespace); err != nil {
			backend.Failed(&diags, path.Root("class_name"), "Unable to reserve CPU", err)
			return nil, nil, diags
		}
	}
	c, m := inventory.Allocation(w.class, mhz)
	return &c, &m, nil
}

// wish is what is wanted of the machine's hardware. before is what was written before.
func (d *desired) wish(before hardwareSpec) *wish {
	return &wish{
		spec: d.hardware, before: before, world: d.world, class: d.plan.ClassName.ValueString(),
		cpu: d.cpu, memory: d.memory, nics: d.nics, cards: true, discs: map[string]disc{},
	}
}

// configured refuses to work without a configured provider.
func (r *Resource) configured(diags *diag.Diagnostics) bool {
	if r.backend == nil || r.backend.Deferred {
		diags.AddError("The provider is not configured", "The provider's configuration is not known, and vCenter is needed now. Apply what it depends on first.")
		return false
	}
	return true
}

// take has the pools of the machine's networks give it its addresses, and resolves what its
// guest is told. The machine's record says already what it may come to hold. A pool that has
// moved an address makes a warning: the guest keeps what was planned, and the next plan shows
// the new one.
func (r *Resource) take(ctx context.Context, d *desired, instanceUUID string) (diag.Diagnostics, error) {
	var warnings diag.Diagnostics
	held := d.pools
	given, err := r.allocate(ctx, instanceUUID, d.offers.profiles, d.wanted, held)
	d.pools = given
	switch {
	case errors.Is(err, errMoved):
		warnings.AddWarning("An address pool gives another address", backend.Sentence(err.Error()))
		d.resolved = network.Resolve(d.spec, d.boot.Bootstrap, d.offers.with(held).Defaults)
	case err != nil:
		return warnings, err
	default:
		d.resolved = network.Resolve(d.spec, d.boot.Bootstrap, d.offers.with(given).Defaults)
	}
	return warnings, nil
}

// cardsOf are the network cards of a machine in device order, with the interfaces that they belong to.
func cardsOf(observed *machine.Observation, devices map[string]int32) ([]gosc.Card, error) {
	names := make(map[int32]string, len(devices))
	for name, key := range devices {
		names[key] = name
	}
	cards := make([]gosc.Card, len(observed.NICs))
	for i := range observed.NICs {
		nic := &observed.NICs[i]
		mac, err := network.ParseMAC(nic.MAC)
		if err != nil {
			return nil, fmt.Errorf("the network card of interface %q of %s has no usable MAC address: %w", names[nic.Key], observed.Title(), err)
		}
		cards[i] = gosc.Card{Interface: names[nic.Key], MAC: mac}
	}
	return cards, nil
}

// deliver renders what the guest of a machine is sent.
func (d *desired) deliver(ctx context.Context, observed *machine.Observation, devices map[string]int32) (delivery, error) {
	cards, err := cardsOf(observed, devices)
	if err != nil {
		return delivery{}, err
	}
	vm := facts(ctx, d.plan, d.written)
	vm.InstanceUUID, vm.BiosUUID, vm.UniqueID = known.Of(observed.InstanceUUID), known.Of(observed.BIOSUUID), known.Of(observed.Ref.Value)
	return d.boot.deliver(d.resolved, &addressee{cards: cards, instanceID: known.Of(observed.BIOSUUID), apiVersion: d.apiVersion, vm: vm})
}

// facts are what templates may ask of a machine: what was asked for, and what its name and
// addresses in vCenter are.
func facts(ctx context.Context, m *model, written network.Spec) vapp.VM {
	vm := vapp.VM{
		Name: fwtypes.String(m.Name), Namespace: fwtypes.String(m.Namespace),
		ImageName: fwtypes.String(m.ImageName), ClassName: fwtypes.String(m.ClassName), StorageClass: fwtypes.String(m.StorageClass),
		PowerState:   fwtypes.String(m.PowerState),
		InstanceUUID: fwtypes.String(m.InstanceUUID), BiosUUID: fwtypes.String(m.BiosUUID),
		Network: written,
	}
	vm.ImageKind, vm.ImageID = known.Unknown[string](), known.Unknown[string]()
	if m.Image.IsNull() && m.ImageName.IsNull() {
		vm.ImageKind, vm.ImageID = known.Value[string]{}, known.Value[string]{}
	}
	image, _ := fwtypes.Block[imageModel](ctx, m.Image)
	if pinned, ok := image.Get(); ok {
		vm.ImageKind, vm.ImageID = fwtypes.String(pinned.Kind), fwtypes.String(pinned.Name)
	}
	vm.UniqueID = known.Unknown[string]()
	if last := lastSeen(ctx, m); last.Value != "" {
		vm.UniqueID = known.Of(last.Value)
	}
	return vm
}

// guestKeys are the ExtraConfig keys by which cloud-init is told its configuration, as far as
// they differ from those that the machine has. forget says that an earlier configuration of the
// provider's is to be taken back.
func (d *desired) guestKeys(out *delivery, observed *machine.Observation, forget bool) map[string]string {
	if d.boot.Disabled.Or(false) {
		return nil
	}
	current := map[string]string{}
	for _, key := range []string{cloudinit.KeyMetadata, cloudinit.KeyMetadataEncoding, cloudinit.KeyUserData, cloudinit.KeyUserDataEncoding} {
		if value, ok := observed.ExtraConfig.Get(key); ok {
			current[key] = value
		}
	}
	if d.boot.sends() {
		return cloudinit.Changes(cloudinit.ExtraConfig(out.documents.metadata, out.documents.userData), current, forget)
	}
	if !forget {
		return nil
	}
	for key := range current {
		current[key] = ""
	}
	return current
}

// recordOf reads what a machine remembers of its configuration.
func recordOf(observed *machine.Observation) record {
	value, _ := observed.ExtraConfig.Get(recordKey)
	return decodeRecord(value)
}

// newerRecord refuses to change a machine whose record a newer provider has written: this one would
// replace it by what it understands of it, which is nothing.
func newerRecord(observed *machine.Observation) diag.Diagnostics {
	var diags diag.Diagnostics
	if recordOf(observed).Newer {
		diags.AddError("The machine was configured by a newer version of the provider",
			fmt.Sprintf("%s remembers its configuration in the ExtraConfig key %s, in a form that this version of the provider does not know. "+
				"Use the version that configured it last, or a newer one.", observed.Title(), recordKey))
	}
	return diags
}

// needsRemoval tells whether the machine's vApp configuration must go: cloud-init would take
// the OVF environment for its data source, and not see the network.
func (d *desired) needsRemoval(observed *machine.Observation) bool {
	return d.boot.sends() && observed.VApp != nil
}

// isEmpty tells that a change would change nothing.
func isEmpty(spec *govmomi.VirtualMachineConfigSpec) bool { return reflect.ValueOf(*spec).IsZero() }

// addExtraConfig adds keys to a change.
func addExtraConfig(spec *govmomi.VirtualMachineConfigSpec, observed *machine.Observation, keys map[string]string) {
	wanted := maps.Clone(keys)
	spec.ExtraConfig = append(spec.ExtraConfig, observed.ExtraConfig.Changes(wanted)...)
}

// existing adds an error, at the name where that is taken, and what follows from it.
func existing(diags *diag.Diagnostics, summary string, err error, after string) {
	switch {
	case errors.Is(err, vsphere.ErrAlreadyExists):
		diags.AddAttributeError(path.Root("name"), summary, backend.Sentence(err.Error())+after)
	default:
		diags.AddError(summary, backend.Sentence(err.Error())+after)
	}
}
