package image_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestLabelsThatKubernetesWouldRefuseAreLeftOut(t *testing.T) {
	t.Parallel()
	const capability = "capability.image.vmoperator.vmware.com/"
	for name, test := range map[string]struct {
		descriptor image.Descriptor
		want       map[string]string // besides the type
	}{
		"version that ends in a dot": {
			image.Descriptor{OS: &image.OSInfo{ID: "linux!", Type: "Linux", Version: "5."}},
			map[string]string{image.LabelOSType: "Linux"},
		},
		"63 characters": {
			image.Descriptor{OS: &image.OSInfo{Version: strings.Repeat("5", 63)}},
			map[string]string{image.LabelOSVersion: strings.Repeat("5", 63)},
		},
		"64 characters": {image.Descriptor{OS: &image.OSInfo{Version: strings.Repeat("5", 64)}}, nil},
		"capabilities": {
			image.Descriptor{Capabilities: []string{"cloud-init", "has space", "-x", strings.Repeat("c", 64), "SR_IOV.net"}},
			map[string]string{capability + "cloud-init": "", capability + "SR_IOV.net": ""},
		},
		"the image's own": {
			image.Descriptor{ExtraConfig: map[string]string{"vmservice.vmi.labels": "a:1,b:, c ,d:x:y,:z,,e:bad value,team/f:2"}},
			map[string]string{"a": "1", "b": "", "c": "", "team/f": "2"},
		},
		"own labels do not replace what is derived": {
			image.Descriptor{
				OS: &image.OSInfo{Type: "Linux"},
				ExtraConfig: map[string]string{"vmservice.vmi.labels": image.LabelOSType + ":Windows," + image.LabelType + ":ISO," +
					image.LabelOSID + ":x," + image.LabelOSVersion + ":x," + capability + "sriov-net:"},
			},
			map[string]string{image.LabelOSType: "Linux"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := map[string]string{image.LabelType: "OVF"}
			for key, value := range test.want {
				want[key] = value
			}
			got := image.Describe(libraryItem("photon"), &test.descriptor, nil).Labels
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelectUnderstandsKubernetesSelectors(t *testing.T) {
	t.Parallel()
	images := []image.Image{
		{DisplayName: "photon", Labels: map[string]string{image.LabelOSType: "Linux", image.LabelCapability + "cloud-init": ""}},
		{DisplayName: "ubuntu", Labels: map[string]string{image.LabelOSType: "Linux"}},
		{DisplayName: "windows", Labels: map[string]string{image.LabelOSType: "Windows"}},
		{DisplayName: "iso"},
	}
	for selector, want := range map[string][]string{
		"": {"photon", "ubuntu", "windows", "iso"},
		image.LabelOSType + "=Linux," + image.LabelCapability + "cloud-init": {"photon"},
		image.LabelCapability + "cloud-init":                                 {"photon"},
		image.LabelCapability + "cloud-init=":                                {"photon"},
		"!" + image.LabelCapability + "cloud-init":                           {"ubuntu", "windows", "iso"},
		image.LabelOSType + " in (Linux, Windows)":                           {"photon", "ubuntu", "windows"},
		image.LabelOSType + "!=Linux":                                        {"windows", "iso"},
		image.LabelOSType + "=linux":                                         nil,
	} {
		selected, err := image.Select(selector, images)
		if err != nil {
			t.Errorf("Select(%q): %v", selector, err)
			continue
		}
		var got []string
		for _, img := range selected {
			got = append(got, img.DisplayName)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Select(%q) (-want +got):\n%s", selector, diff)
		}
	}
}

func TestSelectRefusesWhatIsNoSelector(t *testing.T) {
	t.Parallel()
	for _, selector := range []string{"os=", "a b", "a in Linux", "=x", "a=b!"} {
		images, err := image.Select(selector, []image.Image{{}})
		switch {
		case selector == "os=" && err != nil:
			t.Errorf("Select(%q): %v, want the empty value to be one", selector, err)
		case selector != "os=" && (err == nil || images != nil || !strings.Contains(err.Error(), selector)):
			t.Errorf("Select(%q) = %v, %v, want an error that quotes it", selector, images, err)
		}
	}
}

func TestSortGoesByKindDisplayNameAndID(t *testing.T) {
	t.Parallel()
	images := []image.Image{
		{Kind: image.VirtualMachineImage, DisplayName: "a", ID: "vmi-2"},
		{Kind: image.VirtualMachineImage, DisplayName: "a", ID: "vmi-1"},
		{Kind: image.ClusterVirtualMachineImage, DisplayName: "z", ID: "vmi-4", ItemID: "2"},
		{Kind: image.VirtualMachineImage, DisplayName: "B", ID: "vmi-3"},
		{Kind: image.ClusterVirtualMachineImage, DisplayName: "z", ID: "vmi-4", ItemID: "1"},
	}
	image.Sort(images)
	var got []string
	for _, img := range images {
		got = append(got, img.ID.String()+img.ItemID)
	}
	if diff := cmp.Diff([]string{"vmi-41", "vmi-42", "vmi-3", "vmi-1", "vmi-2"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
