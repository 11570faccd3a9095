package simulator

import (
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// rise is the moment at which Tools begin to run. A customization that is pending begins now,
// and until it ends the guest has no network. The caller holds the machine's and the agent's
// lock.
func (a *agent) rise(vm *vcsim.VirtualMachine, g *guest, h *hardware) []types.PropertyChange {
	g.boots++
	g.toolsSeen = true
	if g.pending != nil {
		g.view = a.leases.apply(h, &machineConfig{hostName: g.hostName})
		return append(a.report(vm.Self, g), g.begin())
	}
	a.configure(g, h)
	return append(a.report(vm.Self, g), a.publish(vm, g)...)
}

// finish is the end of a customization. The caller holds the machine's and the agent's lock.
func (a *agent) finish(vm *vcsim.VirtualMachine, g *guest, h *hardware) []types.PropertyChange {
	options, info := a.customize(vm, g, h)
	a.configure(g, h)
	changes := append(a.report(vm.Self, g), info...)
	return append(changes, a.publishInto(options, vm.Self, g))
}

// configure decides what the guest's network is after this boot.
func (a *agent) configure(g *guest, h *hardware) {
	g.view = a.leases.apply(h, a.configuration(g, h))
	g.hostName = g.view.hostName
}

func (a *agent) configuration(g *guest, h *hardware) *machineConfig {
	if g.custom != nil {
		return g.custom
	}
	c, err := cloudConfigOf(h.extraConfig, h.uuid)
	if err != nil {
		// The data source gave nothing: no network, no host name of its own.
		return &machineConfig{problem: err.Error()}
	}
	if c == nil {
		return fallback(h)
	}
	g.instance(c)
	return &c.machineConfig
}

// instance does what cloud-init does once per instance: it takes the user data when the
// instance id has changed. The network is read and applied at every boot, also of an
// instance it knows, because VMware's data source asks for that.
func (g *guest) instance(c *cloudConfig) {
	if g.instanceID == c.instanceID && g.userDataRuns > 0 {
		return
	}
	g.instanceID, g.userData = c.instanceID, c.userData
	g.userDataRuns++
}

// fallback is the network of a guest that nobody configures: DHCP on the first card.
func fallback(h *hardware) *machineConfig {
	c := &machineConfig{}
	if len(h.nics) > 0 {
		c.nics = []nicConfig{{mac: h.nics[0].mac, dhcp4: true, acceptRA: true}}
	}
	return c
}

// report is what Tools tell of a guest as it is, at the address that a test has chosen for it.
// The caller holds the agent's lock.
func (a *agent) report(ref types.ManagedObjectReference, g *guest) []types.PropertyChange {
	shown := *g.view
	shown.chosen, _ = a.settings.addresses.of(ref.Value, a.nameOf(ref))
	return shown.report()
}
