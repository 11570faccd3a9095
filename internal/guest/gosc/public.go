package gosc

import (
	"github.com/vmware/govmomi/vim25/types"
)

// Public returns a specification without its secrets: passwords, product key, scripts and a
// raw answer file are empty, and what is left may be told. The specification that is given
// stays as it is.
func Public(spec types.CustomizationSpec) types.CustomizationSpec {
	switch identity := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		public := *identity
		public.Password, public.ScriptText = hidden(identity.Password), ""
		spec.Identity = &public
	case *types.CustomizationSysprep:
		public := *identity
		public.GuiUnattended.Password = hidden(identity.GuiUnattended.Password)
		public.UserData.ProductId = ""
		public.Identification.DomainAdminPassword = hidden(identity.Identification.DomainAdminPassword)
		public.ScriptText = ""
		spec.Identity = &public
	case *types.CustomizationSysprepText:
		spec.Identity = &types.CustomizationSysprepText{}
	}
	return spec
}

// hidden keeps that there is a password, and not which.
func hidden(password *types.CustomizationPassword) *types.CustomizationPassword {
	if password == nil {
		return nil
	}
	return &types.CustomizationPassword{PlainText: password.PlainText}
}
