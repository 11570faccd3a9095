package provider_test

import (
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// wholeAppliance is a configuration of vapp_config without mistakes. Which properties there are,
// and what they take, only the image can say.
const wholeAppliance = `
resource "vmoperator_virtual_machine" "appliance" {
  name       = "appliance-vm"
  namespace  = "team-a"
  image_name = "Custom Appliance"
  class_name = "best-effort-small"

  network {
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
    }
  }

  bootstrap {
    secrets_wo = { appliance = { password = "hunter2!", short = "hunter" } }
    vapp_config {
      property {
        key   = "ip0"
        value = "{{ V1alpha6_FirstIP }}"
      }
      property {
        key = "password"
        from {
          name = "appliance"
          key  = "password"
        }
      }
      property {
        key   = "workers"
        value = "8"
      }
    }
  }
}
`

// What only the image knows is judged in plan, at the line that is wrong.
func TestMistakesAboutAnImageAndItsBootstrapAreErrorsInPlan(t *testing.T) {
	t.Parallel()
	sim := start(t)
	if err := sim.SetAPIVersion("9.1.0.0"); err != nil {
		t.Fatal(err)
	}
	const (
		unfit    = "The value does not fit the type of the property"
		template = "The template of a property does not render"
	)
	steps := mistakes(t, wholeLinux, []mistake{
		{old: `image_name = "Photon OS 5.0"`, mistake: `image_name = "Windows Server 2022"`, at: "linux_prep {", summary: "LinuxPrep cannot configure Windows", details: []string{"windows2019srvNext_64Guest", "sysprep"}},
		{old: `key   = "ip0"`, mistake: `key   = "hostnam"`, summary: "The image has no such property", details: []string{`Did you mean "hostname"?`}},
	})
	steps = append(steps, mistakes(t, wholeWindows, []mistake{
		{old: `image_name = "Windows Server 2022"`, mistake: `image_name = "Photon OS 5.0"`, at: "sysprep {", summary: "Sysprep configures Windows only", details: []string{`"Photon OS 5.0"`, "linux_prep"}},
		{old: `domain_name = "example.com"`, mistake: "domain_name = \"example.com\"\n    host_name = \"a-name-of-16-let\"", at: `host_name = "a-name-of-16-let"`, summary: "Host name is too long for Windows", details: []string{"15"}},
		{old: `"windows-vm"`, mistake: `"windows-vm-16lett"`, at: `name       = "windows-vm-16lett"`, summary: "Host name is too long for Windows"},
		{old: "        identification {", mistake: "        identification {\n          join_domain = \"example.org\"", at: `join_domain = "example.org"`, summary: "Domain to join is not the machine's domain", details: []string{"example.com"}},
		{old: "\n          domain_admin_password {\n            from { name = \"domain\" }", mistake: "\n          domain_admin_password {\n            from { name = \"domian\" }", at: `from { name = "domian" }`, summary: "No such secret", details: []string{`"domain"`}},
	})...)
	steps = append(steps, mistakes(t, wholeAppliance, []mistake{
		{old: `key   = "ip0"`, mistake: `key   = "ip1"`, summary: "The image has no such property", details: []string{`Did you mean "network.ip0"?`}},
		{old: `key   = "workers"`, mistake: `key   = "build"`, summary: "The property cannot be set", details: []string{"not user-configurable"}},
		{old: `key   = "workers"`, mistake: `key   = "app.serial.main"`, summary: "The property cannot be set"},
		{old: `key   = "workers"`, mistake: `key   = "site"`, summary: "The property's key is ambiguous", details: []string{`"app.site.main", "backup.site"`}},
		{old: `key   = "workers"`, mistake: `key   = "network.ip0"`, summary: `The property "network.ip0" is there twice`},
		{old: `value = "8"`, mistake: `value = "65"`, summary: unfit, details: []string{`"app.workers.main"`, "int(1..64)"}},
		{old: `value = "8"`, mistake: `value = "eight"`, summary: unfit},
		{old: "key   = \"workers\"\n        value = \"8\"", mistake: "key   = \"ntp\"\n        value = \"time.example.com\"", at: `value = "time.example.com"`, summary: unfit, details: []string{`"network.ntp"`}},
		{old: "key   = \"workers\"\n        value = \"8\"", mistake: "key   = \"mtu\"\n        value = \"9001\"", at: `value = "9001"`, summary: unfit, details: []string{`"network.mtu"`, "int(576..9000)"}},
		{old: "key   = \"workers\"\n        value = \"8\"", mistake: "key   = \"level\"\n        value = \"2147483648\"", at: `value = "2147483648"`, summary: unfit, details: []string{`"app.level.main"`, "32 bits"}},
		{old: "key   = \"workers\"\n        value = \"8\"", mistake: "key   = \"ratio\"\n        value = \"half\"", at: `value = "half"`, summary: unfit, details: []string{`"app.ratio.main"`, "real"}},
		{old: "key   = \"workers\"\n        value = \"8\"", mistake: "key   = \"gateway\"\n        value = \"2001:db8:ffff::1\"", at: `value = "2001:db8:ffff::1"`, summary: unfit, details: []string{`"network.gateway"`, "the maximum is 15"}},
		{old: `value = "{{ V1alpha6_FirstIP }}"`, mistake: `value = "{{ V1alpha6_FirstIPFromNIC 3 }}"`, summary: template, details: []string{"V1alpha6_FirstIPFromNIC"}},
		{old: `value = "{{ V1alpha6_FirstIP }}"`, mistake: `value = "{{ .V1alpha6.Net.Gateway }}"`, summary: template},
		{old: `key  = "password"`, mistake: `key  = "short"`, at: "from {", summary: unfit, details: []string{`"app.password.main"`, "minimum is 8"}},
		{old: `key  = "password"`, mistake: `key  = "pasword"`, summary: "No such key", details: []string{`"password", "short"`}},
		{old: `"Custom Appliance"`, mistake: `"Windows Server 2022"`, at: `key   = "ip0"`, summary: "The image has no such property", details: []string{"None can be set"}},
	})...)
	for i, step := range steps {
		t.Run(strconv.Itoa(i), func(t *testing.T) { story(t, step) })
	}
	nothingWasMade(t, sim)
}

// A field that the vCenter is too old for is refused where it stands.
func TestWhatTheVCenterIsTooOldForIsAnErrorAtItsLine(t *testing.T) {
	t.Parallel()
	sim := start(t)
	at := func(version string, steps []resource.TestStep) []resource.TestStep {
		steps[0].PreConfig = func() {
			if err := sim.SetAPIVersion(version); err != nil {
				t.Fatal(err)
			}
		}
		return steps
	}
	const tooOld = "vCenter is too old for "
	windows := edited(t, wholeWindows, "        gui_unattended {", "        user_data {\n          full_name = \"A\"\n          org_name  = \"B\"\n        }\n        gui_unattended {")
	unit := mistake{
		old: "        identification {", mistake: "        identification {\n          domain_ou = \"OU=Servers,DC=example,DC=com\"",
		at: `domain_ou = "OU=Servers,DC=example,DC=com"`, summary: tooOld + "sysprep.identification.domain_ou", details: []string{"8.0.2", "8.0.1.0"},
	}
	steps := at("8.0.1.0", mistakes(t, windows, []mistake{unit}))
	steps = append(steps, at("9.0.0.0", mistakes(t, windows, []mistake{
		{old: "        user_data {", mistake: "        expire_password_after_next_login = true\n        user_data {", at: "expire_password_after_next_login = true", summary: tooOld + "sysprep.expire_password_after_next_login", details: []string{"9.1", "9.0.0.0"}},
		{old: "        user_data {", mistake: "        script_text { value = \"rem\" }\n        user_data {", at: `script_text { value = "rem" }`, summary: tooOld + "sysprep.script_text", details: []string{"9.1"}},
	}))...)
	steps = append(steps, mistakes(t, wholeLinux, []mistake{
		{old: `time_zone = "Europe/Sofia"`, mistake: `time_zone = "Europe/Rome"`, at: "password {", summary: tooOld + "password", details: []string{"9.1"}},
	})...)
	for i, step := range steps {
		t.Run(strconv.Itoa(i), func(t *testing.T) { story(t, step) })
	}
	nothingWasMade(t, sim)
}
