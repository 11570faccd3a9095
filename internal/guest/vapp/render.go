package vapp

import (
	"errors"
	"fmt"
)

// Value is what the property of a key is to hold.
type Value struct {
	Key, Text string
	// Secret tells that the text came from a secret and stands in no message.
	Secret bool
}

// Render renders the values of all properties, in the order they were written, and those of
// a raw secret in the order of their keys. What could be rendered is returned beside the
// error, which wraps ErrUnknown where something is not known yet, and joins the RenderErrors
// of all others.
func Render(settings Settings, facts Facts) ([]Value, error) {
	var values []Value
	var failures []error
	if settings.incomplete() {
		failures = append(failures, fmt.Errorf("the list of properties is %w", ErrUnknown))
	}
	for _, entry := range settings.entries() {
		key, ok := entry.key.Get()
		if !ok {
			failures = append(failures, fmt.Errorf("%s is %w", entry.keyPath, ErrUnknown))
			continue
		}
		text, err := entry.render(facts)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		values = append(values, Value{Key: key, Text: text, Secret: entry.secret})
	}
	return values, errors.Join(failures...)
}

// render renders the entry's text.
func (e entry) render(facts Facts) (string, error) {
	text, ok := e.text.Get()
	if !ok {
		return "", fmt.Errorf("%s is %w", e.path, ErrUnknown)
	}
	return RenderText(e.key.Or(e.keyPath.String()), text, e.secret, facts)
}
