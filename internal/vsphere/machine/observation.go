package machine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Observation is what one read found of a virtual machine.
type Observation struct {
	Ref  Ref
	Name string
	// Path is the inventory path, like "/DC/vm/team/web", and FolderPath that of its folder. They
	// hold what the user may see of them.
	Path, FolderPath string
	Folder           Ref // zero for a machine in a vApp
	// ConfigFile is the datastore path of its configuration, like "[datastore1] web/web.vmx".
	ConfigFile string

	// UUIDs in vSphere's spelling: lower case, with hyphens.
	InstanceUUID, BIOSUUID string

	PowerState      types.VirtualMachinePowerState
	ConnectionState types.VirtualMachineConnectionState
	// Host it runs on or was registered with, and that host's name.
	Host Ref
	Node string

	HardwareVersion int // 21 for vmx-21; 0 where vCenter says something else
	// Configured, not detected in the guest.
	GuestID, GuestFullName string
	CPUs                   int32
	CoresPerSocket         int32 // as they are, whoever decided; 0 where vCenter does not say
	AutoCores              bool  // vSphere decides how many cores a socket has
	MemoryMB               int64
	CPUAllocation          *types.ResourceAllocationInfo // MHz
	MemoryAllocation       *types.ResourceAllocationInfo // MB
	// MemoryLocked says that vSphere keeps the reservation at the size of the memory.
	MemoryLocked bool
	HotPlug      HotPlug
	// Latency is normal, high or another level of latency sensitivity.
	Latency types.LatencySensitivitySensitivityLevel
	// NestedHV and VPMC say that the guest may run machines itself, and count what the processor
	// does.
	NestedHV, VPMC bool
	Flags          types.VirtualMachineFlagInfo
	Firmware       string // bios or efi
	BootOptions    *types.VirtualMachineBootOptions
	ChangeTracking *bool
	Annotation     string
	Template       bool
	// ChangeVersion changes with every reconfiguration.
	ChangeVersion string

	ExtraConfig ExtraConfig
	NICs        []ObservedNIC   // in the order of their units
	Disks       []Disk          // in the order of their keys, which is that of their places
	CDROMs      []ObservedCDROM // in the order of their places, those on IDE controllers first
	Controllers []Controller    // of disks and CD-ROMs, in the order of type and bus
	// VApp is the vApp configuration; nil for a machine without one.
	VApp *types.VmConfigInfo
	// PendingCustomization says that a guest customization waits for a power-on.
	PendingCustomization bool

	// StoragePolicies are the policies of the machine's files, where ReadPolicies has read them.
	StoragePolicies Policies
	// Question is what vSphere wants to know before it goes on; nil mostly.
	Question *types.VirtualMachineQuestionInfo

	Guest *types.GuestInfo
	// Customization and Tools are what Guest says of them.
	Customization Customization
	Tools         Tools
	// HeartbeatStatus is gray, red, yellow or green; empty when vCenter does not say.
	HeartbeatStatus types.ManagedEntityStatus

	Datastores   []Ref
	ResourcePool Ref // zero for a template

	// pciKey is the key of the bus to which controllers are attached; 0 where there is none.
	pciKey int32
}

// Unfinished says that the machine bears the mark of a creation that has not come to its end.
func (o *Observation) Unfinished() bool {
	mark, _ := o.ExtraConfig.Get(CreateMark)
	return mark != ""
}

// Title names the machine by inventory path and id, for messages.
func (o *Observation) Title() string {
	return fmt.Sprintf("virtual machine %q (%s)", cmp.Or(o.Path, o.Name), o.Ref.Value)
}

// observed are the properties that an Observation is made of.
var observed = []string{
	"name", "parent", "runtime.powerState", "runtime.connectionState", "runtime.host", "runtime.question",
	"config.instanceUuid", "config.uuid", "config.version", "config.guestId", "config.guestFullName",
	"config.hardware", "config.cpuAllocation", "config.memoryAllocation", "config.firmware", "config.files",
	"config.cpuHotAddEnabled", "config.cpuHotRemoveEnabled", "config.memoryHotAddEnabled",
	"config.hotPlugMemoryLimit", "config.hotPlugMemoryIncrementSize", "config.memoryReservationLockedToMax",
	"config.latencySensitivity", "config.nestedHVEnabled", "config.vPMCEnabled", "config.flags",
	"config.bootOptions", "config.changeTrackingEnabled", "config.annotation", "config.template",
	"config.changeVersion", "config.extraConfig", "config.vAppConfig", "config.tools.pendingCustomization",
	"guest", "guestHeartbeatStatus", "datastore", "resourcePool",
}

// newObservation reads the properties of a machine that has a configuration.
func newObservation(vm *mo.VirtualMachine) *Observation {
	config := vm.Config
	o := &Observation{
		Ref:              vm.Self,
		Name:             vm.Name,
		InstanceUUID:     config.InstanceUuid,
		BIOSUUID:         config.Uuid,
		PowerState:       vm.Runtime.PowerState,
		ConnectionState:  vm.Runtime.ConnectionState,
		HardwareVersion:  parseHardwareVersion(config.Version),
		GuestID:          config.GuestId,
		GuestFullName:    config.GuestFullName,
		ConfigFile:       config.Files.VmPathName,
		CPUs:             config.Hardware.NumCPU,
		MemoryMB:         int64(config.Hardware.MemoryMB),
		CPUAllocation:    config.CpuAllocation,
		MemoryAllocation: config.MemoryAllocation,
		MemoryLocked:     isTrue(config.MemoryReservationLockedToMax),
		HotPlug:          newHotPlug(config),
		NestedHV:         isTrue(config.NestedHVEnabled),
		VPMC:             isTrue(config.VPMCEnabled),
		Flags:            config.Flags,
		AutoCores:        isTrue(config.Hardware.AutoCoresPerSocket),
		Firmware:         config.Firmware,
		BootOptions:      config.BootOptions,
		ChangeTracking:   config.ChangeTrackingEnabled,
		Annotation:       config.Annotation,
		Template:         config.Template,
		ChangeVersion:    config.ChangeVersion,
		ExtraConfig:      extraConfig(config.ExtraConfig),
		Question:         vm.Runtime.Question,
		Guest:            vm.Guest,
		Customization:    newCustomization(vm.Guest),
		Tools:            newTools(vm.Guest),
		HeartbeatStatus:  vm.GuestHeartbeatStatus,
		Datastores:       vm.Datastore,
	}
	if cores := config.Hardware.NumCoresPerSocket; cores != nil {
		o.CoresPerSocket = *cores
	}
	if config.LatencySensitivity != nil {
		o.Latency = config.LatencySensitivity.Level
	}
	if vm.Parent != nil {
		o.Folder = *vm.Parent
	}
	if vm.Runtime.Host != nil {
		o.Host = *vm.Runtime.Host
	}
	if vm.ResourcePool != nil {
		o.ResourcePool = *vm.ResourcePool
	}
	if config.VAppConfig != nil {
		o.VApp = config.VAppConfig.GetVmConfigInfo()
	}
	// Which of the two tells depends on the version of vCenter.
	file, _ := o.ExtraConfig.Get("tools.deployPkg.fileName")
	o.PendingCustomization = file != "" || config.Tools != nil && config.Tools.PendingCustomization != ""
	o.Controllers = observeControllers(config.Hardware.Device)
	for _, device := range config.Hardware.Device {
		switch d := device.(type) {
		case *types.VirtualPCIController:
			o.pciKey = d.Key
		case *types.VirtualDisk:
			o.Disks = append(o.Disks, newDisk(d, o.Controllers))
		case *types.VirtualCdrom:
			o.CDROMs = append(o.CDROMs, newObservedCDROM(d, o.Controllers))
		case types.BaseVirtualEthernetCard:
			o.NICs = append(o.NICs, newObservedNIC(d))
		}
	}
	// vCenter moves an edited device to the end of its list; the unit stays.
	slices.SortStableFunc(o.NICs, func(a, b ObservedNIC) int {
		return cmp.Or(cmp.Compare(a.UnitNumber, b.UnitNumber), cmp.Compare(a.Key, b.Key))
	})
	slices.SortStableFunc(o.Disks, func(a, b Disk) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortStableFunc(o.CDROMs, func(a, b ObservedCDROM) int {
		return cmp.Or(cmp.Compare(slices.Index(cdromTypes, a.Place.Type), slices.Index(cdromTypes, b.Place.Type)),
			cmp.Compare(a.Place.Bus, b.Place.Bus), cmp.Compare(a.Place.Unit, b.Place.Unit))
	})
	return o
}

// extraConfig makes text of values, which vCenter reports as text but the API allows to be
// of any type.
func extraConfig(options []types.BaseOptionValue) ExtraConfig {
	config := make(ExtraConfig, len(options))
	for _, option := range options {
		value := option.GetOptionValue()
		if text, ok := value.Value.(string); ok {
			config[value.Key] = text
		} else if value.Value != nil {
			config[value.Key] = fmt.Sprint(value.Value)
		}
	}
	return config
}

func isTrue(b *bool) bool { return b != nil && *b }

func unit(number *int32) int32 {
	if number == nil {
		return -1
	}
	return *number
}

func label(description types.BaseDescription) string {
	if description == nil {
		return ""
	}
	return description.GetDescription().Label
}

func hardwareVersion(version int) string { return "vmx-" + strconv.Itoa(version) }

func parseHardwareVersion(version string) int {
	number, found := strings.CutPrefix(version, "vmx-")
	if !found {
		return 0
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}
