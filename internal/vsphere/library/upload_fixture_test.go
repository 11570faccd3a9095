package library_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// entry is a file of a package.
type entry struct {
	name string
	text []byte
}

// ovf is a descriptor of a machine of the given product version that names files.
func ovf(version string, files ...string) entry {
	var references, disks, items strings.Builder
	for i, file := range files {
		fmt.Fprintf(&references, `<File ovf:href=%q ovf:id="file%d"/>`, file, i)
		if filepath.Ext(file) == ".vmdk" {
			fmt.Fprintf(&disks, `<Disk ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="disk%d" ovf:fileRef="file%d"/>`, i, i)
			fmt.Fprintf(&items, `<Item><rasd:AddressOnParent>%d</rasd:AddressOnParent><rasd:ElementName>Hard Disk %d</rasd:ElementName><rasd:HostResource>ovf:/disk/disk%d</rasd:HostResource><rasd:InstanceID>%d</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`, i, i+1, i, 10+i)
		}
	}
	return entry{"small.ovf", fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>%s</References>
<DiskSection><Info>Disks</Info>%s</DiskSection>
<VirtualSystem ovf:id="small"><Info>A machine</Info>
<OperatingSystemSection ovf:id="101" vmw:osType="otherLinux64Guest"><Info>Linux</Info></OperatingSystemSection>
<ProductSection><Info>Product</Info><Product>Small</Product><Version>%s</Version></ProductSection>
<VirtualHardwareSection><Info>Hardware</Info>
<System><vssd:ElementName>Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
<Item><rasd:Address>0</rasd:Address><rasd:ElementName>SCSI Controller 0</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
%s</VirtualHardwareSection></VirtualSystem></Envelope>`, references.String(), disks.String(), version, items.String())}
}

// disk is a file of a size, and of a content that seed decides.
func disk(name string, size int, seed byte) entry {
	text := make([]byte, size)
	for i := range text {
		text[i] = seed + byte(i%251)
	}
	return entry{name, text}
}

// manifest has the SHA-256 of entries.
func manifest(entries ...entry) entry {
	var out strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&out, "SHA256(%s)= %x\n", e.name, sha256.Sum256(e.text))
	}
	return entry{"small.mf", []byte(out.String())}
}

// small is a package of a descriptor with two disks and a manifest.
func small(version string, seed byte) []entry {
	descriptor, first, second := ovf(version, "disk1.vmdk", "disk2.vmdk"), disk("disk1.vmdk", 300_000, seed), disk("disk2.vmdk", 10, seed)
	return []entry{descriptor, manifest(descriptor, first, second), first, second}
}

// archive is an OVA of entries.
func archive(entries ...entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Format: tar.FormatUSTAR}); err != nil {
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

func write(t *testing.T, dir string, entries ...entry) {
	t.Helper()
	for _, e := range entries {
		if err := os.WriteFile(filepath.Join(dir, e.name), e.text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// writeOVA writes an OVA into a directory of its own and returns its path.
func writeOVA(t *testing.T, entries ...entry) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, entry{"small.ova", archive(entries...)})
	return filepath.Join(dir, "small.ova")
}

// opened is a package of a file.
func opened(t *testing.T, path string) *library.Package {
	t.Helper()
	p, err := library.OpenPackage(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// uploads are impatient.
func (w *world) uploads() *library.Uploads {
	u := w.catalogue.Uploads()
	u.Heartbeat, u.Stillness, u.Poll, u.Patience = 20*time.Millisecond, 100*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
	return u
}

// anew is a process of its own, which remembers nothing.
func (w *world) anew(t *testing.T) *world {
	t.Helper()
	client := connect(t, w.sim)
	return &world{sim: w.sim, client: client, catalogue: library.New(client), items: w.items}
}

// spec is an item of the team's library.
func spec(name string) library.ItemSpec {
	return library.ItemSpec{LibraryID: simulator.LibraryTeamAImagesID, Name: name, Description: "made by a test", Type: vapi.ItemTypeOVF}
}

// upload makes an item of content.
func (w *world) upload(ctx context.Context, spec library.ItemSpec, content library.Content) (string, error) {
	u := w.uploads()
	spec.Type = content.Type()
	creation, err := u.Create(ctx, spec)
	if err != nil {
		return "", err
	}
	if _, err := u.Fill(ctx, creation.ItemID, content, nil); err != nil {
		return creation.ItemID, err
	}
	return creation.ItemID, u.Finish(ctx, creation)
}

func (w *world) item(t *testing.T, id string) *vapi.Item {
	t.Helper()
	item, err := w.items.GetLibraryItem(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// files are the names and sizes of an item's files.
func (w *world) files(t *testing.T, id string) []string {
	t.Helper()
	list, err := w.items.ListLibraryItemFiles(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(list))
	for i, file := range list {
		names[i] = fmt.Sprintf("%s %d", file.Name, *file.Size)
	}
	slices.Sort(names)
	return names
}

// named are the items of the team's library with a name.
func (w *world) named(t *testing.T, name string) []string {
	t.Helper()
	ids, err := w.items.FindLibraryItems(t.Context(), vapi.FindItem{LibraryID: simulator.LibraryTeamAImagesID, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// sizes are what files says of entries.
func sizes(entries ...entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = fmt.Sprintf("%s %d", e.name, len(e.text))
	}
	slices.Sort(out)
	return out
}
