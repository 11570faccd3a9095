package machine

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// DeploySpec says what to deploy, where, and with which configuration. References must have
// been checked: vCenter's texts about unknown ones help nobody.
type DeploySpec struct {
	Name string
	// InstanceUUID identifies the deploy as much as the machine: it is how a machine is found
	// again whose deploy was interrupted. BIOSUUID may be empty.
	InstanceUUID, BIOSUUID string
	// LibraryItemID is the id of an OVF item of a content library.
	LibraryItemID string

	Folder, ResourcePool Ref
	Datastore            *Ref
	StorageProfileID     string // of a storage policy
	// Provisioning of the disks is thin, thick or eagerZeroedThick; empty leaves it to the policy.
	Provisioning string

	CPUs             int32 // 0: as in the item
	MemoryMB         int64 // 0: as in the item
	CPUAllocation    *types.ResourceAllocationInfo
	MemoryAllocation *types.ResourceAllocationInfo
	GuestID          string // empty: as in the item
	Firmware         string // bios or efi; empty: as in the item
	HardwareVersion  int    // 0: as in the item

	NICs []NIC
	// ExtraConfig beside what ConfigSpec sets by itself, which it may overrule.
	ExtraConfig map[string]string
	Annotation  string
}

// validate names everything that is missing at once.
func (d *DeploySpec) validate() error {
	var problems []error
	missing := func(is bool, what string) {
		if is {
			problems = append(problems, fmt.Errorf("%w: deploy %q: no %s", vsphere.ErrInvalidArgument, d.Name, what))
		}
	}
	missing(d.Name == "", "name")
	missing(d.InstanceUUID == "", "instance UUID")
	missing(d.LibraryItemID == "", "library item")
	missing(d.Folder.Value == "", "folder")
	missing(d.ResourcePool.Value == "", "resource pool")
	return errors.Join(problems...)
}

// defaultExtraConfig is what VM Operator gives every machine: disks that the guest can tell
// apart, and a guest customization that does not insist on running Tools beforehand.
var defaultExtraConfig = ExtraConfig{
	"disk.enableUUID":                    "TRUE",
	"vmware.tools.gosc.ignoretoolscheck": "TRUE",
}

// ConfigSpec is the whole configuration of the machine that a deploy makes, network cards and
// the mark of an unfinished creation included.
func ConfigSpec(d DeploySpec) (types.VirtualMachineConfigSpec, error) {
	extra := maps.Clone(defaultExtraConfig)
	for key := range extra {
		if _, overruled := ExtraConfig(d.ExtraConfig).Get(key); overruled {
			delete(extra, key)
		}
	}
	maps.Copy(extra, d.ExtraConfig)
	for key := range extra {
		if strings.EqualFold(key, CreateMark) {
			delete(extra, key)
		}
	}
	extra[CreateMark] = d.InstanceUUID
	spec := types.VirtualMachineConfigSpec{
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
			Annotation:          d.Annotation,
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
