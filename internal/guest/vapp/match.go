package vapp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image/spelling"
)

// The ways in which a key leads to no property that could be set.
var (
	// ErrNoProperty tells that nothing has the key.
	ErrNoProperty = errors.New("there is no such property")
	// ErrNotConfigurable tells that the property's author keeps it from being set.
	ErrNotConfigurable = errors.New("the property is not user-configurable")
	// ErrAmbiguous tells that several properties in different classes have the id.
	ErrAmbiguous = errors.New("several properties have this id")
)

// candidate is a property that a key may mean.
type candidate struct {
	class, id, instance string
	configurable        bool
}

// qualified is the property's key in the OVF environment.
func (c candidate) qualified() string {
	parts := slices.DeleteFunc([]string{c.class, c.id, c.instance}, func(part string) bool { return part == "" })
	return strings.Join(parts, ".")
}

// KeyError is a key that leads to no property which could be set.
type KeyError struct {
	// Key is what was asked for.
	Key string
	// Candidates are qualified keys: those the key may mean, else the nearest one, else
	// some of those there are.
	Candidates []string
	// near tells that the one candidate looks like the key, more counts those that are not listed.
	near  bool
	more  int
	cause error
}

// Error names the key, what is wrong and what may have been meant.
func (e *KeyError) Error() string {
	return "property " + strconv.Quote(e.Key) + ": " + e.cause.Error() + ". " + e.advice()
}

// Unwrap returns ErrNoProperty, ErrNotConfigurable or ErrAmbiguous.
func (e *KeyError) Unwrap() error { return e.cause }

func (e *KeyError) advice() string {
	quoted := make([]string, len(e.Candidates))
	for i, key := range e.Candidates {
		quoted[i] = strconv.Quote(key)
	}
	list := strings.Join(quoted, ", ")
	switch {
	case errors.Is(e.cause, ErrAmbiguous):
		return "Use the key of one of them with its class and instance: " + list + "."
	case e.near:
		return "Did you mean " + list + "?"
	case e.more > 0:
		return fmt.Sprintf("Those that can be set are %s and %d more.", list, e.more)
	case len(quoted) > 0:
		return "Those that can be set are " + list + "."
	default:
		return "None can be set."
	}
}

// find returns the indexes of the properties that a key means: the one with that qualified key,
// else the one with that id. There are several only where nothing tells them apart.
func find(key string, properties []candidate) ([]int, error) {
	matches := indexes(properties, func(c candidate) bool { return c.qualified() == key })
	if len(matches) == 0 {
		matches = indexes(properties, func(c candidate) bool { return c.id == key })
	}
	if len(matches) == 0 {
		return nil, missing(key, properties)
	}
	matches = slices.DeleteFunc(matches, func(i int) bool { return !properties[i].configurable })
	if len(matches) == 0 {
		err := missing(key, properties)
		err.cause = ErrNotConfigurable
		return nil, err
	}
	names := make([]string, len(matches))
	for i, match := range matches {
		names[i] = properties[match].qualified()
	}
	if names = slices.Compact(slices.Sorted(slices.Values(names))); len(names) > 1 {
		return nil, &KeyError{Key: key, Candidates: names, cause: ErrAmbiguous}
	}
	return matches, nil
}

func indexes(properties []candidate, accept func(candidate) bool) []int {
	var found []int
	for i, property := range properties {
		if accept(property) {
			found = append(found, i)
		}
	}
	return found
}

// maxListed is the number of keys that a message lists.
const maxListed = 10

// missing names the nearest key that can be set, or those there are when none is near.
func missing(key string, properties []candidate) *KeyError {
	var settable []string
	best, distance := "", len(key)/3+2
	for _, property := range properties {
		if !property.configurable {
			continue
		}
		qualified := property.qualified()
		settable = append(settable, qualified)
		for _, name := range []string{qualified, property.id} {
			if d := spelling.Distance(strings.ToLower(key), strings.ToLower(name)); d < distance {
				best, distance = qualified, d
			}
		}
	}
	if best != "" {
		return &KeyError{Key: key, Candidates: []string{best}, near: true, cause: ErrNoProperty}
	}
	listed := min(len(settable), maxListed)
	return &KeyError{Key: key, Candidates: settable[:listed], more: len(settable) - listed, cause: ErrNoProperty}
}
