package simulator

import (
	"fmt"
	"net/netip"

	"github.com/vmware/govmomi/vim25/types"
)

// persona is what a customization made of a guest beside its network.
type persona struct {
	timeZone  string
	workgroup string
	joined    string // domain
	unit      string // of the domain
	password  string // of root or of the Administrator
	expired   bool   // the password has to be changed at the next login
	script    string
	commands  []string // to run once
}

// maxComputerName is how long a Windows computer name is at most. What is longer is cut off.
const maxComputerName = 15

// take applies a customization specification as the guest's deployment package does, or says
// why that fails and leaves the guest as it was.
func (g *guest) take(spec *types.CustomizationSpec, vmName string, h *hardware) error {
	if id, ok := spec.Identity.(*types.CustomizationCloudinitPrep); ok {
		c, err := parseMetadata(id.Metadata, h.uuid)
		if err != nil {
			return fmt.Errorf("the cloud-init metadata: %w", err)
		}
		c.userData = id.Userdata
		g.instance(c)
		g.settled(spec, &c.machineConfig, g.persona)
		return nil
	}
	c, p := &machineConfig{hostName: g.hostName}, g.persona
	windows := true
	var err error
	switch id := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		windows = false
		c.hostName, c.domain = customName(id.HostName, vmName), id.Domain
		p.takeLinux(id)
		if !validHostName(c.hostName) {
			return fmt.Errorf("the host name %q is not one", c.hostName)
		}
	case *types.CustomizationSysprep:
		c.hostName, c.domain, p, err = windowsPersona(id, vmName)
	case *types.CustomizationSysprepText:
		c.hostName, c.domain, p, err = answerFile(id.Value)
	case *types.CustomizationWindowsFlexPrep:
	case *types.CustomizationLinuxFlexPrep:
		windows = false
	default:
		err = fmt.Errorf("the guest does not know the identity %T", spec.Identity)
	}
	if err != nil {
		return err
	}
	if !windows {
		c.search = spec.GlobalIPSettings.DnsSuffixList
		for _, s := range spec.GlobalIPSettings.DnsServerList {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return fmt.Errorf("the global DNS server %q is not an address", s)
			}
			c.dns = append(c.dns, a)
		}
	}
	if c.nics, err = customNICs(spec, windows); err != nil {
		return err
	}
	g.settled(spec, c, p)
	return nil
}

// settled is a guest after a customization that succeeded.
func (g *guest) settled(spec *types.CustomizationSpec, c *machineConfig, p persona) {
	g.custom, g.persona, g.applied = c, p, spec
	g.customizations++
}

// takeLinux makes of a Linux guest what it is told. What is left out stays.
func (p *persona) takeLinux(id *types.CustomizationLinuxPrep) {
	p.script, p.expired = id.ScriptText, isTrue(id.ResetPassword)
	if id.TimeZone != "" {
		p.timeZone = id.TimeZone
	}
	if id.Password != nil {
		p.password = id.Password.Value
	}
}

// customName is the name that vCenter makes by the rules of the specification.
func customName(n types.BaseCustomizationName, vmName string) string {
	switch x := n.(type) {
	case *types.CustomizationFixedName:
		return x.Name
	case *types.CustomizationPrefixName:
		return x.Base + "-1"
	default:
		return vmName
	}
}
