package vapp

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// maxOutputBytes bounds what a template may write: far more than a property or an answer
// file can be, far less than what a loop can.
const maxOutputBytes = 1 << 20

// internalName is what text/template calls each template. The name that users see is the
// property's, which is free to look like a part of a message.
const internalName = "value"

// Template is the text of a property or of an answer file, parsed.
type Template struct {
	name   string
	secret bool
	parsed *template.Template
}

// RenderError is a template that does not render.
type RenderError struct {
	// Name is that of the template: the property's key.
	Name string
	// Line is the line in the template, from 1, or 0 where there is none to name.
	Line int
	// Function is the function of VM Operator's that failed, if one did.
	Function string
	reason   string
	cause    error
}

// Error names the template, the line, the function and what is wrong.
func (e *RenderError) Error() string {
	place := "the template " + strconv.Quote(e.Name) + " does not render: "
	if e.Line > 0 {
		place += "line " + strconv.Itoa(e.Line) + ": "
	}
	if e.Function != "" {
		place += e.Function + ": "
	}
	return place + e.reason
}

// Unwrap returns the cause, ErrUnknown among others.
func (e *RenderError) Unwrap() error { return e.cause }

// ParseTemplate parses a text. The name is that of the property, or of the block, and
// stands in errors; nothing of the text stands there when it is a secret. The error is a
// *RenderError.
func ParseTemplate(name, text string, secret bool) (*Template, error) {
	t := &Template{name: name, secret: secret}
	parsed, err := template.New(internalName).Funcs((&session{}).functions()).Parse(text)
	if err != nil {
		wrong := t.failure(err)
		wrong.reason += `. Where the text is none, write \{\{ for {{ and \}\} for }}.`
		return nil, wrong
	}
	t.parsed = parsed
	return t, nil
}

// Render executes the template and removes the backslashes from escaped braces, also where
// there is nothing to execute. It asks the facts for nothing that the template does not
// use; what it uses and is not known yet is an error that wraps ErrUnknown. The error is a
// *RenderError, and then there is no text.
func (t *Template) Render(facts Facts) (string, error) {
	run := &session{facts: facts}
	bound, err := t.parsed.Clone()
	if err != nil {
		return "", t.failure(err)
	}
	var output limitedBuilder
	if err := bound.Funcs(run.functions()).Execute(&output, run.root()); err != nil {
		return "", t.failure(err)
	}
	if run.printed != "" {
		return "", &RenderError{Name: t.name, reason: run.printed + " is an object and has no text of its own: name one of its fields"}
	}
	return unescape(output.String()), nil
}

// RenderText parses and renders a text in one step.
func RenderText(name, text string, secret bool, facts Facts) (string, error) {
	t, err := ParseTemplate(name, text, secret)
	if err != nil {
		return "", err
	}
	return t.Render(facts)
}

// unescape removes the backslash before braces.
func unescape(text string) string {
	return strings.NewReplacer(`\{`, `{`, `\}`, `}`).Replace(text)
}

// callError is what a function of ours answered.
type callError struct {
	function string
	err      error
}

func (e *callError) Error() string { return e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// argumentError refuses an argument of a function, which may be a secret.
type argumentError struct{ value, reason string }

func (e *argumentError) Error() string { return strconv.Quote(e.value) + " " + e.reason }

// location is how text/template begins its errors.
var location = regexp.MustCompile(`(?s)^template: ` + internalName + `:(\d+)(?::\d+)?: (?:executing ".*?" at )?(.*)$`)

// failure turns an error of text/template into ours.
func (t *Template) failure(err error) *RenderError {
	wrong := &RenderError{Name: t.name, cause: err, reason: err.Error()}
	if found := location.FindStringSubmatch(wrong.reason); found != nil {
		wrong.Line, _ = strconv.Atoi(found[1]) // digits, as the expression says
		wrong.reason, _, _ = strings.Cut(found[2], " in type ")
	}
	if call := (*callError)(nil); errors.As(err, &call) {
		wrong.Function, wrong.reason = call.function, call.err.Error()
	} else if errors.Is(err, ErrUnknown) {
		// What is missing is the innermost error but one.
		if missing := (*unknownError)(nil); errors.As(err, &missing) {
			wrong.reason = missing.Error()
		}
	} else if t.secret {
		wrong.reason = "it is not a valid template, or uses a field or an index that does not exist"
	}
	if argument := (*argumentError)(nil); t.secret && errors.As(err, &argument) {
		wrong.reason = "an argument " + argument.reason
	}
	if t.secret {
		// The errors below quote the text.
		wrong.cause = nil
		if errors.Is(err, ErrUnknown) {
			wrong.cause = ErrUnknown
		}
	}
	return wrong
}

// unknownError tells what a template needs and is not known yet.
type unknownError struct{ what string }

func (e *unknownError) Error() string { return e.what + " is " + ErrUnknown.Error() }
func (e *unknownError) Unwrap() error { return ErrUnknown }

// limitedBuilder is a strings.Builder that refuses to grow without end.
type limitedBuilder struct{ strings.Builder }

func (b *limitedBuilder) Write(data []byte) (int, error) {
	if b.Len()+len(data) > maxOutputBytes {
		return 0, fmt.Errorf("the result has more than %d bytes", maxOutputBytes)
	}
	return b.Builder.Write(data)
}
