package vapp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// The rules of Validate and Check. B14 to B16 are VM Operator's; the others refuse what it
// passes over without a word.
const (
	RuleOneSource = "B14" // property and raw_properties exclude each other
	RuleKey       = "B15" // a property has a key
	RuleOneValue  = "B16" // a value comes from one place
	RuleDuplicate = "A1"  // a property is set once
	RuleTemplate  = "P12" // a template renders
	RuleProperty  = "P13" // the image has the property, it can be set, and its type takes the value
)

// Validate judges what is known of the settings, without knowledge of the image and of the
// machine. Templates are parsed, and executed as far as they ask for nothing. No problem
// quotes the entry of a secret.
func Validate(settings Settings) []network.Problem {
	var problems []network.Problem
	properties, _ := settings.Properties.Get()
	if len(properties) > 0 && settings.RawProperties.IsSet() {
		problems = append(problems, fault(RuleOneSource, root(),
			"property and raw_properties exclude each other",
			"Either each property is written, or all of them come from one secret. Keep one of the two."))
	}
	first := map[string]int{}
	for i, property := range properties {
		problems = append(problems, judgeKey(property.Key, i, first)...)
		if property.Value.IsSet() && property.From.IsSet() {
			problems = append(problems, fault(RuleOneValue, root("property", i, "value"),
				"A property has both value and from",
				"The value is either written inline or taken from a secret. Keep one of the two."))
		}
	}
	if raw, _ := settings.RawProperties.Get(); len(properties) == 0 {
		if _, found := raw[""]; found {
			problems = append(problems, fault(RuleKey, root("raw_properties"), "A property has no key",
				"Every key of the secret is the key of a property, and one is empty. Remove it."))
		}
	}
	for _, entry := range settings.entries() {
		if _, err := entry.render(NoFacts()); err != nil && !errors.Is(err, ErrUnknown) {
			problems = append(problems, entry.templateFault(err))
		}
	}
	return problems
}

func judgeKey(value known.Value[string], index int, first map[string]int) []network.Problem {
	if value.IsUnknown() {
		return nil
	}
	key, at := value.Or(""), root("property", index, "key")
	if key == "" {
		return []network.Problem{fault(RuleKey, at, "A property has no key",
			"Set key to the key of one of the image's OVF properties.")}
	}
	if other, taken := first[key]; taken {
		return []network.Problem{duplicate(at, key, other)}
	}
	first[key] = index
	return nil
}

func duplicate(at network.Path, key string, other int) network.Problem {
	return fault(RuleDuplicate, at, fmt.Sprintf("The property %q is there twice", key),
		fmt.Sprintf("It is property %d, too. Remove one of the two blocks.", other+1))
}

// templateFault is the problem of an entry that does not render.
func (e entry) templateFault(err error) network.Problem {
	return fault(RuleTemplate, e.path, "The template of a property does not render", sentence(err))
}

// sentence is the text of an error, which is not empty, as a sentence.
func sentence(err error) string {
	text := err.Error()
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

func fault(rule string, path network.Path, summary, detail string) network.Problem {
	return network.Problem{Severity: network.Error, Rule: rule, Path: path, Summary: summary, Detail: detail}
}
