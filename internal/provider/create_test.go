package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// everything has every argument of an interface and of cloud-init.
const everything = `
resource "vmoperator_virtual_machine" "web" {
  name              = "everything"
  image_name        = "Photon OS 5.0"
  class_name        = "guaranteed-small"
  storage_class     = "gold"
  power_off_mode    = "Hard"
  allow_power_cycle = true

  network {
    host_name      = "my-vm"
    domain_name    = "example.com"
    nameservers    = ["8.8.8.8", "2001:4860:4860::8888"]
    search_domains = ["example.com", "example.org"]

    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
      dhcp6             = true
    }
    interface {
      name           = "eth1"
      type           = "E1000e"
      mac_addr       = "00:50:56:3F:00:01"
      addresses      = ["10.0.1.100/24", "10.0.1.101/24", "2001:db8::100/64"]
      gateway4       = "10.0.1.1"
      gateway6       = "2001:db8::1"
      mtu            = 9000
      nameservers    = ["10.0.1.53"]
      search_domains = ["backend.example.com"]
      network { name = "backend" }
      route {
        to     = "10.0.2.0/24"
        via    = "10.0.1.254"
        metric = 100
      }
      route {
        to  = "2001:db8:2::/64"
        via = "2001:db8::fe"
      }
    }
    interface {
      name      = "eth2"
      addresses = ["192.168.7.10/24"]
      gateway4  = "None"
      network { name = "frontend" }
    }
    vlan {
      name = "vlan7"
      id   = 7
      link = "eth2"
    }
  }

  bootstrap {
    secrets_wo = {
      users = { admin = "$6$salt$admin", hashed = "$6$salt$hashed" }
      files = { token = "t0ken" }
    }
    cloud_init {
      instance_id                           = "instance-1"
      ssh_authorized_keys                   = ["ssh-ed25519 AAAA default"]
      use_global_nameservers_as_default     = true
      use_global_search_domains_as_default  = true
      wait_on_network4                      = true
      wait_on_network6                      = false
      cloud_config {
        timezone             = "Europe/Paris"
        default_user_enabled = true
        ssh_pwauth           = false
        runcmd               = ["echo $HOME > /run/home", ["systemctl", "restart", "ssh"]]
        user {
          name                = "admin"
          create_groups       = true
          expiredate          = "2030-01-01"
          gecos               = "Ada, \"the\" admin"
          groups              = ["sudo", "docker"]
          homedir             = "/srv/admin"
          inactive            = 30
          lock_passwd         = false
          no_create_home      = false
          no_log_init         = true
          no_user_group       = false
          primary_group       = "admin"
          selinux_user        = "staff_u"
          shell               = "/bin/bash"
          snapuser            = "admin@example.com"
          ssh_authorized_keys = ["ssh-ed25519 AAAA admin"]
          ssh_import_id       = ["gh:admin"]
          ssh_redirect_user   = false
          sudo                = "ALL=(ALL) NOPASSWD:ALL"
          system              = false
          uid                 = 2000
          passwd {
            from {
              name = "users"
              key  = "admin"
            }
          }
        }
        user {
          name = "second"
          hashed_passwd {
            from {
              name = "users"
              key  = "hashed"
            }
          }
        }
        user {
          name = "third"
          passwd { value = "$6$salt$third" }
        }
        write_file {
          path        = "/etc/motd"
          content     = "Welcome\nto {{ ds.meta_data.local_hostname }}\n"
          append      = true
          defer       = true
          encoding    = "text/plain"
          owner       = "admin:admin"
          permissions = "0600"
        }
        write_file {
          path = "/etc/token"
          content_from {
            name = "files"
            key  = "token"
          }
        }
      }
    }
  }

  timeouts {
    create = "10m"
  }
}
`

func TestEveryArgumentReachesTheGuest(t *testing.T) {
	t.Parallel()
	sim := start(t)
	var refreshed []simulator.Request
	story(t,
		resource.TestStep{
			Config: hcl(everything),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					does(plancheck.ResourceActionCreate),
					plans("storage_class", is("gold")),
					plans("status.network.config.interfaces.1.sources.nameservers", is("interface")),
					plans("status.network.config.interfaces.2.sources.nameservers", is("vm")),
					look(func() {
						if got := operations(sim.Requests(changing...)); len(got) != 0 {
							t.Errorf("planning changed something: %v", got)
						}
						sim.ResetRequests()
					}),
				},
				PostApplyPreRefresh:  []plancheck.PlanCheck{look(func() { sim.ResetRequests() })},
				PostApplyPostRefresh: []plancheck.PlanCheck{look(func() { refreshed = sim.ResetRequests() })},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				check(func() error {
					all := sim.Requests()
					countCalls(t, "creating a machine", all, createCalls)
					text, err := transcript(sim.Requests(changing...))
					if err != nil {
						return err
					}
					return golden("create.txt", text)
				}),
				look(func() {
					report, err := sim.GuestReport("everything")
					if err != nil {
						t.Error(err)
						return
					}
					if len(report.Problems) != 0 {
						t.Errorf("the guest has problems: %v", report.Problems)
					}
					if report.HostName != "my-vm" || report.InstanceID != "instance-1" || report.UserDataRuns != 1 {
						t.Errorf("the guest is %q, instance %q, with %d runs", report.HostName, report.InstanceID, report.UserDataRuns)
					}
					if diff := cmp.Diff([]string{"ens160", "eth1", "eth2"}, []string{report.Interfaces[0].Name, report.Interfaces[1].Name, report.Interfaces[2].Name}); diff != "" {
						t.Errorf("interfaces (-want +got):\n%s", diff)
					}
					if got := report.Interfaces[1]; got.MAC != "00:50:56:3f:00:01" || got.MTU != 9000 || len(got.Addresses) < 3 || len(got.Gateways) != 2 || len(got.Routes) != 2 {
						t.Errorf("eth1 is %+v", got)
					}
				}),
				shows("network.interface.1.mac_addr", is("00:50:56:3F:00:01")),
				shows("status.network.host_name", is("my-vm.example.com")),
				shows("status.network.primary_ip4", knownvalue.NotNull()),
				shows("status.bootstrap.revision", knownvalue.Int64Exact(1)),
				shows("status.bootstrap.instance_id", is("instance-1")),
				shows("bootstrap.secrets_wo", knownvalue.Null()),
			},
		},
	)
	countCalls(t, "refreshing a machine", refreshed, refreshCalls)
}

// What one apply that creates a machine, and one plan that refreshes it, ask of vCenter:
// logging in included, since every command of the CLI is a process of its own.
var (
	createCalls = map[string]int{
		"RetrieveServiceContent":            1,
		"Login":                             1,
		"POST /rest/com/vmware/cis/session": 1,
		"GET /api/vcenter/namespace-management/virtual-machine-classes":                        1,
		"POST /rest/com/vmware/content/library?~action=find":                                   2,
		"GET /rest/com/vmware/content/library/{id}":                                            2,
		"POST /rest/com/vmware/content/library/item?~action=find":                              2,
		"GET /rest/com/vmware/content/library/item/{id}":                                       1,
		"POST /rest/com/vmware/content/library/item/download-session":                          1,
		"POST /rest/com/vmware/content/library/item/downloadsession/file/{id}?~action=prepare": 1,
		"GET /rest/com/vmware/content/library/item/downloadsession/file":                       1,
		"GET /rest/com/vmware/cis/data/{id}/photon-5.0.ovf":                                    1,
		"DELETE /rest/com/vmware/content/library/item/download-session/{id}":                   1,
		"PbmRetrieveServiceContent":                                                            1,
		"PbmQueryProfile":                                                                      1,
		"PbmRetrieveContent":                                                                   1,
		"RetrievePropertiesEx":                                                                 5,
		"FindChild":                                                                            3, // the name, in plan and in apply, and what an interrupted creation may hold of pools
		"QueryIpPools":                                                                         1,
		opDeploy:                                                                               1,
		opReconfigure:                                                                          2,
		opPowerOn:                                                                              1,
		"CreatePropertyCollector":                                                              1,
		"CreateListView":                                                                       1,
		"CreateFilter":                                                                         1,
		"ModifyListView":                                                                       3,
	}
	refreshCalls = map[string]int{
		"RetrieveServiceContent": 1,
		"Login":                  1,
		"RetrievePropertiesEx":   4,
		// What became of the image, once for all machines that were made of it.
		"POST /rest/com/vmware/cis/session":              1,
		"GET /rest/com/vmware/content/library/item/{id}": 1,
		"QueryIpPools": 1,
	}
)
