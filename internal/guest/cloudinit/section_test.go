package cloudinit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// ErrMetadata is returned for a metadata document that the guest could not use either: it
// is not YAML, or a value is not of its kind. The error names the place.
var ErrMetadata = errors.New("the cloud-init metadata cannot be read")

// section is a mapping of a document. Keys are taken out as they are understood; what is
// left in the end was not.
type section struct {
	path   string
	values map[string]any
	notes  *notes
}

// notes are shared by the sections of one document.
type notes struct {
	unread []string
	err    error // the first error
}

func (n *notes) fail(path, format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf("%w: %s: %w", ErrMetadata, path, fmt.Errorf(format, args...))
	}
}

// newSection opens a mapping; anything else is an error. The caller gives the empty path
// for the whole document.
func newSection(n *notes, tree any, path string) section {
	values, ok := tree.(map[string]any)
	if !ok {
		if path == "" {
			path = "the document"
		}
		n.fail(path, "%s is found where a mapping is needed", kindOf(tree))
	}
	return section{path: path, values: maps.Clone(values), notes: n}
}

// at returns the path of a key.
func (s section) at(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

// take removes a key and returns its value. A key without value is not there.
func (s section) take(key string) (value any, found bool) {
	value = s.values[key]
	delete(s.values, key)
	return value, value != nil
}

// child opens the mapping under a key; it is empty when the key is not there.
func (s section) child(key string) (child section, found bool) {
	value, found := s.take(key)
	if !found {
		return section{path: s.at(key), notes: s.notes}, false
	}
	return newSection(s.notes, value, s.at(key)), true
}

// skip notes that a key was not understood.
func (s section) skip(key string) { s.notes.unread = append(s.notes.unread, s.at(key)) }

// close notes every key that is left.
func (s section) close() {
	for _, key := range s.keys() {
		s.skip(key)
	}
}

func (s section) keys() []string { return slices.Sorted(maps.Keys(s.values)) }

// text takes a scalar that cloud-init reads as text: a number counts as its digits.
func (s section) text(key string) known.Value[string] {
	value, found := s.take(key)
	if !found {
		return known.Value[string]{}
	}
	switch value := value.(type) {
	case string:
		if value == "" {
			return known.Value[string]{}
		}
		return known.Of(value)
	case json.Number:
		return known.Of(value.String())
	default:
		s.notes.fail(s.at(key), "%s is found where text is needed", kindOf(value))
		return known.Value[string]{}
	}
}

func (s section) flag(key string) known.Value[bool] {
	value, found := s.take(key)
	if !found {
		return known.Value[bool]{}
	}
	flag, ok := value.(bool)
	if !ok {
		s.notes.fail(s.at(key), "%s is found where true or false is needed", kindOf(value))
	}
	return known.Of(flag)
}

// number takes a whole number that is not negative.
func (s section) number(key string) known.Value[int64] {
	value, found := s.take(key)
	if !found {
		return known.Value[int64]{}
	}
	digits, ok := value.(json.Number)
	number, err := strconv.ParseInt(digits.String(), 10, 64)
	if !ok || err != nil || number < 0 {
		s.notes.fail(s.at(key), "a whole number is needed")
	}
	return known.Of(number)
}

// count takes a number of which 0 means none.
func (s section) count(key string) known.Value[int64] {
	if number := s.number(key); number.Or(0) > 0 {
		return number
	}
	return known.Value[int64]{}
}

// parsed takes a text and parses it.
func parsed[T any](s section, key string, parse func(string) (T, error)) known.Value[T] {
	text, found := s.text(key).Get()
	if !found {
		return known.Value[T]{}
	}
	value, err := parse(text)
	if err != nil {
		s.notes.fail(s.at(key), "%w", err)
	}
	return known.Of(value)
}

// list takes a list of texts and parses them. Elements that are mappings, which Netplan
// uses for options, are noted as not understood. An empty list is absent.
func list[T any](s section, key string, parse func(string) (T, error)) known.List[T] {
	value, found := s.take(key)
	if !found {
		return known.List[T]{}
	}
	elements, ok := value.([]any)
	if !ok {
		s.notes.fail(s.at(key), "%s is found where a list is needed", kindOf(value))
	}
	var values []T
	for i, element := range elements {
		place := s.at(key) + "[" + strconv.Itoa(i) + "]"
		switch element := element.(type) {
		case string:
			item, err := parse(element)
			if err != nil {
				s.notes.fail(place, "%w", err)
			}
			values = append(values, item)
		case map[string]any:
			s.notes.unread = append(s.notes.unread, place)
		default:
			s.notes.fail(place, "%s is found where text is needed", kindOf(element))
		}
	}
	if len(values) == 0 {
		return known.List[T]{}
	}
	return known.ListOf(values...)
}
