package virtualmachine_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// portrait is what vCenter has of a machine, by what it is of: "memory", "volume data capacity".
// Devices go by the names of their blocks, and what is the machine's own, such as its UUIDs and the
// addresses of its cards, by what it is, so that two machines of one configuration look the same.
type portrait map[string]string

// memory is the part of a machine's record that tells which devices are of which block.
type memory struct {
	Devices map[string]int32 `json:"devices"`
	Volumes map[string]struct {
		Key   int32  `json:"key"`
		UUID  string `json:"uuid"`
		Keep  bool   `json:"keep"`
		Place *seat  `json:"place"`
	} `json:"volumes"`
	CDROMs map[string]struct {
		Place seat `json:"place"`
	} `json:"cdroms"`
}

// seat is a place on a controller.
type seat struct {
	Type string `json:"type"`
	Bus  int32  `json:"bus"`
	Unit int32  `json:"unit"`
}

func (s seat) String() string { return fmt.Sprintf("%s %d:%d", s.Type, s.Bus, s.Unit) }

// painter makes portraits.
type painter struct {
	*testing.T
	client *vim25.Client
	// sim knows of addresses from pools and of customizations; without it portraits are silent on them.
	sim *simulator.Process
}

// painted is what portraits are made of.
var painted = []string{"name", "config", "runtime.powerState"}

// paint asks vCenter for everything of a machine's configuration.
func (p painter) paint(of machine) portrait {
	p.Helper()
	var vm mo.VirtualMachine
	ref := types.ManagedObjectReference{Type: "VirtualMachine", Value: textAt(of.state, "status.unique_id")}
	if err := property.DefaultCollector(p.client).RetrieveOne(p.Context(), ref, painted, &vm); err != nil {
		p.Fatalf("look at the machine: %s", err)
	}
	return p.portrait(&vm, vm.Name)
}

// portrait is that of a machine, with what stands for the name.
func (p painter) portrait(vm *mo.VirtualMachine, name string) portrait {
	p.Helper()
	config := vm.Config
	extra := map[string]string{}
	for _, option := range config.ExtraConfig {
		extra[strings.ToLower(option.GetOptionValue().Key)] = fmt.Sprint(option.GetOptionValue().Value)
	}
	known := p.remembered(extra["vmoperator.record"])
	out := portrait{
		"power": string(vm.Runtime.PowerState), "cpus": fmt.Sprint(config.Hardware.NumCPU), "memory": fmt.Sprint(config.Hardware.MemoryMB),
		"cpu allocation": allocation(config.CpuAllocation), "memory allocation": allocation(config.MemoryAllocation),
		"guest id": config.GuestId, "hardware": config.Version, "firmware": config.Firmware,
		"change tracking": fmt.Sprint(config.ChangeTrackingEnabled != nil && *config.ChangeTrackingEnabled),
		"unfinished":      extra["vmoperator.create"],
	}
	for _, key := range managedKeys {
		out["extra "+key] = extra[strings.ToLower(key)]
	}
	out.ofClass(config)
	names, addresses := out.devices(config.Hardware.Device, &known)
	if p.sim != nil {
		addresses = append(addresses, p.pools(out, config.InstanceUuid)...)
	}
	own := strings.NewReplacer(slices.Concat([]string{name, "<name>", config.InstanceUuid, "<instance uuid>", config.Uuid, "<bios uuid>"}, addresses)...)
	if p.sim != nil {
		out["customization"] = p.customization(vm.Self.Value, own)
	}
	for _, key := range []string{cloudinit.KeyMetadata, cloudinit.KeyUserData} {
		text, err := cloudinit.Decode(extra[key], extra[key+".encoding"])
		if err != nil {
			p.Errorf("%s: %s", key, err)
		}
		out[key] = own.Replace(text)
	}
	if config.VAppConfig != nil {
		for _, property := range config.VAppConfig.GetVmConfigInfo().Property {
			out["property "+property.Id], out["text of property "+property.Id] = own.Replace(property.Value), property.Value
		}
	}
	out.boot(config.BootOptions, names)
	return out
}

func (p painter) remembered(value string) memory {
	p.Helper()
	var out memory
	packed, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		p.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		p.Fatalf("the machine's record %q: %s", value, err)
	}
	if err := json.NewDecoder(reader).Decode(&out); err != nil {
		p.Fatal(err)
	}
	return out
}

func allocation(a *types.ResourceAllocationInfo) string {
	number := func(n *int64, none int64) int64 {
		if n == nil {
			return none
		}
		return *n
	}
	if a == nil {
		a = new(types.ResourceAllocationInfo)
	}
	level := types.SharesLevelNormal
	if a.Shares != nil {
		level = a.Shares.Level
	}
	return fmt.Sprintf("%d to %d, %s", number(a.Reservation, 0), number(a.Limit, -1), level)
}

// devices puts disks, drives and cards into the portrait, and returns the names of disks and cards
// by their keys, and the addresses of cards with what stands for them.
func (out portrait) devices(all []types.BaseVirtualDevice, known *memory) (names map[int32]string, addresses []string) {
	names = map[int32]string{}
	controllers := map[int32]seat{}
	sharing := map[int32]string{}
	for _, device := range all {
		switch d := device.(type) {
		case types.BaseVirtualSCSIController:
			c := d.GetVirtualSCSIController()
			controllers[c.Key], sharing[c.Key] = seat{Type: "SCSI", Bus: c.BusNumber}, string(c.SharedBus)
		case types.BaseVirtualSATAController:
			c := d.GetVirtualSATAController()
			controllers[c.Key] = seat{Type: "SATA", Bus: c.BusNumber}
		case *types.VirtualNVMEController:
			controllers[d.Key], sharing[d.Key] = seat{Type: "NVME", Bus: d.BusNumber}, d.SharedBus
		case *types.VirtualIDEController:
			controllers[d.Key] = seat{Type: "IDE", Bus: d.BusNumber}
		}
	}
	others := 0
	for _, device := range all {
		base := device.GetVirtualDevice()
		at := controllers[base.ControllerKey]
		if base.UnitNumber != nil {
			at.Unit = *base.UnitNumber
		}
		switch d := device.(type) {
		case *types.VirtualDisk:
			name := volumeOf(d, at, known)
			if name == "" {
				name = fmt.Sprintf("disk of the image %d", others)
				others++
			}
			names[d.Key] = name
			out.disk(name, d, at, cmp.Or(sharing[base.ControllerKey], string(types.VirtualSCSISharingNoSharing)))
			if volume, ok := known.Volumes[strings.TrimPrefix(name, "volume ")]; ok {
				out[name+" keep"] = fmt.Sprint(volume.Keep)
			}
		case *types.VirtualCdrom:
			out.drive(d, at, known)
		case types.BaseVirtualEthernetCard:
			names[base.Key] = out.card(d, known)
			mac, stand := d.GetVirtualEthernetCard().MacAddress, "<"+names[base.Key]+">"
			// YAML quotes some addresses and not others, by their digits.
			addresses = append(addresses, `"`+mac+`"`, stand, mac, stand, strings.ReplaceAll(mac, ":", "-"), stand)
		}
	}
	return names, addresses
}

// volumeOf names the volume that a disk is of; it is empty for one of the image.
func volumeOf(disk *types.VirtualDisk, at seat, known *memory) string {
	uuid := ""
	if backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
		uuid = backing.Uuid
	}
	for name, volume := range known.Volumes {
		if volume.UUID != "" && volume.UUID == uuid || volume.UUID == "" && volume.Key == disk.Key ||
			volume.UUID == "" && volume.Key == 0 && volume.Place != nil && *volume.Place == at {
			return "volume " + name
		}
	}
	return ""
}

func (out portrait) disk(name string, disk *types.VirtualDisk, at seat, sharing string) {
	out[name+" capacity"], out[name+" place"], out[name+" bus"] = fmt.Sprint(disk.CapacityInBytes), at.String(), sharing
	if backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
		is := func(b *bool) bool { return b != nil && *b }
		out[name+" mode"], out[name+" sharing"] = backing.DiskMode, cmp.Or(backing.Sharing, "sharingNone")
		out[name+" provisioning"] = fmt.Sprintf("thin %t, eager %t", is(backing.ThinProvisioned), is(backing.EagerlyScrub))
	}
}

func (out portrait) drive(drive *types.VirtualCdrom, at seat, known *memory) {
	name := "drive of nobody at " + at.String()
	for block, record := range known.CDROMs {
		if record.Place == at {
			name = "drive " + block
		}
	}
	out[name+" place"] = at.String()
	switch backing := drive.Backing.(type) {
	case *types.VirtualCdromIsoBackingInfo:
		out[name+" holds"] = backing.FileName
	default:
		out[name+" holds"] = fmt.Sprintf("%T", backing)
	}
	if c := drive.Connectable; c != nil {
		// What a machine that is off connects is vSphere's business.
		out[name+" connection"] = fmt.Sprintf("connected %t, at start %t, by the guest %t", c.Connected && out["power"] == "poweredOn", c.StartConnected, c.AllowGuestControl)
	}
}

func (out portrait) card(device types.BaseVirtualEthernetCard, known *memory) (name string) {
	card := device.GetVirtualEthernetCard()
	name = fmt.Sprintf("card of nobody %d", card.Key)
	for block, key := range known.Devices {
		if key == card.Key {
			name = "card " + block
		}
	}
	out[name+" type"] = fmt.Sprintf("%T", device)
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		out[name+" network"] = backing.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		out[name+" network"] = backing.Port.PortgroupKey
	}
	out[name+" address"] = card.MacAddress
	return name
}

func (out portrait) boot(has *types.VirtualMachineBootOptions, names map[int32]string) {
	if has == nil {
		has = new(types.VirtualMachineBootOptions)
	}
	var order []string
	for _, device := range has.BootOrder {
		switch d := device.(type) {
		case *types.VirtualMachineBootOptionsBootableDiskDevice:
			order = append(order, names[d.DeviceKey])
		case *types.VirtualMachineBootOptionsBootableEthernetDevice:
			order = append(order, names[d.DeviceKey])
		case *types.VirtualMachineBootOptionsBootableCdromDevice:
			order = append(order, "any drive")
		}
	}
	is := func(b *bool) bool { return b != nil && *b }
	maps.Copy(out, portrait{
		// A delay of one millisecond stands for none.
		"boot_delay": fmt.Sprint(max(has.BootDelay, 1)), "boot_retry_delay": fmt.Sprint(max(has.BootRetryDelay, 1)),
		"boot_retry": fmt.Sprint(is(has.BootRetryEnabled)), "efi_secure_boot": fmt.Sprint(is(has.EfiSecureBootEnabled)),
		"network_boot_protocol": cmp.Or(has.NetworkBootProtocol, "ipv4"), "boot_order": strings.Join(order, ", "),
	})
}
