package image

import (
	"fmt"
	"strings"
)

// AmbiguousError says that several images of one scope have the same display name or VMI ID.
// It is ErrAmbiguous.
type AmbiguousError struct {
	// Name is what was asked for.
	Name string
	// Kind is the scope of the candidates, and Namespace its name if it is one.
	Kind      Kind
	Namespace string
	// Candidates are the images that match, two or more, in the order of Compare.
	Candidates []Image
}

func newAmbiguous(query Query, candidates []Image) *AmbiguousError {
	first := candidates[0]
	return &AmbiguousError{Name: query.Name, Kind: first.Kind, Namespace: first.Namespace, Candidates: candidates}
}

// Error names every candidate by VMI ID, library and item.
func (e *AmbiguousError) Error() string {
	scope := "the cluster"
	if e.Kind == VirtualMachineImage {
		scope = fmt.Sprintf("the namespace %q", e.Namespace)
	}
	candidates := make([]string, len(e.Candidates))
	for i, candidate := range e.Candidates {
		candidates[i] = describeItem(candidate)
	}
	list := strings.Join(candidates, "; ")
	if IsID(e.Name) {
		return fmt.Sprintf("%d images in %s have the VMI ID %q: %s. They are copies of one image in libraries that name images by their source (%s). "+
			"Set image_name to a display name that only one of them has, or leave all but one of the libraries out of %s.",
			len(e.Candidates), scope, e.Name, list, PreferItemSourceID, scope)
	}
	return fmt.Sprintf("%d images in %s are called %q: %s. Set image_name to one of these VMI IDs.",
		len(e.Candidates), scope, e.Name, list)
}

// Unwrap makes errors.Is(err, ErrAmbiguous) true.
func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// NotFoundError says that no image has the display name or VMI ID. It is ErrNotFound.
type NotFoundError struct {
	// Query is what was asked for.
	Query Query
	// Near are images whose names come close, the closest first.
	Near []Image
	// More is the number of images that come close beyond Near.
	More int
}

func newNotFound(query Query, candidates []Image) *NotFoundError {
	images, more := near(query, candidates)
	return &NotFoundError{Query: query, Near: images, More: more}
}

// Error says where was looked, and what comes close.
func (e *NotFoundError) Error() string {
	var text strings.Builder
	called := "display name"
	if IsID(e.Query.Name) {
		called = "VMI ID"
	}
	fmt.Fprintf(&text, "No image has the %s %q in %s.", called, e.Query.Name, e.where())
	if len(e.Near) == 0 {
		text.WriteString(" Set image_name to the display name or the VMI ID of an image that is there.")
		return text.String()
	}
	names := make([]string, len(e.Near))
	for i, img := range e.Near {
		names[i] = fmt.Sprintf("%q (%s, library %q)", img.DisplayName, img.ID, img.LibraryName)
	}
	fmt.Fprintf(&text, " Near: %s", strings.Join(names, ", "))
	if e.More > 0 {
		fmt.Fprintf(&text, " and %d more", e.More)
	}
	text.WriteString(". Set image_name to one of these.")
	return text.String()
}

// where names the libraries, or else the scopes.
func (e *NotFoundError) where() string {
	var scope string
	switch {
	case e.Query.Kind == ClusterVirtualMachineImage, isClusterID(e.Query.Name):
		scope = "the cluster"
	case e.Query.Kind == VirtualMachineImage:
		scope = fmt.Sprintf("the namespace %q", e.Query.Namespace)
	default:
		scope = fmt.Sprintf("the namespace %q or the cluster", e.Query.Namespace)
	}
	libraries := make([]string, len(e.Query.Libraries))
	for i, library := range e.Query.Libraries {
		libraries[i] = fmt.Sprintf("%q", library)
	}
	switch len(libraries) {
	case 0:
		return scope
	case 1:
		return "library " + libraries[0]
	default:
		return "libraries " + strings.Join(libraries, ", ")
	}
}

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// describeItem names an image by its VMI ID and by where vCenter shows it.
func describeItem(img Image) string {
	return fmt.Sprintf("%s (library %q, item %q, %s)", img.ID, img.LibraryName, img.DisplayName, img.ItemID)
}
