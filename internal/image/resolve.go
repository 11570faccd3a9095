package image

import (
	"errors"
	"fmt"
	"slices"
)

// What the errors of Resolve are.
var (
	ErrNotFound  = errors.New("image not found")
	ErrAmbiguous = errors.New("image name is ambiguous")
	ErrNoName    = errors.New("image name is empty")
)

// Query asks for one image from within a namespace.
type Query struct {
	// Name is a display name or a VMI ID, as it was written.
	Name string
	// Namespace is where the question is asked: its images and the cluster's are looked at.
	Namespace string
	// Kind restricts the answer to one scope; empty allows both.
	Kind Kind
	// Argument is what takes the answer, for messages. Default: name where Kind is written beside it, image_name otherwise.
	Argument string
	// Libraries are the names of the libraries that were searched, for messages.
	Libraries []string
	// Known are images to suggest when nothing is found. It may be empty, where the caller
	// did not list the libraries.
	Known []Image
	// Hidden are the names of libraries that have such an image and that the namespace does not see, for messages.
	Hidden []string
	// Planned tells that the plan at hand makes an image of this name, for messages.
	Planned bool
}

// Warning is what the user should know about an answer, though it is one.
type Warning struct{ Summary, Detail string }

// Resolve finds the image that a query names among candidates, which may be more than those
// that match, and images of other namespaces.
//
// A VMI ID – anything that begins "vmi-" or "cvmi-" – is only looked up as an id, first in
// the namespace, then in the cluster. A display name must match exactly, and once per scope;
// where both scopes have one, that of the namespace is the answer, with a warning that
// names both. Whether an image is ready does not matter.
//
// Errors are a *NotFoundError, an *AmbiguousError, or wrap ErrInvalidID or ErrNoName.
func Resolve(query Query, candidates []Image) (Image, []Warning, error) {
	if query.Name == "" {
		return Image{}, nil, fmt.Errorf("%w: set it to a display name or a VMI ID", ErrNoName)
	}
	if IsID(query.Name) {
		img, err := resolveID(query, candidates)
		return img, nil, err
	}

	namesake := func(img Image) bool { return img.DisplayName == query.Name }
	inNamespace := query.matches(VirtualMachineImage, candidates, namesake)
	if len(inNamespace) > 1 {
		return Image{}, nil, newAmbiguous(query, inNamespace)
	}
	inCluster := query.matches(ClusterVirtualMachineImage, candidates, namesake)
	if len(inCluster) > 1 {
		return Image{}, nil, newAmbiguous(query, inCluster)
	}
	switch {
	case len(inNamespace) == 1 && len(inCluster) == 1 && inNamespace[0].ItemID != inCluster[0].ItemID:
		return inNamespace[0], []Warning{bothScopes(inNamespace[0], inCluster[0])}, nil
	case len(inNamespace) == 1:
		return inNamespace[0], nil, nil
	case len(inCluster) == 1:
		return inCluster[0], nil, nil
	default:
		return Image{}, nil, newNotFound(query, candidates)
	}
}

// resolveID looks an id up. Within a scope it is that of one item, unless libraries that name
// images by their source hold copies of one image.
func resolveID(query Query, candidates []Image) (Image, error) {
	if query.Kind != "" && query.Argument == "" {
		query.Argument = "name"
	}
	id, err := ParseID(query.Name)
	if err != nil {
		return Image{}, fmt.Errorf(`%w. What begins "vmi-" or "cvmi-" is never a display name`, err)
	}
	if isClusterID(query.Name) {
		if query.Kind == VirtualMachineImage {
			return Image{}, newNotFound(query, candidates)
		}
		query.Kind = ClusterVirtualMachineImage
	}
	for _, kind := range Kinds() {
		found := query.matches(kind, candidates, func(img Image) bool { return img.ID == id })
		if len(found) > 1 {
			return Image{}, newAmbiguous(query, found)
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return Image{}, newNotFound(query, candidates)
}

// matches returns the candidates of one scope that are wanted, in order. An item that was
// found twice, by two ways of searching, counts once.
func (q Query) matches(kind Kind, candidates []Image, wanted func(Image) bool) []Image {
	if q.Kind != "" && q.Kind != kind {
		return nil
	}
	var found []Image
	for _, img := range candidates {
		if img.Kind != kind || !q.sees(img) || !wanted(img) {
			continue
		}
		if !slices.ContainsFunc(found, func(other Image) bool { return other.ItemID == img.ItemID }) {
			found = append(found, img)
		}
	}
	Sort(found)
	return found
}

// sees tells whether an image belongs to the query's namespace or to the cluster.
func (q Query) sees(img Image) bool {
	return img.Kind == ClusterVirtualMachineImage || img.Namespace == q.Namespace
}

// bothScopes is the warning about a namesake in the cluster.
func bothScopes(inNamespace, inCluster Image) Warning {
	advice := "Set image_name to one of the two VMI IDs"
	if inNamespace.ID == inCluster.ID { // copies of one image
		advice = "Set image to the kind and the VMI ID"
	}
	return Warning{
		Summary: "Two images have this display name",
		Detail: fmt.Sprintf("The display name %q is that of %s in the namespace %q and of %s in the cluster. "+
			"The image of the namespace is used. %s to say which one is meant.",
			inNamespace.DisplayName, describeItem(inNamespace), inNamespace.Namespace, describeItem(inCluster), advice),
	}
}
