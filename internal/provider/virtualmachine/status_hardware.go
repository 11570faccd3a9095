package virtualmachine

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// The types of disks, in VM Operator's words.
const (
	volumeClassic = "Classic"
	volumeManaged = "Managed"
)

type statusHardwareModel struct {
	CPU    types.Object `tfsdk:"cpu"`
	Memory types.Object `tfsdk:"memory"`
}

type statusCPUModel struct {
	Total       types.Int64 `tfsdk:"total"`
	Reservation types.Int64 `tfsdk:"reservation"`
	Limit       types.Int64 `tfsdk:"limit"`
}

type statusMemoryModel struct {
	Total       types.String `tfsdk:"total"`
	Reservation types.String `tfsdk:"reservation"`
	Limit       types.String `tfsdk:"limit"`
}

type statusVolumeModel struct {
	Name                types.String `tfsdk:"name"`
	Type                types.String `tfsdk:"type"`
	Capacity            types.String `tfsdk:"capacity"`
	DiskUUID            types.String `tfsdk:"disk_uuid"`
	ControllerType      types.String `tfsdk:"controller_type"`
	ControllerBusNumber types.Int64  `tfsdk:"controller_bus_number"`
	UnitNumber          types.Int64  `tfsdk:"unit_number"`
	DiskMode            types.String `tfsdk:"disk_mode"`
	SharingMode         types.String `tfsdk:"sharing_mode"`
}

// hardwareShown is status.hardware of a machine.
func hardwareShown(ctx context.Context, o *machine.Observation) (types.Object, diag.Diagnostics) {
	reservation, limit := share(o.CPUAllocation)
	cpu, diags := types.ObjectValueFrom(ctx, statusCPUType.AttrTypes, statusCPUModel{
		Total: types.Int64Value(int64(o.CPUs)), Reservation: types.Int64Value(reservation), Limit: types.Int64PointerValue(limit),
	})
	reservation, limit = share(o.MemoryAllocation)
	shownMemory := statusMemoryModel{Total: bytesShown(o.MemoryMB * mebibyte), Reservation: bytesShown(reservation * mebibyte)}
	if limit != nil {
		shownMemory.Limit = bytesShown(*limit * mebibyte)
	}
	memory, more := types.ObjectValueFrom(ctx, statusMemoryType.AttrTypes, shownMemory)
	diags.Append(more...)
	object, more := types.ObjectValueFrom(ctx, statusHardwareType.AttrTypes, statusHardwareModel{CPU: cpu, Memory: memory})
	diags.Append(more...)
	return object, diags
}

// share is what an allocation reserves and allows; the limit is nil where there is none.
func share(a *govmomi.ResourceAllocationInfo) (reservation int64, limit *int64) {
	if a == nil {
		return 0, nil
	}
	if a.Reservation != nil {
		reservation = *a.Reservation
	}
	if a.Limit != nil && *a.Limit >= 0 {
		limit = a.Limit
	}
	return reservation, limit
}

func bytesShown(bytes int64) types.String {
	return types.StringValue(fwtypes.QuantityOfBytes(bytes).ValueString())
}

// volumesShown is status.volumes of a machine. vCenter moves an edited disk to the end of its
// list: sorted by UUID, as in VM Operator, a machine that does not change has a status that
// does not.
func volumesShown(ctx context.Context, o *machine.Observation, remembered *record) (types.List, diag.Diagnostics) {
	names := make(map[int32]string, len(remembered.Volumes))
	for name, recorded := range remembered.Volumes {
		if disk := recorded.Find(o.Disks); disk != nil {
			names[disk.Key] = name
		}
	}
	disks := slices.Clone(o.Disks)
	slices.SortFunc(disks, func(a, b machine.Disk) int { return cmp.Or(cmp.Compare(a.UUID, b.UUID), cmp.Compare(a.Key, b.Key)) })
	shown := make([]statusVolumeModel, len(disks))
	for i := range disks {
		shown[i] = volumeShown(&disks[i], names[disks[i].Key])
	}
	return types.ListValueFrom(ctx, statusVolumeType, shown)
}

// volumeShown is a disk of the volume with that name, or of none.
func volumeShown(disk *machine.Disk, volume string) statusVolumeModel {
	kind, name := volumeManaged, volume
	if volume == "" {
		kind, name = volumeClassic, "disk-"+cmp.Or(disk.UUID, strconv.Itoa(int(disk.Key)))
	}
	sharing := machine.NoDiskSharing
	if disk.MultiWriter {
		sharing = machine.MultiWriter
	}
	model := statusVolumeModel{
		Name: types.StringValue(name), Type: types.StringValue(kind), Capacity: bytesShown(disk.CapacityBytes),
		DiskUUID: fwtypes.OptionalText(disk.UUID), SharingMode: types.StringValue(string(sharing)),
		DiskMode: fwtypes.OptionalText(string(machine.DiskModeOf(disk))),
	}
	if disk.Place.Type != "" {
		model.ControllerType = types.StringValue(string(disk.Place.Type))
		model.ControllerBusNumber = types.Int64Value(int64(disk.Place.Bus))
		model.UnitNumber = types.Int64Value(int64(disk.Place.Unit))
	}
	return model
}
