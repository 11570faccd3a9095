package machine

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Mode says how a running guest is stopped, suspended or restarted, in VM Operator's words.
type Mode string

// The modes.
const (
	// Hard does it to the machine and does not ask the guest.
	Hard Mode = "Hard"
	// Soft asks the guest and fails when it does not comply.
	Soft Mode = "Soft"
	// TrySoft asks the guest and does it hard when that fails.
	TrySoft Mode = "TrySoft"
)

// check refuses a word that is no mode: there is no default to fall back to.
func (m Mode) check() error {
	switch m {
	case Hard, Soft, TrySoft:
		return nil
	}
	return fmt.Errorf("%w: mode %q: use Hard, Soft or TrySoft", vsphere.ErrInvalidArgument, m)
}
