package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// desired is a planned machine, everything known: what create and update work towards.
type desired struct {
	plan     *model
	boot     bootstrap
	world    *world
	resolved network.Config
	nics     []machine.NIC
	// cpu and memory are the allocations of the class, nil without one.
	cpu, memory *govmomi.ResourceAllocationInfo
}

// desire decodes a plan and finds what it refers to.
func (r *Resource) desire(ctx context.Context, plan, config *model) (*desired, diag.Diagnostics) {
	d := &desired{plan: plan}
	if r.backend == nil || r.backend.Deferred {
		var diags diag.Diagnostics
		diags.AddError("The provider is not configured", "The provider's configuration is not known, and vCenter is needed now. Apply what it depends on first.")
		return nil, diags
	}
	spec, diags := plan.networkSpec(ctx)
	boot, more := plan.bootstrap(ctx, config)
	diags.Append(more...)
	d.boot = boot
	if diags.HasError() {
		return nil, diags
	}
	d.world, more = r.look(ctx, plan, spec)
	diags.Append(more...)
	if diags.HasError() {
		return nil, diags
	}
	d.resolved = network.Resolve(spec, boot.Bootstrap, network.Defaults{
		Nameservers: d.world.namespace.Nameservers, SearchDomains: d.world.namespace.SearchDomains,
	})
	// What vCenter chose is unknown in the plan or of an earlier card: only an address that
	// was written is asked for.
	written, more := config.networkSpec(ctx)
	diags.Append(more...)
	interfaces, _ := written.EffectiveInterfaces().Get()
	for i, nic := range interfaces {
		name := nic.Name.Or("")
		connected := d.world.networks[name]
		mac := ""
		if address, ok := nic.MACAddr.Get(); ok {
			parsed, err := network.ParseMAC(address)
			if err != nil {
				diags.AddAttributeError(path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), "MAC address is not valid", backend.Sentence(err.Error()))
				return nil, diags
			}
			mac = parsed.String()
		}
		d.nics = append(d.nics, machine.NIC{Name: name, Type: nic.Type.Or(""), Backing: connected.Backing(), MAC: mac})
	}
	if class := d.world.class; class != nil {
		var mhz int64
		if class.NeedsMHz() {
			var err error
			if mhz, err = r.backend.Inventory.LowestMHz(ctx, d.world.namespace); err != nil {
				backend.Failed(&diags, path.Root("class_name"), "Unable to reserve CPU", err)
				return nil, diags
			}
		}
		cpu, memory := inventory.Allocation(class, mhz)
		d.cpu, d.memory = &cpu, &memory
	}
	return d, diags
}

// macs are the addresses of the network cards by interface name.
func macs(observed *machine.Observation, devices map[string]int32) (map[string]network.MAC, error) {
	out := make(map[string]network.MAC, len(devices))
	for name, key := range devices {
		for i := range observed.NICs {
			if observed.NICs[i].Key != key {
				continue
			}
			mac, err := network.ParseMAC(observed.NICs[i].MAC)
			if err != nil {
				return nil, fmt.Errorf("the network card of interface %q of %s has no usable MAC address: %w", name, observed.Title(), err)
			}
			out[name] = mac
		}
	}
	return out, nil
}

// guestKeys are the ExtraConfig keys by which the guest is told its configuration, as far as
// they differ from those the machine has, and the documents in them. forget says that an
// earlier configuration of the provider's is to be taken back.
func (d *desired) guestKeys(observed *machine.Observation, devices map[string]int32, forget bool) (map[string]string, *documents, error) {
	if d.boot.Disabled.Or(false) {
		return nil, nil, nil
	}
	current := map[string]string{}
	for _, key := range []string{cloudinit.KeyMetadata, cloudinit.KeyMetadataEncoding, cloudinit.KeyUserData, cloudinit.KeyUserDataEncoding} {
		if value, ok := observed.ExtraConfig.Get(key); ok {
			current[key] = value
		}
	}
	if !d.boot.sends() {
		if !forget {
			return nil, nil, nil
		}
		for key := range current {
			current[key] = ""
		}
		return current, &documents{}, nil
	}
	addresses, err := macs(observed, devices)
	if err != nil {
		return nil, nil, err
	}
	rendered, err := d.boot.render(d.resolved, addresses, fwtypes.String(types.StringValue(observed.BIOSUUID)))
	if err != nil {
		return nil, nil, err
	}
	return cloudinit.Changes(cloudinit.ExtraConfig(rendered.metadata, rendered.userData), current, forget), &rendered, nil
}

// sizeSpec is what of the class the machine does not have.
func (d *desired) sizeSpec(observed *machine.Observation, spec *govmomi.VirtualMachineConfigSpec) {
	class := d.world.class
	if class == nil {
		return
	}
	if observed.CPUs != class.CPUs {
		spec.NumCPUs = class.CPUs
	}
	if observed.MemoryMB != class.MemoryMB() {
		spec.MemoryMB = class.MemoryMB()
	}
	if !sameAllocation(observed.CPUAllocation, d.cpu) {
		spec.CpuAllocation = d.cpu
	}
	if !sameAllocation(observed.MemoryAllocation, d.memory) {
		spec.MemoryAllocation = d.memory
	}
}

// sameAllocation compares what a class decides: reservation, limit, and the level of shares.
func sameAllocation(have, want *govmomi.ResourceAllocationInfo) bool {
	if have == nil || want == nil {
		return want == nil
	}
	number := func(n *int64, unset int64) int64 {
		if n == nil {
			return unset
		}
		return *n
	}
	level := func(s *govmomi.SharesInfo) govmomi.SharesLevel {
		if s == nil {
			return govmomi.SharesLevelNormal
		}
		return s.Level
	}
	return number(have.Reservation, 0) == number(want.Reservation, 0) &&
		number(have.Limit, -1) == number(want.Limit, -1) &&
		level(have.Shares) == level(want.Shares)
}

// recordOf reads what a machine remembers of its configuration.
func recordOf(observed *machine.Observation) record {
	value, _ := observed.ExtraConfig.Get(recordKey)
	return decodeRecord(value)
}

// needsRemoval tells whether the machine's vApp configuration must go: cloud-init would take
// the OVF environment for its data source, and not see the network.
func (d *desired) needsRemoval(observed *machine.Observation) bool {
	return d.boot.sends() && observed.VApp != nil
}

// isEmpty tells that a change would change nothing.
func isEmpty(spec *govmomi.VirtualMachineConfigSpec) bool {
	return spec.NumCPUs == 0 && spec.MemoryMB == 0 && spec.CpuAllocation == nil && spec.MemoryAllocation == nil &&
		len(spec.DeviceChange) == 0 && len(spec.ExtraConfig) == 0 && spec.VAppConfigRemoved == nil &&
		spec.Uuid == "" && spec.InstanceUuid == ""
}

// addExtraConfig adds keys to a change.
func addExtraConfig(spec *govmomi.VirtualMachineConfigSpec, observed *machine.Observation, keys map[string]string) {
	wanted := maps.Clone(keys)
	spec.ExtraConfig = append(spec.ExtraConfig, observed.ExtraConfig.Changes(wanted)...)
}

// existing adds what is to be done about a name that is taken.
func existing(diags *diag.Diagnostics, summary string, err error) {
	switch {
	case errors.Is(err, vsphere.ErrAlreadyExists):
		diags.AddAttributeError(path.Root("name"), summary, backend.Sentence(err.Error()))
	default:
		diags.AddError(summary, backend.Sentence(err.Error()))
	}
}
