package image_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDescribeGivesTheWholeImage compares each descriptor under testdata with the image that
// it makes. The expectations are read by people when they change: run with -update, and
// look at the difference.
func TestDescribeGivesTheWholeImage(t *testing.T) {
	t.Parallel()
	descriptors, err := filepath.Glob(filepath.Join("testdata", "*.ovf"))
	if err != nil || len(descriptors) == 0 {
		t.Fatalf("no descriptors under testdata: %v", err)
	}
	for _, path := range descriptors {
		name := strings.TrimSuffix(filepath.Base(path), ".ovf")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			descriptor, readErr := image.ParseDescriptor(read(t, path))
			got, err := json.MarshalIndent(image.Describe(libraryItem(name), descriptor, readErr), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := strings.TrimSuffix(path, ".ovf") + ".json"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// libraryItem is an item of a cluster library; photon has the documented id.
func libraryItem(name string) image.Item {
	item := image.Item{
		Kind:           image.ClusterVirtualMachineImage,
		Library:        image.Library{ID: "lib-1", Name: "base-images", State: "ACTIVE"},
		ID:             "item-" + name,
		Name:           name,
		Type:           "ovf",
		ContentVersion: "1",
	}
	if name == "photon" {
		item.Kind, item.Namespace = image.VirtualMachineImage, "default"
		item.ID, item.Name = "e1968c25-dd84-4506-8dc7-9beacb6b688e", "Photon OS 5.0"
	}
	return item
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
