package vsphere

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What can go wrong with vCenter, for errors.Is. Errors that leave this package and those
// below it wrap one of these wherever the cause is known; see Translate.
var (
	// ErrNotFound says that the object does not exist, or that the user may not see it.
	ErrNotFound = errors.New("not found")
	// ErrAmbiguous says that a name stands for more than one object.
	ErrAmbiguous = errors.New("ambiguous")
	// ErrAlreadyExists says that the name is taken.
	ErrAlreadyExists = errors.New("already exists")
	// ErrInvalidLogin says that vCenter refused the user name or password.
	ErrInvalidLogin = errors.New("login refused")
	// ErrUnreachable says that no connection to vCenter came about. Nothing was executed.
	ErrUnreachable = errors.New("unreachable")
	// ErrUntrusted says that the certificate of vCenter was not accepted.
	ErrUntrusted = errors.New("certificate not trusted")
	// ErrNotPermitted says that the user lacks a privilege.
	ErrNotPermitted = errors.New("not permitted")
	// ErrTaskInProgress says that another task holds the object.
	ErrTaskInProgress = errors.New("another task is in progress")
	// ErrInvalidState says that the object's state does not allow the operation now.
	ErrInvalidState = errors.New("not possible in the current state")
	// ErrUnsupported says that this vCenter, host or device cannot do it at all.
	ErrUnsupported = errors.New("not supported")
	// ErrInvalidArgument says that vCenter refused a value of the request.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrConflict says that someone else changed the object since it was read.
	ErrConflict = errors.New("changed by someone else")
	// ErrInsufficientResources says that capacity, space or a quota is exhausted.
	ErrInsufficientResources = errors.New("insufficient resources")
	// ErrTimeout says that the time allowed was over. The operation may go on in vCenter.
	ErrTimeout = errors.New("timed out")
	// ErrInterrupted says that the connection broke, or the service went away, before the
	// answer was there. The operation may have been executed: look it up before repeating it.
	ErrInterrupted = errors.New("no answer")
	// ErrSessionRenewed says that the call belonged to a session that has ended. A new session
	// is there: views, collectors and filters must be built again.
	ErrSessionRenewed = errors.New("session renewed")
	// ErrCanceled says that someone canceled the task in vCenter.
	ErrCanceled = errors.New("canceled in vCenter")
	// ErrClosed says that the client has been logged out.
	ErrClosed = errors.New("logged out")
)

// Error is what Translate makes of an error.
type Error struct {
	// What was done to which object.
	What string
	// Kind is one of this package's sentinels, or nil when the cause has no name here.
	Kind error
	// Text is the plain cause and what to do about it; empty when vCenter's own text says it.
	Text string
	// Raw is the original error, if any.
	Raw error
}

// Error puts vCenter's own text last.
func (e *Error) Error() string {
	parts := make([]string, 0, 3)
	if e.What != "" {
		parts = append(parts, e.What)
	}
	raw := rawText(e.Raw)
	switch {
	case e.Text != "" && raw != "":
		parts = append(parts, fmt.Sprintf("%s (%s)", e.Text, raw))
	case e.Text != "":
		parts = append(parts, e.Text)
	case raw != "":
		parts = append(parts, raw)
	case e.Kind != nil:
		parts = append(parts, e.Kind.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives both, the original first: govmomi's fault.As looks no further than that.
func (e *Error) Unwrap() []error {
	wrapped := make([]error, 0, 2)
	if e.Raw != nil {
		wrapped = append(wrapped, e.Raw)
	}
	if e.Kind != nil {
		wrapped = append(wrapped, e.Kind)
	}
	return wrapped
}

// Translate turns what a call to vCenter returned – a SOAP fault, the fault of a task, an
// error of the vAPI REST interface, a network or TLS error – into an error that wraps one of
// this package's sentinels and the original. The text begins with what, which says what was
// done to which object (`clone virtual machine "/DC0/vm/web" (vm-12)`), then the plain cause
// and what to do about it, and ends with vCenter's own text. Translate(nil, …) is nil. What
// has been translated before, and what wraps a sentinel already, only gets what before it.
func Translate(err error, what string) error {
	if err == nil {
		return nil
	}
	if known := (*Error)(nil); errors.As(err, &known) || wrapsSentinel(err) {
		if what == "" || strings.HasPrefix(err.Error(), what) {
			return err
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	translated := &Error{What: what, Raw: err}
	for _, judge := range []func(error) (cause, bool){faultCause, restCause, networkCause} {
		if found, ok := judge(err); ok {
			translated.Kind, translated.Text = found.kind, found.text
			break
		}
	}
	return translated
}

// cause is what an error comes down to: one of the sentinels, or nil when none fits, and a text
// that says so in plain words, with what to do about it.
type cause struct {
	kind error
	text string
}

// sentinels are all kinds of errors.
var sentinels = []error{
	ErrNotFound, ErrAmbiguous, ErrAlreadyExists, ErrInvalidLogin, ErrUnreachable, ErrUntrusted,
	ErrNotPermitted, ErrTaskInProgress, ErrInvalidState, ErrUnsupported, ErrInvalidArgument,
	ErrConflict, ErrInsufficientResources, ErrTimeout, ErrInterrupted, ErrSessionRenewed,
	ErrCanceled, ErrClosed,
}

func wrapsSentinel(err error) bool {
	return slices.ContainsFunc(sentinels, func(sentinel error) bool { return errors.Is(err, sentinel) })
}

// rawText is the original text, from the most to the least telling of its forms.
func rawText(err error) string {
	if err == nil {
		return ""
	}
	if text := faultText(err); text != "" {
		return text
	}
	if status, ok := parseREST(err); ok {
		return status.String()
	}
	return err.Error()
}
