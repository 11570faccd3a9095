package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// Read implements resource.Resource. It never waits for anything in the guest.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if resp.Identity != nil {
		// First of all: a CLI that does not keep identities has none to hand back, and the
		// framework wants one even of a machine that is gone.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{InstanceUUID: state.ID})...)
	}
	if r.backend == nil || r.backend.Deferred {
		return // the state stays as it is until vCenter is known
	}
	timeout, diags := state.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	observed, err := r.backend.Machines.Refresh(ctx, lastSeen(ctx, &state), state.ID.ValueString())
	switch {
	case errors.Is(err, vsphere.ErrNotFound):
		resp.Diagnostics.Append(leftAllocated(ctx, req.Private, &state)...)
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to read the virtual machine", err)
		return
	}
	if state.Name.IsNull() {
		resp.Diagnostics.Append(r.recall(ctx, &resp.State, observed)...)
		resp.Diagnostics.Append(resp.State.Get(ctx, &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	last, diags := readSent(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	imported := last == nil
	if imported {
		if last, err = adopt(ctx, &state, observed); err != nil {
			backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to read the virtual machine", err)
		}
	}
	last.compare(observed)
	last.settle(observed)
	if remembered := recordOf(observed); !remembered.lost() {
		last.see(observed, remembered.Devices)
		last.Strayed = !last.Foreign && r.strayed(ctx, &state, observed, remembered.Devices)
	} else {
		last.Strayed = !last.Foreign && r.strayed(ctx, &state, observed, nil)
	}
	last.Pools = recordOf(observed).Pools
	last.Unfinished = observed.Unfinished()
	last.InstanceUUID = observed.InstanceUUID
	r.backend.Machines.Manage(observed.InstanceUUID)
	r.noteHeld(observed.InstanceUUID, last.Pools)
	resolved, diags := r.refresh(ctx, &state, observed)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if imported {
		last.Drifted = last.Drifted || propertiesDiffer(ctx, &state, observed, resolved)
	}
	resp.Diagnostics.Append(r.tellImageDrift(ctx, &state, last)...)
	resp.Diagnostics.Append(last.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// leftAllocated tells what a machine that somebody deleted leaves in the pools of its networks.
// Nothing is released here: a machine that is not found may also be one that the user may not see.
func leftAllocated(ctx context.Context, private privateState, state *model) diag.Diagnostics {
	last, diags := readSent(ctx, private)
	if last == nil || len(last.Pools) == 0 {
		return diags
	}
	var addresses []string
	for _, name := range slices.Sorted(maps.Keys(last.Pools)) {
		for _, address := range []string{last.Pools[name].Address4, last.Pools[name].Address6} {
			if address != "" {
				addresses = append(addresses, address)
			}
		}
	}
	diags.AddWarning("A machine that is gone has left addresses allocated",
		fmt.Sprintf("%q (%s) is not in vCenter any more, and its networks' pools still hold %s for it. An administrator can free them by taking them out of the profile's range for a moment.",
			state.Name.ValueString(), state.ID.ValueString(), strings.Join(addresses, ", ")))
	return diags
}

// refresh puts what was observed into a state, and returns what the guest was told.
func (r *Resource) refresh(ctx context.Context, state *model, o *machine.Observation) (network.Config, diag.Diagnostics) {
	remembered := recordOf(o)
	state.ID = types.StringValue(o.InstanceUUID)
	state.Name = types.StringValue(o.Name)
	state.InstanceUUID = types.StringValue(o.InstanceUUID)
	state.BiosUUID = types.StringValue(o.BIOSUUID)
	state.PowerState = types.StringValue(stateOf(o.PowerState))
	state.assume()
	diags := r.refreshCards(ctx, state, o, remembered.Devices)
	diags.Append(state.setHardware(ctx, seenHardware(ctx, state, o, &remembered))...)

	boot, _ := state.bootstrap(ctx, state) // secrets are not there, and not needed
	boot.imply(state.Bootstrap.IsNull() && remembered.Provider == bootstrapLinuxPrep)
	resolved, shown, more := r.told(ctx, state, &boot, remembered.Pools)
	diags.Append(more...)
	report := &statusReport{observed: o, record: &remembered, boot: &boot, resolved: resolved, shown: shown, around: r.around(ctx, state)}
	if probe, _ := state.readiness(ctx); probe.IsSet() {
		p, _ := probe.Get()
		condition := p.glance(o)
		if earlier, ok := conditionOf(ctx, state.Status, conditionReady); ok && p.TCP != nil && notRunning(o) == "" {
			condition = earlier // a refresh connects to nothing
		}
		report.ready = &condition
	}
	status, more := report.object(ctx)
	diags.Append(more...)
	state.Status = status
	return resolved, diags
}

// told is what the guest was told, whatever would be told now. After an import that is what its
// configuration says.
func (r *Resource) told(ctx context.Context, state *model, boot *bootstrap, have map[string]poolRecord) (network.Config, types.Object, diag.Diagnostics) {
	if config, ok, diags := toldConfig(ctx, state.Status); ok {
		shown, _ := configOfStatus(ctx, state.Status)
		return config, shown, diags
	}
	spec, diags := state.networkSpec(ctx)
	found, ok := r.standingOffers(ctx, state, spec, have)
	if !ok {
		found = new(offers)
		if namespace, err := r.backend.Namespace(state.Namespace.ValueString()); err == nil {
			found.Nameservers, found.SearchDomains = namespace.Nameservers, namespace.SearchDomains
		}
	}
	config := network.Resolve(spec, boot.Bootstrap, found.Defaults)
	shown, more := networkConfigObject(ctx, config)
	diags.Append(more...)
	return config, shown, diags
}

// configOfStatus is status.network.config of a state, where there is one.
func configOfStatus(ctx context.Context, status types.Object) (types.Object, bool) {
	block, _ := fwtypes.Block[statusModel](ctx, status)
	s, ok := block.Get()
	if !ok {
		return types.Object{}, false
	}
	inner, _ := fwtypes.Block[networkStatusModel](ctx, s.Network)
	n, ok := inner.Get()
	return n.Config, ok && !n.Config.IsNull()
}

// refreshCards shows network cards that are gone, that are connected elsewhere, and that
// nobody asked for, as interfaces that are gone, differ, or are there.
func (r *Resource) refreshCards(ctx context.Context, state *model, o *machine.Observation, devices map[string]int32) diag.Diagnostics {
	block, diags := fwtypes.Block[networkModel](ctx, state.Network)
	written, ok := block.Get()
	if !ok {
		return diags
	}
	list, more := fwtypes.Blocks[interfaceModel](ctx, written.Interface)
	diags.Append(more...)
	interfaces, _ := list.Get()
	if len(interfaces) == 0 || diags.HasError() {
		return diags
	}
	owned := map[int32]bool{}
	present := make([]interfaceModel, 0, len(interfaces))
	for i := range interfaces {
		card := cardOf(o, devices, interfaces[i].Name.ValueString())
		if card == nil {
			continue
		}
		owned[card.Key] = true
		interfaces[i].MACAddr = fwtypes.NewMAC(card.MAC)
		diags.Append(r.refreshNetwork(ctx, state, &interfaces[i], card)...)
		present = append(present, interfaces[i])
	}
	for i := range o.NICs {
		if card := &o.NICs[i]; !owned[card.Key] {
			foreign, more := r.foreignCard(ctx, &interfaces[0], card)
			diags.Append(more...)
			present = append(present, foreign)
		}
	}
	diags.Append(state.setInterfaces(ctx, &written, present)...)
	return diags
}

// refreshNetwork shows the network that a card is connected to, unless it is the one that was written.
func (r *Resource) refreshNetwork(ctx context.Context, state *model, nic *interfaceModel, card *machine.ObservedNIC) diag.Diagnostics {
	block, diags := fwtypes.Block[networkRefModel](ctx, nic.Network)
	written, _ := block.Get()
	configured, err := r.backend.Namespace(state.Namespace.ValueString())
	if err != nil {
		return diags // the plan says so
	}
	namespace, err := r.backend.Inventory.Namespace(ctx, configured.NamespaceSpec)
	if err != nil {
		return diags
	}
	if found, err := r.backend.Inventory.Network(ctx, namespace, written.Name.ValueString()); err == nil &&
		machine.BackingOf(found.Backing()).Same(card.Backing) {
		return diags
	}
	name := fwtypes.OptionalText(r.networkName(ctx, card))
	object, more := types.ObjectValueFrom(ctx, nic.Network.AttributeTypes(ctx), networkRefModel{Name: name})
	diags.Append(more...)
	nic.Network = object
	return diags
}

// networkName is the name of the network that a card is connected to, empty when vCenter does not tell.
func (r *Resource) networkName(ctx context.Context, card *machine.ObservedNIC) string {
	if card.Device == nil || card.Device.GetVirtualEthernetCard().Backing == nil {
		return ""
	}
	found, err := r.backend.Inventory.NetworkOf(ctx, card.Device.GetVirtualEthernetCard().Backing)
	if err != nil {
		return card.Backing.Name
	}
	return found.Name
}

// foreignCard shows a card that belongs to no interface. like is any interface, for the types.
func (r *Resource) foreignCard(ctx context.Context, like *interfaceModel, card *machine.ObservedNIC) (interfaceModel, diag.Diagnostics) {
	connected, diags := types.ObjectValueFrom(ctx, like.Network.AttributeTypes(ctx), networkRefModel{Name: fwtypes.OptionalText(r.networkName(ctx, card))})
	return interfaceModel{
		Name:    types.StringValue(fmt.Sprintf("nic%d", card.Key)),
		Type:    fwtypes.OptionalText(card.Type),
		MACAddr: fwtypes.NewMAC(card.MAC),
		Network: connected,
		// Lists have the types of the other interfaces' lists.
		Addresses:     types.ListNull(types.StringType),
		Nameservers:   types.ListNull(types.StringType),
		SearchDomains: types.ListNull(types.StringType),
		Route:         types.ListValueMust(like.Route.ElementType(ctx), nil),
	}, diags
}

// recall fills the state of an import with what the machine remembers of its configuration.
func (r *Resource) recall(ctx context.Context, state *tfsdk.State, o *machine.Observation) diag.Diagnostics {
	var diags diag.Diagnostics
	remembered := recordOf(o)
	if len(remembered.Config) == 0 {
		diags.Append(state.SetAttribute(ctx, namePath, o.Name)...)
		return diags
	}
	raw, err := configValue(remembered.Config, state.Raw.Type())
	if err != nil {
		diags.AddError("Unable to import the virtual machine",
			fmt.Sprintf("%s remembers its configuration in the ExtraConfig key %s, but that cannot be read: %s. Remove the key to import the machine without it.", o.Title(), recordKey, err))
		return diags
	}
	state.Raw = raw
	diags.Append(state.SetAttribute(ctx, idPath, o.InstanceUUID)...)
	diags.Append(state.SetAttribute(ctx, namePath, o.Name)...)
	diags.Append(recallSecrets(ctx, state, o)...)
	return diags
}

// schema is the resource's schema.
func (r *Resource) schema(ctx context.Context) schema.Schema {
	var resp resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &resp)
	return resp.Schema
}

// configOf is the configuration part of a machine's record.
func (r *Resource) configOf(ctx context.Context, plan tfsdk.Plan) ([]byte, error) {
	return configJSON(ctx, plan.Raw, r.schema(ctx))
}
