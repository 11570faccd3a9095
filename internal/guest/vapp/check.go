package vapp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// Check judges the settings by the properties of the image that is to be deployed, all of
// them, also those that cannot be set. It looks at what Validate cannot know: whether there
// is such a property, whether it can be set, and whether its type takes what the template
// renders to. A value that needs facts that are not known yet is not judged, and neither is
// what Validate refuses.
//
// An empty value is never refused: it leaves the image's default in force.
func Check(settings Settings, facts Facts, properties []image.Property) []network.Problem {
	candidates := make([]candidate, len(properties))
	for i, property := range properties {
		candidates[i] = candidate{
			class: property.ClassID, id: property.Key, instance: property.InstanceID,
			configurable: property.UserConfigurable || ParseType(property.Type).IsComputed(),
		}
	}
	var problems []network.Problem
	set := map[int]int{}
	for i, entry := range settings.entries() {
		key, ok := entry.key.Get()
		if !ok || key == "" {
			continue
		}
		matches, err := find(key, candidates)
		if err != nil {
			problems = append(problems, keyFault(entry, err))
			continue
		}
		if other, taken := set[matches[0]]; taken {
			if !settings.sameKey(other, i) {
				problems = append(problems, settings.twice(other, i, properties[matches[0]].QualifiedKey()))
			}
			continue
		}
		set[matches[0]] = i
		problems = append(problems, entry.check(facts, properties[matches[0]])...)
	}
	return problems
}

// keyFault is the problem of an entry whose key leads nowhere.
func keyFault(e entry, err error) network.Problem {
	summary := "The image has no such property"
	switch {
	case errors.Is(err, ErrNotConfigurable):
		summary = "The property cannot be set"
	case errors.Is(err, ErrAmbiguous):
		summary = "The property's key is ambiguous"
	}
	return fault(RuleProperty, e.keyPath, summary, sentence(err))
}

// sameKey tells whether two entries have one key, which Validate refuses.
func (s Settings) sameKey(a, b int) bool {
	all := s.entries()
	return all[a].key == all[b].key
}

// twice refuses two keys of one property.
func (s Settings) twice(first, second int, qualified string) network.Problem {
	all := s.entries()
	return fault(RuleDuplicate, all[second].keyPath, fmt.Sprintf("The property %q is there twice", qualified),
		fmt.Sprintf("Both %q and %q mean it. Keep one of the two.", all[first].key.Or(""), all[second].key.Or("")))
}

// check judges the value of an entry for its property.
func (e entry) check(facts Facts, property image.Property) []network.Problem {
	text, err := e.render(facts)
	if err != nil {
		_, before := e.render(NoFacts())
		if errors.Is(err, ErrUnknown) || !errors.Is(before, ErrUnknown) {
			return nil
		}
		return []network.Problem{e.templateFault(err)}
	}
	if text == "" {
		return nil
	}
	propertyType := ParseType(property.Type)
	if propertyType.IsComputed() {
		propertyType = ParseType("string") // what the deployed machine's property becomes
	}
	if _, err := propertyType.convert(property.QualifiedKey(), text, e.secret || property.Password); err != nil {
		return []network.Problem{fault(RuleProperty, e.path, "The value does not fit the type of the property", sentence(err))}
	}
	if len(property.Choices) > 0 && !slices.Contains(property.Choices, text) {
		return []network.Problem{{
			Severity: network.Warning, Rule: RuleProperty, Path: e.path,
			Summary: "The value is none of the image's choices",
			Detail: fmt.Sprintf("The property %q offers %s. Something else is written as it is, and the guest may not know it.",
				property.QualifiedKey(), quotedList(property.Choices)),
		}}
	}
	return nil
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return strings.Join(quoted, ", ")
}
