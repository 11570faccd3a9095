package library

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Scopes says which content libraries a namespace sees, as the provider is configured.
// Libraries are named by their exact names or by their ids.
type Scopes struct {
	// Namespace is the name of the namespace.
	Namespace string
	// NamespaceLibraries hold the namespace's own images, of the kind VirtualMachineImage.
	NamespaceLibraries []string
	// ClusterLibraries hold images of the kind ClusterVirtualMachineImage. nil means every
	// library that is named neither in NamespaceLibraries nor in OtherLibraries; an empty list
	// means none.
	ClusterLibraries []string
	// OtherLibraries are those that other namespaces name. They only matter where
	// ClusterLibraries is nil.
	OtherLibraries []string
	// NamingStrategies say how libraries name their images, where that is not by the ids of
	// their items (image.FromItemID). Every library that is named must exist, whether or not the
	// namespace sees it, and have one name only.
	NamingStrategies map[string]image.NamingStrategy
}

// scope is Scopes with the libraries found.
type scope struct {
	name      string
	namespace []string                        // ids
	cluster   []string                        // ids; nil: all that are not in others
	others    []string                        // ids
	naming    map[string]image.NamingStrategy // by id
}

// namedBySource returns the ids of the libraries, among those that the namespace sees, that name
// images by their source.
func (s *scope) namedBySource() []string {
	var ids []string
	for id, strategy := range s.naming {
		if strategy == image.PreferItemSourceID && len(s.kinds(id)) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// kinds returns what the items of a library are to the namespace: nothing, one or both.
func (s *scope) kinds(libraryID string) []image.Kind {
	var kinds []image.Kind
	if slices.Contains(s.namespace, libraryID) {
		kinds = append(kinds, image.VirtualMachineImage)
	}
	if slices.Contains(s.cluster, libraryID) || (s.cluster == nil && !slices.Contains(s.others, libraryID)) {
		kinds = append(kinds, image.ClusterVirtualMachineImage)
	}
	return kinds
}

// scope finds the libraries that are named. A library that does not exist is an error that
// lists those there are – except in OtherLibraries: what does not exist needs no exclusion,
// and another namespace's mistake is not this one's.
func (v view) scope(ctx context.Context, scopes Scopes) (*scope, error) {
	names := slices.Concat(scopes.NamespaceLibraries, scopes.ClusterLibraries, slices.Sorted(maps.Keys(scopes.NamingStrategies)))
	if scopes.ClusterLibraries == nil {
		names = append(names, scopes.OtherLibraries...)
	}
	slices.Sort(names)
	ahead(ctx, slices.Compact(names), v.librariesNamed)

	s := &scope{name: scopes.Namespace, naming: make(map[string]image.NamingStrategy, len(scopes.NamingStrategies))}
	named := make(map[string]string, len(scopes.NamingStrategies))
	for _, name := range slices.Sorted(maps.Keys(scopes.NamingStrategies)) {
		library, err := v.libraryNamed(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("naming_strategy %s of content_library %q: %w", scopes.NamingStrategies[name], name, err)
		}
		if other, twice := named[library]; twice {
			return nil, &vsphere.Error{Kind: vsphere.ErrAmbiguous, Text: fmt.Sprintf(
				"content_library %q and content_library %q are the same library. Leave one of them out", other, name)}
		}
		named[library], s.naming[library] = name, scopes.NamingStrategies[name]
	}
	for _, name := range scopes.NamespaceLibraries {
		library, err := v.libraryNamed(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("content_libraries of namespace %q: %w", scopes.Namespace, err)
		}
		s.namespace = append(s.namespace, library)
	}
	if scopes.ClusterLibraries != nil {
		s.cluster = []string{}
		for _, name := range scopes.ClusterLibraries {
			library, err := v.libraryNamed(ctx, name)
			if err != nil {
				return nil, fmt.Errorf("cluster_content_libraries: %w", err)
			}
			s.cluster = append(s.cluster, library)
		}
		return s, nil
	}
	s.others = slices.Clone(s.namespace)
	for _, name := range scopes.OtherLibraries {
		ids, err := v.librariesNamed(ctx, name)
		if err != nil {
			return nil, err
		}
		s.others = append(s.others, ids...)
	}
	return s, nil
}

// libraryNamed returns the id of the only library with a name or id.
func (v view) libraryNamed(ctx context.Context, name string) (string, error) {
	ids, err := v.librariesNamed(ctx, name)
	if err != nil {
		return "", err
	}
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		return "", v.noLibrary(ctx, name)
	default:
		return "", &vsphere.Error{Kind: vsphere.ErrAmbiguous, Text: fmt.Sprintf(
			"%d content libraries are called %q: %s. Name the one that is meant by its id",
			len(ids), name, strings.Join(ids, ", "))}
	}
}

// librariesNamed returns the ids of the libraries with a name, or of the one with an id. An
// id is a UUID; a library can also have a UUID for its name.
func (v view) librariesNamed(ctx context.Context, name string) ([]string, error) {
	if isUUID(name) {
		switch _, err := v.library(ctx, name); {
		case err == nil:
			return []string{name}, nil
		case !errors.Is(err, vsphere.ErrNotFound):
			return nil, err
		}
	}
	found, err := v.libraryIDs.of(vapi.Find{Name: name}).Since(ctx, v.from)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, id := range found {
		library, err := v.library(ctx, id)
		switch {
		case errors.Is(err, vsphere.ErrNotFound): // removed since
		case err != nil:
			return nil, err
		case library.Name == name: // vCenter's search ignores case
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// noLibrary says which libraries there are. Only this error reads them all.
func (v view) noLibrary(ctx context.Context, name string) error {
	ids, err := v.all.Since(ctx, v.from)
	if err != nil {
		return err
	}
	libraries, _, err := each(ctx, ids, v.library)
	if err != nil {
		return err
	}
	names := make([]string, len(libraries))
	for i, library := range libraries {
		names[i] = fmt.Sprintf("%q (%s)", library.Name, library.ID)
	}
	slices.Sort(names)
	there := "There is none that the user may see"
	if len(names) > 0 {
		there = "There is " + strings.Join(names, ", ")
	}
	return &vsphere.Error{Kind: vsphere.ErrNotFound, Text: fmt.Sprintf("vCenter has no content library %q. %s", name, there)}
}

// isUUID reports whether s has the form of the ids that vCenter gives: 8-4-4-4-12 lower-case
// hexadecimal digits.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdef", r) {
				return false
			}
		}
	}
	return true
}
