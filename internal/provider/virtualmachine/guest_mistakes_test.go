package virtualmachine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guestMistake is one mistake in a configuration that is fine without it: what is written at a
// place, and what is said.
type guestMistake struct {
	config tree
	place  string
	value  any
	want   []string
}

// vappOnly is a machine whose guest gets OVF properties and nothing else.
func vappOnly() tree {
	return tree{
		"name": "appliance", "image_name": "appliance",
		"network":   tree{"interface": []any{tree{"name": "eth0"}}},
		"bootstrap": tree{"vapp_config": tree{"property": []any{tree{"key": "ip0", "value": "10.0.0.1"}}}},
	}
}

// Everything that the bootstrap providers take, refused or not, by the rules of VM Operator
// that need nothing but the configuration.
func TestMistakesAboutAGuestAreErrorsAtTheirPlace(t *testing.T) {
	t.Parallel()
	const (
		cloudInit = "bootstrap.cloud_init."
		linux     = "bootstrap.linux_prep."
		windows   = "bootstrap.sysprep.sysprep."
		vapp      = "bootstrap.vapp_config."
	)
	inline := tree{"value": "#!/bin/sh\n# hunter2\n"}
	both := tree{"value": "#!/bin/sh\n# hunter2\n", "from": tree{"name": "root", "key": "script"}}
	property := func(of tree) []any { return []any{of} }
	d := serve(t)
	for name, test := range map[string]guestMistake{
		// 2.1: which providers go together.
		"cloud_init beside linux_prep": {
			linuxPrepared(), "bootstrap.cloud_init",
			tree{},
			[]string{
				"bootstrap.cloud_init: Bootstrap providers exclude each other", "bootstrap.linux_prep: Bootstrap providers exclude each other",
				"bootstrap.vapp_config: Bootstrap providers exclude each other",
			},
		},
		"sysprep beside linux_prep": {
			linuxPrepared(), "bootstrap.sysprep",
			tree{"sysprep": tree{}},
			[]string{"bootstrap.linux_prep: Bootstrap providers exclude each other", "bootstrap.sysprep: Bootstrap providers exclude each other"},
		},
		"vapp_config beside linux_prep": {linuxPrepared(), "bootstrap.vapp_config", vappOnly()["bootstrap"].(tree)["vapp_config"], nil},
		"vapp_config beside sysprep":    {sysprepared(), "bootstrap.vapp_config", tree{}, nil},
		"cloud_init beside vapp_config": {
			vappOnly(), "bootstrap.cloud_init",
			tree{},
			[]string{"bootstrap.cloud_init: Bootstrap providers exclude each other", "bootstrap.vapp_config: Bootstrap providers exclude each other"},
		},
		"none of the providers": {vappOnly(), "bootstrap", tree{}, nil},

		// B1 to B16, and what vCenter would refuse.
		"B1":  {full(), cloudInit + "raw_cloud_config", tree{"value": "#cloud-config\n# hunter2\n"}, []string{"bootstrap.cloud_init: cloud_config and raw_cloud_config exclude each other"}},
		"B2":  {full(), cloudInit + "cloud_config.runcmd", "true", []string{cloudInit + "cloud_config.runcmd: runcmd is not a list"}},
		"B3":  {full(), cloudInit + "cloud_config.runcmd", []any{true}, []string{cloudInit + "cloud_config.runcmd[0]: A command is neither a string nor a list of strings"}},
		"B4":  {full(), cloudInit + "cloud_config.write_file[1].content", "x", []string{cloudInit + "cloud_config.write_file[1].content: A file has both content and content_from"}},
		"B5":  {linuxPrepared(), linux + "script_text", both, []string{linux + "script_text.value: Script is given twice"}},
		"B6":  {sysprepared(), "bootstrap.sysprep.raw_sysprep", inline, []string{"bootstrap.sysprep: sysprep and raw_sysprep exclude each other", "bootstrap.sysprep.raw_sysprep: Windows would refuse this answer file"}},
		"B7":  {sysprepared(), "bootstrap.sysprep", tree{}, []string{"bootstrap.sysprep: Sysprep has no answers"}},
		"B8":  {sysprepared(), windows + "gui_unattended.auto_logon_count", 0, []string{windows + "gui_unattended.auto_logon_count: Number of automatic logons is missing"}},
		"B9":  {sysprepared(), windows + "gui_unattended.password", nil, []string{windows + "gui_unattended.password: Automatic logon needs a password"}},
		"B10": {sysprepared(), windows + "identification", tree{"join_workgroup": "GROUP"}, []string{windows + "identification.join_workgroup: Machine cannot join both a domain and a workgroup"}},
		"B11": {sysprepared(), windows + "identification", tree{}, []string{
			windows + "identification.domain_admin: Domain cannot be joined without an account", windows + "identification.domain_admin_password: Domain cannot be joined without an account",
		}},
		"B12": {
			with(with(sysprepared(), "network.domain_name", nil), windows+"identification.join_domain", nil), windows + "identification.join_workgroup", "GROUP",
			[]string{
				windows + "identification.domain_admin: Workgroup takes no domain account", windows + "identification.domain_admin_password: Workgroup takes no domain account",
				windows + "identification.domain_ou: Workgroup takes no domain account",
			},
		},
		"B13": {
			with(sysprepared(), "bootstrap.secrets_wo", secretsOfGuests()), windows + "script_text",
			tree{"value": "rem hunter2", "from": tree{"name": "win", "key": "script"}},
			[]string{windows + "script_text.value: Script is given twice"},
		},
		"B14": {linuxPrepared(), vapp + "raw_properties", "app", []string{"bootstrap.vapp_config: property and raw_properties exclude each other"}},
		"B15": {vappOnly(), vapp + "property", property(tree{"key": "", "value": "x"}), []string{vapp + "property[0].key: A property has no key"}},
		"B16": {
			linuxPrepared(), vapp + "property", property(tree{"key": "a", "value": "x", "from": tree{"name": "app", "key": "token"}}),
			[]string{vapp + "property[0].value: A property has both value and from"},
		},
		"a property twice":            {vappOnly(), vapp + "property", []any{tree{"key": "a"}, tree{"key": "a"}}, []string{vapp + `property[1].key: The property "a" is there twice`}},
		"a property without a value":  {vappOnly(), vapp + "property", property(tree{"key": "a"}), nil},
		"an empty property":           {vappOnly(), vapp + "property", property(tree{"key": "a", "value": ""}), nil},
		"a template that fails":       {vappOnly(), vapp + "property", property(tree{"key": "a", "value": "{{ V1alpha6_FirstIq }}"}), []string{vapp + "property[0].value: The template of a property does not render"}},
		"a secret template fails":     {with(linuxPrepared(), "bootstrap.secrets_wo.app.token", "{{ hunter2 }}"), vapp + "property[0]", tree{"key": "b"}, []string{vapp + "property[1].from: The template of a property does not render"}},
		"an answer file's template":   {rawPrepared(), "bootstrap.sysprep.raw_sysprep.value", "<unattend>{{ hunter2 }}</unattend>", []string{"bootstrap.sysprep.raw_sysprep: The template of the answer file does not render"}},
		"a secret that is not there":  {rawPrepared(), vapp + "raw_properties", "apq", []string{vapp + "raw_properties: No such secret"}},
		"a script for no interpreter": {linuxPrepared(), linux + "script_text", tree{"value": "echo hunter2"}, []string{linux + "script_text.value: Script does not name its interpreter"}},
		"an empty script":             {linuxPrepared(), linux + "script_text", tree{"value": ""}, []string{linux + "script_text.value: Empty value"}},
		"a password with both": {
			linuxPrepared(), linux + "password",
			tree{"value": "hunter2", "from": tree{"name": "root"}},
			[]string{linux + "password: Two values"},
		},
		"a time zone of Windows":   {linuxPrepared(), linux + "time_zone", "(UTC) Dublin", []string{"warning at " + linux + "time_zone: Time zone is not named as in the tz database"}},
		"no time zone of Windows":  {sysprepared(), windows + "gui_unattended.time_zone", 86, []string{windows + "gui_unattended.time_zone: Time zone does not exist"}},
		"another domain":           {sysprepared(), windows + "identification.join_domain", "example.org", []string{windows + "identification.join_domain: Domain to join is not the machine's domain"}},
		"no product key":           {with(sysprepared(), "bootstrap.secrets_wo.win.product_id", "hunter2"), "name", "win", []string{windows + "user_data.product_id: Product key is not valid"}},
		"half a registration":      {sysprepared(), windows + "user_data.org_name", nil, []string{windows + "user_data.org_name: Organization is missing"}},
		"a licence of no kind":     {sysprepared(), windows + "license_file_print_data.auto_mode", "PerSeat", []string{windows + "license_file_print_data.auto_mode: Licence mode does not exist"}},
		"a long name for Windows":  {sysprepared(), "network.host_name", "sixteen-letters0", []string{"network.host_name: Host name is too long for Windows"}},
		"a numeric computer name":  {sysprepared(), "network.host_name", "12345", []string{"network.host_name: Host name is a number"}},
		"half an answer file":      {rawPrepared(), "bootstrap.sysprep.raw_sysprep.value", "<unattend>hunter2", []string{"bootstrap.sysprep.raw_sysprep: Windows would refuse this answer file"}},
		"an answer file of a kind": {rawPrepared(), "bootstrap.sysprep.raw_sysprep.value", "{}", []string{"bootstrap.sysprep.raw_sysprep: Windows would refuse this answer file"}},

		// readiness_probe.
		"two kinds of probe": {
			linuxPrepared(), "readiness_probe.tcp_socket",
			tree{"port": 22},
			[]string{"readiness_probe.tcp_socket: A readiness probe is of one kind"},
		},
		"no expression": {linuxPrepared(), "readiness_probe.guest_info[0].value", "(", []string{"readiness_probe.guest_info[0].value: Not a regular expression"}},
		"no heartbeat":  {sysprepared(), "readiness_probe.guest_heartbeat.threshold_status", "red", []string{"readiness_probe.guest_heartbeat.threshold_status: Invalid Attribute Value Match"}},
		"no port":       {rawPrepared(), "readiness_probe.tcp_socket.port", 65536, []string{"readiness_probe.tcp_socket.port: Invalid Attribute Value"}},
		"no time":       {linuxPrepared(), "readiness_probe.timeout_seconds", 61, []string{"readiness_probe.timeout_seconds: Invalid Attribute Value"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, d.judged(t, with(test.config, test.place, test.value))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The tables of VM Operator's admission that say which provider carries what (2.3 and 2.4).
func TestAProviderIsToldOnlyWhatItCarries(t *testing.T) {
	t.Parallel()
	providers := map[string]tree{
		"cloud_init":              {"cloud_init": tree{}},
		"linux_prep":              {"linux_prep": tree{}},
		"linux_prep, vapp_config": {"linux_prep": tree{}, "vapp_config": tree{}},
		"sysprep":                 {"sysprep": tree{"sysprep": tree{}}},
		"sysprep, vapp_config":    {"sysprep": tree{"sysprep": tree{}}, "vapp_config": tree{}},
		"vapp_config":             {"vapp_config": tree{}},
		"none":                    {},
	}
	const nic = "network.interface[0]."
	d := serve(t)
	static := tree{"name": "eth0", "addresses": []any{"10.0.1.100/24", "2001:db8::10/64"}, "gateway4": "10.0.1.1", "gateway6": "2001:db8::1"}
	for _, test := range []struct {
		place string
		value any
		// carried are the providers that take it, by the beginnings of their names.
		carried string
		refused string
	}{
		{"network.nameservers", []any{"8.8.8.8"}, "cloud_init linux_prep sysprep", "network.nameservers: The machine's nameservers would not be used"},
		{"network.search_domains", []any{"example.com"}, "cloud_init linux_prep sysprep", "network.search_domains: The machine's search_domains would not be used"},
		{nic + "guest_device_name", "ens160", "cloud_init", nic + "guest_device_name: Bootstrap provider cannot carry guest_device_name"},
		{nic + "mtu", 1500, "cloud_init", nic + "mtu: Bootstrap provider cannot carry mtu"},
		{nic + "route", []any{tree{"to": "10.0.2.0/24", "via": "10.0.1.254"}}, "cloud_init", nic + "route[0]: Bootstrap provider cannot carry route"},
		{nic + "search_domains", []any{"example.com"}, "cloud_init", nic + "search_domains: Bootstrap provider cannot carry search_domains"},
		{nic + "nameservers", []any{"8.8.8.8"}, "cloud_init sysprep", nic + "nameservers: Bootstrap provider cannot carry nameservers"},
		{"network.vlan", []any{tree{"name": "eth0.100", "id": 100, "link": "eth0"}}, "cloud_init", "network.vlan[0]: Bootstrap provider cannot carry VLANs"},
		{nic + "addresses", []any{"10.0.1.101/24", "2001:db8::11/64"}, "cloud_init linux_prep sysprep vapp_config none", ""},
		{"network.interface[0]", tree{"name": "eth0", "dhcp4": true}, "cloud_init linux_prep sysprep vapp_config none", ""},
		{nic + "gateway4", "None", "cloud_init linux_prep sysprep vapp_config none", ""},
	} {
		for name, provider := range providers {
			t.Run(test.place+" with "+name, func(t *testing.T) {
				config := tree{"name": "web", "image_name": "Photon OS 5.0", "network": tree{"interface": []any{static}}, "bootstrap": provider}
				var want []string
				if first, _, _ := strings.Cut(name, ","); !slices.Contains(strings.Fields(test.carried), first) {
					want = []string{test.refused}
				}
				if diff := cmp.Diff(want, d.judged(t, with(config, test.place, test.value))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}
