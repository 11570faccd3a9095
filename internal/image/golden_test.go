package image_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

var update = flag.Bool("update", false, "write the golden files anew")

// descriptorsDir holds descriptors of the shapes that images have, and beside each the image
// that it makes.
const descriptorsDir = "testdata/descriptors"

// TestDescribeGivesTheWholeImage compares each descriptor with the image that it makes. The
// expectations are read by people when they change: run with -update, and look at the
// difference. What is empty is left out of them.
func TestDescribeGivesTheWholeImage(t *testing.T) {
	t.Parallel()
	for _, name := range descriptorNames(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			descriptor, readErr := image.ParseDescriptor(readDescriptor(t, name))
			got := compact(t, image.Describe(libraryItem(name), descriptor, readErr))
			golden := filepath.Join(descriptorsDir, name+".json")
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

func descriptorNames(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(descriptorsDir, "*.ovf"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no descriptors in %s: %v", descriptorsDir, err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".ovf")
	}
	return names
}

func readDescriptor(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, filepath.Join(descriptorsDir, name+".ovf"))
}

// compact writes a value as JSON, an object of plain values to a line, and without what is
// empty.
func compact(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // float64 would round the sizes of disks
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	write(&out, prune(tree), "")
	out.WriteByte('\n')
	return out.Bytes()
}

// write writes JSON with an indent, and objects and lists of plain values on one line.
func write(out *bytes.Buffer, tree any, indent string) {
	plain := func(member any) bool {
		switch member.(type) {
		case map[string]any, []any:
			return false
		}
		return true
	}
	between, inner, last := "\n", indent+"  ", "\n"+indent
	list, object := []any(nil), map[string]any(nil)
	switch node := tree.(type) {
	case map[string]any:
		object = node
		if !slices.ContainsFunc(slices.Collect(maps.Values(node)), func(v any) bool { return !plain(v) }) {
			between, inner, last = "", "", ""
		}
	case []any:
		list = node
		if !slices.ContainsFunc(node, func(v any) bool { return !plain(v) }) {
			between, inner, last = "", "", ""
		}
	default:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(node)
		out.Truncate(out.Len() - 1) // its line feed
		return
	}
	separator := between + inner
	next := "," + separator
	if between == "" {
		next = ", "
	}
	if list != nil {
		out.WriteByte('[')
		for _, member := range list {
			out.WriteString(separator)
			write(out, member, inner)
			separator = next
		}
		out.WriteString(last + "]")
		return
	}
	out.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(object)) {
		out.WriteString(separator)
		write(out, name, "")
		out.WriteString(": ")
		write(out, object[name], inner)
		separator = next
	}
	out.WriteString(last + "}")
}

// prune leaves empty members out.
func prune(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		for name, member := range node {
			if node[name] = prune(member); empty(name, node[name]) {
				delete(node, name)
			}
		}
	case []any:
		for i := range node {
			node[i] = prune(node[i])
		}
	}
	return tree
}

// empty tells whether a member says nothing. An empty default, value or label is not an absent one.
func empty(name string, member any) bool {
	switch member := member.(type) {
	case nil:
		return true
	case bool:
		return !member
	case string:
		return member == "" && name != "Default" && name != "Value" && !strings.Contains(name, "/")
	case []any:
		return len(member) == 0
	default:
		return false
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

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
