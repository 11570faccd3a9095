package vsphere

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Datacenter returns the configured datacenter with its InventoryPath: by name or inventory
// path, or the only one when none is configured. It is looked up once. When it is missing
// (ErrNotFound) or a name stands for several (ErrAmbiguous), the text lists those there are.
func (c *Client) Datacenter(ctx context.Context) (*object.Datacenter, error) {
	if known := c.datacenter.Load(); known != nil {
		return known, nil
	}
	vc, err := c.Vim(ctx)
	if err != nil {
		return nil, err
	}
	what := "find the datacenter"
	if c.cfg.Datacenter != "" {
		what = fmt.Sprintf("find the datacenter %q", c.cfg.Datacenter)
	}
	release, err := c.lookingUp(ctx)
	if err != nil {
		return nil, Translate(err, what)
	}
	defer release()
	if known := c.datacenter.Load(); known != nil {
		return known, nil
	}
	all, err := listDatacenters(ctx, vc)
	if err != nil {
		return nil, Translate(err, what)
	}
	found, err := chooseDatacenter(all, c.cfg.Datacenter)
	if err != nil {
		return nil, Translate(err, what+" in "+c.name())
	}
	datacenter := object.NewDatacenter(vc, found.ref)
	datacenter.InventoryPath = found.path
	c.datacenter.Store(datacenter)
	return datacenter, nil
}

// place is a datacenter in the inventory.
type place struct {
	ref  types.ManagedObjectReference
	path string // like "/folder/DC0", with vCenter's own escapes
}

// chooseDatacenter finds what the configuration names: a path when it has a slash, else a
// name, else the only one.
func chooseDatacenter(all []place, wanted string) (place, error) {
	var matches []place
	for _, candidate := range all {
		if wanted == "" || matchesDatacenter(candidate, wanted) {
			matches = append(matches, candidate)
		}
	}
	switch {
	case len(matches) == 1:
		return matches[0], nil
	case len(all) == 0:
		return place{}, &Error{Kind: ErrNotFound, Text: "the account sees no datacenter at all. Have an administrator grant it System.View on one"}
	case len(matches) == 0:
		return place{}, &Error{Kind: ErrNotFound, Text: "there is none of this name. Set datacenter to one of " + paths(all)}
	default:
		return place{}, &Error{Kind: ErrAmbiguous, Text: "there are several. Set datacenter to the path of one of " + paths(matches)}
	}
}

func matchesDatacenter(candidate place, wanted string) bool {
	if strings.Contains(wanted, "/") && path.Clean("/"+wanted) == candidate.path {
		return true
	}
	name := path.Base(candidate.path)
	return wanted == name || wanted == unescape(name)
}

// unescape undoes what vCenter does to the characters / \ and % in names.
func unescape(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

func paths(all []place) string {
	texts := make([]string, len(all))
	for i, place := range all {
		texts[i] = fmt.Sprintf("%q", place.path)
	}
	return strings.Join(texts, ", ")
}

// listDatacenters reads all datacenters and the folders they are in, in one call and without
// a look into any of them, sorted by path.
func listDatacenters(ctx context.Context, vc *vim25.Client) ([]place, error) {
	const step = "folders"
	properties := []string{"name", "parent"}
	filter := types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{
			Obj:  vc.ServiceContent.RootFolder,
			Skip: types.NewBool(true),
			SelectSet: []types.BaseSelectionSpec{&types.TraversalSpec{
				SelectionSpec: types.SelectionSpec{Name: step},
				Type:          "Folder", Path: "childEntity", Skip: types.NewBool(false),
				SelectSet: []types.BaseSelectionSpec{&types.SelectionSpec{Name: step}},
			}},
		}},
		PropSet: []types.PropertySpec{
			{Type: "Datacenter", PathSet: properties},
			{Type: "Folder", PathSet: properties},
		},
	}
	request := types.RetrievePropertiesEx{
		This: vc.ServiceContent.PropertyCollector, SpecSet: []types.PropertyFilterSpec{filter},
	}
	res, err := methods.RetrievePropertiesEx(ctx, vc, &request)
	if err != nil {
		return nil, err
	}
	var objects []types.ObjectContent
	for page := res.Returnval; page != nil; {
		objects = append(objects, page.Objects...)
		if page.Token == "" {
			break
		}
		next, err := methods.ContinueRetrievePropertiesEx(ctx, vc, &types.ContinueRetrievePropertiesEx{
			This: request.This, Token: page.Token,
		})
		if err != nil {
			return nil, err
		}
		page = &next.Returnval
	}
	return assemble(objects), nil
}

// assemble joins names into paths.
func assemble(objects []types.ObjectContent) []place {
	type node struct {
		name   string
		parent types.ManagedObjectReference
	}
	nodes := make(map[types.ManagedObjectReference]node, len(objects))
	for _, object := range objects {
		var n node
		for _, property := range object.PropSet {
			switch value := property.Val.(type) {
			case string:
				n.name = value
			case types.ManagedObjectReference:
				n.parent = value
			}
		}
		nodes[object.Obj] = n
	}
	var all []place
	for ref, n := range nodes {
		if ref.Type != "Datacenter" || n.name == "" {
			continue
		}
		full := "/" + n.name
		for up, ok := nodes[n.parent]; ok; up, ok = nodes[up.parent] {
			full = "/" + up.name + full
		}
		all = append(all, place{ref: ref, path: full})
	}
	slices.SortFunc(all, func(a, b place) int { return strings.Compare(a.path, b.path) })
	return all
}
