package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// ErrCustomizationFailed says that the guest has reported a failed customization. The guest is
// left as the customization left it, and a restart does not repeat it.
var ErrCustomizationFailed = errors.New("guest customization failed")

// Customization is how far the last guest OS customization of a machine is, in the guest's own
// words: vCenter has them from VMware Tools, from vSphere 7.0 Update 2 on.
type Customization struct {
	// Status is empty where vCenter does not say, and TOOLSDEPLOYPKG_IDLE before the first one.
	Status types.GuestInfoCustomizationStatus
	// Message is what the guest says about a failure.
	Message string
	// Began and Ended are zero where the guest does not say, or not yet.
	Began, Ended time.Time
}

func newCustomization(guest *types.GuestInfo) Customization {
	if guest == nil || guest.CustomizationInfo == nil {
		return Customization{}
	}
	info := guest.CustomizationInfo
	c := Customization{Status: types.GuestInfoCustomizationStatus(info.CustomizationStatus), Message: info.ErrorMsg}
	if info.StartTime != nil {
		c.Began = *info.StartTime
	}
	if info.EndTime != nil {
		c.Ended = *info.EndTime
	}
	return c
}

// Over says that a customization has come to an end, good or bad.
func (c Customization) Over() bool {
	return c.Status == types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED || c.Failed()
}

// Failed says that a customization has come to a bad end.
func (c Customization) Failed() bool {
	return c.Status == types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED
}

// String tells the status in a sentence's words.
func (c Customization) String() string {
	switch c.Status {
	case "":
		return "vCenter does not tell how far it is (vSphere 7.0 Update 2 and later do)"
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_IDLE:
		return "none has begun"
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING:
		return "it waits for the guest to start it"
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_RUNNING:
		return "it is running"
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED:
		return "it succeeded"
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED:
		return "it failed: " + cmp.Or(c.Message, "the guest does not say why; see /var/log/vmware-imc/toolsDeployPkg.log there")
	}
	return "status " + string(c.Status)
}

// CustomizationEnds is content when a guest customization has come to an end, good or bad, other
// than the one that earlier is of. Earlier is what was observed before Customize, so that the
// end of a customization that was long ago is not taken for this one's; for a new machine it is
// the zero Customization. A package that still waits for a power-on counts more than a status.
func CustomizationEnds(earlier Customization) Until {
	return func(o *Observation) (bool, string) {
		now := o.Customization
		last := "guest customization: " + now.String()
		switch {
		case o.PendingCustomization:
			return false, "guest customization: it waits for the machine to be powered on; the machine is " + string(o.PowerState)
		case !now.Over():
			if !o.Tools.Running() {
				// Most often the reason: what does not run cannot customize.
				last += "; VMware Tools: " + o.Tools.String()
			}
			return false, last
		case earlier.Over() && now == earlier:
			return false, last + ", which is the previous one"
		}
		return true, last
	}
}

// WaitForCustomization waits until the guest has ended the customization that Customize handed
// it, and returns how. Earlier is the customization that was observed before that call: see
// CustomizationEnds. Errors: ErrCustomizationFailed with the guest's message, beside the
// Customization, and those of WaitFor: a *WaitError when ctx ends first, with what was last
// seen, which is also returned.
func (s *Service) WaitForCustomization(ctx context.Context, ref Ref, earlier Customization) (Customization, error) {
	var seen Customization
	ends := CustomizationEnds(earlier)
	err := s.WaitFor(ctx, ref, func(o *Observation) (bool, string) {
		seen = o.Customization
		return ends(o)
	})
	if err == nil && seen.Failed() {
		err = fmt.Errorf("%w on %s: %s", ErrCustomizationFailed, s.title(ref),
			cmp.Or(seen.Message, "the guest does not say why; see /var/log/vmware-imc/toolsDeployPkg.log there"))
	}
	return seen, err
}
