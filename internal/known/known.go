// Package known models what a Terraform configuration can say about a setting:
// it may be absent (null), set, or not known yet because it depends on something
// that is only decided during apply. The domain packages judge and resolve
// configurations in all three states, and "not known yet" never turns into a guess.
package known

// Value is a setting of type T. The zero Value is absent.
type Value[T any] struct {
	value T
	state state
}

type state uint8

const (
	absent state = iota
	unknown
	set
)

// Of returns a Value that is set to v.
func Of[T any](v T) Value[T] { return Value[T]{value: v, state: set} }

// Unknown returns a Value that will only be known during apply.
func Unknown[T any]() Value[T] { return Value[T]{state: unknown} }

// Get returns the value and whether it is set. An unknown Value is not set.
func (v Value[T]) Get() (T, bool) { return v.value, v.state == set }

// Or returns the value if it is set and fallback otherwise, also when it is unknown:
// check IsUnknown first where that matters.
func (v Value[T]) Or(fallback T) T {
	if v.state == set {
		return v.value
	}
	return fallback
}

// Pointer returns the value, or nil when it is absent or unknown.
func (v Value[T]) Pointer() *T {
	if v.state != set {
		return nil
	}
	value := v.value
	return &value
}

// IsSet reports whether the value is known and present.
func (v Value[T]) IsSet() bool { return v.state == set }

// IsAbsent reports whether the value is known to be absent.
func (v Value[T]) IsAbsent() bool { return v.state == absent }

// IsUnknown reports whether the value will only be known during apply.
func (v Value[T]) IsUnknown() bool { return v.state == unknown }

// Map converts the value if it is set and carries the other two states over.
func Map[T, U any](v Value[T], convert func(T) U) Value[U] {
	switch v.state {
	case set:
		return Of(convert(v.value))
	case unknown:
		return Unknown[U]()
	default:
		return Value[U]{}
	}
}

// FlatMap converts the value if it is set, to a value in whichever state, and carries the
// other two states over.
func FlatMap[T, U any](v Value[T], convert func(T) Value[U]) Value[U] {
	switch v.state {
	case set:
		return convert(v.value)
	case unknown:
		return Unknown[U]()
	default:
		return Value[U]{}
	}
}

// List is a list setting: the whole may be absent or unknown, and so may each element be unknown.
type List[T any] = Value[[]Value[T]]

// ListOf returns a List that is set to the given elements, all of them known.
func ListOf[T any](elements ...T) List[T] {
	values := make([]Value[T], len(elements))
	for i, element := range elements {
		values[i] = Of(element)
	}
	return Of(values)
}

// Elements returns the known elements of a list in order, and whether those are all:
// false when the list or any of its elements is unknown. An absent list has no elements.
func Elements[T any](list List[T]) (elements []T, complete bool) {
	if list.IsUnknown() {
		return nil, false
	}
	complete = true
	for _, value := range list.value {
		element, ok := value.Get()
		if !ok {
			complete = complete && !value.IsUnknown()
			continue
		}
		elements = append(elements, element)
	}
	return elements, complete
}
