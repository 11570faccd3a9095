package image_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestTheNamingStrategyChoosesTheIdentifier(t *testing.T) {
	t.Parallel()
	const (
		own    = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1101"
		source = "e1968c25-dd84-4506-8dc7-9beacb6b688e"
		ofOwn  = "23ac950a0f5bc47ef"
		ofBoth = "0a0044d7c690bcbea"
	)
	for name, test := range map[string]struct {
		strategy image.NamingStrategy
		source   string
		want     string
	}{
		"no strategy":              {source: source, want: ofOwn},
		"the item's own id":        {strategy: image.FromItemID, source: source, want: ofOwn},
		"its source's id":          {strategy: image.PreferItemSourceID, source: source, want: ofBoth},
		"of an item that is local": {strategy: image.PreferItemSourceID, want: ofOwn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := image.Identify(image.Item{
				Kind: image.ClusterVirtualMachineImage, Library: image.Library{NamingStrategy: test.strategy},
				ID: own, SourceID: test.source, Name: "Ubuntu", Type: "ovf",
			})
			if want := image.ID("vmi-" + test.want); got.ID != want {
				t.Errorf("VMI ID %s, want %s", got.ID, want)
			}
			if want := "clitem-" + test.want; got.ProviderRef.Name != want {
				t.Errorf("provider reference %s, want %s", got.ProviderRef.Name, want)
			}
			// What is deployed is the copy, whatever it is called.
			if got.ItemID != own || got.Status.ProviderItemID != own {
				t.Errorf("item %s, in the status %s, want %s", got.ItemID, got.Status.ProviderItemID, own)
			}
		})
	}
}
