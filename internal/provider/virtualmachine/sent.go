package virtualmachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// sentKey is the key of sent in private state.
const sentKey = "guest"

// sent is what private state keeps about the configuration that the guest was sent: enough
// for a plan to tell whether it would send another one, and no secret.
type sent struct {
	// InstanceUUID is that of the machine: a plan that replaces it has no other trace of it.
	InstanceUUID string `json:"instance_uuid,omitempty"`
	// MACs are the addresses of the network cards, by interface name.
	MACs map[string]string `json:"macs,omitempty"`
	// Types are the types that the network cards have, whatever is written, by interface name.
	Types map[string]string `json:"types,omitempty"`
	// Cards are the names of the interfaces in the order of their network cards.
	Cards []string `json:"cards,omitempty"`
	// Metadata and UserData are what was sent; nil where nothing was.
	Metadata *fingerprint `json:"metadata,omitempty"`
	UserData *fingerprint `json:"user_data,omitempty"`
	// Customization is what vSphere has customized the guest with, and Occasion what it was done
	// for. A customization that was put off, or failed, is not here.
	Customization *message `json:"customization,omitempty"`
	Occasion      occasion `json:"occasion,omitzero"`
	// Handed is a customization that vSphere has and the guest has not ended.
	Handed *handed `json:"handed,omitempty"`
	// Foreign says that the machine was made by other means, and that no configuration has said yet
	// which network cards it is to have. Strayed says that it has other cards than it is to have, and
	// its state nothing that shows them.
	Foreign bool `json:"foreign,omitempty"`
	Strayed bool `json:"strayed,omitempty"`
	// Unfinished says that the machine bears the mark of an unfinished creation all the same.
	Unfinished bool `json:"unfinished,omitempty"`
	// Properties are the values of OVF properties.
	Properties *message `json:"properties,omitempty"`
	// Held is what vCenter then had for those of Keys.
	Held string   `json:"held,omitempty"`
	Keys []string `json:"keys,omitempty"`
	// Passwords are the values of those properties that vCenter does not show.
	Passwords map[string]fingerprint `json:"passwords,omitempty"`
	// ChangeVersion is the machine's configuration in which vCenter held just that.
	ChangeVersion string `json:"change_version,omitempty"`
	// Drifted says that vCenter holds something else by now.
	Drifted bool `json:"drifted,omitempty"`
	// Pools are the addresses that the connected networks assigned, as the machine's record has them.
	Pools map[string]poolRecord `json:"pools,omitempty"`
	// ImageTold is what was told of the machine's image: that it is gone, or its newer content version.
	ImageTold string `json:"image_told,omitempty"`
}

// handed is a customization that was handed to vSphere.
type handed struct {
	message
	Occasion occasion `json:"occasion,omitzero"`
	// Earlier is what the guest reported of the customization before this one.
	Earlier machine.Customization `json:"earlier,omitzero"`
}

// occasion is what asks for a customization beside its content: customize_trigger and
// secrets_wo_version, empty where they are not written.
type occasion struct {
	Trigger string `json:"trigger,omitempty"`
	Version string `json:"version,omitempty"`
}

// asks tells whether it asks for another customization than the one that was done for before.
func (o occasion) asks(before occasion) bool {
	return o.Trigger != "" && o.Trigger != before.Trigger || o.Version != "" && o.Version != before.Version
}

// occasion is what asks for a customization.
func (b *bootstrap) occasion() occasion {
	return occasion{Trigger: b.trigger.ValueString(), Version: b.version.ValueString()}
}

// message identifies something that was sent.
type message struct {
	// Sum is of all of it; nil where its secrets are not known, as after an import.
	Sum *fingerprint `json:"sum,omitempty"`
	// Public is a digest of it without its secrets.
	Public string `json:"public"`
}

// messageOf identifies a text, public being the same without its secrets.
func messageOf(text, public string, secret bool) (*message, error) {
	sum, err := fingerprintOf(text, secret)
	if err != nil {
		return nil, err
	}
	return &message{Sum: &sum, Public: digest(public)}, nil
}

// is reports whether the message is that text. Where secrets do not count, or are not known of
// what was sent, the rest of it decides.
func (m *message) is(text, public string, secretsCount bool) bool {
	switch {
	case m == nil:
		return false
	case m.Sum == nil || !secretsCount:
		return m.Public == digest(public)
	}
	return m.Sum.matches(text)
}

func digest(text string) string {
	sum, _ := fingerprintOf(text, false) // only salt can fail
	return sum.Sum
}

// privateState is the private state of a request or a response.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateStateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func readSent(ctx context.Context, from privateState) (*sent, diag.Diagnostics) {
	text, diags := from.GetKey(ctx, sentKey)
	if diags.HasError() || len(text) == 0 {
		return nil, diags
	}
	out := new(sent)
	if err := json.Unmarshal(text, out); err != nil {
		diags.AddError("Unreadable private state", fmt.Sprintf("The private state of the machine cannot be read: %s. Please report this to the provider's developers.", err))
		return nil, diags
	}
	return out, diags
}

func (s *sent) write(ctx context.Context, to privateStateWriter) diag.Diagnostics {
	text, err := json.Marshal(s)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Unable to write private state", err.Error())
		return diags
	}
	return to.SetKey(ctx, sentKey, text)
}

// documents are what cloud-init reads in the guest. Without user data the second is empty.
type documents struct {
	metadata, userData string
	// secret says that the user data holds secrets.
	secret bool
}

// render writes the documents. instanceID is the default of cloud-init's instance id. What
// is not known yet makes an error that is cloudinit.ErrUnknown.
func (b *bootstrap) render(config network.Config, macs map[string]network.MAC, instanceID known.Value[string]) (documents, error) {
	settings, _ := b.settings.Get()
	if settings.InstanceID.IsAbsent() {
		settings.InstanceID = instanceID
	}
	userData, userErr := cloudinit.UserData(settings)
	metadata, err := cloudinit.Metadata(settings, config, macs)
	return documents{metadata: metadata, userData: userData, secret: b.secret}, errors.Join(userErr, err)
}

// note makes the fingerprints of documents that were sent.
func (s *sent) note(d documents) error {
	metadata, err := fingerprintOf(d.metadata, false)
	if err != nil {
		return err
	}
	s.Metadata, s.UserData = &metadata, nil
	if d.userData != "" {
		userData, err := fingerprintOf(d.userData, d.secret)
		if err != nil {
			return err
		}
		s.UserData = &userData
	}
	return nil
}

// hand identifies the customization that vSphere was handed.
func (s *sent) hand(d *delivery, of occasion, earlier machine.Customization) error {
	text, public, err := d.customizationTexts()
	if err != nil {
		return err
	}
	m, err := messageOf(text, public, d.secret)
	if err != nil {
		return err
	}
	s.Handed = &handed{message: *m, Occasion: of, Earlier: earlier}
	return nil
}

// confirm notes that the guest has what was handed to vSphere.
func (s *sent) confirm() {
	if s.Handed != nil {
		s.Customization, s.Occasion, s.Handed = &s.Handed.message, s.Handed.Occasion, nil
	}
}

// deny notes that the guest has failed to take what was handed to vSphere. What it had before, it
// may have no more.
func (s *sent) deny() {
	s.Customization, s.Occasion, s.Handed = nil, occasion{}, nil
}

// settle finds out what became of a customization that was handed to vSphere, when nobody waited
// for its end.
func (s *sent) settle(o *machine.Observation) {
	switch {
	case s.Handed == nil || o.PendingCustomization || !o.Customization.Over() || o.Customization.Began.Equal(s.Handed.Earlier.Began):
	case o.Customization.Failed():
		s.deny()
	default:
		s.confirm()
	}
}

// wantsCustomization tells whether the guest is to be customized with something else than the
// last time, or once more because something asks for it. What vSphere has been handed already is
// not wanted again. With secrets_wo_version, that decides about secrets.
func (s *sent) wantsCustomization(d *delivery, of occasion) (bool, error) {
	if d.customization == nil {
		return false, nil
	}
	text, public, err := d.customizationTexts()
	if err != nil {
		return false, err
	}
	last, before := s.Customization, s.Occasion
	if s.Handed != nil {
		last, before = &s.Handed.message, s.Handed.Occasion
	}
	return of.asks(before) || !last.is(text, public, of.Version == ""), nil
}

// know notes the secrets of what the guest was customized with by somebody who did not know
// them, as after an import: what is configured now is taken for it.
func (s *sent) know(d *delivery) error {
	if d.customization == nil || s.Customization == nil || s.Customization.Sum != nil {
		return nil
	}
	text, public, err := d.customizationTexts()
	if err != nil || s.Customization.Public != digest(public) {
		return err
	}
	s.Customization, err = messageOf(text, public, d.secret)
	return err
}

// customizationTexts are the customization with and without its secrets.
func (d *delivery) customizationTexts() (text, public string, err error) {
	if text, err = gosc.Canonical(*d.customization); err != nil {
		return "", "", err
	}
	public, err = gosc.Canonical(gosc.Public(*d.customization))
	return text, public, err
}

// compare says whether vCenter still holds what was sent. A machine that has not been
// reconfigured since cannot hold anything else.
func (s *sent) compare(o *machine.Observation) {
	if s.ChangeVersion != "" && s.ChangeVersion == o.ChangeVersion {
		return
	}
	held := held(o)
	s.Drifted = !matches(s.Metadata, held.metadata) || !matches(s.UserData, held.userData) ||
		s.Properties != nil && s.Held != heldProperties(o.VApp, s.Keys)
	if !s.Drifted {
		s.ChangeVersion = o.ChangeVersion
	}
}

func matches(f *fingerprint, document string) bool {
	if f == nil {
		return document == ""
	}
	return f.matches(document)
}

// held are the documents that vCenter holds for the guest. A value that is not what its
// encoding says counts as a document that nobody sent.
func held(o *machine.Observation) documents {
	read := func(key, encodingKey string) string {
		value, _ := o.ExtraConfig.Get(key)
		encoding, _ := o.ExtraConfig.Get(encodingKey)
		text, err := cloudinit.Decode(value, encoding)
		if err != nil {
			return value
		}
		return text
	}
	return documents{
		metadata: read(cloudinit.KeyMetadata, cloudinit.KeyMetadataEncoding),
		userData: read(cloudinit.KeyUserData, cloudinit.KeyUserDataEncoding),
		secret:   true, // who knows
	}
}
