package vapp

import (
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// machine is what .VM has in every version.
type machine struct {
	object
	metadata
}

func newMachine(run *session) machine {
	return machine{run.object("VM"), metadata{run.object("ObjectMeta")}}
}

// metadata is the machine's name and what is attached to it.
type metadata struct{ meta object }

// ObjectMeta is the metadata by the name of its Kubernetes type.
func (m machine) ObjectMeta() objectMeta { return objectMeta{m.meta, m.metadata} }

type objectMeta struct {
	object
	metadata
}

// Name of the machine.
func (m metadata) Name() (string, error) {
	return text(m.meta.run.facts.VM.Name, "the machine's name")
}

// Namespace of the machine.
func (m metadata) Namespace() (string, error) {
	return text(m.meta.run.facts.VM.Namespace, "the machine's namespace")
}

// Labels of the machine.
func (m metadata) Labels() map[string]string { return m.meta.run.facts.VM.Labels }

// Annotations of the machine.
func (m metadata) Annotations() map[string]string { return m.meta.run.facts.VM.Annotations }

// Status is what vCenter knows of the machine for good.
func (m machine) Status() status { return status{m.run.object("Status")} }

type status struct{ object }

// UniqueID is the managed object id.
func (s status) UniqueID() (string, error) {
	return text(s.run.facts.VM.UniqueID, "the machine's managed object id")
}

// InstanceUUID of the machine.
func (s status) InstanceUUID() (string, error) { return s.run.instanceUUID() }

// BiosUUID of the machine.
func (s status) BiosUUID() (string, error) { return s.run.biosUUID() }

func (s *session) instanceUUID() (string, error) {
	return text(s.facts.VM.InstanceUUID, "the machine's instance UUID")
}

func (s *session) biosUUID() (string, error) {
	return text(s.facts.VM.BiosUUID, "the machine's BIOS UUID")
}

// spec is what .Spec has in every version.
type spec struct{ object }

// ImageName as it was written.
func (s spec) ImageName() (string, error) { return text(s.run.facts.VM.ImageName, "image_name") }

// ClassName as it was written.
func (s spec) ClassName() (string, error) { return text(s.run.facts.VM.ClassName, "class_name") }

// StorageClass as it was written.
func (s spec) StorageClass() (string, error) {
	return text(s.run.facts.VM.StorageClass, "storage_class")
}

func (s spec) powerState() (string, error) { return text(s.run.facts.VM.PowerState, "power_state") }

// machine1 is .VM in V1alpha1.
type machine1 struct{ machine }

// Spec is the machine as it was asked for.
func (m machine1) Spec() spec1 { return spec1{spec{m.run.object("Spec")}} }

type spec1 struct{ spec }

// PowerState begins with a lower-case letter in this version.
func (s spec1) PowerState() (string, error) {
	state, err := s.powerState()
	if state == "" || err != nil {
		return "", err
	}
	return strings.ToLower(state[:1]) + state[1:], nil
}

// NetworkInterfaces are the interfaces in order.
func (s spec1) NetworkInterfaces() ([]interface1, error) {
	written, err := s.run.writtenInterfaces()
	older := make([]interface1, len(written))
	for i, nic := range written {
		older[i] = interface1{s.run.object("a network interface"), nic}
	}
	return older, err
}

type interface1 struct {
	object
	written network.Interface
}

// NetworkName is the network that the interface is connected to.
func (i interface1) NetworkName() (string, error) {
	return text(i.written.Network, "the network of an interface")
}

// machine2 is .VM in V1alpha2.
type machine2 struct{ machine }

// Spec is the machine as it was asked for.
func (m machine2) Spec() spec2 { return spec2{spec{m.run.object("Spec")}} }

type spec2 struct{ spec }

// PowerState as it was asked for.
func (s spec2) PowerState() (string, error) { return s.powerState() }

// MinHardwareVersion as it was asked for, or 0.
func (s spec2) MinHardwareVersion() (int64, error) {
	return plainValue(s.run.facts.VM.MinHardwareVersion, "min_hardware_version")
}

// Network as it was written.
func (s spec2) Network() network2 { return network2{s.run.object("Network")} }

// machine3 is .VM from V1alpha3 on.
type machine3 struct{ machine }

// Spec is the machine as it was asked for.
func (m machine3) Spec() spec3 { return spec3{spec2{spec{m.run.object("Spec")}}} }

type spec3 struct{ spec2 }

// Network as it was written.
func (s spec3) Network() network3 { return network3{network2{s.run.object("Network")}} }

// Image is what the image's name resolved to.
func (s spec3) Image() imageRef { return imageRef{s.run.object("Image")} }

// GuestID as it was asked for.
func (s spec3) GuestID() (string, error) { return text(s.run.facts.VM.GuestID, "guest_id") }

// InstanceUUID of the machine.
func (s spec3) InstanceUUID() (string, error) { return s.run.instanceUUID() }

// BiosUUID of the machine.
func (s spec3) BiosUUID() (string, error) { return s.run.biosUUID() }

type imageRef struct{ object }

// Kind is VirtualMachineImage or ClusterVirtualMachineImage.
func (i imageRef) Kind() (string, error) {
	return text(i.run.facts.VM.ImageKind, "the kind of the image")
}

// Name is the VMI ID.
func (i imageRef) Name() (string, error) { return text(i.run.facts.VM.ImageID, "the VMI ID") }

// plainValue returns a value or its zero, or says that it is not known yet.
func plainValue[T any](value known.Value[T], what string) (T, error) {
	var zero T
	if value.IsUnknown() {
		return zero, &unknownError{what}
	}
	return value.Or(zero), nil
}
