package backend

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

func namespace(name string, libraries ...string) Namespace {
	return Namespace{NamespaceSpec: inventory.NamespaceSpec{Name: name}, ContentLibraries: libraries}
}

func TestTheDefaultNamespaceIsAlwaysThere(t *testing.T) {
	t.Parallel()
	got, err := new(Backend).Namespace(DefaultNamespace)
	if diff := cmp.Diff(namespace(DefaultNamespace), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	b := &Backend{Namespaces: map[string]Namespace{DefaultNamespace: namespace(DefaultNamespace, "own")}}
	if got, err := b.Namespace(DefaultNamespace); err != nil || len(got.ContentLibraries) != 1 {
		t.Errorf("a block for it counts: %+v, %v", got, err)
	}
}

func TestAnUnknownNamespaceIsAnErrorThatListsTheOthers(t *testing.T) {
	t.Parallel()
	b := &Backend{Namespaces: map[string]Namespace{"team-b": namespace("team-b"), "team-a": namespace("team-a")}}
	_, err := b.Namespace("team-c")
	if !errors.Is(err, vsphere.ErrNotFound) || !strings.Contains(err.Error(), `"default", "team-a", "team-b"`) {
		t.Errorf("%v", err)
	}
}

func TestAnImageMayComeFromTheNamespaceOrTheCluster(t *testing.T) {
	t.Parallel()
	naming := map[string]image.NamingStrategy{"shared": image.PreferItemSourceID}
	b := &Backend{ClusterLibraries: []string{"shared"}, NamingStrategies: naming, Namespaces: map[string]Namespace{
		"team-a": namespace("team-a", "a"), "team-b": namespace("team-b", "b2", "b1"), "team-c": namespace("team-c", "c"),
	}}
	want := library.Scopes{Namespace: "team-a", NamespaceLibraries: []string{"a"}, ClusterLibraries: []string{"shared"}, OtherLibraries: []string{"b1", "b2", "c"}, NamingStrategies: naming}
	if diff := cmp.Diff(want, b.Scopes(b.Namespaces["team-a"])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheBackendComesFromTheProviderAndNothingElse(t *testing.T) {
	t.Parallel()
	b := new(Backend)
	if got, diags := From(b); got != b || diags.HasError() {
		t.Errorf("%v, %v", got, diags)
	}
	if got, diags := From(nil); got != nil || diags.HasError() {
		t.Errorf("before configuration: %v, %v", got, diags)
	}
	if _, diags := From("text"); !diags.HasError() {
		t.Error("a text is no backend")
	}
}

func TestTextsBecomeSentences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		"no such host":            "No such host.",
		"it is not there (404)":   "It is not there (404).",
		"(It is not there.)":      "(It is not there.)",
		"vCenter has no library":  "vCenter has no library.",
		"vCenter's answer is odd": "vCenter's answer is odd.",
		"image_name is empty":     "image_name is empty.",
	} {
		if got := Sentence(text); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", text, got, want)
		}
	}
}
