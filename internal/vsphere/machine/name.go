package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Bearer finds the machine that bears a name in a folder, which no other machine there can have
// then. False where none does. It is one request, and one more that reads the machine. Errors: as
// Observe, but not vsphere.ErrNotFound; ErrInaccessible means that there is one.
func (s *Service) Bearer(ctx context.Context, folder Ref, name string) (*Observation, bool, error) {
	what := fmt.Sprintf("look for %q in folder %s", name, folder.Value)
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, false, vsphere.Translate(err, what)
	}
	res, err := methods.FindChild(ctx, client, &types.FindChild{This: *client.ServiceContent.SearchIndex, Entity: folder, Name: name})
	if err != nil {
		return nil, false, vsphere.Translate(err, what)
	}
	if res.Returnval == nil || res.Returnval.Type != "VirtualMachine" {
		return nil, false, nil
	}
	o, err := s.Observe(ctx, *res.Returnval)
	if errors.Is(err, vsphere.ErrNotFound) {
		return nil, false, nil // deleted just now
	}
	return o, err == nil, err
}

// Manage notes that a machine belongs to the configuration: who plans another one of its name is
// told that it may be gone or renamed by then.
func (s *Service) Manage(instanceUUID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.managed[strings.ToLower(instanceUUID)] = true
}

// Manages tells whether Manage was told of a machine.
func (s *Service) Manages(instanceUUID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.managed[strings.ToLower(instanceUUID)]
}

// Rename gives a machine another name. Its files keep theirs. vsphere.ErrAlreadyExists says which
// machine has the name.
func (s *Service) Rename(ctx context.Context, ref Ref, name string) error {
	what := fmt.Sprintf("rename %s to %q", s.title(ref), name)
	err := s.do(ctx, ref, what, s.rename(ref, name))
	if err == nil {
		s.titles.Delete(ref)
		return nil
	}
	taken, ok := faultOf[*types.DuplicateName](err)
	if !ok || taken.Object.Type != "VirtualMachine" || ctx.Err() != nil {
		return err
	}
	bearer, lookErr := s.Observe(ctx, taken.Object)
	if lookErr != nil {
		return err // which names it by its id
	}
	return fmt.Errorf("%s: %w: %s, instance UUID %s, has the name. Choose another one, or rename that machine first, in an apply of its own",
		what, vsphere.ErrAlreadyExists, bearer.Title(), bearer.InstanceUUID)
}

// title names a machine by its inventory path, where it was read before, and by its id.
func (s *Service) title(ref Ref) string {
	if known, ok := s.titles.Load(ref); ok {
		if text, ok := known.(string); ok {
			return text
		}
	}
	return title(ref)
}

// folder names the folder of a deploy.
func (s *DeploySpec) folder() string { return "folder " + cmp.Or(s.FolderPath, s.Folder.Value) }

// title names the machine that a deploy has made.
func (s *DeploySpec) title(ref Ref) string {
	if s.FolderPath == "" {
		return title(ref)
	}
	return (&Observation{Ref: ref, Path: s.FolderPath + "/" + s.Name}).Title()
}
