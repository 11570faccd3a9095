package namespace

import (
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// networkAttributes are what is shown of a network, apart from its name.
func networkAttributes() map[string]schema.Attribute {
	family := func(name string) schema.Attribute {
		return object("What the profile says of "+name+".", map[string]schema.Attribute{
			"dhcp":         flag("Whether the network has a DHCP server."),
			"pool_enabled": flag("Whether addresses are allocated from the ranges."),
			"subnet":       text("Subnet of the ranges in CIDR notation, null where the pool is not enabled."),
			"ranges":       texts("Ranges of addresses, such as `192.0.2.10-192.0.2.19`, null where the pool is not enabled."),
			"gateway":      text("Default gateway, null for none."),
		})
	}
	return map[string]schema.Attribute{
		"kind":      text("`Standard` for a port group of standard switches, `Distributed` for one of a distributed switch, segments of NSX on it included, `Opaque` for a network that is managed outside of vSphere."),
		"unique_id": text("Managed object id, such as `dvportgroup-21`."),
		"path":      text("Inventory path, which tells the network from one of the same name in another folder."),
		"switch":    text("Name of the distributed switch, null for other networks."),
		"default":   flag("Whether interfaces of the namespace's machines that name no network are connected to this one."),
		"vlan": object("How a distributed port group tags frames; one of the attributes has a value. Null for other networks and for segments of NSX, whose VLANs are not vCenter's.", map[string]schema.Attribute{
			"id":         number("VLAN id, `0` for frames without a tag."),
			"private_id": number("Secondary id of a private VLAN."),
			"trunk":      texts("VLANs that the guest sees with their tags, such as `100-199`, null where it is no trunk."),
		}),
		"sriov": flag("Whether vCenter lists SR-IOV functions on the distributed switch for the hosts of the namespace's cluster, as interfaces of the type `SRIOV` need them. Null for other networks and where vCenter does not tell."),
		"profile": object("The Network Protocol Profile of the network, which is where interfaces get addresses, gateways and DNS that the configuration leaves open. Null for none.", map[string]schema.Attribute{
			"name":           text("Name of the profile."),
			"ip4":            family("IPv4"),
			"ip6":            family("IPv6"),
			"nameservers":    texts("IP addresses of DNS servers, those of IPv4 first, null for none."),
			"search_domains": texts("DNS search domains, null for none."),
			"domain_name":    text("DNS domain, null for none."),
			"host_prefix":    text("What the names of hosts on the network begin with, null for none."),
		}),
	}
}

// networkModel is what is shown of a network.
type networkModel struct {
	Name     types.String  `tfsdk:"name"`
	Kind     types.String  `tfsdk:"kind"`
	UniqueID types.String  `tfsdk:"unique_id"`
	Path     types.String  `tfsdk:"path"`
	Switch   types.String  `tfsdk:"switch"`
	Default  types.Bool    `tfsdk:"default"`
	VLAN     *vlanModel    `tfsdk:"vlan"`
	SRIOV    types.Bool    `tfsdk:"sriov"`
	Profile  *profileModel `tfsdk:"profile"`
}

type vlanModel struct {
	ID        types.Int64 `tfsdk:"id"`
	PrivateID types.Int64 `tfsdk:"private_id"`
	Trunk     types.List  `tfsdk:"trunk"`
}

type profileModel struct {
	Name          types.String `tfsdk:"name"`
	IP4           *familyModel `tfsdk:"ip4"`
	IP6           *familyModel `tfsdk:"ip6"`
	Nameservers   types.List   `tfsdk:"nameservers"`
	SearchDomains types.List   `tfsdk:"search_domains"`
	DomainName    types.String `tfsdk:"domain_name"`
	HostPrefix    types.String `tfsdk:"host_prefix"`
}

type familyModel struct {
	DHCP        types.Bool   `tfsdk:"dhcp"`
	PoolEnabled types.Bool   `tfsdk:"pool_enabled"`
	Subnet      types.String `tfsdk:"subnet"`
	Ranges      types.List   `tfsdk:"ranges"`
	Gateway     types.String `tfsdk:"gateway"`
}

// networkFacts are what is known of networks beside the networks themselves, by their ids.
type networkFacts struct {
	vlans map[string]inventory.VLAN
	sriov map[string]bool
	// profiles of those networks that have one.
	profiles map[string]ippool.Profile
}

func newNetworkModel(network *inventory.Network, facts *networkFacts) networkModel {
	model := networkModel{
		Name: types.StringValue(network.Name), Kind: types.StringValue(string(network.Kind)),
		UniqueID: types.StringValue(network.ID), Path: types.StringValue(network.Path),
		Default: types.BoolValue(network.Default),
	}
	if network.Switch != nil {
		model.Switch = types.StringValue(network.Switch.Name)
	}
	if vlan, ok := facts.vlans[network.ID]; ok {
		trunk := make([]string, len(vlan.Trunk))
		for i, run := range vlan.Trunk {
			trunk[i] = fmt.Sprintf("%d-%d", run.First, run.Last)
			if run.First == run.Last {
				trunk[i] = fmt.Sprint(run.First)
			}
		}
		model.VLAN = &vlanModel{ID: optionalNumber(vlan.ID), PrivateID: optionalNumber(vlan.PrivateID), Trunk: fwtypes.TextList(trunk)}
	}
	if sriov, ok := facts.sriov[network.ID]; ok {
		model.SRIOV = types.BoolValue(sriov)
	}
	if profile, ok := facts.profiles[network.ID]; ok {
		model.Profile = &profileModel{
			Name: types.StringValue(profile.Name), IP4: newFamilyModel(&profile.IPv4), IP6: newFamilyModel(&profile.IPv6),
			Nameservers: addressList(profile.Nameservers), SearchDomains: fwtypes.TextList(profile.SearchDomains),
			DomainName: fwtypes.OptionalText(profile.DomainName), HostPrefix: fwtypes.OptionalText(profile.HostPrefix),
		}
	}
	return model
}

func newFamilyModel(family *ippool.Family) *familyModel {
	ranges := make([]string, len(family.Ranges))
	for i, run := range family.Ranges {
		ranges[i] = run.String()
	}
	model := &familyModel{DHCP: types.BoolValue(family.DHCP), PoolEnabled: types.BoolValue(family.PoolEnabled), Ranges: fwtypes.TextList(ranges)}
	if family.Subnet.IsValid() {
		model.Subnet = types.StringValue(family.Subnet.String())
	}
	if family.Gateway.IsValid() {
		model.Gateway = types.StringValue(family.Gateway.String())
	}
	return model
}

func addressList(addresses []netip.Addr) types.List {
	list := make([]string, len(addresses))
	for i, address := range addresses {
		list[i] = address.String()
	}
	return fwtypes.TextList(list)
}

func optionalNumber(value *int32) types.Int64 {
	if value == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*value))
}
