package inventory

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image/spelling"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Object is a resolved reference to something in the inventory.
type Object struct {
	// ID is the managed object id, such as "resgroup-8".
	ID string
	// Name is the object's own name, without vSphere's escapes.
	Name string
	// Path is its absolute inventory path.
	Path string
}

func (n *node) object() Object { return Object{ID: n.ref.Value, Name: n.title(), Path: n.path} }

// match returns those of nodes that a reference means. A reference is the name of the
// object, its absolute inventory path ("/dc/network/prod/backend"), or its path below the
// datacenter's folder for such objects ("prod/backend"). All are exact: vSphere's own search
// ignores case, and a configuration that changes its meaning with somebody else's
// capitalisation is no configuration.
func (t *tree) match(nodes []*node, folder *node, reference string) []*node {
	var found []*node
	for _, n := range nodes {
		if !strings.HasPrefix(reference, "/") && (n.name == reference || n.title() == reference) {
			found = append(found, n)
		}
	}
	if len(found) > 0 || !strings.Contains(reference, "/") {
		return found
	}
	absolute := path.Clean("/" + reference)
	below := absolute
	if folder != nil {
		below = path.Join(folder.path, reference)
	}
	for _, n := range nodes {
		if n.path == absolute || (!strings.HasPrefix(reference, "/") && n.path == below) {
			found = append(found, n)
		}
	}
	return found
}

// one returns the only match of a reference, or an error that says which there are.
func (t *tree) one(what string, nodes []*node, folder *node, reference string) (*node, error) {
	found := t.match(nodes, folder, reference)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, t.missing(what, nodes, reference)
	default:
		return nil, t.ambiguous(what, found, reference)
	}
}

func (t *tree) missing(what string, nodes []*node, reference string) error {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.title()
		if strings.Contains(reference, "/") {
			names[i] = n.path
		}
	}
	return failure(vsphere.ErrNotFound, "datacenter %s has no %s %q. %s", t.path, what, reference, offer(what, reference, names))
}

func (t *tree) ambiguous(what string, found []*node, reference string) error {
	labels := make([]string, len(found))
	for i, n := range found {
		labels[i] = t.label(n, found)
	}
	slices.Sort(labels)
	return failure(vsphere.ErrAmbiguous,
		"datacenter %s has %d %ss %q: %s. Name the one that is meant by its inventory path",
		t.path, len(found), what, reference, strings.Join(labels, ", "))
}

// label is a reference that tells a node from others: its path, or that below its switch for
// one of several port groups that have the same.
func (t *tree) label(n *node, others []*node) string {
	shared := slices.ContainsFunc(others, func(other *node) bool { return other != n && other.path == n.path })
	if !shared {
		return n.path
	}
	if owner := t.owner(n); owner != nil {
		return path.Join(owner.path, n.name)
	}
	return fmt.Sprintf("%s (%s)", n.path, n.ref.Value)
}

// folder returns the datacenter's folder for one kind of objects; nil where the user may not see it.
func (t *tree) folder(property string) *node {
	return t.nodes[reference(t.root, property)]
}

// offered is the number of names that an error offers.
const offered = 8

// offer says what there is: all of it where that is little, and what is nearest otherwise.
func offer(what, asked string, names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return fmt.Sprintf("There is no %s at all, or none that the user may see", what)
	}
	lead := "There is "
	if len(names) > offered {
		lead = fmt.Sprintf("Of %d, the nearest are ", len(names))
		slices.SortStableFunc(names, func(a, b string) int { return distance(asked, a) - distance(asked, b) })
		names = names[:offered]
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return lead + strings.Join(quoted, ", ")
}

// distance is how far two names are apart, without regard to case; a name that contains the
// other is as near as one letter.
func distance(asked, name string) int {
	asked, name = strings.ToLower(asked), strings.ToLower(name)
	if strings.Contains(name, asked) || strings.Contains(asked, name) {
		return 1
	}
	return spelling.Distance(asked, name)
}

// failure is an error that is one of package vsphere's without repeating it in its text.
func failure(kind error, format string, args ...any) error {
	return &vsphere.Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}
