package vapp

import "strconv"

// ValueError refuses a value for the type of its property.
type ValueError struct {
	// ID is the property's id and Type its type, as vSphere writes it.
	ID, Type string
	// Secret keeps the value out of the text.
	Secret bool
	reason reason
}

// reason is what is wrong with a value.
type reason struct {
	value  string
	quoted bool
	text   string
}

// plain says what is wrong in words that tell nothing of the value but its length.
func plain(text string) reason { return reason{text: text} }

// quoting says what is wrong with a value.
func quoting(value, text string) reason { return reason{value: value, quoted: true, text: text} }

// say returns the reason, with the value in quotes where it may be shown.
func (r reason) say(secret bool) string {
	if r.quoted && !secret {
		return strconv.Quote(r.value) + " " + r.text
	}
	return "the value " + r.text
}

// Error names the property, its type, what is wrong, and the value unless it is a secret.
func (e *ValueError) Error() string {
	return "property " + strconv.Quote(e.ID) + " of type " + strconv.Quote(e.Type) + ": " + e.reason.say(e.Secret)
}
