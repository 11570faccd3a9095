package virtualmachine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// canary begins every secret of the configurations below. No diagnostic may have it.
const canary = "hunter"

// secretsOfGuests are what the configurations below take from secrets_wo.
func secretsOfGuests() tree {
	return tree{
		"root": tree{"password": "hunter2-root", "script": "#!/bin/sh\n# hunter2-script\n"},
		"win": tree{
			"password": "hunter2-admin", "product_id": "HUNT2-22222-33333-44444-55555",
			"domain_admin_password": "hunter2-domain", "script": "rem hunter2-script",
		},
		"app": tree{"token": "hunter2-token"},
	}
}

// onePrepared is the network that LinuxPrep and Sysprep carry.
func onePrepared() tree {
	return tree{
		"host_name": "prepared", "domain_name": "example.com", "nameservers": []any{"8.8.8.8"}, "search_domains": []any{"example.com"},
		"interface": []any{tree{"name": "eth0", "addresses": []any{"10.0.1.100/24", "2001:db8::10/64"}, "gateway4": "10.0.1.1", "gateway6": "2001:db8::1"}},
	}
}

// linuxPrepared is a machine with everything of linux_prep and vapp_config.
func linuxPrepared() tree {
	return tree{
		"name": "prepared", "image_name": "Photon OS 5.0", "network": onePrepared(),
		"bootstrap": tree{
			"customize_trigger": "1", "secrets_wo": secretsOfGuests(),
			"linux_prep": tree{
				"hardware_clock_is_utc": true, "time_zone": "America/Los_Angeles", "expire_password_after_next_login": true,
				"password":    tree{"from": tree{"name": "root"}},
				"script_text": tree{"from": tree{"name": "root", "key": "script"}},
			},
			"vapp_config": tree{"property": []any{
				tree{"key": "network.ip0", "value": "{{ V1alpha6_FirstIP }}"},
				tree{"key": "token", "from": tree{"name": "app", "key": "token"}},
			}},
		},
		"readiness_probe": tree{"timeout_seconds": 5, "period_seconds": 2, "guest_info": []any{tree{"key": "ready", "value": "^yes$"}, tree{"key": "other"}}},
	}
}

// sysprepared is a machine with everything of an inline Sysprep. Its secrets are written in
// place, as far as linuxPrepared has them from elsewhere.
func sysprepared() tree {
	return tree{
		"name": "windows", "image_name": "Windows Server 2022", "network": onePrepared(),
		"bootstrap": tree{
			"secrets_wo": secretsOfGuests(),
			"sysprep": tree{"sysprep": tree{
				"expire_password_after_next_login": true,
				"user_data":                        tree{"full_name": "A User", "org_name": "Example", "product_id": tree{"from": tree{"name": "win"}}},
				"gui_unattended":                   tree{"auto_logon": true, "auto_logon_count": 1, "time_zone": 4, "password": tree{"value": "hunter2-inline"}},
				"gui_run_once":                     tree{"commands": []any{"first.cmd", "second.cmd"}},
				"identification": tree{
					"join_domain": "example.com", "domain_admin": `EXAMPLE\administrator`, "domain_ou": "OU=Servers,DC=example,DC=com",
					"domain_admin_password": tree{"from": tree{"name": "win"}},
				},
				"license_file_print_data": tree{"auto_mode": "perServer", "auto_users": 5},
				"script_text":             tree{"value": "rem hunter2-inline"},
			}},
		},
		"readiness_probe": tree{"guest_heartbeat": tree{"threshold_status": "yellow"}},
	}
}

// rawPrepared is a machine with an answer file, and with properties from a secret.
func rawPrepared() tree {
	return tree{
		"name": "raw", "image_name": "Windows Server 2022",
		"bootstrap": tree{
			"secrets_wo":  secretsOfGuests(),
			"sysprep":     tree{"raw_sysprep": tree{"value": "<?xml version=\"1.0\"?>\n<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><!-- hunter2-xml --></unattend>"}},
			"vapp_config": tree{"raw_properties": "app"},
		},
		"readiness_probe": tree{"tcp_socket": tree{"host": "192.0.2.10", "port": 3389}},
	}
}

// guests are the configurations above, by name.
func guests() []struct {
	name   string
	config tree
} {
	return []struct {
		name   string
		config tree
	}{{"linux", linuxPrepared()}, {"windows", sysprepared()}, {"raw", rawPrepared()}}
}

// judged lists what validation says, one line for each finding. None may tell a secret.
func (d *direct) judged(t *testing.T, config tree) []string {
	t.Helper()
	var lines []string
	for _, diagnostic := range d.validate(config) {
		if diagnostic.Attribute == nil || len(diagnostic.Attribute.Steps()) == 0 {
			t.Errorf("nothing is to blame for: %s", said([]*tfprotov6.Diagnostic{diagnostic}))
		}
		if text := diagnostic.Summary + diagnostic.Detail; strings.Contains(strings.ToLower(text), canary) {
			t.Errorf("a secret is told: %s", text)
		}
		line := fmt.Sprintf("%s: %s", dotted(diagnostic.Attribute), diagnostic.Summary)
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityWarning {
			line = "warning at " + line
		}
		lines = append(lines, line)
	}
	return lines
}

// Null, zero, unknown and a value are four cases. What is refused is refused at its own line, and
// nothing is refused that is not known yet.
func TestEveryArgumentOfAGuestMayBeNullOrUnknown(t *testing.T) {
	t.Parallel()
	d := serve(t)
	var shown strings.Builder
	verdict := func(t *testing.T, config tree) string {
		if lines := d.judged(t, config); len(lines) > 0 {
			return strings.Join(lines, "; ")
		}
		return "fine"
	}
	for _, guest := range guests() {
		if lines := d.judged(t, guest.config); len(lines) > 0 {
			t.Fatalf("%s: %s", guest.name, strings.Join(lines, "\n"))
		}
		for _, place := range places(guest.config, "") {
			if !strings.HasPrefix(place, "bootstrap") && !strings.HasPrefix(place, "readiness_probe") {
				continue
			}
			t.Run(guest.name+"/"+place, func(t *testing.T) {
				null := "not judged here"
				if !strings.HasSuffix(place, "]") { // an element of a list is not left out, it is null
					null = verdict(t, with(guest.config, place, nil))
				}
				empty := verdict(t, with(guest.config, place, zero(valueAt(guest.config, place))))
				fmt.Fprintf(&shown, "%s: %s\n  null: %s\n  zero: %s\n", guest.name, place, null, empty)
				if lines := d.judged(t, with(guest.config, place, unknown{})); len(lines) > 0 {
					t.Errorf("unknown: %s", strings.Join(lines, "\n"))
				}
			})
		}
	}
	golden(t, "zero_guests.txt", shown.String())
}
