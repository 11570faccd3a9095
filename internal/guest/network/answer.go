package network

import "github.com/vmoperator/terraform-provider-vmoperator/internal/known"

// answer is a yes or no that may not be known yet.
type answer uint8

const (
	no answer = iota
	maybe
	yes
)

// answerOf turns a fact into an answer.
func answerOf(fact bool) answer {
	if fact {
		return yes
	}
	return no
}

// both is yes when a and b are, and no as soon as one is.
func both(a, b answer) answer { return min(a, b) }

// either is yes as soon as one of a and b is, and no when both are.
func either(a, b answer) answer { return max(a, b) }

// not turns yes into no; what may be may also not be.
func not(a answer) answer { return yes - a }

// isTrue asks whether a flag is set to true.
func isTrue(flag known.Value[bool]) answer {
	if flag.IsUnknown() {
		return maybe
	}
	return answerOf(flag.Or(false))
}

// isFalse asks whether a flag is set to false; an absent flag is not.
func isFalse(flag known.Value[bool]) answer {
	if flag.IsUnknown() {
		return maybe
	}
	return answerOf(!flag.Or(true))
}

// hasText asks whether a text is there. The empty text is none.
func hasText(text known.Value[string]) answer {
	if text.IsUnknown() {
		return maybe
	}
	return answerOf(text.Or("") != "")
}

// hasElements asks whether a list has elements, whatever they are. A null element does not count.
func hasElements[T any](list known.List[T]) answer {
	if list.IsUnknown() {
		return maybe
	}
	for _, element := range list.Or(nil) {
		if !element.IsAbsent() {
			return yes
		}
	}
	return no
}
