package image_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestReadinessIsDecidedByTheFirstGateThatFails(t *testing.T) {
	t.Parallel()
	errRead := errors.New("download session failed")
	for name, test := range map[string]struct {
		change  func(*image.Item)
		readErr error
		reason  string // empty where ready
		message string
	}{
		"all well": {change: func(*image.Item) {}},
		"unfinished": {
			change: func(i *image.Item) { i.Unfinished = true }, readErr: errRead, reason: image.ReasonNotSynced, message: "begins with [vmoperator.create",
		},
		"compliance absent, no policy":   {change: func(i *image.Item) { i.SecurityCompliance = nil }},
		"compliant under a policy":       {change: func(i *image.Item) { i.Library.SecurityPolicyID, i.SecurityCompliance = "p", ptr(true) }},
		"vCenter names no state":         {change: func(i *image.Item) { i.Library.State = "" }},
		"state in other case":            {change: func(i *image.Item) { i.Library.State = "Active" }},
		"compliance absent under policy": {change: func(i *image.Item) { i.Library.SecurityPolicyID = "p" }, reason: image.ReasonNotCompliant, message: "not security compliant"},
		"not compliant":                  {change: func(i *image.Item) { i.SecurityCompliance = ptr(false) }, reason: image.ReasonNotCompliant, message: "not security compliant"},
		"maintenance":                    {change: func(i *image.Item) { i.Library.State = "MAINTENANCE" }, reason: image.ReasonProviderNotReady, message: `library "base-images" is MAINTENANCE`},
		"no content version":             {change: func(i *image.Item) { i.ContentVersion = "" }, reason: image.ReasonNotSynced, message: "has no content version"},
		"a template has no version":      {change: func(i *image.Item) { i.Type, i.ContentVersion = "vm-template", "" }},
		"an ISO without one":             {change: func(i *image.Item) { i.Type, i.ContentVersion = "iso", "" }, reason: image.ReasonNotSynced, message: "nothing was uploaded"},
		"unreadable":                     {change: func(*image.Item) {}, readErr: errRead, reason: image.ReasonNotSynced, message: "download session failed"},
		"compliance before library": {
			change:  func(i *image.Item) { i.SecurityCompliance, i.Library.State = ptr(false), "MAINTENANCE" },
			readErr: errRead, reason: image.ReasonNotCompliant,
		},
		"library before content": {
			change:  func(i *image.Item) { i.Library.State = "MAINTENANCE" },
			readErr: errRead, reason: image.ReasonProviderNotReady,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item := libraryItem("photon")
			test.change(&item)
			got := image.Describe(item, &image.Descriptor{}, test.readErr)
			ready, reason, message := got.Status.Ready()
			if ready != (test.reason == "") || !ready && reason != test.reason || !strings.Contains(message, test.message) {
				t.Errorf("Ready() = %t, %q, %q, want reason %q and message %q", ready, reason, message, test.reason, test.message)
			}
			wantVersion := item.ContentVersion
			if test.readErr != nil {
				wantVersion = ""
			}
			if version := got.Status.ProviderContentVersion; version != wantVersion {
				t.Errorf("content version = %q, want %q with read error %v", version, wantVersion, test.readErr)
			}
		})
	}
}

func TestOVFWithoutDescriptorIsNotReadyAndNamesTheItem(t *testing.T) {
	t.Parallel()
	item := libraryItem("photon")
	_, reason, message := image.Describe(item, nil, nil).Status.Ready()
	if reason != image.ReasonNotSynced || !strings.Contains(message, item.ID) {
		t.Errorf("reason %q, message %q", reason, message)
	}
}

func TestOtherTypesAreReadyWithoutDescriptor(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]image.Type{"iso": image.TypeISO, "ISO": image.TypeISO, "vm-template": image.TypeVM, "zip": "ZIP"} {
		item := libraryItem("other")
		item.Type = word
		got := image.Describe(item, nil, nil)
		if ready, _, message := got.Status.Ready(); !ready {
			t.Errorf("%s is not ready: %s", word, message)
		}
		wantStatus := image.Status{
			Name: "other", Type: want, ProviderItemID: item.ID, ProviderContentVersion: "1",
			Conditions: []image.Condition{{Type: image.ConditionReady, Status: "True", Reason: "True"}},
		}
		if diff := cmp.Diff(wantStatus, got.Status); diff != "" {
			t.Errorf("%s (-want +got):\n%s", word, diff)
		}
		if diff := cmp.Diff(map[string]string{image.LabelType: string(want)}, got.Labels); diff != "" {
			t.Errorf("labels of %s (-want +got):\n%s", word, diff)
		}
	}
}

func TestIdentifiedImageHasNoVerdictYet(t *testing.T) {
	t.Parallel()
	got := image.Identify(libraryItem("photon"))
	if ready, reason, _ := got.Status.Ready(); ready || reason != image.ReasonNotSynced || len(got.Status.Conditions) != 0 {
		t.Errorf("Ready() = %t, %q with conditions %v", ready, reason, got.Status.Conditions)
	}
	want := image.ProviderRef{APIVersion: "imageregistry.vmware.com/v1alpha1", Kind: "ContentLibraryItem", Name: "clitem-0a0044d7c690bcbea"}
	if diff := cmp.Diff(want, got.ProviderRef); diff != "" {
		t.Errorf("provider reference (-want +got):\n%s", diff)
	}
}

func TestDescribeDoesNotChangeTheDescriptor(t *testing.T) {
	t.Parallel()
	descriptor, err := image.ParseDescriptor(readDescriptor(t, "photon"))
	if err != nil {
		t.Fatal(err)
	}
	first := image.Describe(libraryItem("photon"), descriptor, nil)
	first.Status.Capabilities[0], first.Status.Disks[0].Name = "changed", "changed"
	second := image.Describe(libraryItem("photon"), descriptor, nil)
	if second.Status.Capabilities[0] != "cloud-init" || second.Status.Disks[0].Name != "Hard disk 1" {
		t.Errorf("status = %+v", second.Status)
	}
}

func TestASubscribedImageSaysWhetherItsDisksAreThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		subscribed, onDemand, cached bool
		want                         *image.Condition
		message                      string
	}{
		"local":                          {},
		"local, cached":                  {cached: true},
		"subscribed":                     {subscribed: true, cached: true, want: &image.Condition{Status: "True", Reason: "True"}},
		"subscribed, not there yet":      {subscribed: true, want: &image.Condition{Status: "False", Reason: "NotCached"}, message: "has not transferred the disks yet"},
		"on demand, fetched once":        {subscribed: true, onDemand: true, cached: true, want: &image.Condition{Status: "True", Reason: "True"}},
		"on demand, not deployed so far": {subscribed: true, onDemand: true, want: &image.Condition{Status: "False", Reason: "OnDemand"}, message: "the first deployment transfers the disks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item := libraryItem("photon")
			item.Library.Subscribed, item.Library.OnDemand, item.Cached = test.subscribed, test.onDemand, test.cached
			got := image.Describe(item, &image.Descriptor{}, nil)
			condition, ok := got.Status.Condition(image.ConditionCached)
			if ok != (test.want != nil) {
				t.Fatalf("condition %+v, %t", condition, ok)
			}
			if ok && (condition.Status != test.want.Status || condition.Reason != test.want.Reason || !strings.Contains(condition.Message, test.message)) {
				t.Errorf("condition %+v, want %+v with %q", condition, *test.want, test.message)
			}
			if ready, _, message := got.Status.Ready(); !ready {
				t.Errorf("it is not ready: %s", message) // vCenter transfers the disks when it deploys
			}
		})
	}
}

func TestV1Alpha1CompatibilityIsTrueOrAbsent(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"ready": true, "enabled": false, "": false} {
		descriptor := &image.Descriptor{ExtraConfig: map[string]string{"guestinfo.vmservice.defer-cloud-init": value}}
		condition, ok := image.Describe(libraryItem("photon"), descriptor, nil).Status.Condition(image.ConditionV1Alpha1Compatible)
		if ok != want || ok && condition.Status != "True" {
			t.Errorf("with %q: condition %+v, %t", value, condition, ok)
		}
	}
}
