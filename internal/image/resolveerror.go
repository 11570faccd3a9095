package image

import (
	"fmt"
	"slices"
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

	argument string
}

func newAmbiguous(query Query, candidates []Image) *AmbiguousError {
	first := candidates[0]
	return &AmbiguousError{Name: query.Name, Kind: first.Kind, Namespace: first.Namespace, Candidates: candidates, argument: query.argument()}
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
	called := "are called"
	if IsID(e.Name) {
		called = "have the VMI ID"
	}
	text := fmt.Sprintf("%d images in %s %s %q: %s. ", len(e.Candidates), scope, called, e.Name, list)
	ids, names := map[ID]bool{}, map[string]bool{}
	for _, candidate := range e.Candidates {
		ids[candidate.ID], names[candidate.DisplayName] = true, true
	}
	if len(ids) == len(e.Candidates) {
		return text + fmt.Sprintf("Set %s to one of these VMI IDs.", e.argument)
	}
	copies := "They"
	if len(ids) > 1 {
		copies = "Those of one VMI ID"
	}
	text += fmt.Sprintf("%s are copies of one image in libraries that name images by their source (%s). ", copies, PreferItemSourceID)
	leave := fmt.Sprintf("Leave all but one of these libraries out of %s", scope)
	if e.argument == "image_name" && len(names) == len(e.Candidates) {
		leave += ", or set image_name to the display name of the one that is meant"
	}
	return text + leave + "."
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
	// Other is the image that has the name and is of the other kind, nil where there is none.
	Other *Image
}

func newNotFound(query Query, candidates []Image) *NotFoundError {
	images, more := near(query, candidates)
	e := &NotFoundError{Query: query, Near: images, More: more}
	id, _ := ParseID(query.Name)
	for _, img := range slices.Concat(query.Known, candidates) {
		if query.sees(img) && query.Kind != "" && img.Kind != query.Kind && (img.ID == id || (id == "" && img.DisplayName == query.Name)) {
			e.Other = &img
			break
		}
	}
	return e
}

// argument is what takes the answer.
func (q Query) argument() string {
	if q.Argument == "" {
		return "image_name"
	}
	return q.Argument
}

// Error says where was looked, and what comes close.
func (e *NotFoundError) Error() string {
	var text strings.Builder
	called := "display name"
	if IsID(e.Query.Name) {
		called = "VMI ID"
	}
	what := "image"
	if e.Other != nil {
		what = string(e.Query.Kind)
	}
	fmt.Fprintf(&text, "No %s has the %s %q in %s.", what, called, e.Query.Name, e.where())
	argument := e.Query.argument()
	switch {
	case e.Other != nil && isClusterID(e.Query.Name) && e.Other.Kind == VirtualMachineImage:
		fmt.Fprintf(&text, " It is the %s %s. Write %s, which is of both kinds.", e.Other.Kind, describeItem(*e.Other), e.Other.ID)
	case e.Other != nil:
		fmt.Fprintf(&text, " It is the %s %s. Set kind to %s.", e.Other.Kind, describeItem(*e.Other), e.Other.Kind)
	case e.Query.Planned:
		text.WriteString(" This plan makes an image of that name, and what is not there yet has no VMI ID to find. Set image to the image of that resource, as in image = vmoperator_virtual_machine_image.NAME.image.")
	case len(e.Query.Hidden) > 0:
		fmt.Fprintf(&text, " There is one in %s, which the namespace %q does not see. Add it to the content_libraries of the namespace or to the cluster_content_libraries, or look from a namespace that has it.",
			libraryNames(e.Query.Hidden), e.Query.Namespace)
	case len(e.Near) == 1 && strings.EqualFold(strings.TrimSpace(e.Query.Name), e.Near[0].ItemID):
		fmt.Fprintf(&text, " It is the id of a content library item, whose VMI ID is %s. Set %s to that.", describeItem(e.Near[0]), argument)
	case len(e.Near) == 0 && argument != "image_name":
		fmt.Fprintf(&text, " Set %s to the VMI ID of an image that is there.", argument)
	case len(e.Near) == 0:
		fmt.Fprintf(&text, " Set %s to the display name or the VMI ID of an image that is there.", argument)
	default:
		text.WriteString(e.near())
	}
	return text.String()
}

// near lists what comes close.
func (e *NotFoundError) near() string {
	names := make([]string, len(e.Near))
	for i, img := range e.Near {
		names[i] = fmt.Sprintf("%q (%s, library %q)", img.DisplayName, img.ID, img.LibraryName)
	}
	more, these := "", "these"
	if e.More > 0 {
		more = fmt.Sprintf(" and %d more", e.More)
	}
	if e.Query.argument() != "image_name" {
		these = "these VMI IDs"
	}
	return fmt.Sprintf(" Near: %s%s. Set %s to one of %s.", strings.Join(names, ", "), more, e.Query.argument(), these)
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
	if len(e.Query.Libraries) == 0 {
		return scope
	}
	return libraryNames(e.Query.Libraries)
}

// libraryNames lists libraries.
func libraryNames(names []string) string {
	libraries := make([]string, len(names))
	for i, library := range names {
		libraries[i] = fmt.Sprintf("%q", library)
	}
	if len(libraries) == 1 {
		return "library " + libraries[0]
	}
	return "libraries " + strings.Join(libraries, ", ")
}

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// describeItem names an image by its VMI ID and by where vCenter shows it.
func describeItem(img Image) string {
	return fmt.Sprintf("%s (library %q, item %q, %s)", img.ID, img.LibraryName, img.DisplayName, img.ItemID)
}
