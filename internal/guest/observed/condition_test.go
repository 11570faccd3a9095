package observed

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// conditionOf returns the condition of a type; the zero value when there is none.
func conditionOf(in Input, kind string) Condition {
	_, conditions := Observe(in)
	for _, condition := range conditions {
		if condition.Type == kind {
			return condition
		}
	}
	return Condition{}
}

func TestGuestBootstrap(t *testing.T) {
	t.Parallel()
	if got := conditionOf(Input{ExtraConfig: map[string]string{"guestinfo.other": "true"}}, TypeGuestBootstrap); got != (Condition{}) {
		t.Errorf("a condition without the key: %v", got)
	}
	for value, want := range map[string]Condition{
		"":                              {Status: "False", Reason: "False"},
		"true":                          {Status: "True", Reason: "True"},
		"T":                             {Status: "True", Reason: "True"},
		"1,AllDone":                     {Status: "True", Reason: "AllDone"},
		"true,OK,everything, and more":  {Status: "True", Reason: "OK", Message: "everything, and more"},
		"true,OK,a,b":                   {Status: "True", Reason: "OK", Message: "a,b"},
		"true,,without a reason":        {Status: "True", Reason: "True", Message: "without a reason"},
		"false,Failed,boom":             {Status: "False", Reason: "Failed", Message: "boom"},
		"false":                         {Status: "False", Reason: "False"},
		"banana":                        {Status: "False", Reason: "False"},
		" true , X , y ":                {Status: "True", Reason: "X", Message: "y"},
		"yes,Sure,not Go's boolean, so": {Status: "False", Reason: "Sure", Message: "not Go's boolean, so"},
	} {
		want.Type = TypeGuestBootstrap
		got := conditionOf(Input{ExtraConfig: map[string]string{keyBootstrap: value}}, TypeGuestBootstrap)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		guest *types.GuestInfo
		want  Condition
	}{
		{"no guest information", nil, Condition{Status: "Unknown", Reason: "NoGuestInfo"}},
		{"no status", &types.GuestInfo{}, Condition{Status: "Unknown", Reason: "NoGuestInfo"}},
		{
			"not running", &types.GuestInfo{ToolsRunningStatus: "guestToolsNotRunning"},
			Condition{Status: "False", Reason: "VirtualMachineToolsNotRunning", Message: "VMware Tools are not running in the guest"},
		},
		{"running", &types.GuestInfo{ToolsRunningStatus: "guestToolsRunning"}, Condition{Status: "True", Reason: "True"}},
		{"running scripts", &types.GuestInfo{ToolsRunningStatus: "guestToolsExecutingScripts"}, Condition{Status: "True", Reason: "True"}},
		{
			"anything else", &types.GuestInfo{ToolsRunningStatus: "guestToolsDreaming"},
			Condition{Status: "Unknown", Reason: "Unknown", Message: "Unexpected status of VMware Tools: guestToolsDreaming"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Type = TypeTools
			if diff := cmp.Diff(test.want, conditionOf(Input{Guest: test.guest}, TypeTools)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetworkSynced(t *testing.T) {
	t.Parallel()
	dual := card(4000, "a", addr("192.0.2.5", 24), addr("2001:db8::5", 64))
	asked := network.Config{Interfaces: known.Of([]network.InterfaceConfig{{
		Name: known.Of("eth0"), Addresses: known.ListOf(netip.MustParsePrefix("192.0.2.6/24")),
	}})}
	for _, test := range []struct {
		name string
		in   Input
		want Condition
	}{
		{
			"primaries without interfaces",
			Input{Guest: &types.GuestInfo{IpAddress: "192.0.2.5"}},
			Condition{Status: "True", Reason: "Synced", Message: `Primary addresses: IPv4 "192.0.2.5", IPv6 ""`},
		},
		{
			"primaries that interfaces report",
			Input{Guest: &types.GuestInfo{IpAddress: "192.0.2.5", Net: []types.GuestNicInfo{dual}}},
			Condition{Status: "True", Reason: "Synced", Message: `Primary addresses: IPv4 "192.0.2.5", IPv6 "2001:db8::5"`},
		},
		{
			"a primary that no interface reports",
			Input{Guest: &types.GuestInfo{IpAddress: "192.0.2.9", Net: []types.GuestNicInfo{dual}}},
			Condition{Status: "False", Reason: "NotSynced", Message: "No interface reports the primary address 192.0.2.9"},
		},
		{
			"interfaces without a primary",
			Input{Guest: &types.GuestInfo{Net: []types.GuestNicInfo{card(4000, "a")}}},
			Condition{Status: "False", Reason: "NotSynced", Message: "The guest reports no primary address"},
		},
		{
			"a stack without a primary",
			Input{Guest: &types.GuestInfo{IpStack: []types.GuestStackInfo{{}}}},
			Condition{Status: "False", Reason: "NotSynced", Message: "The guest reports no primary address"},
		},
		{
			"an address that was asked for is missing",
			Input{
				Guest:  &types.GuestInfo{IpAddress: "192.0.2.5", Net: []types.GuestNicInfo{dual}},
				Config: asked, InterfaceNames: map[int32]string{4000: "eth0"},
			},
			Condition{Status: "False", Reason: "NotSynced", Message: "eth0 does not report 192.0.2.6/24"},
		},
		{
			"an address that was asked for is missing, and so is a primary",
			Input{
				Guest:  &types.GuestInfo{IpAddress: "192.0.2.9", Net: []types.GuestNicInfo{dual}},
				Config: asked, InterfaceNames: map[int32]string{4000: "eth0"},
			},
			Condition{Status: "False", Reason: "NotSynced", Message: "No interface reports the primary address 192.0.2.9; eth0 does not report 192.0.2.6/24"},
		},
		{
			"an address that was asked for cannot be missing where no interface is reported",
			Input{Guest: &types.GuestInfo{IpAddress: "192.0.2.5"}, Config: asked, InterfaceNames: map[int32]string{4000: "eth0"}},
			Condition{Status: "True", Reason: "Synced", Message: `Primary addresses: IPv4 "192.0.2.5", IPv6 ""`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Type = TypeNetworkSynced
			if diff := cmp.Diff(test.want, conditionOf(test.in, TypeNetworkSynced)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestConditionsAreInAlphabeticalOrder(t *testing.T) {
	t.Parallel()
	_, conditions := Observe(Input{
		Guest: &types.GuestInfo{IpAddress: "10.0.0.1"}, ExtraConfig: map[string]string{keyBootstrap: "true"},
		Bootstrap: &BootstrapOutcome{}, Cards: &Cards{Keys: []int32{4000}},
	})
	var got []string
	for _, condition := range conditions {
		got = append(got, condition.Type)
	}
	want := []string{
		"GuestBootstrap", "GuestCustomization", "VirtualMachineBootstrapReady", "VirtualMachineGuestNetworkConfigSynced",
		"VirtualMachineNetworkReady", "VirtualMachineTools",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAConditionWithoutOccasionIsLeftOut(t *testing.T) {
	t.Parallel()
	_, conditions := Observe(Input{})
	var got []string
	for _, condition := range conditions {
		got = append(got, condition.Type)
	}
	if diff := cmp.Diff([]string{"GuestCustomization", "VirtualMachineTools"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
