package virtualmachine

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// anyPool is the pool of an address of which only that is known that a pool has given it.
const anyPool = 0

// toldConfig reads status.network.config of a state back: what the guest was told, whatever its
// namespace and its networks offer by now. It takes no request, which is why a refresh resolves
// nothing: a thousand machines would otherwise wait for profiles that nobody asked about. It is
// false where a state has none, as that of an import.
func toldConfig(ctx context.Context, status types.Object) (network.Config, bool, diag.Diagnostics) {
	shown, ok := configOfStatus(ctx, status)
	if !ok || shown.IsUnknown() {
		return network.Config{}, false, nil
	}
	block, diags := fwtypes.Block[networkConfigModel](ctx, shown)
	m, ok := block.Get()
	if !ok {
		return network.Config{}, false, diags
	}
	var config network.Config
	if m.DNS != nil {
		config.DNS = network.DNS{
			HostName: fwtypes.String(m.DNS.HostName), DomainName: fwtypes.String(m.DNS.DomainName),
			Nameservers: readAddrs(m.DNS.Nameservers), SearchDomains: fwtypes.Strings(m.DNS.SearchDomains),
		}
	}
	list, more := fwtypes.Blocks[interfaceConfigModel](ctx, m.Interfaces)
	diags.Append(more...)
	config.Interfaces = known.Map(list, func(models []interfaceConfigModel) []network.InterfaceConfig {
		interfaces := make([]network.InterfaceConfig, len(models))
		for i := range models {
			interfaces[i], more = models[i].told(ctx)
			diags.Append(more...)
		}
		return interfaces
	})
	return config, !diags.HasError(), diags
}

// told reads one interface back.
func (m *interfaceConfigModel) told(ctx context.Context) (network.InterfaceConfig, diag.Diagnostics) {
	config := network.InterfaceConfig{
		Name: fwtypes.String(m.Name), GuestDeviceName: fwtypes.String(m.GuestDeviceName), MTU: fwtypes.Int64(m.MTU),
		Sources: map[string]network.Source{},
	}
	if ip := m.IP; ip != nil {
		config.Addresses = readList(ip.Addresses, netip.ParsePrefix)
		config.Gateway4, config.Gateway6 = readText(fwtypes.String(ip.Gateway4), netip.ParseAddr), readText(fwtypes.String(ip.Gateway6), netip.ParseAddr)
		if dhcp := ip.DHCP; dhcp != nil {
			config.DHCP4, config.DHCP6 = dhcp.IP4.told(), dhcp.IP6.told()
			config.AcceptRA = config.DHCP6
		}
	}
	if dns := m.DNS; dns != nil {
		config.Nameservers, config.SearchDomains = readAddrs(dns.Nameservers), fwtypes.Strings(dns.SearchDomains)
	}
	routes, diags := fwtypes.Blocks[routeModel](ctx, m.Routes)
	if list := routes.Or(nil); len(list) > 0 {
		out := make([]network.RouteConfig, len(list))
		for i, route := range list {
			out[i] = network.RouteConfig{
				To: fwtypes.String(route.To), Via: readText(fwtypes.String(route.Via), netip.ParseAddr), Metric: fwtypes.Int64(route.Metric),
			}
		}
		config.Routes = known.Of(out)
	}
	sources := map[string]string{}
	if !m.Sources.IsNull() && !m.Sources.IsUnknown() {
		diags.Append(m.Sources.ElementsAs(ctx, &sources, false)...)
	}
	for setting, source := range sources {
		config.Sources[setting] = network.Source(source)
	}
	return config, diags
}

func (m *dhcpFamilyModel) told() known.Value[bool] {
	if m == nil {
		return known.Value[bool]{}
	}
	return fwtypes.Bool(m.Enabled)
}

// readText parses what was shown as text. What does not parse, which nobody has shown, is left out.
func readText[T any](text known.Value[string], parse func(string) (T, error)) known.Value[T] {
	return known.FlatMap(text, func(text string) known.Value[T] {
		value, err := parse(text)
		if err != nil {
			return known.Value[T]{}
		}
		return known.Of(value)
	})
}

func readList[T any](list types.List, parse func(string) (T, error)) known.List[T] {
	return known.Map(fwtypes.Strings(list), func(texts []known.Value[string]) []known.Value[T] {
		values := make([]known.Value[T], len(texts))
		for i, text := range texts {
			values[i] = readText(text, parse)
		}
		return values
	})
}

func readAddrs(list types.List) known.List[netip.Addr] { return readList(list, netip.ParseAddr) }

// heldBy is what the machine of a state holds of pools, as far as the state shows it: the
// addresses of the interfaces that the network gave theirs. The record of the machine says more,
// and is where it comes from where that is at hand.
func heldBy(ctx context.Context, state *model) map[string]poolRecord {
	told, ok, _ := toldConfig(ctx, state.Status)
	if !ok {
		return nil
	}
	out := map[string]poolRecord{}
	for _, nic := range told.Interfaces.Or(nil) {
		if nic.Sources["addresses"] != network.SourceNetwork {
			continue
		}
		record := poolRecord{Pool: anyPool}
		addresses, _ := known.Elements(nic.Addresses)
		for _, address := range addresses {
			if address.Addr().Is4() {
				record.Address4 = address.Addr().String()
			} else {
				record.Address6 = address.Addr().String()
			}
		}
		out[nic.Name.Or("")] = record
	}
	return out
}
