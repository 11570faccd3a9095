package observed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// BootstrapOutcome is what became of a bootstrap configuration on its way to vSphere. The zero
// value is a success, also of a block that configures nothing.
type BootstrapOutcome struct {
	// Error says why it could not be rendered or sent; empty where it was.
	Error string
	// Reason is one word for Error, ReasonGetError when empty.
	Reason string
}

// bootstrapReady tells whether the bootstrap configuration has reached vSphere. It is nil for a
// machine without one.
func bootstrapReady(outcome *BootstrapOutcome) *Condition {
	switch {
	case outcome == nil:
		return nil
	case outcome.Error != "":
		return &Condition{Type: TypeBootstrapReady, Status: StatusFalse, Reason: cmp.Or(outcome.Reason, ReasonGetError), Message: outcome.Error}
	default:
		return &Condition{Type: TypeBootstrapReady, Status: StatusTrue, Reason: ReasonTrue}
	}
}

// Cards are the network cards of a machine.
type Cards struct {
	// Keys are the keys of the devices, in any order.
	Keys []int32
}

// networkReady tells whether each configured interface has its network card. It is nil where
// the machine has neither, and where its cards are not told.
func networkReady(in Input) *Condition {
	if in.Cards == nil {
		return nil
	}
	there := map[string]bool{}
	for _, key := range in.Cards.Keys {
		if name := in.InterfaceNames[key]; name != "" {
			there[name] = true
		}
	}
	wanted := configured(in)
	var missing []string
	for _, name := range wanted {
		if !there[name] {
			missing = append(missing, fmt.Sprintf("%q", name))
		}
	}
	switch {
	case len(missing) > 0:
		return &Condition{
			Type: TypeNetworkReady, Status: StatusFalse, Reason: ReasonNotReady,
			Message: "No network card for the interface " + strings.Join(missing, ", "),
		}
	case len(wanted) == 0 && len(in.Cards.Keys) == 0:
		return nil
	default:
		return &Condition{Type: TypeNetworkReady, Status: StatusTrue, Reason: ReasonTrue}
	}
}

// configured are the names of the interfaces that the machine is to have: those that the guest
// was told of, and those that a device was made for.
func configured(in Input) []string {
	var names []string
	for _, record := range in.Config.Interfaces.Or(nil) {
		if name, ok := record.Name.Get(); ok {
			names = append(names, name)
		}
	}
	var others []string
	for _, name := range in.InterfaceNames {
		if name != "" && !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(names, others...)
}
