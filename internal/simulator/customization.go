package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// Customization is what the guest of a machine was told by guest OS customization.
type Customization struct {
	// Count is how many customizations have succeeded in the guest.
	Count int
	// Status and Message are those of the last one (guest.customizationInfo), Start and End
	// its times, nil where it has not begun or ended.
	Status, Message string
	Start, End      *time.Time
	// Spec is in force: the last that succeeded. It is nil before.
	Spec *types.CustomizationSpec
	// Pending waits for the next power-on, or for its end in the guest. It is nil otherwise.
	Pending *types.CustomizationSpec
}

// Customization returns what the guest of a machine was told.
func (s *Simulator) Customization(machine string) (Customization, error) {
	ctx := s.context()
	vm, err := s.locate(ctx, machine)
	if err != nil {
		return Customization{}, err
	}
	var c Customization
	ctx.WithLock(vm, func() { c = s.customizationOf(vm) })
	return c, nil
}

// customizationOf collects it. The caller holds the machine's lock.
func (s *Simulator) customizationOf(vm *vcsim.VirtualMachine) Customization {
	var c Customization
	s.agent.with(vm.Self, func(g *guest) { c.Count, c.Spec, c.Pending = g.customizations, g.applied, g.pending })
	if info := vm.Guest.CustomizationInfo; info != nil {
		c.Status, c.Message, c.Start, c.End = info.CustomizationStatus, info.ErrorMsg, info.StartTime, info.EndTime
	}
	return c
}

// customizationJSON is a Customization on its way to another process. A specification has
// govmomi's JSON, which says the types of its parts.
type customizationJSON struct {
	Count   int             `json:"count"`
	Status  string          `json:"status"`
	Message string          `json:"message,omitempty"`
	Start   *time.Time      `json:"start,omitempty"`
	End     *time.Time      `json:"end,omitempty"`
	Spec    json.RawMessage `json:"spec,omitempty"`
	Pending json.RawMessage `json:"pending,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (c Customization) MarshalJSON() ([]byte, error) {
	out := customizationJSON{Count: c.Count, Status: c.Status, Message: c.Message, Start: c.Start, End: c.End}
	for _, part := range []struct {
		spec *types.CustomizationSpec
		to   *json.RawMessage
	}{{c.Spec, &out.Spec}, {c.Pending, &out.Pending}} {
		if part.spec == nil {
			continue
		}
		var b bytes.Buffer
		if err := types.NewJSONEncoder(&b).Encode(part.spec); err != nil {
			return nil, fmt.Errorf("encode the specification: %w", err)
		}
		*part.to = b.Bytes()
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Customization) UnmarshalJSON(data []byte) error {
	var in customizationJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*c = Customization{Count: in.Count, Status: in.Status, Message: in.Message, Start: in.Start, End: in.End}
	for _, part := range []struct {
		from json.RawMessage
		to   **types.CustomizationSpec
	}{{in.Spec, &c.Spec}, {in.Pending, &c.Pending}} {
		if len(part.from) == 0 {
			continue
		}
		*part.to = new(types.CustomizationSpec)
		if err := types.NewJSONDecoder(bytes.NewReader(part.from)).Decode(*part.to); err != nil {
			return fmt.Errorf("decode the specification: %w", err)
		}
	}
	return nil
}
