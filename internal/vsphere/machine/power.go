package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// maxRepeats bounds how often a power operation is repeated whose answer got lost.
const maxRepeats = 3

// transition is a change of power state: the call that forces it, and the one that asks the
// guest for it.
type transition struct {
	verb  string
	state types.VirtualMachinePowerState
	hard  func(ref Ref) starter
	soft  func(ctx context.Context, client *vim25.Client, ref Ref) error
}

// PowerOn turns a machine on, or resumes a suspended one. One that runs is left as it is.
func (s *Service) PowerOn(ctx context.Context, ref Ref) error {
	return s.hard(ctx, ref, transition{
		verb: "power on", state: types.VirtualMachinePowerStatePoweredOn,
		hard: func(ref Ref) starter {
			return func(ctx context.Context, client *vim25.Client) (Ref, error) {
				res, err := methods.PowerOnVM_Task(ctx, client, &types.PowerOnVM_Task{This: ref})
				if err != nil {
					return Ref{}, err
				}
				return res.Returnval, nil
			}
		},
	})
}

// PowerOff turns a machine off. Soft and TrySoft wait up to five minutes for the guest to shut
// down; after Soft a guest that does not comply goes on running. A machine that is off is left
// as it is. A suspended one has no guest to ask: Soft refuses it, the others discard its state.
func (s *Service) PowerOff(ctx context.Context, ref Ref, mode Mode) error {
	return s.change(ctx, ref, mode, transition{
		verb: "power off", state: types.VirtualMachinePowerStatePoweredOff,
		hard: func(ref Ref) starter {
			return func(ctx context.Context, client *vim25.Client) (Ref, error) {
				res, err := methods.PowerOffVM_Task(ctx, client, &types.PowerOffVM_Task{This: ref})
				if err != nil {
					return Ref{}, err
				}
				return res.Returnval, nil
			}
		},
		soft: func(ctx context.Context, client *vim25.Client, ref Ref) error {
			_, err := methods.ShutdownGuest(ctx, client, &types.ShutdownGuest{This: ref})
			return err
		},
	})
}

// Suspend suspends a running machine; vSphere refuses it for one that is off.
func (s *Service) Suspend(ctx context.Context, ref Ref, mode Mode) error {
	return s.change(ctx, ref, mode, transition{
		verb: "suspend", state: types.VirtualMachinePowerStateSuspended,
		hard: func(ref Ref) starter {
			return func(ctx context.Context, client *vim25.Client) (Ref, error) {
				res, err := methods.SuspendVM_Task(ctx, client, &types.SuspendVM_Task{This: ref})
				if err != nil {
					return Ref{}, err
				}
				return res.Returnval, nil
			}
		},
		soft: func(ctx context.Context, client *vim25.Client, ref Ref) error {
			_, err := methods.StandbyGuest(ctx, client, &types.StandbyGuest{This: ref})
			return err
		},
	})
}

// Restart restarts a running machine. A soft restart is done when the guest has accepted it:
// nobody waits for the guest to come back.
func (s *Service) Restart(ctx context.Context, ref Ref, mode Mode) error {
	if err := mode.check(); err != nil {
		return err
	}
	what := "restart " + s.title(ref)
	var refused error
	if mode != Hard {
		client, err := s.client.Vim(ctx)
		if err != nil {
			return vsphere.Translate(err, what)
		}
		s.ahead.settle(ref)
		_, err = methods.RebootGuest(ctx, client, &types.RebootGuest{This: ref})
		switch {
		case err == nil:
			return nil
		case mode == Soft || isGone(err) || ctx.Err() != nil:
			return vsphere.Translate(err, what)
		}
		refused = err
	}
	err := s.do(ctx, ref, what, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.ResetVM_Task(ctx, client, &types.ResetVM_Task{This: ref})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
	return both(err, refused)
}

// change brings a machine into the state of t by the given mode.
func (s *Service) change(ctx context.Context, ref Ref, mode Mode, t transition) error {
	if err := mode.check(); err != nil {
		return err
	}
	if mode == Hard {
		return s.hard(ctx, ref, t)
	}
	err := s.soft(ctx, ref, t)
	if err == nil || mode == Soft || ctx.Err() != nil || errors.Is(err, vsphere.ErrNotFound) {
		return err
	}
	return both(s.hard(ctx, ref, t), err)
}

// hard forces the state of t. It is there already, or it is not: when an answer gets lost,
// asking again does no harm.
func (s *Service) hard(ctx context.Context, ref Ref, t transition) error {
	for try := 0; ; try++ {
		err := s.do(ctx, ref, t.verb+" "+s.title(ref), t.hard(ref))
		switch {
		case isAlready(err, t.state):
			return nil
		case errors.Is(err, vsphere.ErrInterrupted) && try < maxRepeats && s.pause(ctx, backoff(try)) == nil:
		default:
			return err
		}
	}
}

func (s *Service) soft(ctx context.Context, ref Ref, t transition) error {
	what := fmt.Sprintf("%s %s through its guest", t.verb, s.title(ref))
	client, err := s.client.Vim(ctx)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	s.ahead.settle(ref)
	if err := t.soft(ctx, client, ref); err != nil {
		if isAlready(err, t.state) {
			return nil
		}
		return vsphere.Translate(err, what)
	}
	waiting, cancel := context.WithTimeout(ctx, s.softTimeout)
	defer cancel()
	err = s.WaitFor(waiting, ref, func(o *Observation) (bool, string) {
		return o.PowerState == t.state, "power state " + string(o.PowerState)
	})
	if err != nil {
		return fmt.Errorf("%s: the guest accepted, but did not comply: %w", what, err)
	}
	return nil
}

// both adds to the failure of the hard way why the soft one was left.
func both(err, refused error) error {
	if err == nil || refused == nil {
		return err
	}
	return fmt.Errorf("%w (before that: %w)", err, refused)
}
