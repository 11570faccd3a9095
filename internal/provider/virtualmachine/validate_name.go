package virtualmachine

import (
	"context"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// longestName is the number of characters that vCenter takes for a machine's name.
const longestName = 80

// escapes are what vSphere does not take literally in a name, and how it is written there (vSphere
// API, ManagedEntity.name).
var escapes = map[string]string{"/": "%2f", `\`: "%5c", "%": "%25"}

// special is an escape, or what needs one.
var special = regexp.MustCompile(`(?i)%(?:2f|5c|25)|[/\\%]`)

// machineName accepts a name that vCenter gives a machine as it is written. What vSphere would
// escape is refused, because the machine would have another name than its configuration. The
// escaped form is that of a machine which was made by other means.
type machineName struct{}

// Description implements validator.Describer.
func (machineName) Description(context.Context) string {
	return fmt.Sprintf("a name of 1 to %d characters without /, \\ and %%", longestName)
}

// MarkdownDescription implements validator.Describer.
func (v machineName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (machineName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	name := req.ConfigValue.ValueString()
	var wrong string
	stored := special.ReplaceAllStringFunc(name, func(part string) string {
		if in, ok := escapes[part]; ok {
			wrong, part = part, in
		}
		return part
	})
	switch length := utf8.RuneCountInString(name); {
	case length == 0:
		resp.Diagnostics.AddAttributeError(req.Path, "The name is empty", "A machine needs a name. Give it one.")
	case length > longestName:
		resp.Diagnostics.AddAttributeError(req.Path, "The name is too long",
			fmt.Sprintf("%q has %d characters, and vCenter takes %d at the most. Shorten it.", name, length, longestName))
	case wrong != "":
		resp.Diagnostics.AddAttributeError(req.Path, "The name cannot be kept as it is written",
			fmt.Sprintf("%q contains %q, which vSphere stores in another form: a slash as %%2f, a backslash as %%5c, a percent sign as %%25. "+
				"Choose another name; a machine that has such a name already is written as vSphere stores it, like %q.",
				name, wrong, stored))
	}
}
