package virtualmachine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// recordKey is the ExtraConfig key under which a machine remembers how it was configured.
// The guest cannot see it. It is what an import reads, since a machine in vCenter says
// neither which names were written for its image and networks nor what its interfaces are
// called; no decision about a machine that is in state depends on its configuration part.
const recordKey = "vmoperator.record"

// recordVersion is raised when older providers could misread a record.
const recordVersion = 1

// maxRecordSize bounds what a record may unpack to.
const maxRecordSize = 16 << 20

// record is what a machine remembers.
type record struct {
	Version int `json:"version"`
	// Newer tells that a newer provider wrote the record, which this one cannot read.
	Newer bool `json:"-"`
	// ItemID and ContentVersion are of the content library item that was deployed.
	ItemID         string `json:"item_id,omitempty"`
	ContentVersion string `json:"content_version,omitempty"`
	// Devices are the keys of the network cards, by interface name.
	Devices map[string]int32 `json:"devices,omitempty"`
	// LeavesCards says that the machine was made by other means, and that its cards are left alone
	// until a configuration says which it is to have.
	LeavesCards bool `json:"leaves_cards,omitempty"`
	// Revision counts what was sent to the guest.
	Revision int64 `json:"revision,omitempty"`
	// Class is the class that was applied.
	Class string `json:"class,omitempty"`
	// ClassSize is the size that it had then.
	ClassSize *sizeRecord `json:"class_size,omitempty"`
	// Resources are those of the resources block that were applied with it.
	Resources *resourceRecord `json:"resources,omitempty"`
	// BootDisk is the disk that the machine was made with, or had when it was first changed: the first
	// that is no volume's. One that has gone stays remembered, so that no other is taken for it; one
	// that no disk has says that there never was one. Nil is a record from before there was this.
	BootDisk *machine.DiskRecord `json:"boot_disk,omitempty"`
	// Volumes are the disks of volumes, and CDROMs what is in drives and where these are, by name.
	Volumes map[string]machine.DiskRecord `json:"volumes,omitempty"`
	CDROMs  map[string]driveRecord        `json:"cdroms,omitempty"`
	// ExtraConfig are the keys that were written.
	ExtraConfig []string `json:"extra_config,omitempty"`
	// Restarted is the next_restart_time that the machine was restarted for, or was made with, and
	// no later than it happened.
	Restarted time.Time `json:"restarted,omitzero"`
	// Provider is the bootstrap provider that was applied, as status names it; empty for none.
	Provider string `json:"provider,omitempty"`
	// Customized is a digest of the last customization that the guest has gone through, without its
	// secrets.
	Customized string `json:"customized,omitempty"`
	// Handed is that of one which is about to be handed to vSphere, or was, and HandedAfter when the
	// guest had begun the one before it: what it has begun since is this one.
	Handed      string    `json:"handed,omitempty"`
	HandedAfter time.Time `json:"handed_after,omitzero"`
	// Deferred says that the guest has not been customized with what is configured since: it
	// takes a power-on.
	Deferred bool `json:"deferred,omitempty"`
	// Properties are what the machine's OVF properties were set to.
	Properties *propertyRecord `json:"properties,omitempty"`
	// Pools are the addresses that were allocated from Network Protocol Profiles, by interface name.
	Pools map[string]poolRecord `json:"pools,omitempty"`
	// Config is the configuration as it was written, without secrets.
	Config json.RawMessage `json:"config,omitempty"`
}

// lost tells that the machine has no record that could be read: there never was one, somebody
// removed or overwrote it, or a newer provider wrote it.
func (r *record) lost() bool { return r.Version == 0 }

// poolRecord is what an interface was given by the Network Protocol Profile of its network.
type poolRecord struct {
	// Pool is the id of the profile.
	Pool int32 `json:"pool"`
	// Address4 and Address6 are without prefix length; empty where none was allocated.
	Address4 string `json:"address4,omitempty"`
	Address6 string `json:"address6,omitempty"`
}

// sizeRecord is the size of a class: processors and MiB.
type sizeRecord struct {
	CPUs     int32 `json:"cpus"`
	MemoryMB int64 `json:"memory_mb"`
}

// resourceRecord is a resources block: processors, MHz and bytes. What was not written is nil.
type resourceRecord struct {
	CPUs          *int64 `json:"cpus,omitempty"`
	Memory        *int64 `json:"memory,omitempty"`
	RequestCPU    *int64 `json:"request_cpu,omitempty"`
	RequestMemory *int64 `json:"request_memory,omitempty"`
	LimitCPU      *int64 `json:"limit_cpu,omitempty"`
	LimitMemory   *int64 `json:"limit_memory,omitempty"`
}

// resources are the recorded resources, empty without any.
func (r *record) resources() resourceRecord {
	if r.Resources == nil {
		return resourceRecord{}
	}
	return *r.Resources
}

// driveRecord is a CD-ROM drive: where it is, and what was put into it.
type driveRecord struct {
	Place machine.Place `json:"place"`
	// Item is the library item, and ISO its file; empty for a client device.
	Item string `json:"item,omitempty"`
	ISO  string `json:"iso,omitempty"`
}

// recorded are the devices of a machine as it has them now.
func (r *record) recorded(observed *machine.Observation) *machine.Recorded {
	keys := make(map[string]int32, len(r.CDROMs))
	for name, drive := range r.CDROMs {
		for i := range observed.CDROMs {
			if observed.CDROMs[i].Place == drive.Place {
				keys[name] = observed.CDROMs[i].Key
			}
		}
	}
	return &machine.Recorded{NICs: r.Devices, CDROMs: keys, Volumes: r.Volumes, Boot: r.BootDisk}
}

// propertyRecord identifies the values of OVF properties, without those that are secret.
type propertyRecord struct {
	// Public is a digest of the values, and Keys are those that are no secret.
	Public string   `json:"public"`
	Keys   []string `json:"keys,omitempty"`
}

// encode returns the record as an ExtraConfig value: base64 of gzip of JSON.
func (r *record) encode() (string, error) {
	r.Version = recordVersion
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write the machine's record: %w", err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(text) // a bytes.Buffer takes everything
	_ = writer.Close()
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

// decodeRecord reads a record. A machine without one has an empty record. A record that
// cannot be read counts as none, because anybody who may edit the machine may have written it.
func decodeRecord(value string) record {
	packed, err := base64.StdEncoding.DecodeString(value)
	if value == "" || err != nil {
		return record{}
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return record{}
	}
	text, err := io.ReadAll(io.LimitReader(reader, maxRecordSize))
	if err != nil {
		return record{}
	}
	var out record
	if err := json.Unmarshal(text, &out); err != nil || out.Version > recordVersion {
		return record{Newer: out.Version > recordVersion}
	}
	return out
}

// same reports whether two records say the same.
func (r *record) same(other *record) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// configJSON writes a plan as JSON, without what is reported or sensitive, and without what
// the machine itself shows, which a first plan does not know yet and a later one does.
func configJSON(ctx context.Context, plan tftypes.Value, from schema.Schema) (json.RawMessage, error) {
	written, err := tftypes.Transform(plan, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if !value.IsKnown() {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		steps := at.Steps()
		if len(steps) == 1 {
			switch steps[0] {
			case tftypes.AttributeName("id"), tftypes.AttributeName("name"), tftypes.AttributeName("status"),
				tftypes.AttributeName("instance_uuid"), tftypes.AttributeName("bios_uuid"):
				return tftypes.NewValue(value.Type(), nil), nil
			}
		}
		if len(steps) > 1 && steps[len(steps)-1] == tftypes.AttributeName("mac_addr") {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		attribute, err := from.AttributeAtTerraformPath(ctx, at)
		if err == nil && (attribute.IsSensitive() || attribute.IsWriteOnly()) {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
	if err != nil {
		return nil, fmt.Errorf("write the machine's record: %w", err)
	}
	tree, err := plain(written, from.Type().TerraformType(ctx))
	if err != nil {
		return nil, fmt.Errorf("write the machine's record: %w", err)
	}
	return json.Marshal(tree)
}

// configValue reads back what configJSON wrote. What the schema no longer has is dropped,
// what it has gained is null, and a repeated block that it has gained is there no time.
func configValue(text json.RawMessage, shape tftypes.Type) (tftypes.Value, error) {
	state := tfprotov6.RawState{JSON: text}
	read, err := state.UnmarshalWithOpts(shape, tfprotov6.UnmarshalOpts{
		ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
	})
	if err != nil {
		return read, err
	}
	return tftypes.Transform(read, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsNull() && isRepeatedBlock(value.Type()) {
			return tftypes.NewValue(value.Type(), []tftypes.Value{}), nil
		}
		return value, nil
	})
}

// isRepeatedBlock tells whether a type of the schema is that of a repeated block, which is never
// null to Terraform. Nothing else that is written is a list of objects.
func isRepeatedBlock(shape tftypes.Type) bool {
	list, ok := shape.(tftypes.List)
	return ok && list.ElementType.Is(tftypes.Object{})
}

// plain turns a Terraform value into what encoding/json writes as Terraform's own JSON form.
// shape is the type that the schema declares, which decides how a dynamic value is written.
func plain(value tftypes.Value, shape tftypes.Type) (any, error) {
	if value.IsNull() {
		return nil, nil //nolint:nilnil // null is what it is
	}
	if shape.Is(tftypes.DynamicPseudoType) {
		inner, err := plain(value, value.Type())
		if err != nil {
			return nil, err
		}
		return map[string]any{"type": value.Type(), "value": inner}, nil
	}
	switch t := shape.(type) {
	case tftypes.Object:
		var attributes map[string]tftypes.Value
		if err := value.As(&attributes); err != nil {
			return nil, err
		}
		out := make(map[string]any, len(attributes))
		for name, attribute := range attributes {
			inner, err := plain(attribute, t.AttributeTypes[name])
			if err != nil {
				return nil, err
			}
			if inner != nil {
				out[name] = inner
			}
		}
		return out, nil
	case tftypes.Map:
		var elements map[string]tftypes.Value
		if err := value.As(&elements); err != nil {
			return nil, err
		}
		out := make(map[string]any, len(elements))
		for name, element := range elements {
			inner, err := plain(element, t.ElementType)
			if err != nil {
				return nil, err
			}
			out[name] = inner
		}
		return out, nil
	case tftypes.List:
		return plainElements(value, func(int) tftypes.Type { return t.ElementType })
	case tftypes.Set:
		return plainElements(value, func(int) tftypes.Type { return t.ElementType })
	case tftypes.Tuple:
		return plainElements(value, func(i int) tftypes.Type { return t.ElementTypes[i] })
	}
	switch {
	case shape.Is(tftypes.String):
		var text string
		err := value.As(&text)
		return text, err
	case shape.Is(tftypes.Bool):
		var flag bool
		err := value.As(&flag)
		return flag, err
	case shape.Is(tftypes.Number):
		number := new(big.Float)
		err := value.As(&number)
		return json.Number(number.Text('g', -1)), err
	default:
		return nil, fmt.Errorf("no JSON form of the type %s", shape)
	}
}

func plainElements(value tftypes.Value, shape func(int) tftypes.Type) (any, error) {
	var elements []tftypes.Value
	if err := value.As(&elements); err != nil {
		return nil, err
	}
	out := make([]any, len(elements))
	for i, element := range elements {
		inner, err := plain(element, shape(i))
		if err != nil {
			return nil, err
		}
		out[i] = inner
	}
	return out, nil
}
