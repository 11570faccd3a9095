package protocol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Failed is whether there is an error.
func Failed(diags []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// Said is one line for each diagnostic.
func Said(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, len(diags))
	for i, d := range diags {
		lines[i] = fmt.Sprintf("%s at %s: %s: %s", d.Severity, Dotted(d.Attribute), d.Summary, d.Detail)
	}
	return strings.Join(lines, "\n")
}

// Dotted writes a path as people do: network.interface[0].name.
func Dotted(at *tftypes.AttributePath) string {
	var out strings.Builder
	for _, step := range at.Steps() {
		switch s := step.(type) {
		case tftypes.AttributeName:
			if out.Len() > 0 {
				out.WriteByte('.')
			}
			out.WriteString(string(s))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&out, "[%d]", int64(s))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&out, "[%q]", string(s))
		}
	}
	return out.String()
}
