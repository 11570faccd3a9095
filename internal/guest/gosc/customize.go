package gosc

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Card is a network card of the machine.
type Card struct {
	// Interface is the name of the interface that the card belongs to; empty for a card
	// that belongs to none.
	Interface string
	// MAC is the card's address, as vCenter tells it.
	MAC network.MAC
}

// LinuxPrep makes the customization specification of a Linux guest. The network is one that
// was resolved for LinuxPrep, the cards are all that the machine has in device order (by PCI
// slot, which vSphere 7.0 insists on), and apiVersion is the vCenter's
// ServiceContent.About.ApiVersion. Settings and network are to have passed their validation.
//
// Warnings tell what the vCenter cannot express; CheckAPI tells the same at plan. The errors
// are ErrUnknown, ErrCards, ErrLevel, ErrSettings and Unsupported.
func LinuxPrep(settings LinuxPrepSettings, config network.Config, cards []Card, apiVersion string) (types.CustomizationSpec, []network.Problem, error) {
	return customize(settings, config, cards, apiVersion, settings.identity)
}

// Sysprep makes the customization specification of a Windows guest; see LinuxPrep. A raw
// answer file is expected with its templates rendered.
func Sysprep(settings SysprepSettings, config network.Config, cards []Card, apiVersion string) (types.CustomizationSpec, []network.Problem, error) {
	return customize(settings, config, cards, apiVersion, settings.identity)
}

// customize makes the part that the guests have in common: names of servers and one entry
// for each card.
func customize(
	settings Settings, config network.Config, cards []Card, apiVersion string,
	identity func(*gaps, network.DNS) (types.BaseCustomizationIdentitySettings, error),
) (types.CustomizationSpec, []network.Problem, error) {
	none := types.CustomizationSpec{}
	version, err := parseVersion(apiVersion)
	if err != nil {
		return none, nil, err
	}
	missing := gaps(config.Unknown())
	who, err := identity(&missing, config.DNS)
	if err := errors.Join(missing.err(), err); err != nil {
		return none, nil, err
	}
	warnings, err := levelError(CheckAPI(settings, config, apiVersion))
	if err != nil {
		return none, nil, err
	}
	interfaces, err := assign(config.Interfaces.Or(nil), cards)
	if err != nil {
		return none, nil, err
	}
	if err := supported(config, settings.provider()); err != nil {
		return none, nil, err
	}

	spec := types.CustomizationSpec{Identity: who}
	servers, _ := known.Elements(config.DNS.Nameservers)
	spec.GlobalIPSettings.DnsServerList = texts(servers)
	spec.GlobalIPSettings.DnsSuffixList, _ = known.Elements(config.DNS.SearchDomains)
	for i, card := range cards {
		cardSettings := adapter(interfaces[i], !version.before(levelIPv4Off.Since))
		if settings.provider() == providerSysprep && len(cardSettings.DnsServerList) == 0 {
			// Windows has name servers for an adapter only, and does not read the global ones (vSphere
			// API, CustomizationIPSettings).
			cardSettings.DnsServerList = texts(servers)
		}
		spec.NicSettingMap = append(spec.NicSettingMap, types.CustomizationAdapterMapping{
			MacAddress: card.MAC.String(), Adapter: cardSettings,
		})
	}
	return spec, warnings, nil
}

// levelError separates what the vCenter is too old for from what it does in another way.
func levelError(problems []network.Problem) (warnings []network.Problem, err error) {
	var errs []error
	for _, problem := range problems {
		if problem.Severity == network.Warning {
			warnings = append(warnings, problem)
			continue
		}
		errs = append(errs, fmt.Errorf("%w: %s", ErrLevel, problem.Detail))
	}
	return warnings, errors.Join(errs...)
}

// assign returns the interface of each card.
func assign(interfaces []network.InterfaceConfig, cards []Card) ([]network.InterfaceConfig, error) {
	byName := map[string]network.InterfaceConfig{}
	for _, nic := range interfaces {
		byName[nic.Name.Or("")] = nic
	}
	problem := ""
	taken := map[network.MAC]bool{}
	assigned := make([]network.InterfaceConfig, len(cards))
	for i, card := range cards {
		nic, ok := byName[card.Interface]
		switch {
		case !ok:
			problem = cmp.Or(problem, "a card belongs to no interface, or to one that has another card")
		case card.MAC == "" || taken[card.MAC]:
			problem = cmp.Or(problem, "a card has no MAC address of its own")
		}
		assigned[i] = nic
		taken[card.MAC] = true
		delete(byName, card.Interface)
	}
	if problem == "" && len(cards) != len(interfaces) {
		problem = "an interface has no card, or not a name of its own"
	}
	if problem == "" {
		return assigned, nil
	}
	return nil, fmt.Errorf("%w: the machine has %s, its configuration has %s: %s. The devices have to be reconciled first",
		ErrCards, describeCards(cards), describeInterfaces(interfaces), problem)
}

func describeCards(cards []Card) string {
	names := make([]string, len(cards))
	for i, card := range cards {
		names[i] = fmt.Sprintf("%q of interface %q", card.MAC, card.Interface)
	}
	return counted(len(names), "card", names)
}

func describeInterfaces(interfaces []network.InterfaceConfig) string {
	names := make([]string, len(interfaces))
	for i, nic := range interfaces {
		names[i] = fmt.Sprintf("%q", nic.Name.Or(""))
	}
	return counted(len(names), "interface", names)
}

// counted writes a number of things and lists them.
func counted(count int, thing string, names []string) string {
	switch count {
	case 0:
		return "no " + thing
	case 1:
		return fmt.Sprintf("1 %s (%s)", thing, names[0])
	default:
		return fmt.Sprintf("%d %ss (%s)", count, thing, strings.Join(names, ", "))
	}
}

// texts writes addresses; none make no list.
func texts(addresses []netip.Addr) []string {
	var list []string
	for _, address := range addresses {
		list = append(list, address.String())
	}
	return list
}
