package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// whole is a configuration without mistakes, for mistakes to be made in.
const whole = `
resource "vmoperator_virtual_machine" "web" {
  name          = "whole-vm"
  namespace     = "team-a"
  image_name    = "Photon OS 5.0"
  class_name    = "best-effort-small"
  storage_class = "gold"

  network {
    host_name   = "whole"
    nameservers = ["8.8.8.8"]
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
      gateway4  = "10.0.1.1"
      network { name = "backend" }
      route {
        to  = "10.0.2.0/24"
        via = "10.0.1.254"
      }
    }
  }

  bootstrap {
    secrets_wo = { users = { admin = "$6$first" } }
    cloud_init {
      cloud_config {
        runcmd = ["true"]
        user {
          name = "admin"
          passwd {
            from {
              name = "users"
              key  = "admin"
            }
          }
        }
      }
    }
  }
}
`

// mistake is an edit of a configuration that makes it wrong.
type mistake struct {
	// old is replaced by mistake, which is in one line or marked by at.
	old, mistake string
	at           string
	summary      string
	details      []string
}

// mistakes are steps that are refused, each for one mistake in a configuration without any.
func mistakes(t *testing.T, config string, all []mistake) []resource.TestStep {
	t.Helper()
	var steps []resource.TestStep
	for _, test := range all {
		wrong := edited(t, config, test.old, test.mistake)
		line := test.at
		if line == "" && !strings.Contains(test.mistake, "\n") {
			line = test.mistake
		}
		if strings.Contains(test.at, "sixteen") {
			wrong = edited(t, wrong, `host_name   = "whole"`, test.at)
		}
		steps = append(steps, resource.TestStep{Config: namespaces + wrong, ExpectError: fails(test.summary, line, test.details...)})
	}
	return steps
}

func TestMistakesAreErrorsAtTheirLineBeforeAnythingIsCreated(t *testing.T) {
	t.Parallel()
	sim := start(t)
	var many strings.Builder
	for i := range 10 {
		fmt.Fprintf(&many, "    interface {\n      name = \"more%d\"\n    }\n", i)
	}
	steps := mistakes(t, whole, []mistake{
		{old: "addresses =", mistake: "adresses  =", at: `adresses  = ["10.0.1.100/24"]`, summary: "Unsupported argument", details: []string{`Did you mean "addresses"?`}},
		{old: "route {", mistake: "routes {", summary: "Unsupported block type", details: []string{`Did you mean "route"?`}},
		{old: `class_name    = "best-effort-small"`, mistake: `class_name    = "best-effort-smal"`, summary: "Unable to find the class", details: []string{`"best-effort-small"`}},
		{old: `namespace     = "team-a"`, mistake: `namespace     = "team-b"`, summary: "No such namespace", details: []string{`"default", "team-a"`}},
		{old: `storage_class = "gold"`, mistake: `storage_class = "golden"`, summary: "Unable to find the storage class", details: []string{`"gold"`}},
		{old: `network { name = "backend" }`, mistake: `network { name = "backed" }`, summary: "Unable to find the network of interface eth0", details: []string{`"backend"`}},
		{old: `["10.0.1.100/24"]`, mistake: `["10.0.1.100"]`, at: `addresses = ["10.0.1.100"]`, summary: "Address is not valid"},
		{old: `["10.0.1.100/24"]`, mistake: `["10.0.1.300/24"]`, at: `addresses = ["10.0.1.300/24"]`, summary: "Address is not valid"},
		{old: `["10.0.1.100/24"]`, mistake: `["::ffff:10.0.1.100/120"]`, at: `addresses = ["::ffff:10.0.1.100/120"]`, summary: "Address is not valid"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `gateway4  = "10.0.9.1"`, summary: "Gateway is outside the interface's subnets"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `gateway4  = "none"`, summary: "Gateway is not valid", details: []string{`write exactly "None"`}},
		{old: `gateway4  = "10.0.1.1"`, mistake: `dhcp4     = true`, summary: "DHCP and static addresses exclude each other"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `gateway6  = "2001:db8::1"`, summary: "Gateway without address of its family"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `mtu       = 60`, summary: "MTU is out of range"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `mac_addr  = "00-50-56-3f-00-01"`, summary: "MAC address is not valid"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `type      = "vmxnet3"`, summary: "Network card type does not exist", details: []string{"VMXNet3"}},
		{old: `gateway4  = "10.0.1.1"`, mistake: `guest_device_name = "a_name_of_16_byte"`, summary: "Guest device name is too long"},
		{old: `name      = "eth0"`, mistake: `name      = "ETH0"`, summary: "Interface name is not valid"},
		{old: "    interface {", mistake: many.String() + "    interface {", at: `name      = "eth0"`, summary: "Too many network interfaces", details: []string{"11 interfaces are configured", "at most 10"}},
		{old: `["8.8.8.8"]`, mistake: `["dns.example.com"]`, at: `nameservers = ["dns.example.com"]`, summary: "Nameserver is not an IP address"},
		{old: `to  = "10.0.2.0/24"`, mistake: `to  = "10.0.2.1"`, summary: "Route destination has no prefix length", details: []string{`"10.0.2.1/32"`}},
		{old: `via = "10.0.1.254"`, mistake: `via = "fe80::1"`, at: "route {", summary: "Route mixes address families"},
		{old: `host_name   = "whole"`, mistake: `host_name   = "not_a_name"`, summary: "Host name is not valid"},
		{old: `image_name    = "Photon OS 5.0"`, mistake: `image_name    = "Windows Server 2022"`, at: `host_name   = "sixteen-letters0"`, summary: "Host name is too long for Windows", details: []string{"15"}},
		{old: `key  = "admin"`, mistake: `key  = "admni"`, summary: "No such key", details: []string{`"admin"`}},
		{old: `name = "users"`, mistake: `name = "user"`, summary: "No such secret", details: []string{`"users"`}},
		{old: "          passwd {", mistake: "          hashed_passwd { value = \"x\" }\n          passwd {", at: `hashed_passwd {`, summary: `The user "admin" has both passwd and hashed_passwd`},
		{old: "            from {", mistake: "            value = \"x\"\n            from {", at: "passwd {", summary: "Two values"},
		{old: `["true"]`, mistake: `["true", ["kill", 9]]`, at: `runcmd = ["true", ["kill", 9]]`, summary: "An argument of a command is not a string"},
		{old: "    cloud_init {", mistake: "    cloud_init {\n      raw_cloud_config { value = \"#cloud-config\" }", at: "", summary: "cloud_config and raw_cloud_config exclude each other"},
	})
	story(t, steps...)
	nothingWasMade(t, sim)
}
