package network

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
