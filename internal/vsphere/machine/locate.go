package machine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// objectID is the managed object id of a machine, also as govc prints it.
var objectID = regexp.MustCompile(`^(?:VirtualMachine:)?(vm-[0-9]+)$`)

// ErrNoReference says that a text is no form of naming a machine that Locate knows.
var ErrNoReference = errors.New("neither an inventory path nor a managed object id")

// Locate reads the machine with an inventory path, which begins with a slash and has the names as
// vSphere stores them, or with a managed object id, such as vm-123. Errors: ErrNoReference for any
// other text, vsphere.ErrNotFound, ErrInaccessible.
func (s *Service) Locate(ctx context.Context, reference string) (*Observation, error) {
	if found := objectID.FindStringSubmatch(reference); found != nil {
		return s.Observe(ctx, Ref{Type: "VirtualMachine", Value: found[1]})
	}
	if !strings.HasPrefix(reference, "/") {
		return nil, fmt.Errorf("%q is %w", reference, ErrNoReference)
	}
	what := fmt.Sprintf("find %q", reference)
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, vsphere.Translate(err, what)
	}
	// The vSphere API has paths without the slash of the root folder.
	res, err := methods.FindByInventoryPath(ctx, client, &types.FindByInventoryPath{
		This: *client.ServiceContent.SearchIndex, InventoryPath: strings.Trim(reference, "/"),
	})
	switch {
	case err != nil:
		return nil, vsphere.Translate(err, what)
	case res.Returnval == nil:
		return nil, fmt.Errorf("%w: vCenter has nothing at the inventory path %q, or the user may not see it", vsphere.ErrNotFound, reference)
	case res.Returnval.Type != "VirtualMachine":
		return nil, fmt.Errorf("%w: at the inventory path %q is no virtual machine but a %s (%s)",
			vsphere.ErrNotFound, reference, res.Returnval.Type, res.Returnval.Value)
	}
	return s.Observe(ctx, *res.Returnval)
}
