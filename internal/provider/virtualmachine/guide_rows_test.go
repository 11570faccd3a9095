package virtualmachine

import (
	"net/netip"
	"regexp"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// changeRow is the row that is about time.
const changeRow = "A change reaches a guest that runs"

// guideRow is what a row of the guide is tried with: a network, or settings of the providers
// that have some for it.
type guideRow struct {
	// network has what the row is about, and without has not; nil for the network that is
	// static, and nothing else.
	network, without writtenBlock
	settings         map[string]writtenBlock
	// words match the arguments that a provider would have for it.
	words *regexp.Regexp
	// witness is a text that the guest then is told, and witnesses those of single providers.
	witness   string
	witnesses map[string]string
	// removes says that the guest is not told what it is told without it.
	removes bool
	// argument says that the code span of a cell is an argument of the provider.
	argument bool
	defaults network.Defaults
}

// staticNetwork is a network that all providers carry.
func staticNetwork() writtenBlock {
	return writtenBlock{"interface": []writtenBlock{{"name": "eth0", "addresses": []string{"10.0.1.100/24", "2001:db8::10/64"}}}}
}

// oneNIC is a network with one interface, of which some more is said.
func oneNIC(more writtenBlock) writtenBlock {
	more["name"] = "eth0"
	return writtenBlock{"interface": []writtenBlock{more}}
}

// globalWith is the static network, with more about the whole machine.
func globalWith(name string, value any) writtenBlock {
	out := staticNetwork()
	out[name] = value
	return out
}

// staticWith is the static network, with more about its interface.
func staticWith(name string, value any) writtenBlock {
	more := writtenBlock{"addresses": []string{"10.0.1.100/24", "2001:db8::10/64"}}
	more[name] = value
	return oneNIC(more)
}

// bareSettings are the least settings of each provider. The property of vapp_config has a
// template.
func bareSettings(template string) map[string]writtenBlock {
	return map[string]writtenBlock{
		"cloud_init":  {},
		"linux_prep":  {},
		"sysprep":     windowsAnswers(writtenBlock{}),
		"vapp_config": {"property": []writtenBlock{{"key": "p", "value": template}}},
	}
}

// windowsAnswers are the least settings of Sysprep, and more.
func windowsAnswers(more writtenBlock) writtenBlock {
	more["user_data"] = writtenBlock{"full_name": "A User", "org_name": "Example"}
	return writtenBlock{"sysprep": more}
}

func cloudConfig(name string, value any) writtenBlock {
	return writtenBlock{"cloud_config": writtenBlock{name: value}}
}

func commandList(command string) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, command)})
}

// guideRows are the rows of the guide by name.
func guideRows() map[string]guideRow {
	dhcp4 := func() writtenBlock { return oneNIC(writtenBlock{"dhcp4": true}) }
	addresses := func(all ...string) writtenBlock { return oneNIC(writtenBlock{"addresses": all}) }
	ipv6 := func(dhcp4 bool) writtenBlock {
		return oneNIC(writtenBlock{"addresses": []string{"2001:db8::10/64"}, "dhcp4": dhcp4})
	}
	two := func(gateway any) writtenBlock {
		return writtenBlock{"interface": []writtenBlock{
			{"name": "eth0", "addresses": []string{"10.0.1.100/24"}}, {"name": "eth1", "addresses": []string{"10.0.2.100/24"}, "gateway4": gateway},
		}}
	}
	secret := writtenBlock{"value": "hunter2"}
	linuxScript, windowsScript := writtenBlock{"value": "#!/bin/sh\n# hunter2"}, writtenBlock{"value": "rem hunter2"}
	const answerFile = `<unattend xmlns="urn:schemas-microsoft-com:unattend">`
	return map[string]guideRow{
		"Static IPv4 address":                     {network: addresses("10.0.1.100/24"), without: dhcp4(), witness: "10.0.1.100"},
		"Static IPv6 address":                     {network: ipv6(true), without: dhcp4(), witness: "2001:db8::10"},
		"Several IPv4 addresses of one interface": {network: addresses("10.0.1.100/24", "10.0.1.101/24"), without: addresses("10.0.1.100/24"), witness: "10.0.1.101"},
		"Several IPv6 addresses of one interface": {network: staticWith("addresses", []string{"10.0.1.100/24", "2001:db8::10/64", "2001:db8::11/64"}), witness: "2001:db8::11"},
		"DHCPv4": {network: dhcp4(), without: addresses("10.0.1.100/24"), witness: "true", witnesses: byTypeAlone},
		"DHCPv6": {
			network: oneNIC(writtenBlock{"addresses": []string{"10.0.1.100/24"}, "dhcp6": true}), without: addresses("10.0.1.100/24"),
			witness: "true", witnesses: byTypeAlone,
		},
		"No IPv4 at all":                   {network: ipv6(false), without: ipv6(true), witness: "false", witnesses: byTypeAlone},
		"Gateways of the first interface":  {network: staticWith("gateway4", "10.0.1.1"), witness: "10.0.1.1"},
		"Gateways of other interfaces":     {network: two("10.0.2.1"), without: two(nil), witness: "10.0.2.1"},
		"`network.nameservers`":            {network: globalWith("nameservers", []string{"8.8.8.8"}), witness: "8.8.8.8"},
		"`network.search_domains`":         {network: globalWith("search_domains", []string{"example.com"}), witness: "example.com"},
		"`nameservers` of an interface":    {network: staticWith("nameservers", []string{"8.8.8.8"}), witness: "8.8.8.8"},
		"`search_domains` of an interface": {network: staticWith("search_domains", []string{"example.com"}), witness: "example.com"},
		"`mtu`":                            {network: staticWith("mtu", 9000), witness: "9000"},
		"`route`":                          {network: staticWith("route", []writtenBlock{{"to": "10.0.2.0/24", "via": "10.0.1.254"}}), witness: "10.0.1.254"},
		"`vlan`":                           {network: globalWith("vlan", []writtenBlock{{"name": "v100", "id": 100, "link": "eth0"}}), witness: "100"},
		"`guest_device_name`":              {network: staticWith("guest_device_name", "ens160"), witness: "ens160"},
		"`mac_addr`":                       {network: staticWith("mac_addr", "00:50:56:01:02:03"), witness: "00:50:56:01:02:03"},
		"Host name":                        {network: globalWith("host_name", "other"), witness: "other"},
		"`domain_name`":                    {network: globalWith("domain_name", "example.com"), witness: "example.com"},
		"Gateway `None`, where the connected network has one": {
			network: staticWith("gateway4", "None"), witness: "10.0.1.1", removes: true,
			defaults: network.Defaults{Networks: map[string]network.NetworkDefaults{"eth0": {HasProfile: true, Gateway4: known.Of(netip.MustParseAddr("10.0.1.1"))}}},
		},
		"Joining a domain or a workgroup": {
			settings: map[string]writtenBlock{"sysprep": windowsAnswers(writtenBlock{"identification": writtenBlock{"join_workgroup": "GROUP"}})},
			words:    regexp.MustCompile(`identif|join`), witness: "GROUP",
		},
		"Time zone": {
			settings: map[string]writtenBlock{
				"cloud_init": cloudConfig("timezone", "Europe/Paris"), "linux_prep": {"time_zone": "Europe/Paris"},
				"sysprep": windowsAnswers(writtenBlock{"gui_unattended": writtenBlock{"time_zone": 4}}),
			},
			words: regexp.MustCompile(`zone`), witness: "Europe/Paris", witnesses: map[string]string{"sysprep": "4"},
		},
		"Users": {
			settings: map[string]writtenBlock{"cloud_init": cloudConfig("user", []writtenBlock{{"name": "vmware"}})},
			words:    regexp.MustCompile(`\buser\b`), witness: "vmware",
		},
		"Passwords": {
			settings: map[string]writtenBlock{
				"cloud_init": cloudConfig("user", []writtenBlock{{"name": "vmware", "passwd": secret}}), "linux_prep": {"password": secret},
				"sysprep": windowsAnswers(writtenBlock{"gui_unattended": writtenBlock{"password": secret}}),
			},
			words: regexp.MustCompile(`passw`), witness: "hunter2",
		},
		"Commands of the first boot": {
			settings: map[string]writtenBlock{
				"cloud_init": cloudConfig("runcmd", commandList("hunter2.sh")), "linux_prep": {"script_text": linuxScript},
				"sysprep": windowsAnswers(writtenBlock{"gui_run_once": writtenBlock{"commands": []string{"hunter2.cmd"}}}),
			},
			words: regexp.MustCompile(`cmd|command|script`), witness: "hunter2",
		},
		"Script before and after the customization": {
			settings: map[string]writtenBlock{"linux_prep": {"script_text": linuxScript}, "sysprep": windowsAnswers(writtenBlock{"script_text": windowsScript})},
			words:    regexp.MustCompile(`script`), witness: "hunter2",
		},
		"Files": {
			settings: map[string]writtenBlock{"cloud_init": cloudConfig("write_file", []writtenBlock{{"path": "/etc/motd", "content": "hello"}})},
			words:    regexp.MustCompile(`file(\.|$)`), witness: "/etc/motd",
		},
		"Values from `bootstrap.secrets_wo`": {argument: true},
		"Templates over the network": {
			settings: map[string]writtenBlock{
				"cloud_init": {"raw_cloud_config": writtenBlock{"value": "#cloud-config\nruncmd: ['{{ V1alpha6_FirstIP }}']\n"}},
				"linux_prep": {"script_text": writtenBlock{"value": "#!/bin/sh\n# {{ V1alpha6_FirstIP }}"}},
				"sysprep":    {"raw_sysprep": writtenBlock{"value": answerFile + "{{ V1alpha6_FirstIP }}</unattend>"}},
				// A property has the template of the cell.
				"vapp_config": nil,
			},
			witness: "10.0.1.100/24",
		},
	}
}

// byTypeAlone are for elements of a customization that tell by their type what they are.
var byTypeAlone = map[string]string{"linux_prep": "", "sysprep": ""}
