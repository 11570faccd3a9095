package virtualmachine

import (
	"errors"
	"slices"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// How status names the bootstrap providers, as VM Operator does.
const (
	bootstrapCloudInit  = "CloudInit"
	bootstrapLinuxPrep  = "LinuxPrep"
	bootstrapSysprep    = "Sysprep"
	bootstrapVAppConfig = "VAppConfig"
)

// imply makes the bootstrap of a machine without a bootstrap block what VM Operator makes of
// it: the guest of a Linux image that is deployed without one gets its host name and network by
// LinuxPrep, with its hardware clock in UTC. An empty block, or disabled, prevents that.
//
// Only a machine that began so stays so: one that was configured otherwise before, or was made
// by somebody else, is left alone.
func (b *bootstrap) imply(begins bool) {
	if begins && !b.written && !b.Unknown {
		b.implied, b.LinuxPrep = true, true
		b.linuxPrep = known.Of(gosc.LinuxPrepSettings{HardwareClockIsUTC: known.Of(true)})
	}
}

// impliesLinuxPrep tells whether a machine that is deployed from an image without a bootstrap
// block is configured by LinuxPrep.
func impliesLinuxPrep(source *image.Image) bool {
	return source != nil && source.Status.OSInfo != nil && source.Status.OSInfo.Type == image.FamilyLinux
}

// provider names the bootstrap provider that configures the guest; empty for none.
func (b *bootstrap) provider() string {
	switch {
	case b.Disabled.Or(false):
		return ""
	case b.settings.IsSet():
		return bootstrapCloudInit
	case b.linuxPrep.IsSet():
		return bootstrapLinuxPrep
	case b.sysprep.IsSet():
		return bootstrapSysprep
	case b.vapp.IsSet():
		return bootstrapVAppConfig
	}
	return ""
}

// sends reports whether the guest is sent a cloud-init configuration.
func (b *bootstrap) sends() bool { return b.provider() == bootstrapCloudInit }

// customizes reports whether vSphere customizes the guest, which takes a power-on.
func (b *bootstrap) customizes() bool {
	return b.provider() == bootstrapLinuxPrep || b.provider() == bootstrapSysprep
}

// setsProperties reports whether the guest gets OVF properties.
func (b *bootstrap) setsProperties() bool {
	return b.vapp.IsSet() && (b.customizes() || b.provider() == bootstrapVAppConfig)
}

// undecided reports whether it is not known yet who configures the guest.
func (b *bootstrap) undecided() bool {
	return b.Unknown || b.Disabled.IsUnknown() || b.settings.IsUnknown() || b.linuxPrep.IsUnknown() || b.sysprep.IsUnknown() || b.vapp.IsUnknown()
}

// addressee is the machine that a configuration is rendered for.
type addressee struct {
	// cards are the machine's network cards in device order. Those of a machine that is not there
	// yet are blank: their addresses stand for others.
	cards []gosc.Card
	blank bool
	// instanceID is the default of cloud-init's instance id.
	instanceID known.Value[string]
	// apiVersion is that of the vCenter.
	apiVersion string
	// vm is what templates may ask for.
	vm vapp.VM
}

// macs are the addresses of the network cards by interface name.
func (a *addressee) macs() map[string]network.MAC {
	if a.blank {
		return nil
	}
	out := make(map[string]network.MAC, len(a.cards))
	for _, card := range a.cards {
		if card.Interface != "" {
			out[card.Interface] = card.MAC
		}
	}
	return out
}

// delivery is what a guest is sent, as its bootstrap provider wants it. Parts that the provider
// does not have are empty.
type delivery struct {
	documents documents
	// customization is for vSphere's guest OS customization.
	customization *govmomi.CustomizationSpec
	// warnings say what the vCenter cannot express of it.
	warnings []network.Problem
	// properties are the values of OVF properties.
	properties []vapp.Value
	// secret says that some of it must not be told.
	secret bool
}

// deliver renders what the guest is sent. What is not known yet makes an error that isUnknown,
// beside what could be rendered.
func (b *bootstrap) deliver(config network.Config, to *addressee) (delivery, error) {
	out := delivery{secret: b.secret}
	var failures []error
	facts := vapp.Facts{Network: config, MACs: to.macs(), VM: to.vm}
	switch b.provider() {
	case bootstrapCloudInit:
		documents, err := b.render(config, to.macs(), to.instanceID)
		out.documents = documents
		return out, err
	case bootstrapLinuxPrep:
		settings, _ := b.linuxPrep.Get()
		spec, warnings, err := gosc.LinuxPrep(settings, config, to.cards, to.apiVersion)
		failures = append(failures, err)
		out.customization, out.warnings = &spec, warnings
	case bootstrapSysprep:
		settings, _ := b.sysprep.Get()
		settings, err := rendered(settings, facts)
		failures = append(failures, err)
		if err == nil {
			spec, warnings, err := gosc.Sysprep(settings, config, to.cards, to.apiVersion)
			failures = append(failures, err)
			out.customization, out.warnings = &spec, warnings
		}
	}
	if b.setsProperties() {
		settings, _ := b.vapp.Get()
		properties, err := vapp.Render(settings, facts)
		failures = append(failures, err)
		out.properties = properties
	}
	return out, errors.Join(failures...)
}

// rendered is a Sysprep whose answer file, where it has one, has its templates filled in.
func rendered(settings gosc.SysprepSettings, facts vapp.Facts) (gosc.SysprepSettings, error) {
	raw, ok := settings.RawSysprep.Get()
	if !ok {
		return settings, nil
	}
	text, err := vapp.RenderText("raw_sysprep", gosc.DecodeRaw(raw), true, facts)
	settings.RawSysprep = known.Of(text)
	return settings, err
}

// isUnknown tells that nothing but missing knowledge keeps something from being rendered.
func isUnknown(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return !isUnknown(e) })
	}
	return errors.Is(err, cloudinit.ErrUnknown) || errors.Is(err, gosc.ErrUnknown) || errors.Is(err, vapp.ErrUnknown)
}
