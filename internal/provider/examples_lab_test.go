package provider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// guestLab writes down what a machine's guest was sent, as vCenter has it, and what should come
// of it: guestinfo as <example>-<machine>.json, a customization as linuxprep- or
// sysprep-<example>-<machine>.json, OVF properties as vapp-<example>-<machine>.json, and beside
// them *.expect.json where a program can tell.
func guestLab(ctx context.Context, vcenter *simulator.Simulator, example string, m *stateMachine) error {
	dir := os.Getenv(labVariable)
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	name := example + "-" + m.Name
	extraConfig, macs, err := guestinfo(ctx, vcenter, m.ID)
	if err != nil {
		return err
	}
	switch provider := m.Status.Bootstrap.Provider; provider {
	case "CloudInit":
		if extraConfig["guestinfo.metadata"] == "" {
			return fmt.Errorf("%s was configured by cloud-init, and vCenter holds no guestinfo.metadata", m.Name)
		}
		expectation, err := m.expect(macs)
		return errors.Join(err,
			writeJSON(filepath.Join(dir, name+".json"), map[string]any{"extra_config": extraConfig, "macs": macs}),
			writeJSON(filepath.Join(dir, name+".expect.json"), map[string]any{"expect": expectation}),
		)
	case "LinuxPrep":
		expectation, err := m.expectCustomized(macs)
		return errors.Join(err,
			writeCustomization(vcenter, m.Name, filepath.Join(dir, "linuxprep-"+name+".json")),
			writeJSON(filepath.Join(dir, "linuxprep-"+name+".expect.json"), map[string]any{"expect": expectation}),
		)
	case "Sysprep":
		return writeCustomization(vcenter, m.Name, filepath.Join(dir, "sysprep-"+name+".json"))
	case "VAppConfig":
		environment, err := vcenter.OVFEnvironment(m.Name)
		if err != nil {
			return err
		}
		return writeJSON(filepath.Join(dir, "vapp-"+name+".json"), environment.Properties)
	}
	return nil // it was told nothing
}

// customizedInterface is what guest OS customization makes of a network card.
type customizedInterface struct {
	DHCP4     bool              `json:"dhcp4"`
	DHCP6     bool              `json:"dhcp6"`
	Addresses []string          `json:"addresses"`
	Gateways  []expectedGateway `json:"gateways"`
	DNS       []string          `json:"dns"`
}

// expectCustomized is what should come of a customization: it has the name servers of the whole
// guest at each interface, and names no devices.
func (m *stateMachine) expectCustomized(macs []string) (map[string]any, error) {
	full, err := m.expect(macs)
	if err != nil {
		return nil, err
	}
	interfaces := map[string]customizedInterface{}
	for mac, nic := range full.Interfaces {
		interfaces[mac] = customizedInterface{nic.DHCP4, nic.DHCP6, nic.Addresses, nic.Gateways, filled(m.Status.Network.Config.DNS.Nameservers)}
	}
	out := map[string]any{"hostname": full.HostName, "only": true, "interfaces": interfaces}
	if full.FQDN != "" {
		out["fqdn"] = full.FQDN
	}
	return out, nil
}

// writeCustomization writes the customization that is in force in a guest.
func writeCustomization(vcenter *simulator.Simulator, machine, path string) error {
	done, err := vcenter.Customization(machine)
	if err != nil {
		return err
	}
	if done.Spec == nil {
		return fmt.Errorf("the guest of %s was not customized: %s %s", machine, done.Status, done.Message)
	}
	var text bytes.Buffer
	if err := types.NewJSONEncoder(&text).Encode(done.Spec); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}
