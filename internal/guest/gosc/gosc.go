// Package gosc turns a resolved network and what somebody wrote about LinuxPrep or Sysprep
// into the customization specification that vSphere applies to a guest when it is next
// turned on (guest OS customization).
//
// The package is pure: vim25/types are made here and never sent. Validate judges settings
// whose values may be unknown, CheckAPI holds them against the version of a vCenter;
// LinuxPrep and Sysprep, which make the specification, want everything known.
package gosc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

var (
	// ErrUnknown is returned where a value that belongs in the specification is not known
	// yet. The error names the values by their paths.
	ErrUnknown = errors.New("not known yet")
	// ErrCards is returned where the machine's network cards are not those of its
	// interfaces: vCenter customizes all of a machine's cards, or none. The error lists both sides.
	ErrCards = errors.New("network cards and interfaces differ")
	// ErrLevel is returned where the vCenter is too old for something that was asked for.
	// The error names the fields and the version that each of them needs.
	ErrLevel = errors.New("vCenter is too old")
	// ErrSettings is returned for settings that Validate refuses and that no specification
	// can be made of.
	ErrSettings = errors.New("settings are not valid")
)

// Unsupported is the error for something in a network's record that guest OS customization
// has no place for. It is never dropped silently.
type Unsupported struct {
	// Interface is the name of the interface.
	Interface string
	// Field is what cannot be carried, by its name in the Terraform surface.
	Field string
	// Provider is linux_prep or sysprep.
	Provider string
}

// Error names the three and says what would carry it.
func (u Unsupported) Error() string {
	return fmt.Sprintf("interface %q: %s cannot carry %s into the guest: remove it, or use cloud_init", u.Interface, u.Provider, u.Field)
}

// The names of the providers, as the Terraform surface has them.
const (
	providerLinuxPrep = "linux_prep"
	providerSysprep   = "sysprep"
)

// gaps collects the paths of values that are not known yet.
type gaps []network.Path

// err is nil when every value was known.
func (g gaps) err() error {
	if len(g) == 0 {
		return nil
	}
	places := make([]string, len(g))
	for i, path := range g {
		places[i] = path.String()
	}
	return fmt.Errorf("the guest's customization cannot be written: %s: %w", strings.Join(places, ", "), ErrUnknown)
}

// get returns a value and whether it is there; an unknown one becomes a gap.
func get[T any](missing *gaps, value known.Value[T], path network.Path) (T, bool) {
	if value.IsUnknown() {
		*missing = append(*missing, path)
	}
	return value.Get()
}

// or returns a value or, where it is absent, its default; an unknown one becomes a gap.
func or[T any](missing *gaps, value known.Value[T], path network.Path, fallback T) T {
	if found, ok := get(missing, value, path); ok {
		return found
	}
	return fallback
}
