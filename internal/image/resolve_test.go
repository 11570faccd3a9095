package image_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// inNamespace and inCluster are images of the namespace default and of the cluster; each
// item has an id of its own.
func inNamespace(name, item string) image.Image {
	return image.Identify(image.Item{
		Kind: image.VirtualMachineImage, Namespace: "default", Library: image.Library{Name: "team-images"},
		ID: item, Name: name, Type: "ovf",
	})
}

func inCluster(name, item string) image.Image {
	return image.Identify(image.Item{
		Kind: image.ClusterVirtualMachineImage, Library: image.Library{Name: "base-images"},
		ID: item, Name: name, Type: "ovf",
	})
}

func elsewhere(name, item string) image.Image {
	img := inNamespace(name, item)
	img.Namespace = "other"
	return img
}

// copyOf is a cluster image of a subscribed library that names images by their source.
func copyOf(name, item, source string) image.Image {
	return image.Identify(image.Item{
		Kind:    image.ClusterVirtualMachineImage,
		Library: image.Library{Name: "subscribed", Subscribed: true, NamingStrategy: image.PreferItemSourceID},
		ID:      item, SourceID: source, Name: name, Type: "ovf",
	})
}

func TestResolveFollowsTheTableOfScopes(t *testing.T) {
	t.Parallel()
	const name = "Photon OS 5.0"
	n1, n2, n3 := inNamespace(name, "n1"), inNamespace(name, "n2"), elsewhere(name, "n3")
	c1, c2 := inCluster(name, "c1"), inCluster(name, "c2")
	shared := inCluster(name, "n1")
	for title, test := range map[string]struct {
		candidates []image.Image
		kind       image.Kind
		want       image.Image
		warnings   int
		err        error
		listed     []image.Image // by an ambiguity
	}{
		"none":                          {err: image.ErrNotFound},
		"one in the namespace":          {candidates: []image.Image{n1}, want: n1},
		"one in the cluster":            {candidates: []image.Image{c1}, want: c1},
		"one in each scope":             {candidates: []image.Image{c1, n1}, want: n1, warnings: 1},
		"one item in both scopes":       {candidates: []image.Image{shared, n1}, want: n1},
		"two in the namespace":          {candidates: []image.Image{n2, n1}, err: image.ErrAmbiguous, listed: []image.Image{n1, n2}},
		"two in the cluster":            {candidates: []image.Image{c1, c2}, err: image.ErrAmbiguous, listed: []image.Image{c1, c2}},
		"two in the namespace and one":  {candidates: []image.Image{c1, n1, n2}, err: image.ErrAmbiguous, listed: []image.Image{n1, n2}},
		"two in the cluster and one":    {candidates: []image.Image{n1, c1, c2}, err: image.ErrAmbiguous, listed: []image.Image{c1, c2}},
		"another namespace":             {candidates: []image.Image{n3}, err: image.ErrNotFound},
		"another namespace beside":      {candidates: []image.Image{n3, n1}, want: n1},
		"the same item found twice":     {candidates: []image.Image{n1, n1, c1}, want: n1, warnings: 1},
		"namespace only":                {candidates: []image.Image{n1, c1, c2}, kind: image.VirtualMachineImage, want: n1},
		"cluster only":                  {candidates: []image.Image{n1, n2, c1}, kind: image.ClusterVirtualMachineImage, want: c1},
		"cluster only, none there":      {candidates: []image.Image{n1}, kind: image.ClusterVirtualMachineImage, err: image.ErrNotFound},
		"names that differ in case":     {candidates: []image.Image{inNamespace("photon os 5.0", "x")}, err: image.ErrNotFound},
		"names that differ in spaces":   {candidates: []image.Image{inNamespace(name+" ", "x")}, err: image.ErrNotFound},
		"a longer name, found by loose": {candidates: []image.Image{inNamespace(name+" beta", "x"), c1}, want: c1},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := image.Resolve(image.Query{Name: name, Namespace: "default", Kind: test.kind}, test.candidates)
			if !errors.Is(err, test.err) {
				t.Fatalf("error = %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("image (-want +got):\n%s", diff)
			}
			if len(warnings) != test.warnings {
				t.Errorf("warnings = %v, want %d", warnings, test.warnings)
			}
			for _, warning := range warnings {
				for _, img := range []image.Image{n1, c1} {
					if !strings.Contains(warning.Detail, img.ID.String()) {
						t.Errorf("warning %q does not name %s", warning.Detail, img.ID)
					}
				}
			}
			var ambiguous *image.AmbiguousError
			if errors.As(err, &ambiguous) {
				sorted := append([]image.Image(nil), test.listed...)
				image.Sort(sorted)
				if diff := cmp.Diff(sorted, ambiguous.Candidates); diff != "" {
					t.Errorf("candidates (-want +got):\n%s", diff)
				}
				for _, img := range test.listed {
					for _, part := range []string{img.ID.String(), img.LibraryName, img.DisplayName, img.ItemID} {
						if !strings.Contains(err.Error(), part) {
							t.Errorf("error %q does not name %q", err, part)
						}
					}
				}
			}
		})
	}
}

func TestResolveLooksIDsUpAndNothingElse(t *testing.T) {
	t.Parallel()
	const id = "vmi-0a0044d7c690bcbea"
	const item = "e1968c25-dd84-4506-8dc7-9beacb6b688e"
	n, c := inNamespace("Photon", item), inCluster("Photon", item)
	calledLikeID := inNamespace(id, "misnamed")
	copied := copyOf("Photon, subscribed", "copy", item)
	calledVMI := inNamespace("vmi-golden", "golden")
	for title, test := range map[string]struct {
		name       string
		kind       image.Kind
		candidates []image.Image
		want       image.Image
		err        error
	}{
		"namespace":                     {name: id, candidates: []image.Image{n}, want: n},
		"cluster":                       {name: id, candidates: []image.Image{c}, want: c},
		"namespace first":               {name: id, candidates: []image.Image{c, n}, want: n},
		"cluster by its prefix":         {name: "c" + id, candidates: []image.Image{n, c}, want: c},
		"cluster prefix, not there":     {name: "c" + id, candidates: []image.Image{n}, err: image.ErrNotFound},
		"cluster prefix, other kind":    {name: "c" + id, kind: image.VirtualMachineImage, candidates: []image.Image{n, c}, err: image.ErrNotFound},
		"restricted to the cluster":     {name: id, kind: image.ClusterVirtualMachineImage, candidates: []image.Image{n, c}, want: c},
		"not a display name":            {name: id, candidates: []image.Image{calledLikeID}, err: image.ErrNotFound},
		"malformed, not a display name": {name: "vmi-golden", candidates: []image.Image{calledVMI}, err: image.ErrInvalidID},
		"another namespace":             {name: id, candidates: []image.Image{elsewhere("Photon", item)}, err: image.ErrNotFound},
		"a copy that bears its source":  {name: id, candidates: []image.Image{copied}, want: copied},
		"source and copy in one scope":  {name: id, candidates: []image.Image{copied, c}, err: image.ErrAmbiguous},
		"source here, copy there":       {name: id, candidates: []image.Image{copied, n}, want: n},
		"a copy by its own id":          {name: image.NewID("copy").String(), candidates: []image.Image{copied}, err: image.ErrNotFound},
		"empty":                         {name: "", candidates: []image.Image{n}, err: image.ErrNoName},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := image.Resolve(image.Query{Name: test.name, Namespace: "default", Kind: test.kind}, test.candidates)
			if !errors.Is(err, test.err) || len(warnings) > 0 {
				t.Fatalf("error = %v, warnings = %v, want %v", err, warnings, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("image (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveTakesImagesThatAreNotReady(t *testing.T) {
	t.Parallel()
	broken := image.Describe(libraryItem("photon"), nil, errors.New("unreadable"))
	got, _, err := image.Resolve(image.Query{Name: broken.DisplayName, Namespace: "default"}, []image.Image{broken})
	if err != nil || got.ID != broken.ID {
		t.Errorf("Resolve = %s, %v", got.ID, err)
	}
	twin := broken
	twin.ItemID, twin.ID = "twin", image.NewID("twin")
	_, _, err = image.Resolve(image.Query{Name: broken.DisplayName, Namespace: "default"}, []image.Image{broken, twin})
	if !errors.Is(err, image.ErrAmbiguous) {
		t.Errorf("with an unready namesake: %v, want ErrAmbiguous", err)
	}
}

func TestMessagesOfResolve(t *testing.T) {
	t.Parallel()
	photon := inCluster("Photon OS 5.0", "e1968c25-dd84-4506-8dc7-9beacb6b688e")
	many := []image.Image{photon}
	for _, name := range []string{"photon 1", "photon 2", "photon 3", "photon 4", "photon 5", "photon 6"} {
		many = append(many, inNamespace(name, name))
	}
	for title, test := range map[string]struct {
		query      image.Query
		candidates []image.Image
		want       string
	}{
		"near name": {
			query: image.Query{Name: "photon", Libraries: []string{"a", "b"}, Known: []image.Image{photon, inCluster("Windows", "w")}},
			want: `No image has the display name "photon" in libraries "a", "b". ` +
				`Near: "Photon OS 5.0" (vmi-0a0044d7c690bcbea, library "base-images"). Set image_name to one of these.`,
		},
		"nothing near": {
			query: image.Query{Name: "centos", Libraries: []string{"a"}, Known: []image.Image{photon}},
			want: `No image has the display name "centos" in library "a". ` +
				`Set image_name to the display name or the VMI ID of an image that is there.`,
		},
		"no libraries named": {
			query: image.Query{Name: "centos"},
			want: `No image has the display name "centos" in the namespace "default" or the cluster. ` +
				`Set image_name to the display name or the VMI ID of an image that is there.`,
		},
		"namespace only": {
			query: image.Query{Name: "centos", Kind: image.VirtualMachineImage},
			want: `No image has the display name "centos" in the namespace "default". ` +
				`Set image_name to the display name or the VMI ID of an image that is there.`,
		},
		"mistyped id": {
			query: image.Query{Name: "cvmi-0a0044d7c690bcbeb", Known: []image.Image{photon}},
			want: `No image has the VMI ID "cvmi-0a0044d7c690bcbeb" in the cluster. ` +
				`Near: "Photon OS 5.0" (vmi-0a0044d7c690bcbea, library "base-images"). Set image_name to one of these.`,
		},
		"more than fit": {
			query: image.Query{Name: "photon", Libraries: []string{"a"}, Known: many},
			want: `No image has the display name "photon" in library "a". ` +
				`Near: "photon 1" (` + string(image.NewID("photon 1")) + `, library "team-images"), ` +
				`"photon 2" (` + string(image.NewID("photon 2")) + `, library "team-images"), ` +
				`"photon 3" (` + string(image.NewID("photon 3")) + `, library "team-images"), ` +
				`"photon 4" (` + string(image.NewID("photon 4")) + `, library "team-images"), ` +
				`"photon 5" (` + string(image.NewID("photon 5")) + `, library "team-images") and 2 more. Set image_name to one of these.`,
		},
		"ambiguous in the namespace": {
			query:      image.Query{Name: "photon"},
			candidates: []image.Image{inNamespace("photon", "one"), inNamespace("photon", "two")},
			want: `2 images in the namespace "default" are called "photon": ` +
				`vmi-ad782ecdac770fc6e (library "team-images", item "photon", two); ` +
				`vmi-fe05bcdcdc4928012 (library "team-images", item "photon", one). Set image_name to one of these VMI IDs.`,
		},
		"ambiguous in the cluster": {
			query:      image.Query{Name: "photon"},
			candidates: []image.Image{inCluster("photon", "one"), inCluster("photon", "two")},
			want: `2 images in the cluster are called "photon": ` +
				`vmi-ad782ecdac770fc6e (library "base-images", item "photon", two); ` +
				`vmi-fe05bcdcdc4928012 (library "base-images", item "photon", one). Set image_name to one of these VMI IDs.`,
		},
		"ambiguous by id": {
			query:      image.Query{Name: "vmi-fe05bcdcdc4928012"},
			candidates: []image.Image{inCluster("photon", "one"), copyOf("photon 5", "two", "one")},
			want: `2 images in the cluster have the VMI ID "vmi-fe05bcdcdc4928012": ` +
				`vmi-fe05bcdcdc4928012 (library "base-images", item "photon", one); ` +
				`vmi-fe05bcdcdc4928012 (library "subscribed", item "photon 5", two). ` +
				`They are copies of one image in libraries that name images by their source (PreferItemSourceID). ` +
				`Leave all but one of these libraries out of the cluster, or set image_name to the display name of the one that is meant.`,
		},
		"copies of one name": {
			query:      image.Query{Name: "photon"},
			candidates: []image.Image{inCluster("photon", "one"), copyOf("photon", "two", "one")},
			want: `2 images in the cluster are called "photon": ` +
				`vmi-fe05bcdcdc4928012 (library "base-images", item "photon", one); ` +
				`vmi-fe05bcdcdc4928012 (library "subscribed", item "photon", two). ` +
				`They are copies of one image in libraries that name images by their source (PreferItemSourceID). ` +
				`Leave all but one of these libraries out of the cluster.`,
		},
		"the other kind": {
			query: image.Query{Name: "vmi-0a0044d7c690bcbea", Kind: image.VirtualMachineImage, Libraries: []string{"team-images"}, Known: []image.Image{photon}},
			want: `No VirtualMachineImage has the VMI ID "vmi-0a0044d7c690bcbea" in library "team-images". ` +
				`It is the ClusterVirtualMachineImage vmi-0a0044d7c690bcbea (library "base-images", item "Photon OS 5.0", e1968c25-dd84-4506-8dc7-9beacb6b688e). ` +
				`Set kind to ClusterVirtualMachineImage.`,
		},
		"the namespace's, written as the cluster's": {
			query: image.Query{Name: "c" + string(image.NewID("one")), Known: []image.Image{inNamespace("photon", "one")}},
			want: `No ClusterVirtualMachineImage has the VMI ID "cvmi-fe05bcdcdc4928012" in the cluster. ` +
				`It is the VirtualMachineImage vmi-fe05bcdcdc4928012 (library "team-images", item "photon", one). Write vmi-fe05bcdcdc4928012, which is of both kinds.`,
		},
		"a kind and a VMI ID that nothing has": {
			query: image.Query{Name: "vmi-0a0044d7c690bcbeb", Kind: image.ClusterVirtualMachineImage, Known: []image.Image{photon}},
			want: `No image has the VMI ID "vmi-0a0044d7c690bcbeb" in the cluster. ` +
				`Near: "Photon OS 5.0" (vmi-0a0044d7c690bcbea, library "base-images"). Set name to one of these VMI IDs.`,
		},
		"an import": {
			query: image.Query{Name: "vmi-00000000000000000", Argument: "the import id"},
			want: `No image has the VMI ID "vmi-00000000000000000" in the namespace "default" or the cluster. ` +
				`Set the import id to the VMI ID of an image that is there.`,
		},
		"the id of an item": {
			query: image.Query{Name: "E1968c25-dd84-4506-8dc7-9beacb6b688e", Known: []image.Image{photon, inCluster("Photon OS 4", "4")}},
			want: `No image has the display name "E1968c25-dd84-4506-8dc7-9beacb6b688e" in the namespace "default" or the cluster. ` +
				`It is the id of a content library item, whose VMI ID is vmi-0a0044d7c690bcbea (library "base-images", item "Photon OS 5.0", e1968c25-dd84-4506-8dc7-9beacb6b688e). Set image_name to that.`,
		},
		"in a library that is not seen": {
			query: image.Query{Name: "centos", Hidden: []string{"team-b"}, Libraries: []string{"a"}},
			want: `No image has the display name "centos" in library "a". There is one in library "team-b", which the namespace "default" does not see. ` +
				`Add it to the content_libraries of the namespace or to the cluster_content_libraries, or look from a namespace that has it.`,
		},
		"what this plan makes": {
			query: image.Query{Name: "My Photon", Planned: true},
			want: `No image has the display name "My Photon" in the namespace "default" or the cluster. This plan makes an image of that name, and what is not there yet has no VMI ID to find. ` +
				`Set image to the image of that resource, as in image = vmoperator_virtual_machine_image.NAME.image.`,
		},
		"a word in common, and a letter": {
			query: image.Query{Name: "ubuntu-cloud-image", Known: []image.Image{inCluster("B", "b"), inCluster("Ubuntu 22.04 LTS", "u"), inCluster("Fedora cloud image", "f")}},
			want: `No image has the display name "ubuntu-cloud-image" in the namespace "default" or the cluster. ` +
				`Near: "Ubuntu 22.04 LTS" (` + string(image.NewID("u")) + `, library "base-images"). Set image_name to one of these.`,
		},
		"malformed id": {
			query: image.Query{Name: "vmi-golden"},
			want: `"vmi-golden" is not a VMI ID: expected "vmi-" and 17 lower-case hexadecimal digits, such as ` +
				`vmi-0a0044d7c690bcbea, but it has 6 characters after the hyphen. What begins "vmi-" or "cvmi-" is never a display name`,
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			test.query.Namespace = "default"
			_, _, err := image.Resolve(test.query, test.candidates)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWarningAboutNamesakesSaysHowToChoose(t *testing.T) {
	t.Parallel()
	own := inNamespace("photon", "one")
	for title, test := range map[string]struct {
		inCluster image.Image
		want      string
	}{
		"two images":          {inCluster("photon", "two"), "Set image_name to one of the two VMI IDs to say which one is meant."},
		"copies of one image": {copyOf("photon", "two", "one"), "Set image to the kind and the VMI ID to say which one is meant."},
	} {
		_, warnings, err := image.Resolve(image.Query{Name: "photon", Namespace: "default"}, []image.Image{own, test.inCluster})
		if err != nil || len(warnings) != 1 || !strings.HasSuffix(warnings[0].Detail, test.want) {
			t.Errorf("%s: warnings %v, error %v, want one that ends %q", title, warnings, err, test.want)
		}
	}
}

func TestNearNamesAreOrderedByHowNearTheyAre(t *testing.T) {
	t.Parallel()
	known := []image.Image{
		inCluster("My Ubuntu 22.04 LTS image", "contains"),
		inCluster("Ubuntu 24.04 LTS", "mistyped"),
		inCluster("ubuntu-22.04-lts", "punctuation"),
		inCluster("UBUNTU 22.04 LTS", "case"),
		inCluster("Ubuntu", "contained"),
		inCluster("Windows", "different"),
		inCluster("§§§", "without letters"),
		elsewhere("Ubuntu 22.04 LTS", "elsewhere"),
		inCluster("UBUNTU 22.04 LTS", "case"),
	}
	_, _, err := image.Resolve(image.Query{Name: "Ubuntu 22.04 LTS", Namespace: "default", Known: known}, nil)
	var notFound *image.NotFoundError
	if !errors.As(err, &notFound) {
		t.Fatalf("error = %v", err)
	}
	var got []string
	for _, img := range notFound.Near {
		got = append(got, img.ItemID)
	}
	if diff := cmp.Diff([]string{"case", "punctuation", "mistyped", "contains", "contained"}, got); diff != "" {
		t.Errorf("near (-want +got):\n%s", diff)
	}
	if notFound.More != 0 {
		t.Errorf("More = %d", notFound.More)
	}
}

func TestAnItemCalledLikeAnIDIsNearIt(t *testing.T) {
	t.Parallel()
	misnamed := inNamespace("vmi-0a0044d7c690bcbea", "misnamed")
	_, _, err := image.Resolve(image.Query{Name: misnamed.DisplayName, Namespace: "default"},
		[]image.Image{misnamed, inNamespace("other", "other")})
	var notFound *image.NotFoundError
	if !errors.As(err, &notFound) || len(notFound.Near) != 1 || notFound.Near[0].ID != misnamed.ID {
		t.Errorf("error = %v, want only %s near", err, misnamed.ID)
	}
}
