package network

import (
	"fmt"
	"slices"
	"strings"
)

// Severity of a Problem.
type Severity uint8

// An Error refuses the configuration, a Warning lets it pass.
const (
	Error Severity = iota
	Warning
)

// Path leads from the resource's root to the value that a Problem is about, in the names
// of the Terraform surface: a string is an attribute or block, an int an index.
type Path []any

// Problem is a finding of Validate: what is wrong, where, and what to do about it.
type Problem struct {
	Severity Severity
	// Rule is the identifier of the rule in the specification (H1, I3, V7, P14 …).
	Rule string
	// Path of the value to blame.
	Path Path
	// Summary is the plain fact, Detail what was asked, what was found and what to do.
	Summary, Detail string
}

// At returns the path extended by the given steps. The receiver is left as it is.
func (p Path) At(steps ...any) Path {
	return append(slices.Clone(p), steps...)
}

// String returns the path as Terraform writes it, for example network.interface[0].addresses[1].
func (p Path) String() string {
	var text strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		default:
			if i > 0 {
				text.WriteByte('.')
			}
			fmt.Fprint(&text, step)
		}
	}
	return text.String()
}
