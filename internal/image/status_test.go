package image_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// What is not said to be configurable is not; class and instance are no part of a key; and the
// properties of VMware's own systems stand apart, configurable or not.
func TestPropertiesAreShownByWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	descriptor, err := image.ParseDescriptor(envelope(`<VirtualSystem ovf:id="vm">
		<ProductSection ovf:class="a" ovf:instance="1">
			<Property ovf:key="host" ovf:type="string" ovf:userConfigurable="true" ovf:value="one"/>
			<Property ovf:key="silent" ovf:type="string"/>
			<Property ovf:key="no" ovf:type="string" ovf:userConfigurable="false"/>
			<Property ovf:key="vmware-system.set" ovf:type="string" ovf:userConfigurable="true" ovf:value="x"/>
		</ProductSection>
		<ProductSection ovf:class="b">
			<Property ovf:key="host" ovf:type="string" ovf:userConfigurable="true" ovf:value="two"/>
			<Property ovf:key="vmware-systemless" ovf:type="string"/>
			<Property ovf:key="my-vmware-system" ovf:type="string" ovf:userConfigurable="true"/>
			<Property ovf:key="VMware-system" ovf:type="string" ovf:userConfigurable="true"/>
		</ProductSection>
	</VirtualSystem>`))
	if err != nil {
		t.Fatal(err)
	}
	status := image.Describe(libraryItem("photon"), descriptor, nil).Status
	var shown []string
	for _, property := range status.OVFProperties {
		shown = append(shown, property.Key+"="+value(property.Default))
	}
	if diff := cmp.Diff([]string{"host=one", "host=two", "my-vmware-system=", "VMware-system="}, shown); diff != "" {
		t.Errorf("OVF properties (-want +got):\n%s", diff)
	}
	own := []image.KeyValue{{Key: "vmware-system.set", Value: "x"}, {Key: "vmware-systemless", Value: ""}}
	if diff := cmp.Diff(own, status.VMwareSystemProperties); diff != "" {
		t.Errorf("properties of the system (-want +got):\n%s", diff)
	}
}

func TestNamesOfDisksAreUnique(t *testing.T) {
	t.Parallel()
	disks := ""
	for _, name := range []string{"X", "X", "X", "X_1", "X", "Y"} {
		disks += "<Item><ElementName>" + name + "</ElementName><ResourceType>17</ResourceType><VirtualQuantity>1</VirtualQuantity></Item>"
	}
	descriptor, err := image.ParseDescriptor(machine("", disks))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, disk := range descriptor.Disks {
		names = append(names, disk.Name)
	}
	if diff := cmp.Diff([]string{"X", "X_1", "X_2", "X_1_1", "X_3", "Y"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestADiskHasTwoSizes(t *testing.T) {
	t.Parallel()
	descriptor, err := image.ParseDescriptor(machine(
		`<Disk ovf:diskId="disk1" ovf:capacity="20" ovf:capacityAllocationUnits="byte * 2^30" ovf:populatedSize="2147483648"/>
		 <Disk ovf:diskId="disk2" ovf:capacity="20" ovf:capacityAllocationUnits="byte * 2^30"/>`,
		diskItem(onDisk1)+diskItem("<HostResource>ovf:/disk/disk2</HostResource>"),
	))
	if err != nil {
		t.Fatal(err)
	}
	first, second := descriptor.Disks[0], descriptor.Disks[1]
	if first.Capacity != "20Gi" || first.Size == nil || *first.Size != "2Gi" || *first.SizeBytes != 2<<30 {
		t.Errorf("with a populated size it is %+v", first)
	}
	if second.Capacity != "20Gi" || second.Size != nil || second.SizeBytes != nil {
		t.Errorf("without one it is %+v", second)
	}
}
