package gosc_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
)

func TestPublicHasNoSecretAndLeavesTheSpecificationAlone(t *testing.T) {
	t.Parallel()
	const canary = "c4nary"
	secret := func() *types.CustomizationPassword {
		return &types.CustomizationPassword{Value: canary, PlainText: true}
	}
	for name, identity := range map[string]types.BaseCustomizationIdentitySettings{
		"linux": &types.CustomizationLinuxPrep{
			HostName: &types.CustomizationFixedName{Name: "web-1"}, Password: secret(), ScriptText: canary,
		},
		"windows": &types.CustomizationSysprep{
			GuiUnattended: types.CustomizationGuiUnattended{Password: secret(), TimeZone: 85},
			UserData: types.CustomizationUserData{
				FullName: "web-1", ComputerName: &types.CustomizationFixedName{Name: "web-1"}, ProductId: canary,
			},
			Identification: types.CustomizationIdentification{JoinDomain: "web-1.example.com", DomainAdminPassword: secret()},
			ScriptText:     canary,
		},
		"answer file": &types.CustomizationSysprepText{Value: canary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := types.CustomizationSpec{Identity: identity, GlobalIPSettings: types.CustomizationGlobalIPSettings{DnsServerList: []string{"10.0.0.1"}}}
			before, err := gosc.Canonical(spec)
			if err != nil {
				t.Fatal(err)
			}
			public, err := gosc.Canonical(gosc.Public(spec))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(public, canary) {
				t.Errorf("the public form has a secret: %s", public)
			}
			if !strings.Contains(public, "10.0.0.1") || name != "answer file" && !strings.Contains(public, "web-1") {
				t.Errorf("the public form lacks what is no secret: %s", public)
			}
			after, err := gosc.Canonical(spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the specification was changed (-before +after):\n%s", diff)
			}
		})
	}
}
