package virtualmachine

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type resourcesModel struct {
	Size     types.Object `tfsdk:"size"`
	Requests types.Object `tfsdk:"requests"`
	Limits   types.Object `tfsdk:"limits"`
}

type amountsModel struct {
	CPU    fwtypes.Quantity `tfsdk:"cpu"`
	Memory fwtypes.Quantity `tfsdk:"memory"`
}

type advancedModel struct {
	BootDiskCapacity              fwtypes.Quantity `tfsdk:"boot_disk_capacity"`
	DefaultVolumeProvisioningMode types.String     `tfsdk:"default_volume_provisioning_mode"`
	ChangeBlockTracking           types.Bool       `tfsdk:"change_block_tracking"`
	ExtraConfig                   types.Map        `tfsdk:"extra_config"`
}

type bootOptionsModel struct {
	Firmware            types.String     `tfsdk:"firmware"`
	BootDelay           fwtypes.Duration `tfsdk:"boot_delay"`
	BootRetry           types.String     `tfsdk:"boot_retry"`
	BootRetryDelay      fwtypes.Duration `tfsdk:"boot_retry_delay"`
	EFISecureBoot       types.String     `tfsdk:"efi_secure_boot"`
	NetworkBootProtocol types.String     `tfsdk:"network_boot_protocol"`
	BootOrder           types.List       `tfsdk:"boot_order"`
}

type bootOrderModel struct {
	Type types.String `tfsdk:"type"`
	Name types.String `tfsdk:"name"`
}

type hardwareModel struct {
	CDROM types.List `tfsdk:"cdrom"`
}

type cdromModel struct {
	Name                types.String `tfsdk:"name"`
	Image               types.Object `tfsdk:"image"`
	Connected           types.Bool   `tfsdk:"connected"`
	AllowGuestControl   types.Bool   `tfsdk:"allow_guest_control"`
	ControllerType      types.String `tfsdk:"controller_type"`
	ControllerBusNumber types.Int64  `tfsdk:"controller_bus_number"`
	UnitNumber          types.Int64  `tfsdk:"unit_number"`
}

type volumeModel struct {
	Name                types.String     `tfsdk:"name"`
	Capacity            fwtypes.Quantity `tfsdk:"capacity"`
	StorageClass        types.String     `tfsdk:"storage_class"`
	ProvisioningMode    types.String     `tfsdk:"provisioning_mode"`
	DiskMode            types.String     `tfsdk:"disk_mode"`
	SharingMode         types.String     `tfsdk:"sharing_mode"`
	ApplicationType     types.String     `tfsdk:"application_type"`
	ControllerType      types.String     `tfsdk:"controller_type"`
	ControllerBusNumber types.Int64      `tfsdk:"controller_bus_number"`
	UnitNumber          types.Int64      `tfsdk:"unit_number"`
	Removable           types.Bool       `tfsdk:"removable"`
	ReclaimPolicy       types.String     `tfsdk:"reclaim_policy"`
}

// Where the blocks are.
var (
	resourcesPath   = path.Root("resources")
	advancedPath    = path.Root("advanced")
	bootOptionsPath = path.Root("boot_options")
	volumePath      = path.Root("volume")
)

// hardware decodes what was written of the machine's hardware. Texts that are no quantity or no
// duration are errors at their place, and unknown in what is returned.
func (m *model) hardware(ctx context.Context) (hardwareSpec, diag.Diagnostics) {
	d := hardwareDecoder{ctx: ctx}
	spec := hardwareSpec{
		GuestID:     fwtypes.String(m.GuestID),
		MinHardware: fwtypes.Int64(m.MinHardwareVersion),
		Resources:   d.resources(m.Resources),
		Boot:        d.boot(m.BootOptions),
		Advanced:    d.advanced(m.Advanced),
		Volumes:     repeatedBlock(&d, m.Volume, d.volume),
	}
	spec.Managed, spec.CDROMs = d.drives(m.Hardware)
	return spec, d.diags
}

// hardwareDecoder gathers what is wrong with what it decodes.
type hardwareDecoder struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	diags diag.Diagnostics
}

// singleBlock decodes a single block. Of one that is unknown as a whole, everything is.
func singleBlock[M, T any](d *hardwareDecoder, object types.Object, unknown T, convert func(M) T) T {
	written, diags := fwtypes.Block[M](d.ctx, object)
	d.diags.Append(diags...)
	if written.IsUnknown() {
		return unknown
	}
	if decoded, ok := written.Get(); ok {
		return convert(decoded)
	}
	var absent T
	return absent
}

// repeatedBlock decodes a repeated block.
func repeatedBlock[M, T any](d *hardwareDecoder, list types.List, convert func(int, M) T) known.Value[[]T] {
	written, diags := fwtypes.Blocks[M](d.ctx, list)
	d.diags.Append(diags...)
	return known.Map(written, func(models []M) []T {
		out := make([]T, len(models))
		for i, decoded := range models {
			out[i] = convert(i, decoded)
		}
		return out
	})
}

func (d *hardwareDecoder) resources(object types.Object) resourcesSpec {
	later := amounts{CPU: known.Unknown[int64](), Memory: known.Unknown[int64]()}
	one := func(name string, inner types.Object) amounts {
		at := resourcesPath.AtName(name)
		return singleBlock(d, inner, later, func(m amountsModel) amounts {
			amount := func(of string, value fwtypes.Quantity) known.Value[int64] {
				return d.quantity(at.AtName(of), at.AtName(of).String(), value)
			}
			return amounts{CPU: amount("cpu", m.CPU), Memory: amount("memory", m.Memory)}
		})
	}
	return singleBlock(d, object, resourcesSpec{Size: later, Requests: later, Limits: later}, func(m resourcesModel) resourcesSpec {
		return resourcesSpec{Size: one("size", m.Size), Requests: one("requests", m.Requests), Limits: one("limits", m.Limits)}
	})
}

func (d *hardwareDecoder) advanced(object types.Object) advancedSpec {
	later := advancedSpec{
		BootDiskBytes: known.Unknown[int64](), Provisioning: known.Unknown[string](),
		ChangeTracking: known.Unknown[bool](), ExtraConfig: known.Unknown[map[string]known.Value[string]](),
	}
	return singleBlock(d, object, later, func(m advancedModel) advancedSpec {
		return advancedSpec{
			BootDiskBytes:  d.quantity(advancedPath.AtName("boot_disk_capacity"), "advanced.boot_disk_capacity", m.BootDiskCapacity),
			Provisioning:   choice(m.DefaultVolumeProvisioningMode, provisioningWords),
			ChangeTracking: fwtypes.Bool(m.ChangeBlockTracking),
			ExtraConfig:    fwtypes.StringMap(m.ExtraConfig),
		}
	})
}

func (d *hardwareDecoder) boot(object types.Object) bootSpec {
	later := bootSpec{
		Firmware: known.Unknown[string](), DelayMS: known.Unknown[int64](), Retry: known.Unknown[bool](), RetryDelayMS: known.Unknown[int64](),
		SecureBoot: known.Unknown[bool](), NetworkBootProtocol: known.Unknown[string](), Order: known.Unknown[[]bootEntry](),
	}
	return singleBlock(d, object, later, func(m bootOptionsModel) bootSpec {
		order := repeatedBlock(d, m.BootOrder, func(_ int, entry bootOrderModel) bootEntry {
			return bootEntry{Type: choice(entry.Type, bootDeviceWords), Name: fwtypes.String(entry.Name)}
		})
		if entries, ok := order.Get(); ok && len(entries) == 0 {
			order = known.Value[[]bootEntry]{} // a block that is there no time is not written
		}
		return bootSpec{
			Firmware:            known.FlatMap(known.Map(fwtypes.String(m.Firmware), strings.ToLower), func(word string) known.Value[string] { return choice(types.StringValue(word), firmwareWords) }),
			DelayMS:             d.milliseconds(bootOptionsPath.AtName("boot_delay"), m.BootDelay),
			Retry:               enabled(m.BootRetry),
			RetryDelayMS:        d.milliseconds(bootOptionsPath.AtName("boot_retry_delay"), m.BootRetryDelay),
			SecureBoot:          enabled(m.EFISecureBoot),
			NetworkBootProtocol: choice(m.NetworkBootProtocol, networkBootWords),
			Order:               order,
		}
	})
}

// drives decodes the hardware block. A dynamic block of which nothing is known may not be there.
func (d *hardwareDecoder) drives(object types.Object) (managed known.Value[bool], drives known.Value[[]cdromSpec]) {
	switch fwtypes.PresenceOf(object) {
	case fwtypes.Absent:
		return known.Of(false), known.Value[[]cdromSpec]{}
	case fwtypes.Possible:
		return known.Unknown[bool](), known.Unknown[[]cdromSpec]()
	case fwtypes.Bare, fwtypes.Present:
	}
	return known.Of(true), singleBlock(d, object, drives, func(m hardwareModel) known.Value[[]cdromSpec] { return repeatedBlock(d, m.CDROM, d.drive) })
}

func (d *hardwareDecoder) drive(_ int, m cdromModel) cdromSpec {
	drive := cdromSpec{
		Name:              fwtypes.String(m.Name),
		Connected:         fwtypes.Bool(m.Connected),
		AllowGuestControl: otherwise(fwtypes.Bool(m.AllowGuestControl), known.Of(true)),
		At:                address(choice(m.ControllerType, driveControllerWords), m.ControllerBusNumber, m.UnitNumber),
	}
	written, diags := fwtypes.Block[imageModel](d.ctx, m.Image)
	d.diags.Append(diags...)
	drive.ImageKind = known.FlatMap(written, func(of imageModel) known.Value[string] {
		return otherwise(choice(of.Kind, imageKindWords), known.Of(string(image.VirtualMachineImage)))
	})
	drive.ImageName = known.FlatMap(written, func(of imageModel) known.Value[string] { return fwtypes.String(of.Name) })
	if drive.Connected.IsAbsent() {
		drive.Connected = known.Of(written.IsSet())
		if written.IsUnknown() {
			drive.Connected = known.Unknown[bool]()
		}
	}
	return drive
}

func (d *hardwareDecoder) volume(i int, m volumeModel) volumeSpec {
	return volumeSpec{
		Name:            fwtypes.String(m.Name),
		CapacityBytes:   d.quantity(volumePath.AtListIndex(i).AtName("capacity"), "capacity of "+blockName("volume", i, fwtypes.String(m.Name)), m.Capacity),
		StorageClass:    fwtypes.String(m.StorageClass),
		Provisioning:    choice(m.ProvisioningMode, provisioningWords),
		DiskMode:        choice(m.DiskMode, diskModeWords),
		SharingMode:     choice(m.SharingMode, sharingWords),
		ApplicationType: choice(m.ApplicationType, applicationWords),
		At:              address(choice(m.ControllerType, volumeControllerWords), m.ControllerBusNumber, m.UnitNumber),
		Removable:       otherwise(fwtypes.Bool(m.Removable), known.Of(true)),
		ReclaimPolicy:   otherwise(choice(m.ReclaimPolicy, reclaimWords), known.Of(reclaimDelete)),
	}
}

func address(controller known.Value[string], bus, unit types.Int64) addressSpec {
	return addressSpec{ControllerType: controller, BusNumber: fwtypes.Int64(bus), UnitNumber: fwtypes.Int64(unit)}
}

// otherwise is a value with its default.
func otherwise[T any](value, fallback known.Value[T]) known.Value[T] {
	if value.IsAbsent() {
		return fallback
	}
	return value
}

// choice decodes one of several words. Of another one, which the schema refuses, nothing is known,
// so that nothing else is said about it.
func choice(value types.String, words []string) known.Value[string] {
	return known.FlatMap(fwtypes.String(value), func(word string) known.Value[string] {
		if !slices.Contains(words, word) {
			return known.Unknown[string]()
		}
		return known.Of(word)
	})
}

// enabled decodes a switch.
func enabled(value types.String) known.Value[bool] {
	return known.Map(choice(value, switchWords), func(word string) bool { return word == switchEnabled })
}
