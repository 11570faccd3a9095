package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// importVApp completes what vcsim makes of the product sections of a descriptor: property
// types in vSphere's notation, networks by the names that they have here, and the values of a
// deployment. Without a product section there is no vApp configuration.
func importVApp(config *types.VirtualMachineConfigSpec, env *ovf.Envelope, spec vcenter.DeploymentSpec, networks map[string]string) error {
	v, ok := config.VAppConfig.(*types.VAppConfigSpec)
	if !ok || len(env.VirtualSystem.Product) == 0 {
		config.VAppConfig = nil
		return nil
	}
	if transport := env.VirtualSystem.VirtualHardware[0].Transport; transport != nil {
		v.OvfEnvironmentTransport = strings.Fields(*transport)
	}
	at := 0
	for i, section := range env.VirtualSystem.Product {
		v.Product[i].Info.FullVersion = section.FullVersion
		for _, p := range section.Property {
			info := v.Property[at].Info
			info.Type, info.DefaultValue = vsphereType(p, networks)
			info.UserConfigurable = types.NewBool(isTrue(p.UserConfigurable))
			at++
		}
	}
	return setProperties(v, spec.AdditionalParams)
}

// limitSyntax is one qualifier of a property, such as MaxLen(8) or Ip.
var limitSyntax = regexp.MustCompile(`([A-Za-z]+)(?:\s*[({]([^)}]*)[)}])?`)

// computedFrom are the qualifiers of properties that vCenter computes from a network.
var computedFrom = []string{"AutoIp", "VimIp", "Net", "Netmask", "Gateway", "DomainName", "HostPrefix", "Dns", "Subnet", "SearchPath", "HttpProxy"}

// vsphereType is the type of an OVF property as vSphere writes it, and its default, which is
// the expression where the property is one.
func vsphereType(p ovf.Property, networks map[string]string) (kind, value string) {
	value = strings.TrimSpace(deref(p.Default))
	limits := map[string]string{}
	for _, m := range limitSyntax.FindAllStringSubmatch(deref(p.Qualifiers), -1) {
		limits[m[1]] = strings.TrimSpace(m[2])
	}
	here := func(network string) string {
		network = strings.Trim(network, `"`)
		if name, ok := networks[network]; ok {
			return name
		}
		return network
	}
	for _, name := range computedFrom {
		if network, ok := limits[name]; ok {
			return "expression", "${" + strings.ToLower(name[:1]) + name[1:] + ":" + here(network) + "}"
		}
	}
	base := strings.ToLower(p.Type)
	network, onNetwork := limits["Ip"]
	low, high := limits["MinLen"], limits["MaxLen"]
	switch {
	case onNetwork && network != "":
		return "ip:" + here(network), value
	case onNetwork:
		return "ip", value
	case strings.HasPrefix(p.Type, "ip:"):
		return "ip:" + here(p.Type[len("ip:"):]), value
	case base == "string" && limits["ValueMap"] != "":
		return "string[" + limits["ValueMap"] + "]", value
	case base == "string" && isTrue(p.Password):
		return "password" + bounds(low, high), value
	case base == "string":
		return base + bounds(low, high), value
	case slices.Contains([]string{"int", "sint8", "uint8", "sint16", "uint16", "sint32", "uint32", "sint64", "uint64"}, base):
		return "int" + numbers(limits, "-2147483648", "2147483647"), value
	case strings.HasPrefix(base, "real"):
		return "real" + numbers(limits, "-1.0e308", "1.0e308"), value
	case base == "expression":
		if m := expressionSyntax.FindStringSubmatch(value); m != nil && m[2] != "" {
			value = fmt.Sprintf("${%s:%s}", m[1], here(m[2]))
		}
		return base, value
	default:
		return p.Type, value
	}
}

// bounds writes the limits of a text.
func bounds(low, high string) string {
	if low == "0" {
		low = ""
	}
	if low == "" && high == "" {
		return ""
	}
	if low == "" {
		return "(.." + high + ")"
	}
	return "(" + low + ".." + high + ")"
}

// numbers writes the limits of a number, of which the missing one is the type's own.
func numbers(limits map[string]string, least, most string) string {
	low, high := limits["MinValue"], limits["MaxValue"]
	if low == "" && high == "" {
		return ""
	}
	if low == "" {
		low = least
	}
	if high == "" {
		high = most
	}
	return "(" + low + ".." + high + ")"
}

// setProperties gives the descriptor's properties the values of a deployment. A property
// that does not exist, or that the image keeps to itself, fails the deployment.
func setProperties(v *types.VAppConfigSpec, params []vcenter.AdditionalParams) error {
	for _, p := range params {
		if p.Type != vcenter.TypePropertyParams {
			continue
		}
		for _, given := range p.Properties {
			at := slices.IndexFunc(v.Property, func(s types.VAppPropertySpec) bool { return qualified(s.Info) == given.ID })
			if at < 0 {
				return fmt.Errorf("the OVF descriptor has no property %q", given.ID)
			}
			info := v.Property[at].Info
			if given.Value == "" || given.Value == info.DefaultValue {
				continue
			}
			if !isTrue(info.UserConfigurable) {
				return fmt.Errorf("the property %q is not user configurable", given.ID)
			}
			info.Value = given.Value
		}
	}
	return nil
}
