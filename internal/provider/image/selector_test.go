package image

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestALabelSelectorIsWrittenAsInKubernetes(t *testing.T) {
	t.Parallel()
	at := path.Root("label_selector")
	for _, test := range []struct {
		selector types.String
		valid    bool
	}{
		{types.StringNull(), true},
		{types.StringUnknown(), true},
		{types.StringValue(""), true},
		{types.StringValue("os.image.vmoperator.vmware.com/type=Linux,capability.image.vmoperator.vmware.com/cloud-init"), true},
		{types.StringValue("os.image.vmoperator.vmware.com/type in (Linux, BSD), !capability.image.vmoperator.vmware.com/nvidia-gpu"), true},
		{types.StringValue("os.image.vmoperator.vmware.com/type=="), true}, // the empty value
		{types.StringValue("os.image.vmoperator.vmware.com/type in Linux"), false},
		{types.StringValue("a=b c=d"), false},
		{types.StringValue("no/such/key"), false},
		{types.StringValue("type=ends."), false},
	} {
		var resp validator.StringResponse
		isLabelSelector{}.ValidateString(t.Context(), validator.StringRequest{Path: at, ConfigValue: test.selector}, &resp)
		if got := !resp.Diagnostics.HasError(); got != test.valid {
			t.Errorf("%s: valid is %t, want %t: %v", test.selector, got, test.valid, resp.Diagnostics)
		}
		for _, problem := range resp.Diagnostics {
			located, ok := problem.(diag.DiagnosticWithPath)
			if !ok || !located.Path().Equal(at) || !strings.Contains(problem.Detail(), test.selector.ValueString()) {
				t.Errorf("%s: the error does not name it, or not its attribute: %v", test.selector, problem)
			}
		}
	}
}
