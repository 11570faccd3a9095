package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// model is the resource. Blocks are objects and lists, because a dynamic block makes
// them unknown as a whole.
type model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Namespace          types.String   `tfsdk:"namespace"`
	ImageName          types.String   `tfsdk:"image_name"`
	Image              types.Object   `tfsdk:"image"`
	ClassName          types.String   `tfsdk:"class_name"`
	StorageClass       types.String   `tfsdk:"storage_class"`
	InstanceUUID       types.String   `tfsdk:"instance_uuid"`
	BiosUUID           types.String   `tfsdk:"bios_uuid"`
	PowerState         types.String   `tfsdk:"power_state"`
	PowerOffMode       types.String   `tfsdk:"power_off_mode"`
	GuestID            types.String   `tfsdk:"guest_id"`
	MinHardwareVersion types.Int64    `tfsdk:"min_hardware_version"`
	RestartMode        types.String   `tfsdk:"restart_mode"`
	NextRestartTime    types.String   `tfsdk:"next_restart_time"`
	AllowPowerCycle    types.Bool     `tfsdk:"allow_power_cycle"`
	Resources          types.Object   `tfsdk:"resources"`
	Advanced           types.Object   `tfsdk:"advanced"`
	BootOptions        types.Object   `tfsdk:"boot_options"`
	Hardware           types.Object   `tfsdk:"hardware"`
	Volume             types.List     `tfsdk:"volume"`
	Network            types.Object   `tfsdk:"network"`
	Bootstrap          types.Object   `tfsdk:"bootstrap"`
	ReadinessProbe     types.Object   `tfsdk:"readiness_probe"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	Status             types.Object   `tfsdk:"status"`
}

type identityModel struct {
	InstanceUUID types.String `tfsdk:"instance_uuid"`
}

type imageModel struct {
	Kind types.String `tfsdk:"kind"`
	Name types.String `tfsdk:"name"`
}

type networkModel struct {
	Disabled      types.Bool   `tfsdk:"disabled"`
	HostName      types.String `tfsdk:"host_name"`
	DomainName    types.String `tfsdk:"domain_name"`
	Nameservers   types.List   `tfsdk:"nameservers"`
	SearchDomains types.List   `tfsdk:"search_domains"`
	Interface     types.List   `tfsdk:"interface"`
	VLAN          types.List   `tfsdk:"vlan"`
}

type interfaceModel struct {
	Name            types.String `tfsdk:"name"`
	Type            types.String `tfsdk:"type"`
	GuestDeviceName types.String `tfsdk:"guest_device_name"`
	MACAddr         fwtypes.MAC  `tfsdk:"mac_addr"`
	Addresses       types.List   `tfsdk:"addresses"`
	DHCP4           types.Bool   `tfsdk:"dhcp4"`
	DHCP6           types.Bool   `tfsdk:"dhcp6"`
	Gateway4        types.String `tfsdk:"gateway4"`
	Gateway6        types.String `tfsdk:"gateway6"`
	MTU             types.Int64  `tfsdk:"mtu"`
	Nameservers     types.List   `tfsdk:"nameservers"`
	SearchDomains   types.List   `tfsdk:"search_domains"`
	Network         types.Object `tfsdk:"network"`
	Route           types.List   `tfsdk:"route"`
}

type networkRefModel struct {
	Name types.String `tfsdk:"name"`
}

type routeModel struct {
	To     types.String `tfsdk:"to"`
	Via    types.String `tfsdk:"via"`
	Metric types.Int64  `tfsdk:"metric"`
}

type vlanModel struct {
	Name types.String `tfsdk:"name"`
	ID   types.Int64  `tfsdk:"id"`
	Link types.String `tfsdk:"link"`
}

// interfaces returns the interface blocks, unknown when the network block or its list is.
func (m *model) interfaces(ctx context.Context) (known.Value[[]interfaceModel], diag.Diagnostics) {
	block, diags := fwtypes.Block[networkModel](ctx, m.Network)
	if block.IsUnknown() {
		return known.Unknown[[]interfaceModel](), diags
	}
	decoded, ok := block.Get()
	if !ok {
		return known.Value[[]interfaceModel]{}, diags
	}
	list, more := fwtypes.Blocks[interfaceModel](ctx, decoded.Interface)
	diags.Append(more...)
	return list, diags
}

// networkSpec is what was written about the guest's network.
func (m *model) networkSpec(ctx context.Context) (network.Spec, diag.Diagnostics) {
	spec := network.Spec{VMName: fwtypes.String(m.Name)}
	block, diags := fwtypes.Block[networkModel](ctx, m.Network)
	if block.IsUnknown() {
		spec.Disabled = known.Unknown[bool]()
		spec.HostName, spec.DomainName = known.Unknown[string](), known.Unknown[string]()
		spec.Nameservers, spec.SearchDomains = known.Unknown[[]known.Value[string]](), known.Unknown[[]known.Value[string]]()
		spec.Interfaces, spec.VLANs = known.Unknown[[]network.Interface](), known.Unknown[[]network.VLAN]()
		return spec, diags
	}
	written, ok := block.Get()
	if !ok || diags.HasError() {
		return spec, diags
	}
	spec.Disabled = fwtypes.Bool(written.Disabled)
	spec.HostName = fwtypes.String(written.HostName)
	spec.DomainName = fwtypes.String(written.DomainName)
	spec.Nameservers = fwtypes.Strings(written.Nameservers)
	spec.SearchDomains = fwtypes.Strings(written.SearchDomains)

	interfaces, more := fwtypes.Blocks[interfaceModel](ctx, written.Interface)
	diags.Append(more...)
	spec.Interfaces = known.Map(interfaces, func(blocks []interfaceModel) []network.Interface {
		out := make([]network.Interface, len(blocks))
		for i := range blocks {
			var d diag.Diagnostics
			out[i], d = blocks[i].spec(ctx)
			diags.Append(d...)
		}
		return out
	})

	vlans, more := fwtypes.Blocks[vlanModel](ctx, written.VLAN)
	diags.Append(more...)
	spec.VLANs = known.Map(vlans, func(blocks []vlanModel) []network.VLAN {
		out := make([]network.VLAN, len(blocks))
		for i, block := range blocks {
			out[i] = network.VLAN{Name: fwtypes.String(block.Name), ID: fwtypes.Int64(block.ID), Link: fwtypes.String(block.Link)}
		}
		return out
	})
	return spec, diags
}

func (m *interfaceModel) spec(ctx context.Context) (network.Interface, diag.Diagnostics) {
	connected, diags := fwtypes.Block[networkRefModel](ctx, m.Network)
	name := known.Value[string]{}
	if connected.IsUnknown() {
		name = known.Unknown[string]()
	} else if ref, ok := connected.Get(); ok {
		name = fwtypes.String(ref.Name)
	}
	routes, more := fwtypes.Blocks[routeModel](ctx, m.Route)
	diags.Append(more...)
	return network.Interface{
		Name:            fwtypes.String(m.Name),
		Network:         name,
		Type:            fwtypes.String(m.Type),
		GuestDeviceName: fwtypes.String(m.GuestDeviceName),
		MACAddr:         fwtypes.String(m.MACAddr),
		Addresses:       fwtypes.Strings(m.Addresses),
		DHCP4:           fwtypes.Bool(m.DHCP4),
		DHCP6:           fwtypes.Bool(m.DHCP6),
		Gateway4:        fwtypes.String(m.Gateway4),
		Gateway6:        fwtypes.String(m.Gateway6),
		MTU:             fwtypes.Int64(m.MTU),
		Nameservers:     fwtypes.Strings(m.Nameservers),
		SearchDomains:   fwtypes.Strings(m.SearchDomains),
		Routes: known.Map(routes, func(blocks []routeModel) []network.Route {
			out := make([]network.Route, len(blocks))
			for i, block := range blocks {
				out[i] = network.Route{To: fwtypes.String(block.To), Via: fwtypes.String(block.Via), Metric: fwtypes.Int64(block.Metric)}
			}
			return out
		}),
	}, diags
}
