package machine

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Source is a kind of images to make a machine of, in VM Operator's words.
type Source string

// The kinds of images.
const (
	// FromOVF is an OVF item of a content library: its disks, and the configuration of the
	// DeploySpec. Every member of that may be set but Disks and CDROMs, which come after it.
	FromOVF Source = "OVF"
	// FromVM is a VM template item of a content library: a copy of the machine that the item
	// keeps. What the DeploySpec leaves open is as in that machine.
	FromVM Source = "VM"
	// FromISO is an installation medium: a machine with empty disks and the medium in a drive.
	FromISO Source = "ISO"
)

// DeploySpec says what to deploy, where, and with which configuration. References must have
// been checked: vCenter's texts about unknown ones help nobody.
type DeploySpec struct {
	Source Source // empty: FromOVF
	Name   string
	// InstanceUUID identifies the deploy as much as the machine: it is how a machine is found
	// again whose deploy was interrupted. BIOSUUID may be empty.
	InstanceUUID, BIOSUUID string
	// LibraryItemID is the id of the item of a content library. FromISO does without: the medium
	// is in one of the CDROMs.
	LibraryItemID string

	Folder, ResourcePool Ref
	FolderPath           string // of Folder, for errors; may be empty
	// Datastore is needed FromISO, and FromVM with a storage policy: only an OVF deploy chooses
	// one by the policy. Otherwise it may be nil; a copy then stays on the datastore of its
	// template.
	Datastore        *Ref
	StorageProfileID string // of a storage policy, for the machine's files and its disks
	// Provisioning of the disks is thin, thick or eagerZeroedThick; empty leaves it to the policy.
	Provisioning string

	CPUs             int32 // 0: as in the item; needed FromISO
	MemoryMB         int64 // 0: as in the item; needed FromISO
	CPUAllocation    *types.ResourceAllocationInfo
	MemoryAllocation *types.ResourceAllocationInfo
	GuestID          string // empty: as in the item; needed FromISO
	Firmware         string // bios or efi; empty: as in the item
	HardwareVersion  int    // 0: as in the item

	NICs []NIC
	// Disks and CDROMs of a machine FromISO. Machines of the other kinds get theirs by DiskChanges
	// and CDROMChanges, when the controllers are known that came with the image.
	Disks  []Volume
	CDROMs []CDROM
	// Kept returns the records of the volumes of an unfinished machine that has the name, and is
	// destroyed: those that say so leave their files. Nil keeps none.
	Kept func(*Observation) map[string]DiskRecord
	// ExtraConfig beside what ConfigSpec sets by itself and the Base holds, both of which it may
	// overrule.
	ExtraConfig map[string]string
	Annotation  string // empty: that of the Base

	// Base is what the machine gets where nothing above says otherwise: what its class holds
	// beyond a size. It is not changed. May be nil.
	Base *types.VirtualMachineConfigSpec
}

// source is the kind of image.
func (d *DeploySpec) source() Source { return cmp.Or(d.Source, FromOVF) }

// validate names everything that is missing at once.
func (d *DeploySpec) validate() error {
	var problems []error
	problem := func(is bool, format string, args ...any) {
		if is {
			problems = append(problems, fmt.Errorf("%w: deploy %q: %s", vsphere.ErrInvalidArgument, d.Name, fmt.Sprintf(format, args...)))
		}
	}
	problem(d.Name == "", "no name")
	problem(d.InstanceUUID == "", "no instance UUID")
	problem(d.Folder.Value == "", "no folder")
	problem(d.ResourcePool.Value == "", "no resource pool")
	switch d.source() {
	case FromOVF, FromVM:
		problem(d.LibraryItemID == "", "no library item")
		problem(len(d.Disks)+len(d.CDROMs) > 0, "disks and CD-ROM drives beside those of the image are added when it is deployed")
		problem(d.source() == FromVM && d.StorageProfileID != "" && d.Datastore == nil, "no datastore for the storage policy")
	case FromISO:
		problem(d.Datastore == nil, "no datastore")
		problem(d.CPUs == 0, "no number of processors")
		problem(d.MemoryMB == 0, "no size of the memory")
		problem(d.GuestID == "", "no guest ID")
		problem(len(d.CDROMs) == 0, "no CD-ROM drive for the medium")
	default:
		problem(true, "source %q: use OVF, VM or ISO", d.Source)
	}
	if err := CheckClass(d.Base, d.size(), false); err != nil {
		problems = append(problems, fmt.Errorf("deploy %q: %w", d.Name, err))
	}
	return errors.Join(problems...)
}

func (d *DeploySpec) size() Size {
	return Size{CPUs: d.CPUs, MemoryMB: d.MemoryMB, CPUAllocation: d.CPUAllocation, MemoryAllocation: d.MemoryAllocation}
}

// defaultExtraConfig is what VM Operator gives every machine: disks that the guest can tell
// apart, and a guest customization that does not insist on running Tools beforehand.
var defaultExtraConfig = ExtraConfig{
	"disk.enableUUID":                    "TRUE",
	"vmware.tools.gosc.ignoretoolscheck": "TRUE",
}

// Overlay returns base with what over says in its place: keys of ExtraConfig, in any case, and
// flags one by one, other properties as wholes. Devices of both are kept. base may be nil;
// neither is changed.
func Overlay(base *types.VirtualMachineConfigSpec, over types.VirtualMachineConfigSpec) types.VirtualMachineConfigSpec {
	var c Change
	if base != nil {
		c.Spec = *base
	}
	c.Spec.DeviceChange = slices.Clip(c.Spec.DeviceChange) // Merge appends
	c.Spec.ExtraConfig, over.ExtraConfig = nil, ExtraConfigChange(layered(ClassExtraConfig(base), extraConfig(over.ExtraConfig)))
	if flags := c.Spec.Flags; flags != nil && over.Flags != nil {
		merged := *flags
		into, from := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(*over.Flags)
		for i := range from.NumField() {
			if field := from.Field(i); !field.IsZero() {
				into.Field(i).Set(field)
			}
		}
		over.Flags = &merged
	}
	c.Merge(Change{Spec: over})
	return c.Spec
}

// layered is all the values of ExtraConfig keys, of which those of a later layer win.
func layered(layers ...ExtraConfig) ExtraConfig {
	all := ExtraConfig{}
	for _, layer := range layers {
		for key := range all {
			if _, overruled := layer.Get(key); overruled {
				delete(all, key)
			}
		}
		maps.Copy(all, layer)
	}
	return all
}

// ConfigSpec is the whole configuration of the machine that a deploy makes, network cards and
// the mark of an unfinished creation included.
//
// Processors that are no multiple of the base's cores per socket get one core per socket, as with
// SizeChange. Where the base has vSphere keep the memory reservation at the size of the memory,
// that size is the reservation: vSphere refuses any other.
func ConfigSpec(d DeploySpec) (types.VirtualMachineConfigSpec, error) {
	extra := layered(defaultExtraConfig, ClassExtraConfig(d.Base), d.ExtraConfig, ExtraConfig{CreateMark: d.InstanceUUID})
	spec := Overlay(d.Base, types.VirtualMachineConfigSpec{
		Name:             d.Name,
		InstanceUuid:     d.InstanceUUID,
		Uuid:             d.BIOSUUID,
		Annotation:       d.Annotation,
		NumCPUs:          d.CPUs,
		MemoryMB:         d.MemoryMB,
		CpuAllocation:    d.CPUAllocation,
		MemoryAllocation: d.MemoryAllocation,
		GuestId:          d.GuestID,
		Firmware:         d.Firmware,
		ExtraConfig:      ExtraConfigChange(extra),
	})
	spec.NumCoresPerSocket = coresFor(spec.NumCoresPerSocket, spec.NumCPUs)
	if isTrue(spec.MemoryReservationLockedToMax) && spec.MemoryAllocation != nil {
		spec.MemoryAllocation = lockedAt(spec.MemoryAllocation, spec.MemoryMB)
	}
	if d.HardwareVersion != 0 {
		spec.Version = hardwareVersion(d.HardwareVersion)
	}
	for i, nic := range d.NICs {
		change, err := addCard(nic, i)
		if err != nil {
			return types.VirtualMachineConfigSpec{}, err
		}
		spec.DeviceChange = append(spec.DeviceChange, change)
	}
	return spec, nil
}

// marshalConfigSpec writes a ConfigSpec as the vAPI takes it: an XML element named obj whose
// type is spelled out, in the namespace of the vSphere API.
func marshalConfigSpec(spec types.VirtualMachineConfigSpec) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := xml.NewEncoder(&buffer)
	err := encoder.EncodeElement(spec, xml.StartElement{
		Name: xml.Name{Local: "obj"},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns:" + vim25.Namespace}, Value: "urn:" + vim25.Namespace},
			{Name: xml.Name{Local: "xmlns:xsi"}, Value: "http://www.w3.org/2001/XMLSchema-instance"},
			// The values of options are typed by this prefix, which in a SOAP envelope is declared.
			{Name: xml.Name{Local: "xmlns:xsd"}, Value: "http://www.w3.org/2001/XMLSchema"},
			{Name: xml.Name{Local: "xsi:type"}, Value: vim25.Namespace + ":VirtualMachineConfigSpec"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the configuration: %w", err)
	}
	return buffer.Bytes(), nil
}

// deployRequest is the body of the vAPI call.
func deployRequest(d *DeploySpec) (vcenter.Deploy, error) {
	config, err := ConfigSpec(*d)
	if err != nil {
		return vcenter.Deploy{}, err
	}
	document, err := marshalConfigSpec(config)
	if err != nil {
		return vcenter.Deploy{}, err
	}
	request := vcenter.Deploy{
		DeploymentSpec: vcenter.DeploymentSpec{
			Name:                d.Name,
			Annotation:          config.Annotation,
			AcceptAllEULA:       true,
			StorageProvisioning: d.Provisioning,
			StorageProfileID:    d.StorageProfileID,
			VmConfigSpec:        &vcenter.VmConfigSpec{Provider: "XML", XML: base64.StdEncoding.EncodeToString(document)},
		},
		Target: vcenter.Target{ResourcePoolID: d.ResourcePool.Value, FolderID: d.Folder.Value},
	}
	if d.Datastore != nil {
		request.DefaultDatastoreID = d.Datastore.Value
	}
	return request, nil
}
