package virtualmachine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// full is a machine with every argument that goes together with the others.
func full() tree {
	return tree{
		"name": "web", "namespace": "team-a", "image_name": "Photon OS 5.0", "class_name": simulator.ClassBestSmall,
		"storage_class": simulator.StorageGold, "instance_uuid": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a",
		"bios_uuid": "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a11", "power_state": "PoweredOn", "power_off_mode": "Hard", "allow_power_cycle": true,
		"network": tree{
			"disabled": false, "host_name": "my-vm", "domain_name": "example.com",
			"nameservers": []any{"8.8.8.8", "8.8.4.4"}, "search_domains": []any{"example.com"},
			"interface": []any{
				tree{
					"name": "eth0", "type": "VMXNet3", "guest_device_name": "ens160", "mac_addr": "00:50:56:01:02:03",
					"addresses": []any{"10.0.1.100/24", "2001:db8::10/64"}, "dhcp4": false, "dhcp6": false,
					"gateway4": "10.0.1.1", "gateway6": "2001:db8::1", "mtu": 1500,
					"nameservers": []any{"10.0.1.53"}, "search_domains": []any{"corp.example.com"},
					"network": tree{"name": simulator.NetworkBackend},
					"route":   []any{tree{"to": "10.0.2.0/24", "via": "10.0.1.254", "metric": 100}},
				},
				tree{"name": "eth1", "dhcp4": true},
			},
			"vlan": []any{tree{"name": "vlan100", "id": 100, "link": "eth1"}},
		},
		"bootstrap": tree{
			"disabled":           false,
			"secrets_wo":         tree{"app": tree{"token": "hunter2", "hash": "$6$hash"}},
			"secrets_wo_version": "1",
			"cloud_init": tree{
				"instance_id": "id-1", "ssh_authorized_keys": []any{"ssh-ed25519 AAAA me"},
				"use_global_nameservers_as_default": true, "use_global_search_domains_as_default": true,
				"wait_on_network4": true, "wait_on_network6": false,
				"cloud_config": tree{
					"timezone": "Europe/Paris", "default_user_enabled": true, "ssh_pwauth": false,
					"runcmd": []any{"echo one", []any{"echo", "two"}},
					"user": []any{tree{
						"name": "vmware", "create_groups": true, "expiredate": "2030-01-01", "gecos": "A User", "groups": []any{"wheel"},
						"homedir": "/home/vmware", "inactive": 5, "lock_passwd": false, "no_create_home": false, "no_log_init": false,
						"no_user_group": false, "primary_group": "vmware", "selinux_user": "staff_u", "shell": "/bin/bash", "snapuser": "a@example.com",
						"ssh_authorized_keys": []any{"ssh-ed25519 BBBB you"}, "ssh_import_id": []any{"gh:you"}, "ssh_redirect_user": false,
						"sudo": "ALL=(ALL) NOPASSWD:ALL", "system": false, "uid": 1000,
						"hashed_passwd": tree{"from": tree{"name": "app", "key": "hash"}},
					}, tree{"name": "other", "passwd": tree{"value": "$6$other"}}},
					"write_file": []any{
						tree{"path": "/etc/a", "content": "one", "append": true, "defer": true, "encoding": "text/plain", "owner": "root:root", "permissions": "0600"},
						tree{"path": "/etc/b", "content_from": tree{"name": "app", "key": "token"}},
					},
				},
			},
		},
		"timeouts": tree{"create": "10m", "read": "5m", "update": "10m", "delete": "5m"},
	}
}

// byID is a machine whose image is named by its id, and whose user data is written as text.
func byID() tree {
	return tree{
		"name": "web", "image": tree{"kind": "ClusterVirtualMachineImage", "name": "vmi-0a0044d7c690bcbea"},
		"network": tree{"interface": []any{tree{"name": "eth0"}}},
		"bootstrap": tree{
			"secrets_wo": tree{"app": tree{"config": "#cloud-config\nruncmd: [date]\n"}},
			"cloud_init": tree{"raw_cloud_config": tree{"from": tree{"name": "app", "key": "config"}}},
		},
	}
}

// small is the smallest machine.
func small() tree { return tree{"name": "small", "image_name": "Photon OS 5.0"} }

// places are the places of everything that is written: arguments, blocks, elements of blocks,
// and of lists.
func places(written any, at string) []string {
	var out []string
	switch w := written.(type) {
	case tree:
		for _, name := range slices.Sorted(maps.Keys(w)) {
			place := strings.TrimPrefix(at+"."+name, ".")
			out = append(out, place)
			out = append(out, places(w[name], place)...)
		}
	case []any:
		for i, element := range w {
			place := at + "[" + string(rune('0'+i)) + "]"
			if _, isBlock := element.(tree); !isBlock {
				out = append(out, place) // a block in a list is never unknown by itself
			}
			out = append(out, places(element, place)...)
		}
	}
	return out
}

// with is a copy of a configuration with another value at a place; nil removes it.
func with(written tree, place string, value any) tree {
	return replaced(written, strings.FieldsFunc(strings.ReplaceAll(place, "[", ".["), func(r rune) bool { return r == '.' }), value).(tree)
}

func replaced(written any, steps []string, value any) any {
	if len(steps) == 0 {
		return value
	}
	if index, ok := strings.CutPrefix(steps[0], "["); ok {
		list := slices.Clone(written.([]any))
		i := int(index[0] - '0')
		list[i] = replaced(list[i], steps[1:], value)
		return list
	}
	out := maps.Clone(written.(tree))
	if out[steps[0]] = replaced(out[steps[0]], steps[1:], value); out[steps[0]] == nil {
		delete(out, steps[0])
	}
	return out
}

func TestAMachineIsAppliedAsPlannedAndPlansNothingMore(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	for name, config := range map[string]tree{"full": full(), "by id": byID(), "small": small()} {
		made := d.applied(d.nothing(), config)
		sim.Settle()
		made = d.refreshed(made)
		again := d.planned(made, config)
		if broken := contradictions(made.state, again.planned); len(broken) > 0 || len(unknownIn(again.planned)) > 0 {
			t.Errorf("%s: the second plan is not empty:\n%s\nunknown: %v", name, strings.Join(broken, "\n"), unknownIn(again.planned))
		}
		d.clean("destroy", d.destroy(made))
	}
	if left := sim.Machines(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

func TestDeletingAMachineThatIsGoneSucceeds(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	if err := sim.Destroy("small"); err != nil {
		t.Fatal(err)
	}
	sim.ResetRequests()
	d.clean("delete", d.destroy(made))
	if calls := sim.Requests("Destroy_Task", "PowerOffVM_Task"); len(calls) > 0 {
		t.Errorf("what is gone is destroyed again: %v", calls)
	}
}

func TestAMachineThatIsGoneLeavesTheState(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	if err := sim.Destroy("small"); err != nil {
		t.Fatal(err)
	}
	if read := d.refreshed(made); !read.state.IsNull() {
		t.Errorf("the state of a machine that is gone: %s", read.state)
	}
}

func TestReadKeepsTheStateWhileTheProviderIsNotKnown(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), full())
	for _, argument := range []string{"vsphere_server", "password", "datacenter", "namespace", "namespace[0].folder", "namespace[0].content_libraries[0]", "cluster_content_libraries"} {
		t.Run(argument, func(t *testing.T) {
			deferred := serve(t)
			deferred.clean("configure", deferred.configure(with(providerTree(sim), argument, unknown{})))
			sim.ResetRequests()
			read := deferred.refreshed(made)
			if !read.state.Equal(made.state) || string(read.private) != string(made.private) {
				t.Errorf("the state changed:\n%s", strings.Join(contradictions(made.state, read.state), "\n"))
			}
			p := deferred.planned(made, full())
			if broken := contradictions(made.state, p.planned); len(broken) > 0 {
				t.Errorf("the plan changed what nobody knows:\n%s", strings.Join(broken, "\n"))
			}
			if _, diags := deferred.planned(deferred.nothing(), full()).apply(); !failed(diags) {
				t.Error("a machine was created without knowing where")
			}
			if diags := deferred.destroy(made); !failed(diags) {
				t.Error("a machine was deleted without knowing where")
			}
			if calls := sim.Calls(); len(calls) > 0 {
				t.Errorf("vCenter was asked: %v", calls)
			}
		})
	}
}
