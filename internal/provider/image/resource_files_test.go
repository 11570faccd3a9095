package image_test

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vmware/govmomi/vmdk"
)

// entry is a file of an image.
type entry struct {
	name string
	text []byte
}

// descriptor describes a machine of a product version with one disk.
func descriptor(version string) entry {
	return entry{"golden.ovf", fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References><File ovf:href="golden.vmdk" ovf:id="file1"/></References>
<DiskSection><Info>Disks</Info><Disk ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>
<VirtualSystem ovf:id="golden"><Info>A machine</Info>
<OperatingSystemSection ovf:id="101" vmw:osType="ubuntu64Guest"><Info>Linux</Info></OperatingSystemSection>
<ProductSection><Info>Product</Info><Product>Golden</Product><Version>%s</Version></ProductSection>
<VirtualHardwareSection><Info>Hardware</Info>
<System><vssd:ElementName>Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
<Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
<Item><rasd:Address>0</rasd:Address><rasd:ElementName>SCSI Controller 0</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>Hard Disk 1</rasd:ElementName><rasd:HostResource>ovf:/disk/disk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>`, version)}
}

// diskHeader is the beginning of a disk of 1 GiB in which nothing is allocated.
func diskHeader() []byte {
	var out bytes.Buffer
	err := binary.Write(&out, binary.LittleEndian, vmdk.SparseExtentHeaderOnDisk{
		MagicNumber: 0x564d444b, Version: 3, Flags: 0x30001, Capacity: 1 << 21, GrainSize: 128, DescriptorOffset: 1, DescriptorSize: 20,
		NumGTEsPerGT: 512, GDOffset: 21, Overhead: 128, SingleEndLine: '\n', NonEndLine: ' ', DoubleEndLineChar1: '\r', DoubleEndLineChar2: '\n', CompressAlgorithm: 1,
	})
	if err != nil {
		panic(err)
	}
	return append(out.Bytes(), make([]byte, 22*512-out.Len())...)
}

// archive is an OVA of the product version.
func archive(version string) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range []entry{descriptor(version), {"golden.vmdk", diskHeader()}} {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text))}); err != nil {
			panic(err)
		}
		if _, err := w.Write(e.text); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// disc is the image of a disc with a name, and with nothing on it.
func disc(name string) []byte {
	out := make([]byte, 18*2048)
	copy(out[16*2048:], "\x01CD001\x01\x00"+name)
	copy(out[17*2048:], "\xffCD001\x01")
	return out
}

// put writes a file, of a time of its own.
func put(t *testing.T, path string, text []byte, age time.Duration) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	when := time.Now().Add(-age)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

// sparse writes an OVA whose disk has a size, and takes next to no space.
func sparse(t *testing.T, path string, size int64) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	w := tar.NewWriter(file)
	text := descriptor("1.0").text
	write := func(name string, size int64, text []byte) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, Format: tar.FormatGNU}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	write("golden.ovf", int64(len(text)), text)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	write("golden.vmdk", size, diskHeader())
	at, err := file.Seek(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The rest of the disk, up to a whole block, and the two blocks of zeros that end an archive.
	end := at - int64(len(diskHeader())) + (size+511)/512*512 + 1024
	if err := file.Truncate(end); err != nil {
		t.Fatal(err)
	}
}

// goldenOVA is the path of an OVA in a directory of its own.
func goldenOVA(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "golden.ova")
}
