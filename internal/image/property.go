package image

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/ovf"
)

const (
	// systemPropertyPrefix marks the properties that VMware's own systems set.
	systemPropertyPrefix = "vmware-system"
	// capabilitiesProperty holds a comma-separated list of what the image is capable of.
	capabilitiesProperty = "capabilities.image.vmoperator.vmware.com"
)

// Property is one property of a product section: a question that an image asks whoever
// deploys it.
type Property struct {
	// Key is ovf:key, without class and instance.
	Key string
	// Type is the vApp type with its limits, such as string(1..8), int(1..5),
	// string["a", "b"], password, ip, ip:net or expression.
	Type string
	// Default is nil where the descriptor names none.
	Default            *string
	Label, Description string
	// Category is the heading that the property stands under.
	Category string
	// UserConfigurable tells whether a deployment may set the property. It is false where
	// the descriptor does not say.
	UserConfigurable bool
	// Password tells that the value is a secret, whatever the type.
	Password bool
	// ClassID and InstanceID are those of the product section.
	ClassID, InstanceID string
	// OVFType is the type before its translation, such as uint8.
	OVFType string
	// Qualifiers are ovf:qualifiers and vmw:qualifiers as they are written.
	Qualifiers string
	// Choices are the only values allowed, where the qualifiers list them.
	Choices []string
}

// QualifiedKey is the property's key in the OVF environment: class, key and instance,
// joined by dots.
func (p Property) QualifiedKey() string {
	parts := slices.DeleteFunc([]string{p.ClassID, p.Key, p.InstanceID}, func(part string) bool { return part == "" })
	return strings.Join(parts, ".")
}

// properties reads the properties of all product sections under a deployment option. A
// default that its own type refuses is an error, as it is for VM Operator.
func properties(sections []ovf.ProductSection, configuration string) ([]Property, error) {
	var all []Property
	for _, section := range sections {
		for _, item := range section.PropertiesWithCategory() {
			if !inConfiguration(item.Property.Configuration, configuration) {
				continue
			}
			property, err := readProperty(section, item.Property, configuration)
			if err != nil {
				return nil, fmt.Errorf("property %q: %w", item.Property.Key, err)
			}
			property.Category = item.Category
			all = append(all, property)
		}
	}
	return all, nil
}

func readProperty(section ovf.ProductSection, source ovf.Property, configuration string) (Property, error) {
	if source.Key == "" {
		return Property{}, errors.New("it has no key")
	}
	secret := source.Password != nil && *source.Password
	qualifiers := parseQualifiers(trimmed(source.Qualifiers))
	property := Property{
		Key:              source.Key,
		Type:             vAppType(source.Type, secret, qualifiers),
		Label:            trimmed(source.Label),
		Description:      trimmed(source.Description),
		UserConfigurable: source.UserConfigurable != nil && *source.UserConfigurable,
		Password:         secret,
		ClassID:          trimmed(section.Class),
		InstanceID:       trimmed(section.Instance),
		OVFType:          source.Type,
		Qualifiers:       trimmed(source.Qualifiers),
		Choices:          qualifiers.choices,
	}
	value := defaultValue(source, configuration)
	if value == "" {
		value = qualifiers.expression
	} else if err := checkDefault(value, property, qualifiers); err != nil {
		return Property{}, err
	}
	if value != "" {
		property.Default = &value
	}
	return property, nil
}

// defaultValue returns the value for a deployment option, else the value for all of them.
func defaultValue(source ovf.Property, configuration string) string {
	value := trimmed(source.Default)
	for _, override := range slices.Backward(source.Values) {
		if override.Configuration == nil {
			value = strings.TrimSpace(override.Value)
		}
	}
	for _, override := range slices.Backward(source.Values) {
		if override.Configuration != nil && inConfiguration(override.Configuration, configuration) {
			value = strings.TrimSpace(override.Value)
		}
	}
	return value
}

// propertyValue returns the default of a property by its qualified key, else by its key.
func propertyValue(all []Property, key string) (string, bool) {
	for _, keyOf := range []func(Property) string{
		Property.QualifiedKey,
		func(p Property) string { return p.Key },
	} {
		for _, property := range all {
			if property.Default != nil && keyOf(property) == key {
				return *property.Default, true
			}
		}
	}
	return "", false
}

// Capabilities reads what an image says it is capable of from its properties, in its own order
// and without duplicates. Nothing is inferred from elsewhere.
func Capabilities(all []Property) []string {
	var found []string
	for _, property := range all {
		if property.Key != capabilitiesProperty || property.Default == nil {
			continue
		}
		for word := range strings.SplitSeq(*property.Default, ",") {
			if word = strings.TrimSpace(word); word != "" && !slices.Contains(found, word) {
				found = append(found, word)
			}
		}
	}
	return found
}
