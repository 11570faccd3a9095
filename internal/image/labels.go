package image

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The labels that images are selected by.
const (
	LabelType      = "image.vmoperator.vmware.com/type"
	LabelOSID      = "os.image.vmoperator.vmware.com/id"
	LabelOSType    = "os.image.vmoperator.vmware.com/type"
	LabelOSVersion = "os.image.vmoperator.vmware.com/version"
	// LabelCapability is the beginning of a key that ends in a capability. The value is empty.
	LabelCapability = "capability.image.vmoperator.vmware.com/"
)

// labelsExtraConfig is the key under which an image brings labels of its own: k:v,k2:,k3.
const labelsExtraConfig = "vmservice.vmi.labels"

// derivedLabel tells whether a label says something that is read from the image itself, so
// that the image's own labels cannot claim it.
func derivedLabel(key string) bool {
	switch key {
	case LabelType, LabelOSID, LabelOSType, LabelOSVersion:
		return true
	default:
		return strings.HasPrefix(key, LabelCapability)
	}
}

// labelsOf returns the labels of an image. What is not a valid label – an empty value,
// more than 63 characters, a version such as "5." – is left out, never cleaned up.
func labelsOf(status Status, descriptor *Descriptor) map[string]string {
	set := map[string]string{}
	put := func(key, value string) {
		if len(validation.IsQualifiedName(key)) == 0 && len(validation.IsValidLabelValue(value)) == 0 {
			set[key] = value
		}
	}
	putSome := func(key, value string) {
		if value != "" {
			put(key, value)
		}
	}

	if descriptor != nil {
		for pair := range strings.SplitSeq(descriptor.ExtraConfig[labelsExtraConfig], ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), ":")
			if !derivedLabel(key) {
				put(key, value) // a second colon makes the value invalid
			}
		}
	}
	putSome(LabelType, string(status.Type))
	if status.OSInfo != nil {
		putSome(LabelOSID, status.OSInfo.ID)
		putSome(LabelOSType, status.OSInfo.Type)
		putSome(LabelOSVersion, status.OSInfo.Version)
	}
	for _, capability := range status.Capabilities {
		put(LabelCapability+capability, "")
	}
	return set
}

// wordOperator is in the parser's errors about operators that are written as words.
var wordOperator = regexp.MustCompile(`found '(gt|lt)'`)

// Select returns the images whose labels match a Kubernetes label selector, in their order.
// The empty selector matches all.
func Select(selector string, images []Image) ([]Image, error) {
	match, err := labels.Parse(selector)
	if err != nil && wordOperator.MatchString(err.Error()) {
		// The parser's own list has the words that it calls them by.
		return nil, fmt.Errorf("label selector %q cannot be read: \"greater than\" is written > and \"less than\" <, and both compare whole numbers", selector)
	}
	if err != nil {
		return nil, fmt.Errorf("label selector %q cannot be read, write it as Kubernetes does, such as %q: %w",
			selector, LabelOSType+"=Linux,"+LabelCapability+"cloud-init", err)
	}
	var selected []Image
	for _, img := range images {
		if match.Matches(labels.Set(img.Labels)) {
			selected = append(selected, img)
		}
	}
	return selected, nil
}
