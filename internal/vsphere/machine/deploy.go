package machine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/task"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	// activationHeader ties the tasks of a vAPI call to an id that the caller chose.
	activationHeader = "vapi-ctx-actid"
	ovfItem          = "/com/vmware/vcenter/ovf/library-item"
)

// childName is a name in a folder.
type childName struct {
	folder Ref
	name   string
}

// Deploy makes a machine of an image of any kind: turned off, with its whole configuration, in
// one call of vCenter's. It bears CreateMark until the caller takes the mark away.
//
// A machine of that name in that folder with such a mark is what an interrupted creation left:
// it is destroyed first. One without the mark is vsphere.ErrAlreadyExists and is not touched;
// so is one that this process itself is creating.
//
// When the answer of vCenter gets lost, the machine is looked up by its instance UUID; the
// deploy is never sent a second time. An error beside a reference that is not zero means that
// the machine exists, though unfinished: remember it.
func (s *Service) Deploy(ctx context.Context, spec DeploySpec) (Ref, error) {
	if err := spec.validate(); err != nil {
		return Ref{}, err
	}
	d, err := s.prepare(ctx, &spec)
	if err != nil {
		return Ref{}, fmt.Errorf("deploy %q: %w", spec.Name, err)
	}
	release, err := s.reserve(&spec)
	if err != nil {
		return Ref{}, err
	}
	defer release()
	if err := s.makeRoomFor(ctx, &spec, d); err != nil {
		return Ref{}, err
	}
	s.remember(spec.InstanceUUID, true)
	ref, err := d.send(ctx)
	if err != nil {
		err = vsphere.Translate(err, d.what)
		if isAnswer(err) {
			s.remember(spec.InstanceUUID, false)
			return Ref{}, err
		}
		if ref, err = s.findAgain(ctx, &spec, d, err); err != nil {
			return ref, err
		}
	}
	s.ahead.settle(ref) // it may have been seen before it was complete
	if d.finish != nil {
		if err := d.finish(ctx, ref); err != nil {
			return ref, fmt.Errorf("%s: %w", d.what, err)
		}
	}
	return ref, nil
}

// deployment is a deploy of some kind, ready to be sent.
type deployment struct {
	what string // names it, for errors
	// send sends the request and waits for its end. An error that is no answer of vCenter's leaves
	// open whether there is a machine.
	send func(ctx context.Context) (Ref, error)
	// finish does what the request cannot; nil mostly.
	finish func(ctx context.Context, ref Ref) error
	// on is the object whose tasks make the machine, and task the one that does, once vCenter has
	// named it. Both are zero for an OVF item, whose tasks bear an id of ours.
	on, task Ref
}

// prepare looks up what a deploy needs and builds its request.
func (s *Service) prepare(ctx context.Context, spec *DeploySpec) (*deployment, error) {
	switch spec.source() {
	case FromVM:
		template, err := s.templateOf(ctx, spec.LibraryItemID)
		if err != nil {
			return nil, err
		}
		return s.clone(spec, template)
	case FromISO:
		return s.create(ctx, spec)
	case FromOVF:
	}
	request, err := deployRequest(spec)
	if err != nil {
		return nil, err
	}
	return &deployment{
		what: fmt.Sprintf("deploy %q from library item %s", spec.Name, spec.LibraryItemID),
		send: func(ctx context.Context) (Ref, error) { return s.deploy(ctx, spec, request) },
	}, nil
}

// begin sends a deploy that is a task, and waits for its end. While another task holds what it
// copies, it waits and sends it again: such an answer means that nothing was made.
func (s *Service) begin(d *deployment, start starter) func(ctx context.Context) (Ref, error) {
	attempt := func(ctx context.Context) (Ref, error) {
		client, err := s.client.Vim(ctx)
		if err != nil {
			return Ref{}, err
		}
		if d.task, err = start(ctx, client); err != nil {
			if soap.IsSoapFault(err) {
				err = answeredError{err}
			}
			return Ref{}, err
		}
		result, err := s.follow(ctx, d.task, job{})
		if err != nil {
			if errors.As(err, new(task.Error)) {
				err = answeredError{err}
			}
			return Ref{}, err
		}
		ref, ok := result.(Ref)
		if !ok || ref.Type != "VirtualMachine" {
			return Ref{}, refusedError{fmt.Sprintf("task %s made %+v instead of a virtual machine", d.task.Value, result)}
		}
		return ref, nil
	}
	return func(ctx context.Context) (Ref, error) {
		for try := 0; ; try++ {
			ref, err := attempt(ctx)
			busy, isBusy := busyWith(err)
			if !isBusy {
				return ref, err
			}
			if busy != nil && ctx.Err() == nil {
				_ = s.await(ctx, *busy)
			}
			if perr := s.pause(ctx, backoff(try)); perr != nil {
				return Ref{}, answeredError{fmt.Errorf("%w (%w)", perr, err)}
			}
		}
	}
}

// answeredError is a fault: vCenter has made nothing.
type answeredError struct{ error }

// Unwrap returns the fault.
func (e answeredError) Unwrap() error { return e.error }

// reserve keeps two resources of one configuration from taking the same name at the same time,
// when neither would find the other's machine.
func (s *Service) reserve(spec *DeploySpec) (release func(), err error) {
	name := childName{spec.Folder, strings.ToLower(spec.Name)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[name] {
		return nil, fmt.Errorf("deploy %q: %w: another machine of the configuration is being deployed to %s under that name. Choose another name for one of the two",
			spec.Name, vsphere.ErrAlreadyExists, spec.folder())
	}
	s.names[name] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.names, name)
	}, nil
}

// remember keeps the UUIDs that this process deploys: their marks are no leftovers.
func (s *Service) remember(instanceUUID string, deployed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if deployed {
		s.deployed[strings.ToLower(instanceUUID)] = true
	} else {
		delete(s.deployed, strings.ToLower(instanceUUID))
	}
}

func (s *Service) isOurs(mark string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deployed[strings.ToLower(mark)]
}

// makeRoomFor is makeRoom for a deploy that is a task. An interrupted one may go on in vCenter, and
// until its end the machine cannot be read, or does not bear its mark yet: before the name counts
// as taken, the tasks are waited for that may be making it.
func (s *Service) makeRoomFor(ctx context.Context, spec *DeploySpec, d *deployment) error {
	err := s.makeRoom(ctx, spec)
	if d.on.Value == "" || !errors.Is(err, vsphere.ErrAlreadyExists) && !errors.Is(err, ErrInaccessible) {
		return err
	}
	client, cerr := s.client.Vim(ctx)
	if cerr != nil {
		return cerr
	}
	running, cerr := tasksOn(ctx, client, d.on)
	if cerr != nil || len(running) == 0 {
		return err
	}
	for _, task := range running {
		_ = s.await(ctx, task) // how it ends is to be seen in what it leaves
	}
	return s.makeRoom(ctx, spec)
}

// makeRoom makes sure that the name is free: it removes what an interrupted creation left, and
// nothing else.
func (s *Service) makeRoom(ctx context.Context, spec *DeploySpec) error {
	o, taken, err := s.Bearer(ctx, spec.Folder, spec.Name)
	switch {
	case errors.Is(err, ErrInaccessible):
		return fmt.Errorf("deploy %q: %s has a machine of that name: %w", spec.Name, spec.folder(), err)
	case err != nil || !taken:
		return err
	}
	mark, marked := o.ExtraConfig.Get(CreateMark)
	switch {
	case !marked || mark == "":
		return fmt.Errorf("deploy %q: %w: %s, instance UUID %s. Import it, or choose another name",
			spec.Name, vsphere.ErrAlreadyExists, o.Title(), o.InstanceUUID)
	case s.isOurs(mark):
		return fmt.Errorf("deploy %q: %w: %s has just been created under that name by another resource. Choose another name",
			spec.Name, vsphere.ErrAlreadyExists, o.Title())
	}
	// Its creation may go on in vCenter although nobody waits for it.
	if err := s.settle(ctx, o.Ref); err != nil && !isGone(err) {
		return vsphere.Translate(err, "wait for the tasks of the unfinished "+o.Title())
	}
	if err := s.clear(ctx, spec, o); err != nil {
		return fmt.Errorf("remove the unfinished %s: %w", o.Title(), err)
	}
	return nil
}

// clear destroys an unfinished machine, without the disks that are to survive it.
func (s *Service) clear(ctx context.Context, spec *DeploySpec, o *Observation) error {
	if spec.Kept != nil {
		detach, err := DetachKept(o, spec.Kept(o))
		if err != nil {
			return err
		}
		if !detach.Empty() {
			if err := s.PowerOff(ctx, o.Ref, Hard); err != nil {
				return err
			}
			if err := s.Reconfigure(ctx, o.Ref, detach.Spec); err != nil {
				return err
			}
		}
	}
	return s.Destroy(ctx, o.Ref, Hard)
}

// deploy sends the request. Not by vcenter.Manager, which reports one of several reasons and
// panics where there is none.
func (s *Service) deploy(ctx context.Context, spec *DeploySpec, request vcenter.Deploy) (Ref, error) {
	client, err := s.client.REST(ctx)
	if err != nil {
		return Ref{}, err
	}
	ctx = client.WithHeader(ctx, http.Header{activationHeader: {spec.InstanceUUID}})
	resource := client.Resource(ovfItem).WithID(spec.LibraryItemID).WithAction("deploy")
	var reply vcenter.Deployment
	if err := client.Do(ctx, resource.Request(http.MethodPost, request), &reply); err != nil {
		return Ref{}, err
	}
	if !reply.Succeeded {
		return Ref{}, refusedError{reasons(reply.Error)}
	}
	if reply.ResourceID == nil || reply.ResourceID.Type != "VirtualMachine" {
		return Ref{}, refusedError{fmt.Sprintf("the item made %+v instead of one virtual machine", reply.ResourceID)}
	}
	return Ref{Type: reply.ResourceID.Type, Value: reply.ResourceID.Value}, nil
}

// refusedError is an answer with status 200 that the deploy did not succeed.
type refusedError struct{ reasons string }

func (e refusedError) Error() string { return "vCenter did not deploy it: " + e.reasons }

// reasons collects all that vCenter says about a failure.
func reasons(failure *vcenter.DeploymentError) string {
	if failure == nil || len(failure.Errors) == 0 {
		return "it does not say why"
	}
	var texts []string
	add := func(message *rest.LocalizableMessage) {
		if message != nil && message.DefaultMessage != "" {
			texts = append(texts, message.DefaultMessage)
		}
	}
	for i := range failure.Errors {
		e := &failure.Errors[i]
		add(e.Message)
		if e.Error != nil {
			for j := range e.Error.Messages {
				add(&e.Error.Messages[j])
			}
		}
		for j := range e.Issues {
			issue := &e.Issues[j]
			if issue.Message.DefaultMessage != "" {
				texts = append(texts, fmt.Sprintf("%s:%d: %s", issue.File, issue.LineNumber, issue.Message.DefaultMessage))
			}
		}
		if len(texts) == 0 && e.Category != "" {
			texts = append(texts, "category "+e.Category)
		}
	}
	if len(texts) == 0 {
		return "it does not say why"
	}
	return strings.Join(texts, "; ")
}

// isAnswer says that err, as translated, is what vCenter answered, or that nothing was sent. Of
// everything else nobody knows what it left behind.
func isAnswer(err error) bool {
	if errors.As(err, new(refusedError)) || errors.As(err, new(answeredError)) {
		return true
	}
	for _, sentinel := range []error{
		vsphere.ErrNotFound, vsphere.ErrAlreadyExists, vsphere.ErrInvalidLogin, vsphere.ErrUnreachable, vsphere.ErrUntrusted,
		vsphere.ErrNotPermitted, vsphere.ErrTaskInProgress, vsphere.ErrInvalidState, vsphere.ErrUnsupported,
		vsphere.ErrInvalidArgument, vsphere.ErrConflict, vsphere.ErrInsufficientResources, vsphere.ErrCanceled, vsphere.ErrClosed,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}
