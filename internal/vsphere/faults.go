package vsphere

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/fault"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/types"
)

const invalidLoginText = "vCenter refused the user name or password. It is not tried again, to keep the account from being locked. Check user and password"

// findFault returns the part of err that carries a fault of the vSphere API, or nil.
func findFault(err error) any {
	var withFault interface{ Fault() types.BaseMethodFault }
	if errors.As(err, &withFault) && withFault.Fault() != nil {
		return withFault
	}
	return nil
}

// faultCause finds the cause in a fault or in the faults that caused it.
func faultCause(err error) (found cause, ok bool) {
	carrier := findFault(err)
	if carrier == nil {
		return cause{}, false
	}
	fault.In(carrier, func(f types.BaseMethodFault, _ string, _ []types.LocalizableMessage) bool {
		found = judgeFault(f)
		return found.kind != nil
	})
	return found, true
}

// faultText is a fault as vCenter words it: its type, its message, the details below it.
func faultText(err error) string {
	carrier := findFault(err)
	if carrier == nil {
		return ""
	}
	var parts []string
	add := func(part string) {
		part = strings.TrimPrefix(strings.TrimSpace(part), "ServerFaultCode: ")
		// The simulator fills messages with the name of the Go type.
		if part == "" || strings.HasPrefix(part, "*types.") {
			return
		}
		for _, known := range parts {
			if strings.Contains(known, part) {
				return
			}
		}
		parts = append(parts, part)
	}
	fault.In(carrier, func(f types.BaseMethodFault, message string, messages []types.LocalizableMessage) bool {
		add(reflect.Indirect(reflect.ValueOf(f)).Type().Name())
		add(message)
		if system, ok := f.(*types.SystemError); ok {
			add(system.Reason)
		}
		for _, detail := range messages {
			add(detail.Message)
		}
		return false
	})
	if carrier, ok := carrier.(error); ok {
		add(carrier.Error())
	}
	return strings.Join(parts, ": ")
}

// judgeFault says what a fault means here. The interfaces of govmomi stand for families of
// faults, so the order is from the special to the general.
func judgeFault(f types.BaseMethodFault) cause {
	for _, judge := range []func(types.BaseMethodFault) cause{
		judgeAccess, judgeExistence, judgeState, judgeCapacity, judgeRequest,
	} {
		if found := judge(f); found.kind != nil {
			return found
		}
	}
	return cause{}
}

func judgeAccess(f types.BaseMethodFault) cause {
	switch f := f.(type) {
	case *types.InvalidLogin, *types.PasswordExpired:
		return cause{ErrInvalidLogin, invalidLoginText}
	case *types.NotAuthenticated, *pbmtypes.PbmFaultInvalidLogin:
		return cause{ErrNotPermitted, "vCenter does not know the session, although it was renewed. Check whether sessions of this account are ended at once"}
	case types.BaseNoPermission:
		return cause{ErrNotPermitted, permissionText(f.GetNoPermission())}
	case *types.RestrictedByAdministrator:
		return cause{ErrNotPermitted, "an administrator has restricted this operation: " + f.Details}
	case *pbmtypes.PbmFaultNoPermission:
		return cause{ErrNotPermitted, "the account lacks a privilege on storage policies. Have an administrator grant StorageProfile.View"}
	case types.BaseSecurityError:
		return cause{ErrNotPermitted, "vCenter refused it for reasons of security"}
	}
	return cause{}
}

func permissionText(f *types.NoPermission) string {
	var missing []string
	for _, entity := range f.MissingPrivileges {
		missing = append(missing, fmt.Sprintf("%s on %s", strings.Join(entity.PrivilegeIds, ", "), reference(entity.Entity)))
	}
	if len(missing) == 0 && f.PrivilegeId != "" {
		missing = []string{f.PrivilegeId}
		if f.Object != nil {
			missing[0] += " on " + reference(*f.Object)
		}
	}
	if len(missing) == 0 {
		return "the account lacks a privilege. Have an administrator grant it"
	}
	return fmt.Sprintf("the account lacks the privilege %s. Have an administrator grant it", strings.Join(missing, "; "))
}

func reference(ref types.ManagedObjectReference) string {
	return fmt.Sprintf("%s %q", ref.Type, ref.Value)
}

func judgeExistence(f types.BaseMethodFault) cause {
	switch f := f.(type) {
	case *types.ManagedObjectNotFound:
		return cause{ErrNotFound, fmt.Sprintf("vCenter has no %s, or not any more, or the account may not see it", reference(f.Obj))}
	case *types.FileNotFound:
		return cause{ErrNotFound, fmt.Sprintf("the file %q does not exist", f.File)}
	case *types.NotFound, *pbmtypes.PbmFaultNotFound:
		return cause{ErrNotFound, "vCenter does not find an object that the request names"}
	case *types.DuplicateName:
		return cause{ErrAlreadyExists, fmt.Sprintf("the name %q is taken by %s. Choose another name, or import what is there", f.Name, reference(f.Object))}
	case *types.AlreadyExists:
		return cause{ErrAlreadyExists, fmt.Sprintf("%q exists already", f.Name)}
	case *types.FileAlreadyExists:
		return cause{ErrAlreadyExists, fmt.Sprintf("the file %q exists already. Choose another name, or remove it from the datastore", f.File)}
	case *pbmtypes.PbmDuplicateName:
		return cause{ErrAlreadyExists, fmt.Sprintf("the name %q is taken", f.Name)}
	}
	return cause{}
}

func judgeState(f types.BaseMethodFault) cause {
	switch f := f.(type) {
	case *types.TaskInProgress:
		return cause{ErrTaskInProgress, fmt.Sprintf("%s holds the object. Try again when it has ended", reference(f.Task))}
	case *types.InvalidPowerState:
		if f.RequestedState == "" {
			return cause{ErrInvalidState, fmt.Sprintf("it is %s", f.ExistingState)}
		}
		return cause{ErrInvalidState, fmt.Sprintf("it is %s and would have to be %s", f.ExistingState, f.RequestedState)}
	case *types.CustomizationPending:
		return cause{ErrInvalidState, "a customization of the guest is pending. Power the virtual machine on to let it happen, then try again"}
	case *types.ResourceInUse:
		return cause{ErrInvalidState, fmt.Sprintf("%s %q is in use", f.Type, f.Name)}
	case *types.FileLocked:
		return cause{ErrInvalidState, fmt.Sprintf("the file %q is locked by another virtual machine or host", f.File)}
	case *types.ToolsUnavailable:
		return cause{ErrInvalidState, "VMware Tools do not run in the guest"}
	case *types.InaccessibleDatastore:
		return cause{ErrInvalidState, fmt.Sprintf("the datastore %q cannot be reached by the host", f.Name)}
	case types.BaseHostCommunication:
		return cause{ErrInvalidState, "vCenter cannot reach the host. Check that it is connected"}
	case *types.ConcurrentAccess:
		return cause{ErrConflict, "someone else changed it meanwhile. Try again"}
	case types.BaseInvalidState:
		return cause{ErrInvalidState, "its state does not allow this now"}
	case *types.Timedout:
		return cause{ErrTimeout, "vCenter gave up waiting for it"}
	case *types.RequestCanceled:
		return cause{ErrCanceled, "someone canceled it in vCenter"}
	}
	return cause{}
}

func judgeCapacity(f types.BaseMethodFault) cause {
	switch f := f.(type) {
	case *types.NoDiskSpace:
		return cause{ErrInsufficientResources, fmt.Sprintf("the datastore %q is full", f.Datastore)}
	case *types.LimitExceeded:
		return cause{ErrInsufficientResources, "a limit of vSphere is exceeded"}
	case types.BaseNotEnoughLicenses:
		return cause{ErrInsufficientResources, "the licences of this vCenter do not suffice"}
	case types.BaseInsufficientResourcesFault:
		return cause{ErrInsufficientResources, "the cluster, host or resource pool has not enough free resources"}
	}
	return cause{}
}

func judgeRequest(f types.BaseMethodFault) cause {
	switch f := f.(type) {
	case *types.MethodNotFound:
		return cause{ErrUnsupported, fmt.Sprintf("this vCenter has no method %s", f.Method)}
	case *types.UncustomizableGuest:
		return cause{ErrUnsupported, fmt.Sprintf("vCenter cannot customize the guest operating system %q", f.UncustomizableGuestOS)}
	case types.BaseNotSupported, *types.NotImplemented:
		return cause{ErrUnsupported, "this vCenter, host or virtual machine does not support it"}
	case *types.InvalidProperty:
		return cause{ErrInvalidArgument, fmt.Sprintf("this vCenter has no property %q", f.Name)}
	case *types.InvalidName:
		return cause{ErrInvalidArgument, fmt.Sprintf("the name %q is not valid", f.Name)}
	case *types.OutOfBounds:
		return cause{ErrInvalidArgument, fmt.Sprintf("%s is out of bounds", f.ArgumentName)}
	case *types.InvalidDatastorePath:
		return cause{ErrInvalidArgument, fmt.Sprintf("%q is not a datastore path", f.DatastorePath)}
	case *types.NicSettingMismatch:
		return cause{ErrInvalidArgument, fmt.Sprintf("the customization has settings for %d network interfaces, and the virtual machine has %d", f.NumberOfNicsInSpec, f.NumberOfNicsInVM)}
	case types.BaseInvalidArgument:
		if property := f.GetInvalidArgument().InvalidProperty; property != "" {
			return cause{ErrInvalidArgument, fmt.Sprintf("vCenter refused the value of %s", property)}
		}
		return cause{ErrInvalidArgument, "vCenter refused a value of the request"}
	case *types.InvalidDeviceSpec:
		if f.Property != "" {
			return cause{ErrInvalidArgument, fmt.Sprintf("vCenter refused %s of device change %d", f.Property, f.DeviceIndex)}
		}
		return cause{ErrInvalidArgument, fmt.Sprintf("vCenter refused device change %d", f.DeviceIndex)}
	case types.BaseInvalidRequest, types.BaseInvalidVmConfig, types.BaseVmConfigFault,
		types.BaseCustomizationFault, types.BaseVAppConfigFault, types.BaseOvfFault:
		return cause{ErrInvalidArgument, "vCenter refused the request"}
	}
	return cause{}
}
