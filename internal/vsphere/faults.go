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
func faultCause(err error) (kind error, text string, ok bool) {
	carrier := findFault(err)
	if carrier == nil {
		return nil, "", false
	}
	fault.In(carrier, func(f types.BaseMethodFault, _ string, _ []types.LocalizableMessage) bool {
		kind, text = judgeFault(f)
		return kind != nil
	})
	return kind, text, true
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
func judgeFault(f types.BaseMethodFault) (kind error, text string) {
	for _, judge := range []func(types.BaseMethodFault) (error, string){
		judgeAccess, judgeExistence, judgeState, judgeCapacity, judgeRequest,
	} {
		if kind, text = judge(f); kind != nil {
			return kind, text
		}
	}
	return nil, ""
}

func judgeAccess(f types.BaseMethodFault) (error, string) {
	switch f := f.(type) {
	case *types.InvalidLogin, *types.PasswordExpired:
		return ErrInvalidLogin, invalidLoginText
	case *types.NotAuthenticated, *pbmtypes.PbmFaultInvalidLogin:
		return ErrNotPermitted, "vCenter does not know the session, although it was renewed. Check whether sessions of this account are ended at once"
	case types.BaseNoPermission:
		return ErrNotPermitted, permissionText(f.GetNoPermission())
	case *types.RestrictedByAdministrator:
		return ErrNotPermitted, "an administrator has restricted this operation: " + f.Details
	case *pbmtypes.PbmFaultNoPermission:
		return ErrNotPermitted, "the account lacks a privilege on storage policies. Have an administrator grant StorageProfile.View"
	case types.BaseSecurityError:
		return ErrNotPermitted, "vCenter refused it for reasons of security"
	}
	return nil, ""
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

func judgeExistence(f types.BaseMethodFault) (error, string) {
	switch f := f.(type) {
	case *types.ManagedObjectNotFound:
		return ErrNotFound, fmt.Sprintf("vCenter has no %s, or not any more, or the account may not see it", reference(f.Obj))
	case *types.FileNotFound:
		return ErrNotFound, fmt.Sprintf("the file %q does not exist", f.File)
	case *types.NotFound, *pbmtypes.PbmFaultNotFound:
		return ErrNotFound, "vCenter does not find an object that the request names"
	case *types.DuplicateName:
		return ErrAlreadyExists, fmt.Sprintf("the name %q is taken by %s. Choose another name, or import what is there", f.Name, reference(f.Object))
	case *types.AlreadyExists:
		return ErrAlreadyExists, fmt.Sprintf("%q exists already", f.Name)
	case *types.FileAlreadyExists:
		return ErrAlreadyExists, fmt.Sprintf("the file %q exists already. Choose another name, or remove it from the datastore", f.File)
	case *pbmtypes.PbmDuplicateName:
		return ErrAlreadyExists, fmt.Sprintf("the name %q is taken", f.Name)
	}
	return nil, ""
}

func judgeState(f types.BaseMethodFault) (error, string) {
	switch f := f.(type) {
	case *types.TaskInProgress:
		return ErrTaskInProgress, fmt.Sprintf("%s holds the object. Try again when it has ended", reference(f.Task))
	case *types.InvalidPowerState:
		if f.RequestedState == "" {
			return ErrInvalidState, fmt.Sprintf("it is %s", f.ExistingState)
		}
		return ErrInvalidState, fmt.Sprintf("it is %s and would have to be %s", f.ExistingState, f.RequestedState)
	case *types.CustomizationPending:
		return ErrInvalidState, "a customization of the guest is pending. Power the virtual machine on to let it happen, then try again"
	case *types.ResourceInUse:
		return ErrInvalidState, fmt.Sprintf("%s %q is in use", f.Type, f.Name)
	case *types.FileLocked:
		return ErrInvalidState, fmt.Sprintf("the file %q is locked by another virtual machine or host", f.File)
	case *types.ToolsUnavailable:
		return ErrInvalidState, "VMware Tools do not run in the guest"
	case *types.InaccessibleDatastore:
		return ErrInvalidState, fmt.Sprintf("the datastore %q cannot be reached by the host", f.Name)
	case types.BaseHostCommunication:
		return ErrInvalidState, "vCenter cannot reach the host. Check that it is connected"
	case *types.ConcurrentAccess:
		return ErrConflict, "someone else changed it meanwhile. Try again"
	case types.BaseInvalidState:
		return ErrInvalidState, "its state does not allow this now"
	case *types.Timedout:
		return ErrTimeout, "vCenter gave up waiting for it"
	case *types.RequestCanceled:
		return ErrCanceled, "someone canceled it in vCenter"
	}
	return nil, ""
}

func judgeCapacity(f types.BaseMethodFault) (error, string) {
	switch f := f.(type) {
	case *types.NoDiskSpace:
		return ErrInsufficientResources, fmt.Sprintf("the datastore %q is full", f.Datastore)
	case *types.LimitExceeded:
		return ErrInsufficientResources, "a limit of vSphere is exceeded"
	case types.BaseNotEnoughLicenses:
		return ErrInsufficientResources, "the licences of this vCenter do not suffice"
	case types.BaseInsufficientResourcesFault:
		return ErrInsufficientResources, "the cluster, host or resource pool has not enough free resources"
	}
	return nil, ""
}

func judgeRequest(f types.BaseMethodFault) (error, string) {
	switch f := f.(type) {
	case *types.MethodNotFound:
		return ErrUnsupported, fmt.Sprintf("this vCenter has no method %s", f.Method)
	case *types.UncustomizableGuest:
		return ErrUnsupported, fmt.Sprintf("vCenter cannot customize the guest operating system %q", f.UncustomizableGuestOS)
	case types.BaseNotSupported, *types.NotImplemented:
		return ErrUnsupported, "this vCenter, host or virtual machine does not support it"
	case *types.InvalidProperty:
		return ErrInvalidArgument, fmt.Sprintf("this vCenter has no property %q", f.Name)
	case *types.InvalidName:
		return ErrInvalidArgument, fmt.Sprintf("the name %q is not valid", f.Name)
	case *types.OutOfBounds:
		return ErrInvalidArgument, fmt.Sprintf("%s is out of bounds", f.ArgumentName)
	case *types.InvalidDatastorePath:
		return ErrInvalidArgument, fmt.Sprintf("%q is not a datastore path", f.DatastorePath)
	case *types.NicSettingMismatch:
		return ErrInvalidArgument, fmt.Sprintf("the customization has settings for %d network interfaces, and the virtual machine has %d", f.NumberOfNicsInSpec, f.NumberOfNicsInVM)
	case types.BaseInvalidArgument:
		if property := f.GetInvalidArgument().InvalidProperty; property != "" {
			return ErrInvalidArgument, fmt.Sprintf("vCenter refused the value of %s", property)
		}
		return ErrInvalidArgument, "vCenter refused a value of the request"
	case *types.InvalidDeviceSpec:
		if f.Property != "" {
			return ErrInvalidArgument, fmt.Sprintf("vCenter refused %s of device change %d", f.Property, f.DeviceIndex)
		}
		return ErrInvalidArgument, fmt.Sprintf("vCenter refused device change %d", f.DeviceIndex)
	case types.BaseInvalidRequest, types.BaseInvalidVmConfig, types.BaseVmConfigFault,
		types.BaseCustomizationFault, types.BaseVAppConfigFault, types.BaseOvfFault:
		return ErrInvalidArgument, "vCenter refused the request"
	}
	return nil, ""
}
