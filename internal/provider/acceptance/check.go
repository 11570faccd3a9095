package acceptance

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Check looks at the world between two commands of the CLI: as a plan check before apply, as a state check after it.
type Check func() error

// CheckPlan implements plancheck.PlanCheck.
func (c Check) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c()
}

// CheckState implements statecheck.StateCheck.
func (c Check) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c()
}

// Planned are checks of a plan before it is applied.
func Planned(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

// Is is a check of a text.
func Is(text string) knownvalue.Check { return knownvalue.StringExact(text) }

// PathTo is a path in a resource's values, such as "status.network.host_name" or "network.interface.0.name".
func PathTo(path string) tfjsonpath.Path {
	var out tfjsonpath.Path
	for i, step := range strings.Split(path, ".") {
		index := 0
		_, err := fmt.Sscanf(step, "%d", &index)
		switch {
		case i == 0:
			out = tfjsonpath.New(step)
		case err == nil:
			out = out.AtSliceIndex(index)
		default:
			out = out.AtMapKey(step)
		}
	}
	return out
}

// Fails matches an error of the CLI: its summary, the line of configuration that it points at, and texts of its detail
// in the order in which they come. Lines may be broken anywhere.
func Fails(summary, line string, details ...string) *regexp.Regexp {
	spaced := func(text string) string { return strings.Join(strings.Fields(regexp.QuoteMeta(text)), `\s+`) }
	pattern := `(?s)Error:\s+` + spaced(summary)
	if line != "" {
		pattern += `(?:\s+with[^\n]*)?\s+on\s+terraform_plugin_test\.tf\s+line\s+\d+[^\n]*\n\s+\d+:\s+` + spaced(line)
	}
	for _, detail := range details {
		pattern += `.*?` + spaced(detail)
	}
	return regexp.MustCompile(pattern)
}
