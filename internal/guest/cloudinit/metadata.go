package cloudinit

import (
	"errors"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// metadata is the document of the VMware data source. Empty keys are left out.
type metadata struct {
	Hostname      string         `json:"hostname"`
	InstanceID    string         `json:"instance-id"`
	LocalHostname string         `json:"local-hostname"`
	Network       netplan        `json:"network"`
	PublicKeys    string         `json:"public-keys,omitempty"`
	WaitOnNetwork *waitOnNetwork `json:"wait-on-network,omitempty"`
}

// waitOnNetwork holds the families to wait for. It is there, though empty, when somebody
// said not to wait.
type waitOnNetwork struct {
	IPv4 bool `json:"ipv4,omitempty"`
	IPv6 bool `json:"ipv6,omitempty"`
}

// Metadata renders the metadata document: instance id, host name, network and SSH keys.
// Both host name keys hold the name with its domain. The MAC addresses are those of the
// machine's devices, by interface name.
//
// It needs an instance id and a host name; the other errors are those of newNetplan.
func Metadata(settings Settings, config network.Config, macs map[string]network.MAC) (string, error) {
	document, err := newMetadata(settings, config, macs)
	if err != nil {
		return "", err
	}
	return writeYAML(document)
}

func newMetadata(settings Settings, config network.Config, macs map[string]network.MAC) (metadata, error) {
	var missing gaps
	var document metadata
	document.InstanceID, _ = get(&missing, settings.InstanceID, root("instance_id"))
	document.Hostname, _ = get(&missing, config.DNS.HostName, network.Path{"network", "host_name"})
	if domain, _ := get(&missing, config.DNS.DomainName, network.Path{"network", "domain_name"}); domain != "" {
		document.Hostname += "." + domain
	}
	document.LocalHostname = document.Hostname
	document.PublicKeys = joinKeys(elements(&missing, settings.SSHAuthorizedKeys, root("ssh_authorized_keys")))

	wait4, set4 := get(&missing, settings.WaitOnNetwork4, root("wait_on_network4"))
	wait6, set6 := get(&missing, settings.WaitOnNetwork6, root("wait_on_network6"))
	if set4 || set6 {
		document.WaitOnNetwork = &waitOnNetwork{IPv4: wait4, IPv6: wait6}
	}
	if err := missing.err(); err != nil {
		return metadata{}, err
	}
	if document.InstanceID == "" {
		return metadata{}, errors.New("cloud-init metadata needs an instance id: without one the guest takes every boot for its first")
	}
	if document.Hostname == "" || strings.HasPrefix(document.Hostname, ".") {
		return metadata{}, errors.New("cloud-init metadata needs a host name")
	}
	var err error
	document.Network, err = newNetplan(config, macs)
	return document, err
}

// joinKeys writes keys one a line. Keys often come from files and end with a line break,
// which would leave empty lines.
func joinKeys(keys []string) string {
	lines := make([]string, 0, len(keys))
	for _, key := range keys {
		if key = strings.TrimSpace(key); key != "" {
			lines = append(lines, key)
		}
	}
	return strings.Join(lines, "\n")
}
