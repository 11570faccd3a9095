package simulator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
)

// descriptor is what an OVF descriptor of the catalogue says.
type descriptor struct {
	ID       string
	GuestID  string // vSphere guest id, the descriptor's vmw:osType
	CIMOS    int    // CIM operating system number, the descriptor's ovf:id
	OS       string // version in the OperatingSystemSection
	Firmware string // "efi" or "bios"; none when empty
	Hardware string // such as vmx-19
	CPUs     int
	MemoryMB int
	NICs     int
	// SecureBoot asks for bootOptions.efiSecureBootEnabled.
	SecureBoot bool
	// Transport of the OVF environment; none when empty.
	Transport string
	Disks     []descriptorDisk
	// ExtraConfig, in order.
	ExtraConfig [][2]string
	Products    []product
}

type descriptorDisk struct {
	CapacityGiB, PopulatedGiB int
}

type product struct {
	Class, Instance                    string
	Name, Vendor, Version, FullVersion string
	Properties                         []property
}

type property struct {
	Key, Type, Qualifiers, Default string
	Configurable, Password         bool
	Label, Description             string
}

// File is the name of the n-th disk of the item.
func (d *descriptor) File(n int) string { return fmt.Sprintf("%s-disk%d.vmdk", d.ID, n+1) }

// Numbers lists 0 … n-1 for the template.
func (d *descriptor) Numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// render writes the descriptor as OVF 1.1 with VMware's extensions.
func (d *descriptor) render() ([]byte, error) {
	var b bytes.Buffer
	if err := descriptorTemplate.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("render the descriptor of %s: %w", d.ID, err)
	}
	return b.Bytes(), nil
}

func escape(v any) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(fmt.Sprint(v)))
	return b.String(), err
}

func add(a, b int) int { return a + b }

var descriptorTemplate = template.Must(template.New("ovf").Funcs(template.FuncMap{"x": escape, "add": add}).Parse(
	`<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
{{- range $i, $_ := .Disks}}
    <File ovf:href="{{x ($.File $i)}}" ovf:id="file{{add $i 1}}"/>
{{- end}}
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
{{- range $i, $disk := .Disks}}
    <Disk ovf:capacity="{{$disk.CapacityGiB}}" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk{{add $i 1}}" ovf:fileRef="file{{add $i 1}}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"{{if $disk.PopulatedGiB}} ovf:populatedSize="{{$disk.PopulatedBytes}}"{{end}}/>
{{- end}}
  </DiskSection>
  <NetworkSection>
    <Info>Logical networks</Info>
{{- range .Numbers .NICs}}
    <Network ovf:name="nic{{.}}"><Description>The nic{{.}} network</Description></Network>
{{- end}}
  </NetworkSection>
  <VirtualSystem ovf:id="{{x .ID}}">
    <Info>A virtual machine</Info>
    <Name>{{x .ID}}</Name>
    <OperatingSystemSection ovf:id="{{.CIMOS}}"{{if .OS}} ovf:version="{{x .OS}}"{{end}} vmw:osType="{{x .GuestID}}">
      <Info>The guest operating system</Info>
    </OperatingSystemSection>
    <VirtualHardwareSection{{if .Transport}} ovf:transport="{{x .Transport}}"{{end}}>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>{{x .ID}}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>{{x .Hardware}}</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:ElementName>{{.CPUs}} virtual CPU(s)</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>{{.CPUs}}</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>{{.MemoryMB}}MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>{{.MemoryMB}}</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>SCSI Controller 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
{{- range $i, $_ := .Disks}}
      <Item>
        <rasd:AddressOnParent>{{$i}}</rasd:AddressOnParent>
        <rasd:ElementName>Hard Disk {{add $i 1}}</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/vmdisk{{add $i 1}}</rasd:HostResource>
        <rasd:InstanceID>{{add $i 10}}</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
{{- end}}
{{- range .Numbers .NICs}}
      <Item>
        <rasd:AddressOnParent>{{add . 7}}</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>nic{{.}}</rasd:Connection>
        <rasd:ElementName>Ethernet {{add . 1}}</rasd:ElementName>
        <rasd:InstanceID>{{add . 30}}</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
{{- end}}
{{- if .Firmware}}
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="{{x .Firmware}}"/>
{{- end}}
{{- if .SecureBoot}}
      <vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
{{- end}}
{{- range .ExtraConfig}}
      <vmw:ExtraConfig ovf:required="false" vmw:key="{{x (index . 0)}}" vmw:value="{{x (index . 1)}}"/>
{{- end}}
    </VirtualHardwareSection>
{{- range .Products}}
    <ProductSection{{if .Class}} ovf:class="{{x .Class}}"{{end}}{{if .Instance}} ovf:instance="{{x .Instance}}"{{end}}>
      <Info>Product information</Info>
{{- if .Name}}
      <Product>{{x .Name}}</Product>
{{- end}}
{{- if .Vendor}}
      <Vendor>{{x .Vendor}}</Vendor>
{{- end}}
{{- if .Version}}
      <Version>{{x .Version}}</Version>
{{- end}}
{{- if .FullVersion}}
      <FullVersion>{{x .FullVersion}}</FullVersion>
{{- end}}
{{- range .Properties}}
      <Property ovf:key="{{x .Key}}" ovf:type="{{x .Type}}"{{if .Qualifiers}} ovf:qualifiers="{{x .Qualifiers}}"{{end}} ovf:userConfigurable="{{.Configurable}}"{{if .Password}} ovf:password="true"{{end}}{{if .Default}} ovf:value="{{x .Default}}"{{end}}>
{{- if .Label}}
        <Label>{{x .Label}}</Label>
{{- end}}
{{- if .Description}}
        <Description>{{x .Description}}</Description>
{{- end}}
      </Property>
{{- end}}
    </ProductSection>
{{- end}}
  </VirtualSystem>
</Envelope>
`))

// PopulatedBytes is the populated size in bytes.
func (d descriptorDisk) PopulatedBytes() int64 { return int64(d.PopulatedGiB) << 30 }
