package virtualmachine

import (
	"context"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// The types of the status attribute and its parts follow from its schema.
var (
	statusType          = objectType(statusAttribute().GetType())
	statusImageType     = objectType(statusType.AttrTypes["image"])
	statusGuestType     = objectType(statusType.AttrTypes["guest"])
	statusBootstrapType = objectType(statusType.AttrTypes["bootstrap"])
	statusHardwareType  = objectType(statusType.AttrTypes["hardware"])
	statusCPUType       = objectType(statusHardwareType.AttrTypes["cpu"])
	statusMemoryType    = objectType(statusHardwareType.AttrTypes["memory"])
	statusVolumeType    = elementType(statusType.AttrTypes["volumes"])
	conditionType       = elementType(statusType.AttrTypes["conditions"])
	networkStatusType   = objectType(statusType.AttrTypes["network"])
	networkConfigType   = objectType(networkStatusType.AttrTypes["config"])
	interfaceConfigType = elementType(networkConfigType.AttrTypes["interfaces"])
	routeConfigType     = elementType(interfaceConfigType.AttrTypes["routes"])
	seenInterfaceType   = elementType(networkStatusType.AttrTypes["interfaces"])
	stackType           = elementType(networkStatusType.AttrTypes["ip_stacks"])
)

func objectType(t attr.Type) types.ObjectType {
	o, ok := t.(types.ObjectType)
	if !ok {
		return types.ObjectType{}
	}
	return o
}

func elementType(t attr.Type) types.ObjectType {
	l, ok := t.(types.ListType)
	if !ok {
		return types.ObjectType{}
	}
	return objectType(l.ElemType)
}

type statusModel struct {
	UniqueID        types.String `tfsdk:"unique_id"`
	InstanceUUID    types.String `tfsdk:"instance_uuid"`
	BiosUUID        types.String `tfsdk:"bios_uuid"`
	PowerState      types.String `tfsdk:"power_state"`
	NodeName        types.String `tfsdk:"node_name"`
	HardwareVersion types.Int64  `tfsdk:"hardware_version"`
	Class           types.String `tfsdk:"class"`
	Image           types.Object `tfsdk:"image"`
	Guest           types.Object `tfsdk:"guest"`
	Bootstrap       types.Object `tfsdk:"bootstrap"`
	Hardware        types.Object `tfsdk:"hardware"`
	Volumes         types.List   `tfsdk:"volumes"`
	ChangeTracking  types.Bool   `tfsdk:"change_block_tracking"`
	Network         types.Object `tfsdk:"network"`
	Conditions      types.List   `tfsdk:"conditions"`
}

type statusImageModel struct {
	ItemID         types.String `tfsdk:"provider_item_id"`
	ContentVersion types.String `tfsdk:"provider_content_version"`
}

type statusGuestModel struct {
	GuestID       types.String `tfsdk:"guest_id"`
	GuestFullName types.String `tfsdk:"guest_full_name"`
}

type statusBootstrapModel struct {
	Provider   types.String `tfsdk:"provider"`
	InstanceID types.String `tfsdk:"instance_id"`
	Revision   types.Int64  `tfsdk:"revision"`
}

type networkStatusModel struct {
	Config     types.Object `tfsdk:"config"`
	HostName   types.String `tfsdk:"host_name"`
	PrimaryIP4 types.String `tfsdk:"primary_ip4"`
	PrimaryIP6 types.String `tfsdk:"primary_ip6"`
	Interfaces types.List   `tfsdk:"interfaces"`
	IPStacks   types.List   `tfsdk:"ip_stacks"`
}

type networkConfigModel struct {
	DNS        *guestDNSModel `tfsdk:"dns"`
	Interfaces types.List     `tfsdk:"interfaces"`
}

type guestDNSModel struct {
	HostName      types.String `tfsdk:"host_name"`
	DomainName    types.String `tfsdk:"domain_name"`
	Nameservers   types.List   `tfsdk:"nameservers"`
	SearchDomains types.List   `tfsdk:"search_domains"`
}

type interfaceConfigModel struct {
	Name            types.String   `tfsdk:"name"`
	GuestDeviceName types.String   `tfsdk:"guest_device_name"`
	MTU             types.Int64    `tfsdk:"mtu"`
	IP              *ipConfigModel `tfsdk:"ip"`
	DNS             *interfaceDNS  `tfsdk:"dns"`
	Routes          types.List     `tfsdk:"routes"`
	Sources         types.Map      `tfsdk:"sources"`
}

type ipConfigModel struct {
	Addresses types.List   `tfsdk:"addresses"`
	Gateway4  types.String `tfsdk:"gateway4"`
	Gateway6  types.String `tfsdk:"gateway6"`
	DHCP      *dhcpModel   `tfsdk:"dhcp"`
}

type dhcpModel struct {
	IP4 *dhcpFamilyModel `tfsdk:"ip4"`
	IP6 *dhcpFamilyModel `tfsdk:"ip6"`
}

type dhcpFamilyModel struct {
	Enabled types.Bool `tfsdk:"enabled"`
}

type interfaceDNS struct {
	Nameservers   types.List `tfsdk:"nameservers"`
	SearchDomains types.List `tfsdk:"search_domains"`
}

// networkConfigObject shows a resolved configuration in status.network.config.
func networkConfigObject(ctx context.Context, config network.Config) (types.Object, diag.Diagnostics) {
	var diags diag.Diagnostics
	shown := networkConfigModel{
		DNS: &guestDNSModel{
			HostName:      fwtypes.FromString(config.DNS.HostName),
			DomainName:    fwtypes.FromString(config.DNS.DomainName),
			Nameservers:   fwtypes.FromAddrs(config.DNS.Nameservers),
			SearchDomains: fwtypes.FromStrings(config.DNS.SearchDomains),
		},
		Interfaces: types.ListUnknown(interfaceConfigType),
	}
	if interfaces, ok := config.Interfaces.Get(); ok {
		models := make([]interfaceConfigModel, len(interfaces))
		for i, resolved := range interfaces {
			var more diag.Diagnostics
			models[i], more = interfaceConfigShown(ctx, resolved)
			diags.Append(more...)
		}
		list, more := types.ListValueFrom(ctx, interfaceConfigType, models)
		diags.Append(more...)
		shown.Interfaces = list
	} else if config.Interfaces.IsAbsent() {
		shown.Interfaces = types.ListValueMust(interfaceConfigType, nil)
	}
	object, more := types.ObjectValueFrom(ctx, networkConfigType.AttrTypes, shown)
	diags.Append(more...)
	return object, diags
}

func interfaceConfigShown(ctx context.Context, resolved network.InterfaceConfig) (interfaceConfigModel, diag.Diagnostics) {
	routes, diags := routesShown(ctx, resolved.Routes)
	sources, more := sourcesShown(ctx, &resolved)
	diags.Append(more...)
	return interfaceConfigModel{
		Name:            fwtypes.FromString(resolved.Name),
		GuestDeviceName: fwtypes.FromString(resolved.GuestDeviceName),
		MTU:             fwtypes.FromInt64(resolved.MTU),
		IP: &ipConfigModel{
			Addresses: addressesShown(resolved.Addresses),
			Gateway4:  fwtypes.FromText(resolved.Gateway4),
			Gateway6:  fwtypes.FromText(resolved.Gateway6),
			DHCP: &dhcpModel{
				IP4: &dhcpFamilyModel{Enabled: fwtypes.FromBool(resolved.DHCP4)},
				IP6: &dhcpFamilyModel{Enabled: fwtypes.FromBool(resolved.DHCP6)},
			},
		},
		DNS: &interfaceDNS{
			Nameservers:   fwtypes.FromAddrs(resolved.Nameservers),
			SearchDomains: fwtypes.FromStrings(resolved.SearchDomains),
		},
		Routes:  routes,
		Sources: sources,
	}, diags
}

// sourcesShown are the levels that the values came from. As long as a value is unknown, so
// is its level, and which settings there are.
func sourcesShown(ctx context.Context, resolved *network.InterfaceConfig) (types.Map, diag.Diagnostics) {
	if !resolved.Complete() {
		return types.MapUnknown(types.StringType), nil
	}
	sources := make(map[string]string, len(resolved.Sources))
	for setting, source := range resolved.Sources {
		sources[setting] = string(source)
	}
	return types.MapValueFrom(ctx, types.StringType, sources)
}

func routesShown(ctx context.Context, routes known.Value[[]network.RouteConfig]) (types.List, diag.Diagnostics) {
	if routes.IsUnknown() {
		return types.ListUnknown(routeConfigType), nil
	}
	resolved, _ := routes.Get()
	if len(resolved) == 0 {
		return types.ListNull(routeConfigType), nil
	}
	models := make([]routeModel, len(resolved))
	for i, route := range resolved {
		models[i] = routeModel{To: fwtypes.FromString(route.To), Via: fwtypes.FromText(route.Via), Metric: fwtypes.FromInt64(route.Metric)}
	}
	return types.ListValueFrom(ctx, routeConfigType, models)
}

// addressesShown lists addresses sorted as text, as VM Operator's status does, when all are known.
func addressesShown(list known.List[netip.Prefix]) types.List {
	values, ok := list.Get()
	if !ok {
		if list.IsUnknown() {
			return types.ListUnknown(types.StringType)
		}
		return types.ListNull(types.StringType)
	}
	if len(values) == 0 {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, len(values))
	complete := true
	texts := make([]string, len(values))
	for i, value := range values {
		elements[i] = fwtypes.FromText(value)
		prefix, isSet := value.Get()
		texts[i], complete = prefix.String(), complete && isSet
	}
	if complete {
		slices.Sort(texts)
		return fwtypes.TextList(texts)
	}
	return types.ListValueMust(types.StringType, elements)
}

// imageType is the type of the image attribute.
var imageType = types.ObjectType{AttrTypes: map[string]attr.Type{"kind": types.StringType, "name": types.StringType}}
