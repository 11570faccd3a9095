package function_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	tffunction "github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/function"
)

func TestVMIIDTakesTheItemAsItIs(t *testing.T) {
	t.Parallel()
	for itemID, want := range map[string]string{
		"e1968c25-dd84-4506-8dc7-9beacb6b688e":   "vmi-0a0044d7c690bcbea",
		"e1968c25dd8445068dc79beacb6b688e":       "vmi-0a0044d7c690bcbea",
		"E1968C25-DD84-4506-8DC7-9BEACB6B688E":   "vmi-bc631e4757b1bd1c1",
		"{e1968c25-dd84-4506-8dc7-9beacb6b688e}": "vmi-de2433a02aa3ad0bf",
		" e1968c25-dd84-4506-8dc7-9beacb6b688e":  "vmi-b016abf775c80b0a1",
		"e1968c25-dd84-4506-8dc7-9beacb6b688e\n": "vmi-48e5f0fb0aef8f793",
		"":                                       "vmi-da39a3ee5e6b4b0d3",
		"vm-123":                                 "vmi-4f271adc6dde851fd",
		"vm–123":                                 "vmi-78d2e5312184afe09",
	} {
		resp := tffunction.RunResponse{Result: tffunction.NewResultData(types.StringUnknown())}
		function.NewVMIID().Run(t.Context(), tffunction.RunRequest{
			Arguments: tffunction.NewArgumentsData([]attr.Value{types.StringValue(itemID)}),
		}, &resp)
		if resp.Error != nil {
			t.Errorf("vmi_id(%q): %s", itemID, resp.Error)
		} else if got := resp.Result.Value(); !got.Equal(types.StringValue(want)) {
			t.Errorf("vmi_id(%q) = %s, want %s", itemID, got, want)
		}
	}
}

func TestVMIIDRefusesWhatIsNoItem(t *testing.T) {
	t.Parallel()
	for itemID, want := range map[string]string{
		"vmi-0a0044d7c690bcbea": "begins as a VMI ID does",
		"Photon OS 5.0":         "looks like a display name",
	} {
		resp := tffunction.RunResponse{Result: tffunction.NewResultData(types.StringUnknown())}
		function.NewVMIID().Run(t.Context(), tffunction.RunRequest{
			Arguments: tffunction.NewArgumentsData([]attr.Value{types.StringValue(itemID)}),
		}, &resp)
		if resp.Error == nil || !strings.Contains(resp.Error.Text, want) || resp.Error.FunctionArgument == nil {
			t.Errorf("vmi_id(%q): %v, want %q", itemID, resp.Error, want)
		}
	}
}
