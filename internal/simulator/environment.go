package simulator

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// OVFEnvironment is what vCenter told the guest of a machine of its vApp configuration.
type OVFEnvironment struct {
	// Properties are the values by qualified key: class, id and instance with dots between.
	Properties map[string]string `json:"properties"`
	// Transport is how it went into the guest: "com.vmware.guestInfo", "iso", or not at all.
	Transport []string `json:"transport,omitempty"`
	// XML is the document (DSP0243, 11.1).
	XML string `json:"xml"`
}

const (
	ovfEnvironmentKey  = "guestinfo.ovfEnv"
	transportGuestInfo = "com.vmware.guestInfo"
)

// byTools tells whether a guest finds the document in guestinfo.ovfEnv.
func (e *OVFEnvironment) byTools() bool {
	return e != nil && slices.ContainsFunc(e.Transport, func(t string) bool { return strings.EqualFold(t, transportGuestInfo) })
}

// OVFEnvironment returns what the guest of a machine got at its last power-on. It is an error
// if there was none, or if the machine had no vApp configuration then.
func (s *Simulator) OVFEnvironment(machine string) (OVFEnvironment, error) {
	vm, err := s.locate(s.context(), machine)
	if err != nil {
		return OVFEnvironment{}, err
	}
	var e *OVFEnvironment
	s.agent.with(vm.Self, func(g *guest) { e = g.environment })
	if e == nil {
		return OVFEnvironment{}, fmt.Errorf("an OVF environment of %q: %w", machine, errNotFound)
	}
	return *e, nil
}

// environment makes the OVF environment of a machine that is being turned on, nil where it has
// no vApp configuration. A property that cannot be computed, or that has no value and needs
// one, keeps the machine off. The caller holds its lock.
func (s *Simulator) environment(ctx *vcsim.Context, vm *vcsim.VirtualMachine) (*OVFEnvironment, types.BaseMethodFault) {
	v := s.vappOf(vm)
	if v == nil {
		return nil, nil
	}
	e := &OVFEnvironment{Properties: map[string]string{}, Transport: v.info.OvfEnvironmentTransport}
	type entry struct{ Key, Value string }
	var entries []entry
	for _, p := range v.plain() {
		value, f := s.valueAtStart(ctx, &p, v.info.IpAssignment.IpAllocationPolicy)
		if f != nil {
			return nil, f
		}
		entries = append(entries, entry{qualified(&p), value})
		e.Properties[qualified(&p)] = value
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	type adapter struct{ MAC, Network string }
	var adapters []adapter
	for _, n := range inspect(ctx, vm).nics {
		adapters = append(adapters, adapter{n.mac, n.network})
	}
	var b bytes.Buffer
	err := environmentTemplate.Execute(&b, map[string]any{
		"Machine": vm.Self.Value, "Version": s.APIVersion(), "Entries": entries, "Adapters": adapters,
	})
	if err != nil {
		return nil, &types.SystemError{Reason: err.Error()}
	}
	e.XML = b.String()
	return e, nil
}

// valueAtStart is the value that a property has for the guest.
func (s *Simulator) valueAtStart(ctx *vcsim.Context, p *types.VAppPropertyInfo, policy string) (string, types.BaseMethodFault) {
	t, _ := parsePropertyType(p.Type)
	if t.base == "expression" {
		return s.compute(ctx, p)
	}
	value := p.Value
	if value == "" {
		value = p.DefaultValue
	}
	switch {
	case value != "" || t.takesEmpty():
		return value, nil
	case t.base == "ip:" && policy == string(types.VAppIPAssignmentInfoIpAllocationPolicyDhcpPolicy):
		return "", nil // the guest will tell
	case t.base == "ip:" && policy != "" && policy != string(types.VAppIPAssignmentInfoIpAllocationPolicyFixedPolicy):
		f := &types.MissingIpPool{VAppPropertyFault: propertyFault(p)}
		f.FaultMessage = explain("Cannot initialize property '%s'. The simulator allocates no addresses for the network '%s'.", label(p), t.network)
		return "", f
	}
	f := &types.UnconfiguredPropertyValue{InvalidPropertyValue: types.InvalidPropertyValue{VAppPropertyFault: propertyFault(p)}}
	f.FaultMessage = explain("Property '%s' must be configured for the VM to power on.", label(p))
	return "", f
}

// label is what people call a property.
func label(p *types.VAppPropertyInfo) string {
	if p.Label != "" {
		return p.Label
	}
	return qualified(p)
}

var expressionSyntax = regexp.MustCompile(`^\$\{([^:}]*)(?::([^}]*))?\}$`)

// compute is the value of an expression for a machine that is in no vApp: what its network's
// protocol profile says.
func (s *Simulator) compute(ctx *vcsim.Context, p *types.VAppPropertyInfo) (string, types.BaseMethodFault) {
	m := expressionSyntax.FindStringSubmatch(p.DefaultValue)
	if m == nil {
		f := &types.InvalidPropertyValue{VAppPropertyFault: propertyFault(p)}
		f.FaultMessage = explain("Property '%s' is no expression: %q.", label(p), p.DefaultValue)
		return "", f
	}
	command, network := m[1], m[2]
	switch {
	case command == "vimIp":
		return s.URL.Hostname(), nil
	case network == "":
		return "", nil // the value of a vApp around the machine, and there is none
	}
	pool, ok := s.pools.ofNetwork(ctx, network)
	value := map[string]string{}
	if ok {
		value = map[string]string{
			"net": network, "subnet": pool.Ipv4Config.SubnetAddress, "netmask": pool.Ipv4Config.Netmask,
			"gateway": pool.Ipv4Config.Gateway, "dns": strings.Join(pool.Ipv4Config.Dns, ","),
			"domainName": pool.DnsDomain, "searchPath": pool.DnsSearchPath, "hostPrefix": pool.HostPrefix, "httpProxy": pool.HttpProxy,
		}
	}
	if value[command] == "" {
		f := &types.MissingNetworkIpConfig{VAppPropertyFault: propertyFault(p)}
		f.FaultMessage = explain("Cannot initialize property '%s'. Network '%s' has no associated network protocol profile that says its %s.", label(p), network, command)
		return "", f
	}
	return value[command], nil
}

var environmentTemplate = template.Must(template.New("environment").Funcs(template.FuncMap{"x": escape, "add": add}).Parse(
	`<?xml version="1.0" encoding="UTF-8"?>
<Environment
     xmlns="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:ve="http://www.vmware.com/schema/ovfenv"
     oe:id=""
     ve:vCenterId="{{x .Machine}}">
   <PlatformSection>
      <Kind>VMware ESXi</Kind>
      <Version>{{x .Version}}</Version>
      <Vendor>VMware, Inc.</Vendor>
      <Locale>en</Locale>
   </PlatformSection>
   <PropertySection>
{{- range .Entries}}
         <Property oe:key="{{x .Key}}" oe:value="{{x .Value}}"/>
{{- end}}
   </PropertySection>
   <ve:EthernetAdapterSection>
{{- range $i, $a := .Adapters}}
      <ve:Adapter ve:mac="{{x $a.MAC}}" ve:network="{{x $a.Network}}" ve:unitNumber="{{add $i 7}}"/>
{{- end}}
   </ve:EthernetAdapterSection>
</Environment>
`))
