package fwtypes

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestValidatorsAcceptAndRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		validator        validator.String
		accepts, refuses []string
	}{
		"addresses":  {IsAddress{}, []string{"192.0.2.53", "2001:db8::1"}, []string{"", "192.0.2", "192.0.2.53/24", "fe80::1%eth0", "dns.example.com"}},
		"quantities": {IsQuantity{}, []string{"4Gi", "500m", "2", "1e3"}, []string{"", "0", "-1", "four", "4 Gi", "4gib"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := func(value types.String) bool {
				resp := new(validator.StringResponse)
				test.validator.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("at"), ConfigValue: value}, resp)
				return resp.Diagnostics.HasError()
			}
			for _, text := range test.accepts {
				if refused(types.StringValue(text)) {
					t.Errorf("%q is refused", text)
				}
			}
			for _, text := range test.refuses {
				if !refused(types.StringValue(text)) {
					t.Errorf("%q is accepted", text)
				}
			}
			if refused(types.StringNull()) || refused(types.StringUnknown()) {
				t.Error("what is not there is refused")
			}
			if test.validator.Description(t.Context()) == "" || test.validator.MarkdownDescription(t.Context()) != test.validator.Description(t.Context()) {
				t.Error("it does not say what it accepts")
			}
		})
	}
}
