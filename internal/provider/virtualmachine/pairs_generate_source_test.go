package virtualmachine_test

import (
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// source is what machines are made of.
type source struct {
	image string
	// bootDisk is what the first disk of the image has, in GiB; 0 for an image without disks.
	bootDisk int
	// installer is the image in a drive, of an installation medium.
	installer tree
	guestIDs  []any
	// providers are bootstrap providers that it has a guest for; an empty one stands for no
	// bootstrap block.
	providers []string
	// needs are the sections of a configuration that cannot be left out.
	needs map[string]bool
}

// medium names an ISO image, as the blocks of drives do.
func medium(item string) tree {
	return tree{"kind": "ClusterVirtualMachineImage", "name": image.NewID(item).String()}
}

var linuxIDs = []any{"ubuntu64Guest", "vmwarePhoton64Guest", "debian12_64Guest"}

// sources are of every type of image, and of both families of guests.
var sources = []source{
	{image: "Photon OS 5.0", bootDisk: 20, guestIDs: linuxIDs, providers: []string{"", "cloud_init", "cloud_init", "linux_prep"}},
	{image: "Ubuntu 22.04 LTS", bootDisk: 10, guestIDs: linuxIDs, providers: []string{"", "cloud_init", "cloud_init", "linux_prep", "vapp_config"}},
	{image: simulator.TemplateMachine, bootDisk: 12, guestIDs: linuxIDs, providers: []string{"", "cloud_init", "cloud_init", "linux_prep"}},
	{
		image: "Windows Server 2022", bootDisk: 60, guestIDs: []any{"windows2019srvNext_64Guest", "windows2019srv_64Guest"},
		providers: []string{"", "cloud_init", "sysprep", "sysprep", "sysprep"},
	},
	{
		// Nothing is installed, so that there is no guest that could be customized.
		image: "Debian 12 Installer", installer: medium(simulator.ItemInstaller), guestIDs: linuxIDs, providers: []string{"", "cloud_init"},
		needs: map[string]bool{"guest_id": true, "class_name": true, "volume": true},
	},
}

// Classes of vCenter that say more than a size. That of classReal takes all reservations.
const (
	classTuned = "tuned"
	classPlain = "plain"
	classReal  = "real-time"
)

// specOfClass is the config_spec of each class of vCenter that has one.
var specOfClass = map[string]string{
	classTuned: `{"_typeName":"VirtualMachineConfigSpec","version":"vmx-20","annotation":"A class has noted this.","numCoresPerSocket":2,
		"cpuHotAddEnabled":true,"memoryHotAddEnabled":true,"nestedHVEnabled":true,"changeTrackingEnabled":true,
		"flags":{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":true,"virtualMmuUsage":"on"},
		"extraConfig":[{"_typeName":"OptionValue","key":"class.key","value":{"_typeName":"string","_value":"of the class"}},
			{"_typeName":"OptionValue","key":"numa.nodeAffinity","value":{"_typeName":"string","_value":"0,1"}}]}`,
	classReal: `{"_typeName":"VirtualMachineConfigSpec","memoryReservationLockedToMax":true,"latencySensitivity":{"_typeName":"LatencySensitivity","level":"high"}}`,
	classPlain: `{"_typeName":"VirtualMachineConfigSpec","numCoresPerSocket":1,"memoryReservationLockedToMax":false,"cpuHotAddEnabled":false,"memoryHotAddEnabled":false,"cpuHotRemoveEnabled":true,
		"nestedHVEnabled":false,"vPMCEnabled":true,"latencySensitivity":{"_typeName":"LatencySensitivity","level":"normal"},
		"flags":{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":false,"virtualMmuUsage":"automatic"}}`,
}

// reservedBy are the percentages that these classes reserve.
var reservedBy = map[string]int64{classReal: 100}

// className is one of the provider's own classes or of vCenter's.
func (g *generator) className(_, _ tree) any {
	return oneOf(g, "tiny", "reserved", "limited", simulator.ClassGuaranteed, classTuned, classPlain, classReal)
}

func (g *generator) guestID(_, _ tree) any { return oneOf(g, g.source.guestIDs...) }

// sysprep answers what Windows' setup asks.
func (g *generator) sysprep() tree {
	if g.chance(20) {
		return tree{"raw_sysprep": tree{"value": `<unattend xmlns="urn:schemas-microsoft-com:unattend"><!-- ` + oneOf(g, "one", "two") + ` --></unattend>`}}
	}
	out := tree{}
	g.put(out, 40, "user_data", tree{"full_name": "A User", "org_name": "Example"}, tree{"full_name": "Another", "org_name": "Example"})
	g.put(out, 30, "gui_run_once", tree{"commands": []any{"first.cmd"}}, tree{"commands": []any{"second.cmd", "first.cmd"}})
	unattended := tree{}
	g.put(unattended, 50, "time_zone", 4, 110)
	if g.chance(50) {
		unattended["password"] = tree{"value": oneOf(g, "Secret-1", "Secret-2")}
		if g.chance(30) {
			unattended["auto_logon"], unattended["auto_logon_count"] = true, oneOf(g, 1, 2)
		}
	}
	if len(unattended) > 0 {
		out["gui_unattended"] = unattended
	}
	g.put(out, 40, "identification", tree{"join_workgroup": "LAB"}, tree{
		"join_domain": "example.com", "domain_admin": `EXAMPLE\administrator`, "domain_admin_password": tree{"value": "Secret-3"},
	})
	return tree{"sysprep": out}
}
