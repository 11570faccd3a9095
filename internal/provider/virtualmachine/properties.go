package virtualmachine

import (
	"encoding/json"
	"slices"
	"strings"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
)

// noteProperties identifies the values of OVF properties that were sent, and what vCenter has for
// them now. Values that came from secrets are left out of the latter: they read back as they
// are, or not at all.
func (s *sent) noteProperties(d *delivery, held *govmomi.VmConfigInfo) error {
	text, public := d.propertyTexts()
	var err error
	if s.Properties, err = messageOf(text, public, d.secret); err != nil {
		return err
	}
	s.Keys = d.publicKeys()
	s.Held = heldProperties(held, s.Keys)
	return s.notePasswords(d, held)
}

// publicKeys are the keys of the properties whose values may be told, in order.
func (d *delivery) publicKeys() []string {
	var keys []string
	for _, value := range d.properties {
		if !value.Secret {
			keys = append(keys, value.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// propertyRecord is what the machine's record says of the properties.
func (d *delivery) propertyRecord() *propertyRecord {
	_, public := d.propertyTexts()
	return &propertyRecord{Public: digest(public), Keys: d.publicKeys()}
}

// notePasswords identifies each value of a password, because vCenter does not show whether it
// still has it.
func (s *sent) notePasswords(d *delivery, held *govmomi.VmConfigInfo) error {
	s.Passwords = nil
	for _, value := range d.properties {
		if !isPassword(held, value.Key) {
			continue
		}
		sum, err := fingerprintOf(value.Text, true)
		if err != nil {
			return err
		}
		if s.Passwords == nil {
			s.Passwords = map[string]fingerprint{}
		}
		s.Passwords[value.Key] = sum
	}
	return nil
}

func isPassword(info *govmomi.VmConfigInfo, key string) bool {
	return info != nil && slices.ContainsFunc(info.Property, func(property govmomi.VAppPropertyInfo) bool {
		return (property.Id == key || qualified(&property) == key) && vapp.ParseType(property.Type).IsPassword()
	})
}

// sentBefore tells whether a password is what was sent the last time.
func (s *sent) sentBefore(value vapp.Value) bool {
	sum, ok := s.Passwords[value.Key]
	return ok && sum.matches(value.Text)
}

// propertyTexts are the values of the properties with and without secrets, in the order of
// their keys, in which the order of the blocks does not matter.
func (d *delivery) propertyTexts() (text, public string) {
	values := slices.SortedFunc(slices.Values(d.properties), func(a, b vapp.Value) int { return strings.Compare(a.Key, b.Key) })
	all, told := make([][2]string, len(values)), make([][2]string, len(values))
	for i, value := range values {
		all[i], told[i] = [2]string{value.Key, value.Text}, [2]string{value.Key, value.Text}
		if value.Secret {
			told[i][1] = ""
		}
	}
	return list(all), list(told)
}

// heldProperties is a digest of what vCenter has for properties.
func heldProperties(info *govmomi.VmConfigInfo, keys []string) string {
	var values [][2]string
	if info != nil {
		for _, property := range info.Property {
			if slices.Contains(keys, property.Id) || slices.Contains(keys, qualified(&property)) {
				values = append(values, [2]string{qualified(&property), property.Value})
			}
		}
	}
	slices.SortFunc(values, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return digest(list(values))
}

// qualified is the key of a property with its class and instance, as the guest sees it.
func qualified(property *govmomi.VAppPropertyInfo) string {
	key := property.Id
	if property.ClassId != "" {
		key = property.ClassId + "." + key
	}
	if property.InstanceId != "" {
		key += "." + property.InstanceId
	}
	return key
}

func list(values [][2]string) string {
	text, _ := json.Marshal(values) // strings always marshal
	return string(text)
}
