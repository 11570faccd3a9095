package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// machineConfig is how a guest was told to configure its network.
type machineConfig struct {
	hostName, domain string
	dns              []netip.Addr // for the whole guest
	search           []string
	nics             []nicConfig
	problem          string // why there is no network at all
}

// nicConfig is the configuration of one network card.
type nicConfig struct {
	id                   string // the entry's name in the document
	mac, match           string // MAC address, or a pattern over kernel names
	index                int    // position, where neither is given
	byIndex              bool
	device               string // new name
	addresses            []netip.Prefix
	dhcp4, dhcp6         bool
	slaac, linkLocal     bool // IPv6 without a server, or for the link alone
	acceptRA             bool
	gateway4, gateway6   netip.Addr
	routes               []route
	dns                  []netip.Addr
	search               []string
	mtu                  int
	useDNS4, useDNS6     bool
	useRoute4, useRoute6 bool

	vlans []nicConfig // sub-interfaces
	vlan  int         // id of a sub-interface
	link  string      // the entry that a sub-interface belongs to
}

type route struct {
	to     netip.Prefix
	via    netip.Addr
	onLink bool
	metric int
}

// cloudConfig is what cloud-init finds in guestinfo.
type cloudConfig struct {
	machineConfig
	instanceID, userData string
}

// cloudConfigOf reads guestinfo as cloud-init's VMware data source does: nil where there is
// none, an error where the guest would end up with none.
func cloudConfigOf(extraConfig map[string]string, uuid string) (*cloudConfig, error) {
	data, hasMeta := extraConfig["guestinfo.metadata"]
	user, hasUser := extraConfig["guestinfo.userdata"]
	if !hasMeta && !hasUser {
		return nil, nil
	}
	meta, err := decode(data, extraConfig["guestinfo.metadata.encoding"])
	if err != nil {
		return nil, fmt.Errorf("guestinfo.metadata: %w", err)
	}
	userData, err := decode(user, extraConfig["guestinfo.userdata.encoding"])
	if err != nil {
		return nil, fmt.Errorf("guestinfo.userdata: %w", err)
	}
	c, err := parseMetadata(meta, uuid)
	if err != nil {
		return nil, fmt.Errorf("guestinfo.metadata: %w", err)
	}
	c.userData = userData
	return c, nil
}

// decode undoes an encoding by the rules of cloud-init's VMware data source: an encoding
// that it does not know is taken for plain text.
func decode(data, encoding string) (string, error) {
	switch encoding {
	case "base64", "b64", "gzip+base64", "gz+b64":
	default:
		return data, nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
	if err != nil {
		return "", fmt.Errorf("its encoding is %s, but it is not base64: %w", encoding, err)
	}
	if strings.HasPrefix(encoding, "b") {
		return string(raw), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("its encoding is %s, but it is not gzip: %w", encoding, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return "", fmt.Errorf("its encoding is %s, but the gzip data are damaged: %w", encoding, err)
	}
	return string(text), nil
}

// sexagesimal finds plain scalars that a YAML 1.1 reader, as cloud-init's is, takes for
// numbers to the base of 60: a MAC address such as 12:34:56:10:20:30.
var sexagesimal = regexp.MustCompile(`(?m)^[ \t-]*[A-Za-z0-9_.-]+:[ \t]+([-+]?[1-9][0-9_]*(:[0-5]?[0-9])+)[ \t]*(#.*)?$`)

// document reads YAML or JSON into maps.
func document(text string) (map[string]any, error) {
	if m := sexagesimal.FindStringSubmatch(text); m != nil {
		return nil, fmt.Errorf("YAML 1.1 reads %s as a number to the base of 60: it has to be quoted", m[1])
	}
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	switch d := doc.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return d, nil
	default:
		return nil, errors.New("it is not a mapping")
	}
}

// parseMetadata reads a metadata document.
func parseMetadata(text, uuid string) (*cloudConfig, error) {
	doc, err := document(text)
	if err != nil {
		return nil, err
	}
	c := &cloudConfig{instanceID: uuid}
	if id, ok := doc["instance-id"].(string); ok && id != "" {
		c.instanceID = id
	}
	for _, key := range []string{"local-hostname", "hostname"} {
		if name, ok := doc[key].(string); ok && name != "" {
			c.hostName, c.domain, _ = strings.Cut(name, ".")
			break
		}
	}
	if !validHostName(c.hostName) {
		c.hostName = "" // the kernel does not take it
	}
	var netplan map[string]any
	switch n := doc["network"].(type) {
	case nil:
		c.nics = []nicConfig{{byIndex: true, dhcp4: true, acceptRA: true, useDNS4: true, useRoute4: true}}
		return c, nil
	case map[string]any:
		netplan = n
	case string:
		encoding, _ := doc["network.encoding"].(string)
		plain, err := decode(n, encoding)
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		if netplan, err = document(plain); err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
	default:
		return nil, fmt.Errorf("network is a %T", n)
	}
	if c.nics, err = parseNetplan(netplan); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return c, nil
}

var hostLabel = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)?$`)

func validHostName(name string) bool { return hostLabel.MatchString(name) }

// sortedKeys lists the keys of a mapping in alphabetical order.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
