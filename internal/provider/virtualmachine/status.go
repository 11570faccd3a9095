package virtualmachine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

type conditionModel struct {
	Type    types.String `tfsdk:"type"`
	Status  types.String `tfsdk:"status"`
	Reason  types.String `tfsdk:"reason"`
	Message types.String `tfsdk:"message"`
}

type seenInterfaceModel struct {
	Name      types.String  `tfsdk:"name"`
	DeviceKey types.Int64   `tfsdk:"device_key"`
	IP        *seenIPModel  `tfsdk:"ip"`
	DNS       *interfaceDNS `tfsdk:"dns"`
}

type seenIPModel struct {
	MACAddr   types.String       `tfsdk:"mac_addr"`
	Addresses []seenAddressModel `tfsdk:"addresses"`
	DHCP      *dhcpModel         `tfsdk:"dhcp"`
}

type seenAddressModel struct {
	Address types.String `tfsdk:"address"`
	Origin  types.String `tfsdk:"origin"`
	State   types.String `tfsdk:"state"`
}

type stackModel struct {
	DNS    *guestDNSModel   `tfsdk:"dns"`
	Routes []seenRouteModel `tfsdk:"routes"`
}

type seenRouteModel struct {
	NetworkAddress types.String `tfsdk:"network_address"`
	GatewayAddress types.String `tfsdk:"gateway_address"`
	GatewayDevice  types.String `tfsdk:"gateway_device"`
}

// statusReport is what is reported about a machine: what was observed of it, what it remembers, and
// the network configuration that its guest was told.
type statusReport struct {
	observed *machine.Observation
	record   *record
	boot     *bootstrap
	resolved network.Config
	// shown is status.network.config.
	shown types.Object
	// ready is what the readiness probe found; nil without one.
	ready *observed.Condition
	// around is what the machine belongs to.
	around surroundings
}

// object is the status attribute.
func (s *statusReport) object(ctx context.Context) (types.Object, diag.Diagnostics) {
	var diags diag.Diagnostics
	o := s.observed
	names := make(map[int32]string, len(s.record.Devices))
	for name, key := range s.record.Devices {
		names[key] = name
	}
	seen, conditions := observed.Observe(observed.Input{
		Guest: o.Guest, ExtraConfig: o.ExtraConfig, PowerState: o.PowerState, InterfaceNames: names,
		Provider: observed.Provider(s.boot.provider()), PendingCustomization: pending(o), DeferredCustomization: s.record.Deferred && s.record.Handed == "",
		EarlierCustomization: s.handedAfter(),
		Bootstrap:            s.outcome(), Cards: &observed.Cards{Keys: cardKeys(o)}, Config: s.resolved,
	})
	if s.ready != nil {
		conditions = append(conditions, *s.ready)
	}
	conditions = append(conditions, s.syncedConditions(ctx)...)
	slices.SortFunc(conditions, func(a, b observed.Condition) int { return strings.Compare(a.Type, b.Type) })
	seenNetwork, more := s.networkObject(ctx, &seen)
	diags.Append(more...)
	shownConditions := make([]conditionModel, len(conditions))
	for i, c := range conditions {
		shownConditions[i] = conditionModel{
			Type: types.StringValue(c.Type), Status: types.StringValue(c.Status),
			Reason: types.StringValue(c.Reason), Message: fwtypes.OptionalText(c.Message),
		}
	}
	conditionList, more := types.ListValueFrom(ctx, conditionType, shownConditions)
	diags.Append(more...)
	image := types.ObjectNull(statusImageType.AttrTypes)
	if s.record.ItemID != "" {
		image, more = types.ObjectValueFrom(ctx, statusImageType.AttrTypes, statusImageModel{
			ItemID: types.StringValue(s.record.ItemID), ContentVersion: fwtypes.OptionalText(s.record.ContentVersion),
		})
		diags.Append(more...)
	}
	guest, more := types.ObjectValueFrom(ctx, statusGuestType.AttrTypes, statusGuestModel{
		GuestID: fwtypes.OptionalText(o.GuestID), GuestFullName: fwtypes.OptionalText(o.GuestFullName),
	})
	diags.Append(more...)
	bootstrap, more := types.ObjectValueFrom(ctx, statusBootstrapType.AttrTypes, s.bootstrapModel())
	diags.Append(more...)
	hardware, more := hardwareShown(ctx, o)
	diags.Append(more...)
	volumes, more := volumesShown(ctx, o, s.record)
	diags.Append(more...)
	status, more := types.ObjectValueFrom(ctx, statusType.AttrTypes, statusModel{
		UniqueID:        types.StringValue(o.Ref.Value),
		InstanceUUID:    types.StringValue(o.InstanceUUID),
		BiosUUID:        types.StringValue(o.BIOSUUID),
		PowerState:      types.StringValue(stateOf(o.PowerState)),
		NodeName:        fwtypes.OptionalText(o.Node),
		HardwareVersion: types.Int64Value(int64(o.HardwareVersion)),
		Class:           fwtypes.OptionalText(s.record.Class),
		Image:           image,
		Guest:           guest,
		Bootstrap:       bootstrap,
		Hardware:        hardware,
		Volumes:         volumes,
		ChangeTracking:  types.BoolPointerValue(o.ChangeTracking),
		Network:         seenNetwork,
		Conditions:      conditionList,
	})
	diags.Append(more...)
	return status, diags
}

// handedAfter is when the guest had begun the customization before the one that vSphere was handed
// and the guest has not ended; zero where there is none.
func (s *statusReport) handedAfter() time.Time {
	if s.record.Handed == "" {
		return time.Time{}
	}
	return s.record.HandedAfter
}

// outcome is what became of the bootstrap configuration: one that could not be rendered or sent
// made an error, and there would be no status.
func (s *statusReport) outcome() *observed.BootstrapOutcome {
	if !s.boot.written {
		return nil
	}
	return new(observed.BootstrapOutcome)
}

func cardKeys(o *machine.Observation) []int32 {
	keys := make([]int32, len(o.NICs))
	for i := range o.NICs {
		keys[i] = o.NICs[i].Key
	}
	return keys
}

func pending(o *machine.Observation) string {
	if o.PendingCustomization {
		return "pending"
	}
	return ""
}

func (s *statusReport) bootstrapModel() statusBootstrapModel {
	model := statusBootstrapModel{Revision: types.Int64Value(s.record.Revision)}
	model.Provider = fwtypes.OptionalText(s.boot.provider())
	if s.boot.sends() {
		settings, _ := s.boot.settings.Get()
		model.InstanceID = types.StringValue(settings.InstanceID.Or(s.observed.BIOSUUID))
	}
	return model
}

func (s *statusReport) networkObject(ctx context.Context, seen *observed.Network) (types.Object, diag.Diagnostics) {
	var diags diag.Diagnostics
	interfaces := make([]seenInterfaceModel, len(seen.Interfaces))
	for i := range seen.Interfaces {
		interfaces[i] = seenInterface(&seen.Interfaces[i])
	}
	stacks := make([]stackModel, len(seen.IPStacks))
	for i, stack := range seen.IPStacks {
		for _, route := range stack.Routes {
			stacks[i].Routes = append(stacks[i].Routes, seenRouteModel{
				NetworkAddress: types.StringValue(route.NetworkAddress),
				GatewayAddress: fwtypes.OptionalText(route.GatewayAddress),
				GatewayDevice:  fwtypes.OptionalText(route.GatewayDevice),
			})
		}
		if dns := stack.DNS; dns != nil {
			stacks[i].DNS = &guestDNSModel{
				HostName: fwtypes.OptionalText(dns.HostName), DomainName: fwtypes.OptionalText(dns.DomainName),
				Nameservers: fwtypes.TextList(dns.Nameservers), SearchDomains: fwtypes.TextList(dns.SearchDomains),
			}
		}
	}
	interfaceList, more := types.ListValueFrom(ctx, seenInterfaceType, interfaces)
	diags.Append(more...)
	stackList, more := types.ListValueFrom(ctx, stackType, stacks)
	diags.Append(more...)
	object, more := types.ObjectValueFrom(ctx, networkStatusType.AttrTypes, networkStatusModel{
		Config:     s.shown,
		HostName:   fwtypes.OptionalText(seen.HostName),
		PrimaryIP4: fwtypes.OptionalText(seen.PrimaryIP4),
		PrimaryIP6: fwtypes.OptionalText(seen.PrimaryIP6),
		Interfaces: interfaceList,
		IPStacks:   stackList,
	})
	diags.Append(more...)
	return object, diags
}

func seenInterface(seen *observed.Interface) seenInterfaceModel {
	ip := &seenIPModel{MACAddr: fwtypes.OptionalText(seen.MACAddr), Addresses: []seenAddressModel{}}
	for _, address := range seen.Addresses {
		ip.Addresses = append(ip.Addresses, seenAddressModel{
			Address: types.StringValue(address.Address), Origin: fwtypes.OptionalText(address.Origin), State: fwtypes.OptionalText(address.State),
		})
	}
	if seen.DHCP.IP4 != nil || seen.DHCP.IP6 != nil {
		ip.DHCP = &dhcpModel{
			IP4: &dhcpFamilyModel{Enabled: types.BoolPointerValue(seen.DHCP.IP4)},
			IP6: &dhcpFamilyModel{Enabled: types.BoolPointerValue(seen.DHCP.IP6)},
		}
	}
	model := seenInterfaceModel{Name: types.StringValue(seen.Name), DeviceKey: types.Int64Value(int64(seen.DeviceKey)), IP: ip}
	if dns := seen.DNS; dns != nil {
		model.DNS = &interfaceDNS{Nameservers: fwtypes.TextList(dns.Nameservers), SearchDomains: fwtypes.TextList(dns.SearchDomains)}
	}
	return model
}

// saveState writes a machine into state: the plan, completed with what was observed.
func (d *desired) saveState(ctx context.Context, o *machine.Observation, remembered *record, state *tfsdk.State) diag.Diagnostics {
	shown, diags := networkConfigObject(ctx, d.resolved)
	s := &statusReport{observed: o, record: remembered, boot: &d.boot, resolved: d.resolved, shown: shown, ready: d.ready, around: d.around()}
	object, more := s.object(ctx)
	diags.Append(more...)
	if diags.HasError() {
		return diags
	}
	m := *d.plan
	m.Status = types.ObjectNull(statusType.AttrTypes)
	if filled, ok := fill(ctx, withConditions(ctx, d.plan.Status, object), object).(types.Object); ok {
		m.Status = filled
	}
	m.ID = types.StringValue(o.InstanceUUID)
	m.InstanceUUID = types.StringValue(o.InstanceUUID)
	m.BiosUUID = types.StringValue(o.BIOSUUID)
	if m.GuestID.IsUnknown() {
		m.GuestID = types.StringValue(o.GuestID)
	}
	diags.Append(m.fillCards(ctx, o, remembered.Devices)...)
	diags.Append(state.Set(ctx, &m)...)
	return diags
}

// fillCards completes the interfaces with the MAC addresses that vCenter chose.
func (m *model) fillCards(ctx context.Context, o *machine.Observation, devices map[string]int32) diag.Diagnostics {
	block, diags := fwtypes.Block[networkModel](ctx, m.Network)
	written, ok := block.Get()
	if !ok {
		return diags
	}
	list, more := fwtypes.Blocks[interfaceModel](ctx, written.Interface)
	diags.Append(more...)
	interfaces, _ := list.Get()
	for i := range interfaces {
		if !interfaces[i].MACAddr.IsUnknown() {
			continue
		}
		interfaces[i].MACAddr = fwtypes.MACNull()
		if card := cardOf(o, devices, interfaces[i].Name.ValueString()); card != nil {
			interfaces[i].MACAddr = fwtypes.NewMAC(card.MAC)
		}
	}
	diags.Append(m.setInterfaces(ctx, &written, interfaces)...)
	return diags
}

// setInterfaces replaces the interface blocks.
func (m *model) setInterfaces(ctx context.Context, written *networkModel, interfaces []interfaceModel) diag.Diagnostics {
	list, diags := types.ListValueFrom(ctx, written.Interface.ElementType(ctx), interfaces)
	written.Interface = list
	object, more := types.ObjectValueFrom(ctx, m.Network.AttributeTypes(ctx), *written)
	diags.Append(more...)
	m.Network = object
	return diags
}

// cardOf is the network card of an interface, nil when there is none.
func cardOf(o *machine.Observation, devices map[string]int32, name string) *machine.ObservedNIC {
	key, ok := devices[name]
	if !ok {
		return nil
	}
	for i := range o.NICs {
		if o.NICs[i].Key == key {
			return &o.NICs[i]
		}
	}
	return nil
}

// remember notes what the machine is like after it was written to.
func (s *sent) remember(o *machine.Observation, devices map[string]int32) {
	s.see(o, devices)
	s.InstanceUUID = o.InstanceUUID
	s.ChangeVersion = o.ChangeVersion
	s.Drifted, s.Strayed = false, false
	s.Pools = recordOf(o).Pools
	s.Unfinished = o.Unfinished()
}
