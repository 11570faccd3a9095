package gosc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

var specWithName = network.Spec{VMName: known.Of("my-vm")}

func canonical(t *testing.T, spec types.CustomizationSpec) string {
	t.Helper()
	text, err := gosc.Canonical(spec)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// JSON, over which VM Operator takes its hash, writes the two generators alike.
func TestDHCPAndNoIPv4AreDifferent(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0"))
	off, _, err := gosc.Sysprep(inline, config, cards, vSphere91)
	if err != nil {
		t.Fatal(err)
	}
	on, _, err := gosc.Sysprep(inline, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(off)
	b, _ := json.Marshal(on)
	if !bytes.Equal(a, b) {
		t.Fatal("JSON tells them apart: the reason for a form of our own is gone")
	}
	if canonical(t, off) == canonical(t, on) {
		t.Errorf("alike: %s", canonical(t, off))
	}
}

// The form is in state, as a hash: it may not change from release to release.
func TestTheCanonicalFormIsStable(t *testing.T) {
	t.Parallel()
	const want = `<CustomizationSpec>` +
		`<identity xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="CustomizationLinuxPrep">` +
		`<hostName _XMLSchema-instance:type="CustomizationFixedName"><name>my-vm</name></hostName><domain></domain></identity>` +
		`<globalIPSettings></globalIPSettings>` +
		`<nicSettingMap><macAddress>00:50:56:89:ab:01</macAddress><adapter>` +
		`<ip xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="CustomizationDhcpIpGenerator"></ip>` +
		`</adapter></nicSettingMap></CustomizationSpec>`
	config, cards := named(nic("eth0", dhcp4))
	for range 3 {
		spec, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, cards, vSphere8)
		if err != nil {
			t.Fatal(err)
		}
		if got := canonical(t, spec); got != want {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
	}
}

func TestEveryChangeChangesTheCanonicalForm(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	add := func(name string, spec types.CustomizationSpec) {
		text := canonical(t, spec)
		if other, taken := seen[text]; taken {
			t.Errorf("%s and %s are alike", name, other)
		}
		seen[text] = name
	}
	for name, record := range rows {
		if name == "slaac-only" || name == "dhcp6-over-static" {
			continue // cannot be told from nothing, and from DHCP for both families
		}
		config, cards := named(record)
		spec, _, err := gosc.Sysprep(inline, config, cards, vSphere91)
		if err != nil {
			t.Fatal(err)
		}
		add(name, spec)
	}
	for _, example := range examples() {
		add(example.name, example.render(t))
	}
}

// unwritable is a value that XML has no form for.
type unwritable struct{}

func (unwritable) MarshalXML(*xml.Encoder, xml.StartElement) error { return errors.New("no form") }

func TestASpecificationThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	text, err := gosc.Canonical(types.CustomizationSpec{Identity: &types.CustomizationLinuxPrep{
		ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "x", Value: unwritable{}}},
	}})
	if err == nil || text != "" || !strings.Contains(err.Error(), "write a customization specification: no form") {
		t.Errorf("%q, %v", text, err)
	}
}
