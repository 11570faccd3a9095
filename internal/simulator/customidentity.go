package simulator

import (
	"github.com/vmware/govmomi/vim25/types"
)

// maxCloudinitPrep is how much cloud-init data the API takes, in bytes.
const maxCloudinitPrep = 524288

// checkIdentity checks who a guest is told to be, and whether it is of the kind that can be.
func checkIdentity(spec *types.CustomizationSpec, guestID string) types.BaseMethodFault {
	invalid := func(property string) types.BaseMethodFault {
		return &types.InvalidArgument{InvalidProperty: "spec.identity" + property}
	}
	family := types.GuestIDToFamily(guestID)
	unsuited := func(wanted types.VirtualMachineGuestOsFamily) types.BaseMethodFault {
		if family == wanted {
			return nil
		}
		f := &types.UncustomizableGuest{UncustomizableGuestOS: guestID}
		f.FaultMessage = explain("the guest operating system %q cannot be customized by %T", guestID, spec.Identity)
		return f
	}
	switch id := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		return first(
			func() types.BaseMethodFault { return unsuited(types.VirtualMachineGuestOsFamilyLinuxGuest) },
			func() types.BaseMethodFault { return checkName(id.HostName, "spec.identity.hostName") },
			func() types.BaseMethodFault { return checkSecret(spec, id.Password, "spec.identity.password") },
		)
	case *types.CustomizationSysprep:
		return first(
			func() types.BaseMethodFault { return unsuited(types.VirtualMachineGuestOsFamilyWindowsGuest) },
			func() types.BaseMethodFault { return checkAnswers(spec, id) },
		)
	case *types.CustomizationSysprepText:
		if f := unsuited(types.VirtualMachineGuestOsFamilyWindowsGuest); f != nil || id.Value != "" {
			return f
		}
		return invalid(".value")
	case *types.CustomizationWindowsFlexPrep:
		return unsuited(types.VirtualMachineGuestOsFamilyWindowsGuest)
	case *types.CustomizationLinuxFlexPrep:
		return unsuited(types.VirtualMachineGuestOsFamilyLinuxGuest)
	case *types.CustomizationCloudinitPrep:
		switch {
		case id.Metadata == "" || len(id.Metadata) > maxCloudinitPrep:
			return invalid(".metadata")
		case len(id.Userdata) > maxCloudinitPrep:
			return invalid(".userdata")
		}
		return unsuited(types.VirtualMachineGuestOsFamilyLinuxGuest)
	default:
		return invalid("")
	}
}

// first is the first fault of several checks.
func first(checks ...func() types.BaseMethodFault) types.BaseMethodFault {
	for _, check := range checks {
		if f := check(); f != nil {
			return f
		}
	}
	return nil
}

// checkAnswers checks what Windows' setup is told.
func checkAnswers(spec *types.CustomizationSpec, id *types.CustomizationSysprep) types.BaseMethodFault {
	const at = "spec.identity."
	join := id.Identification
	account := join.DomainAdmin != "" && join.DomainAdminPassword != nil
	return first(
		func() types.BaseMethodFault { return checkName(id.UserData.ComputerName, at+"userData.computerName") },
		func() types.BaseMethodFault {
			return checkSecret(spec, id.GuiUnattended.Password, at+"guiUnattended.password")
		},
		func() types.BaseMethodFault {
			return checkSecret(spec, join.DomainAdminPassword, at+"identification.domainAdminPassword")
		},
		func() types.BaseMethodFault {
			switch {
			case join.JoinWorkgroup != "" && (join.JoinDomain != "" || join.DomainAdmin != "" || join.DomainAdminPassword != nil):
				return &types.InvalidArgument{InvalidProperty: at + "identification.joinWorkgroup"}
			case join.JoinDomain != "" && !account:
				return &types.InvalidArgument{InvalidProperty: at + "identification.domainAdmin"}
			case id.GuiRunOnce != nil && len(id.GuiRunOnce.CommandList) == 0:
				return &types.InvalidArgument{InvalidProperty: at + "guiRunOnce.commandList"}
			}
			return nil
		},
	)
}

// checkName checks that there is a name, and one that needs nobody to be asked.
func checkName(name types.BaseCustomizationName, property string) types.BaseMethodFault {
	invalid := &types.InvalidArgument{InvalidProperty: property}
	switch n := name.(type) {
	case *types.CustomizationFixedName:
		if n.Name == "" {
			return invalid
		}
	case *types.CustomizationPrefixName:
		if n.Base == "" {
			return invalid
		}
	case *types.CustomizationVirtualMachineName:
	case *types.CustomizationCustomName:
		return &types.IpHostnameGeneratorError{}
	default:
		return invalid
	}
	return nil
}

// checkSecret checks a password: the empty one is not valid, and one that is not plain text
// needs the key that it is encrypted with.
func checkSecret(spec *types.CustomizationSpec, password *types.CustomizationPassword, property string) types.BaseMethodFault {
	switch {
	case password == nil:
		return nil
	case password.Value == "":
		return &types.InvalidArgument{InvalidProperty: property}
	case !password.PlainText && len(spec.EncryptionKey) == 0:
		return &types.CannotDecryptPasswords{}
	default:
		return nil
	}
}
