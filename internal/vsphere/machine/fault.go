package machine

import (
	"errors"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// faultOf returns the first vSphere fault of type T in err. Unlike fault.As it looks at every
// branch of an error that wraps several.
func faultOf[T types.BaseMethodFault](err error) (T, bool) {
	var target T
	if err == nil {
		return target, false
	}
	if _, ok := fault.As(err, &target); ok {
		return target, true
	}
	switch wrapped := err.(type) { //nolint:errorlint // this is the walk that errors.As cannot do
	case interface{ Unwrap() error }:
		return faultOf[T](wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		for _, branch := range wrapped.Unwrap() {
			if found, ok := faultOf[T](branch); ok {
				return found, true
			}
		}
	}
	return target, false
}

func hasFault[T types.BaseMethodFault](err error) bool {
	_, ok := faultOf[T](err)
	return ok
}

// isGone says that err means a missing object.
func isGone(err error) bool {
	return errors.Is(err, vsphere.ErrNotFound) || hasFault[*types.ManagedObjectNotFound](err)
}

// isSessionGone says that a view and a collector died with their session.
func isSessionGone(err error) bool {
	return errors.Is(err, vsphere.ErrSessionRenewed) ||
		hasFault[*types.ManagedObjectNotFound](err) || hasFault[*types.NotAuthenticated](err)
}

// isHopeless says that no later try can succeed without a change of configuration.
func isHopeless(err error) bool {
	for _, sentinel := range []error{
		vsphere.ErrInvalidLogin, vsphere.ErrUntrusted, vsphere.ErrNotPermitted, vsphere.ErrClosed,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return hasFault[*types.InvalidLogin](err) || hasFault[*types.NoPermission](err)
}

// isAlready says whether err only means that the machine has the wanted power state. What
// matters is the state it has: for an operation of the guest, the "requested" one is
// poweredOn, which such an operation needs.
func isAlready(err error, state types.VirtualMachinePowerState) bool {
	wrong, ok := faultOf[*types.InvalidPowerState](err)
	return ok && wrong.ExistingState == state
}

// busyWith says whether err means that the machine is being worked on by someone else, and by
// which task, where vCenter names it.
func busyWith(err error) (*Ref, bool) {
	if busy, ok := faultOf[*types.TaskInProgress](err); ok {
		if busy.Task.Value == "" {
			return nil, true
		}
		return &busy.Task, true
	}
	return nil, hasFault[*types.ConcurrentAccess](err)
}
