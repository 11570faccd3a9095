package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// showsOutputs compares all outputs of a state with a golden file.
type showsOutputs string

// CheckState implements statecheck.StateCheck.
func (name showsOutputs) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	var names []string
	for output := range req.State.Values.Outputs {
		names = append(names, output)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, output := range names {
		value := req.State.Values.Outputs[output].Value
		if text, ok := value.(string); ok {
			fmt.Fprintf(&out, "%s:\n%s\n", output, text)
			continue
		}
		text, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			resp.Error = err
			return
		}
		fmt.Fprintf(&out, "%s:\n%s\n", output, text)
	}
	if len(names) == 0 {
		resp.Error = fmt.Errorf("%s shows nothing", string(name))
		return
	}
	resp.Error = golden(string(name), out.String())
}

// What the examples of images show is what is documented of images.
func TestExamplesOfImagesShowTheSeededImages(t *testing.T) {
	needCLI(t)
	servedForExamples(t)
	found := 0
	for _, e := range examples(t) {
		if !strings.HasPrefix(e.name, "images") {
			continue
		}
		found++
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			vcenterForExamples(t)
			resource.UnitTest(t, resource.TestCase{Steps: []resource.TestStep{{
				ProtoV6ProviderFactories: factories(t),
				ConfigDirectory:          config.StaticDirectory(e.stage(t, nil)),
				ConfigStateChecks:        []statecheck.StateCheck{showsOutputs("examples-" + e.name + ".txt")},
			}}})
		})
	}
	if found < 8 {
		t.Errorf("there are %d examples of images", found)
	}
}
