package provider_test

import "testing"

// wholeLinux is a configuration of linux_prep and vapp_config without mistakes.
const wholeLinux = `
resource "vmoperator_virtual_machine" "linux" {
  name       = "linux-vm"
  namespace  = "team-a"
  image_name = "Photon OS 5.0"

  network {
    nameservers    = ["8.8.8.8"]
    search_domains = ["example.com"]
    interface {
      name      = "eth0"
      addresses = ["10.0.1.100/24"]
      gateway4  = "10.0.1.1"
    }
  }

  bootstrap {
    secrets_wo = { root = { password = "hunter2", script = "#!/bin/sh" } }
    linux_prep {
      time_zone = "Europe/Sofia"
      password {
        from { name = "root" }
      }
      script_text {
        from {
          name = "root"
          key  = "script"
        }
      }
    }
    vapp_config {
      property {
        key   = "ip0"
        value = "10.0.0.1"
      }
    }
  }

  readiness_probe {
    guest_info {
      key   = "ready"
      value = "^yes$"
    }
  }
}
`

// wholeWindows is a configuration of sysprep without mistakes.
const wholeWindows = `
resource "vmoperator_virtual_machine" "windows" {
  name       = "windows-vm"
  namespace  = "team-a"
  image_name = "Windows Server 2022"

  network {
    domain_name = "example.com"
    interface {
      name        = "eth0"
      nameservers = ["8.8.8.8"]
    }
  }

  bootstrap {
    secrets_wo = { domain = { domain_admin_password = "hunter2", password = "hunter2", script = "rem" } }
    sysprep {
      sysprep {
        gui_unattended {
          auto_logon       = true
          auto_logon_count = 1
          password {
            from { name = "domain" }
          }
        }
        identification {
          domain_admin = "EXAMPLE\\administrator"
          domain_admin_password {
            from { name = "domain" }
          }
        }
      }
    }
  }
}
`

func TestMistakesAboutABootstrapAreErrorsAtTheirLine(t *testing.T) {
	t.Parallel()
	sim := start(t)
	const provider = "Bootstrap providers exclude each other"
	steps := mistakes(t, wholeLinux, []mistake{
		{old: "      time_zone =", mistake: "      timezone =", at: `timezone = "Europe/Sofia"`, summary: "Unsupported argument", details: []string{`Did you mean "time_zone"?`}},
		{old: "    linux_prep {", mistake: "    cloud_init {}\n    linux_prep {", at: "cloud_init {}", summary: provider},
		{old: "    vapp_config {", mistake: "    cloud_init {}\n    vapp_config {", at: "vapp_config {", summary: provider},
		{old: "    linux_prep {", mistake: "    sysprep {\n      sysprep {}\n    }\n    linux_prep {", at: "sysprep {", summary: provider},
		{old: "      script_text {", mistake: "      script_text {\n        value = \"#!/bin/sh\"", at: `value = "#!/bin/sh"`, summary: "Script is given twice"},                                                                  // B5
		{old: "    vapp_config {", mistake: "    vapp_config {\n      raw_properties = \"root\"", at: "vapp_config {", summary: "property and raw_properties exclude each other"},                                                 // B14
		{old: `key   = "ip0"`, mistake: `key   = ""`, summary: "A property has no key"},                                                                                                                                           // B15
		{old: `value = "10.0.0.1"`, mistake: "value = \"10.0.0.1\"\n        from { name = \"root\" }", at: `from { name = "root" }`, summary: "Missing reference"},                                                                // a property's key has no default
		{old: `value = "10.0.0.1"`, mistake: "value = \"10.0.0.1\"\n        from {\n          name = \"root\"\n          key = \"password\"\n        }", at: `value = "10.0.0.1"`, summary: "A property has both value and from"}, // B16
		{old: `value = "10.0.0.1"`, mistake: `value = "{{ V1alpha6_FirstIq }}"`, summary: "The template of a property does not render"},
		{old: "      property {", mistake: "      property {\n        key = \"ip0\"\n      }\n      property {", at: `key   = "ip0"`, summary: `The property "ip0" is there twice`},
		{old: `key  = "script"`, mistake: `key  = "scrip"`, summary: "No such key", details: []string{`"password", "script"`}},
		{old: `["8.8.8.8"]`, mistake: `["8.8.8.8/32"]`, at: `nameservers    = ["8.8.8.8/32"]`, summary: "Nameserver is not an IP address"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `mtu       = 9000`, summary: "Bootstrap provider cannot carry mtu", details: []string{"only linux_prep and vapp_config is configured"}},
		{old: `gateway4  = "10.0.1.1"`, mistake: `nameservers = ["8.8.8.8"]`, summary: "Bootstrap provider cannot carry nameservers", details: []string{"network.nameservers"}},
		{old: `gateway4  = "10.0.1.1"`, mistake: `search_domains = ["a.example.com"]`, summary: "Bootstrap provider cannot carry search_domains"},
		{old: `gateway4  = "10.0.1.1"`, mistake: `guest_device_name = "ens160"`, summary: "Bootstrap provider cannot carry guest_device_name"},
		{old: `gateway4  = "10.0.1.1"`, mistake: "route {\n        to  = \"default\"\n        via = \"10.0.1.1\"\n      }", at: "route {", summary: "Bootstrap provider cannot carry route"},
		{old: "    interface {", mistake: "    vlan {\n      name = \"v100\"\n      id   = 100\n      link = \"eth0\"\n    }\n    interface {", at: "vlan {", summary: "Bootstrap provider cannot carry VLANs"},
		{old: `value = "^yes$"`, mistake: `value = "^yes("`, summary: "Not a regular expression"},
		{old: "  readiness_probe {", mistake: "  readiness_probe {\n    guest_heartbeat {}", at: "guest_info {", summary: "A readiness probe is of one kind", details: []string{"guest_heartbeat and guest_info"}},
		{old: "    guest_info {\n      key   = \"ready\"\n      value = \"^yes$\"\n    }\n", mistake: "", at: "readiness_probe {", summary: "The readiness probe asks nothing"},
	})
	steps = append(steps, mistakes(t, wholeWindows, []mistake{
		{old: "\n    sysprep {\n", mistake: "\n    sysprep {\n      raw_sysprep { value = \"<unattend xmlns=\\\"urn:schemas-microsoft-com:unattend\\\"/>\" }\n", at: "sysprep {", summary: "sysprep and raw_sysprep exclude each other"}, // B6
		{old: "auto_logon_count = 1", mistake: "", at: "gui_unattended {", summary: "Number of automatic logons is missing"},                                                                                                             // B8
		{old: "          password {\n            from { name = \"domain\" }\n          }\n        }", mistake: "        }", at: "gui_unattended {", summary: "Automatic logon needs a password"},                                         // B9
		{old: "        identification {", mistake: "        identification {\n          join_workgroup = \"GROUP\"", at: `join_workgroup = "GROUP"`, summary: "Machine cannot join both a domain and a workgroup"},                       // B10
		{old: `domain_admin = "EXAMPLE\\administrator"`, mistake: "", at: "identification {", summary: "Domain cannot be joined without an account"},                                                                                     // B11
		{old: `    domain_name = "example.com"`, mistake: "", at: `domain_admin = "EXAMPLE\\administrator"`, summary: "There is no domain to join"},
		{old: "        gui_unattended {", mistake: "        script_text {\n          value = \"rem\"\n          from {\n            name = \"domain\"\n            key  = \"script\"\n          }\n        }\n        gui_unattended {", at: `value = "rem"`, summary: "Script is given twice"}, // B13
		{old: "auto_logon_count = 1", mistake: "auto_logon_count = 1\n          time_zone = 86", at: "time_zone = 86", summary: "Time zone does not exist"},
		{old: `["8.8.8.8"]`, mistake: "[\"8.8.8.8\"]\n      mtu = 1500", at: "mtu = 1500", summary: "Bootstrap provider cannot carry mtu", details: []string{"only sysprep is configured"}},
	})...)
	steps = append(steps, mistakes(t, edited(t, edited(t, wholeWindows, `    domain_name = "example.com"`, ""), "        identification {", "        identification {\n          join_workgroup = \"GROUP\""), []mistake{
		{old: "EXAMPLE", mistake: "OTHER", at: `domain_admin = "OTHER\\administrator"`, summary: "Workgroup takes no domain account"}, // B12
	})...)
	story(t, steps...)
	nothingWasMade(t, sim)
}

func TestASysprepWithoutAnswersIsAnErrorAtItsLine(t *testing.T) { // B7
	sim := start(t)
	story(t, mistakes(t, `
resource "vmoperator_virtual_machine" "windows" {
  name       = "windows-vm"
  image_name = "Windows Server 2022"
  bootstrap {
    sysprep {
      sysprep {}
    }
  }
}
`, []mistake{{old: "      sysprep {}\n", mistake: "", at: "sysprep {", summary: "Sysprep has no answers"}})...)
	nothingWasMade(t, sim)
}
