package machine

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// DefaultNICType is the card of an interface that does not name one.
const DefaultNICType = "VMXNet3"

// sriov is the type of a card that is a function of the host's own.
const sriov = "SRIOV"

// firstNICKey is the temporary key of the first card that is added; the next ones go down.
// vCenter replaces them. It is far from -200, where VM Operator's other devices begin.
const firstNICKey int32 = -100

// NIC is a network card as it is wanted.
type NIC struct {
	// Name of the interface: what the card is called in results and messages.
	Name string
	// Type is VMXNet3, E1000, E1000e, SRIOV, VMXNet2 or PCNet32. Empty is VMXNet3 for a new card
	// and any type for one that is there.
	Type string
	// Backing is the network, as govmomi's EthernetCardBackingInfo makes it.
	Backing types.BaseVirtualDeviceBackingInfo
	// MAC is the address in any case, with colons. Empty: vCenter chooses one.
	MAC string
}

// ObservedNIC is a network card as it is.
type ObservedNIC struct {
	Key        int32
	UnitNumber int32 // 7 for the first card; -1 where vCenter does not say
	Label      string
	MAC        string // lower case
	Type       string // as in NIC; empty for a card of another kind
	ExternalID string
	Backing    Backing
	// Connected now, which needs a running machine, and when it is turned on.
	Connected, StartConnected bool
	// Device is the card as vCenter reports it: the base of an edit. May be nil in tests.
	Device types.BaseVirtualEthernetCard
}

// cards are the types of network cards by their name here.
var cards = []struct {
	name string
	make func() types.BaseVirtualEthernetCard
}{
	{"VMXNet3", func() types.BaseVirtualEthernetCard { return &types.VirtualVmxnet3{} }},
	{"E1000", func() types.BaseVirtualEthernetCard { return &types.VirtualE1000{} }},
	{"E1000e", func() types.BaseVirtualEthernetCard { return &types.VirtualE1000e{} }},
	{sriov, func() types.BaseVirtualEthernetCard { return &types.VirtualSriovEthernetCard{} }},
	{"VMXNet2", func() types.BaseVirtualEthernetCard { return &types.VirtualVmxnet2{} }},
	{"PCNet32", func() types.BaseVirtualEthernetCard { return &types.VirtualPCNet32{} }},
}

func newCard(nicType string) (types.BaseVirtualEthernetCard, error) {
	if nicType == "" {
		nicType = DefaultNICType
	}
	names := make([]string, len(cards))
	for i, card := range cards {
		if card.name == nicType {
			return card.make(), nil
		}
		names[i] = card.name
	}
	return nil, fmt.Errorf("%w: network card type %q: use one of %s", vsphere.ErrInvalidArgument, nicType, strings.Join(names, ", "))
}

func cardType(card types.BaseVirtualEthernetCard) string {
	for _, known := range cards {
		if reflect.TypeOf(known.make()) == reflect.TypeOf(card) {
			return known.name
		}
	}
	return ""
}

func newObservedNIC(device types.BaseVirtualEthernetCard) ObservedNIC {
	card := device.GetVirtualEthernetCard()
	nic := ObservedNIC{
		Key: card.Key, UnitNumber: unit(card.UnitNumber), Label: label(card.DeviceInfo),
		MAC: strings.ToLower(card.MacAddress), Type: cardType(device), ExternalID: card.ExternalId,
		Backing: BackingOf(card.Backing), Device: device,
	}
	if card.Connectable != nil {
		nic.Connected, nic.StartConnected = card.Connectable.Connected, card.Connectable.StartConnected
	}
	return nic
}

// addCard adds a card. The order of additions is the order of units, which is the order in
// which a guest finds them.
func addCard(nic NIC, index int) (types.BaseVirtualDeviceConfigSpec, error) {
	card, err := newCard(nic.Type)
	if err != nil {
		return nil, fmt.Errorf("interface %q: %w", nic.Name, err)
	}
	if nic.Backing == nil {
		return nil, fmt.Errorf("%w: interface %q has no network", vsphere.ErrInvalidArgument, nic.Name)
	}
	c := card.GetVirtualEthernetCard()
	c.Key = firstNICKey - int32(index)
	c.Backing = nic.Backing
	c.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Connected: true}
	c.WakeOnLanEnabled = types.NewBool(true)
	setMAC(c, nic.MAC)
	return &types.VirtualDeviceConfigSpec{
		Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: card.(types.BaseVirtualDevice), //nolint:forcetypeassert // every card is a device
	}, nil
}

func setMAC(card *types.VirtualEthernetCard, mac string) {
	if mac == "" {
		card.AddressType = string(types.VirtualEthernetCardMacTypeGenerated)
		return
	}
	card.AddressType = string(types.VirtualEthernetCardMacTypeManual)
	card.MacAddress = strings.ToLower(mac)
}

// editCard changes the network of a card in place, and its address where another is wanted. The
// key, the type and everything else stay.
func editCard(nic NIC, have *ObservedNIC) (types.BaseVirtualDeviceConfigSpec, error) {
	card, err := have.card()
	if err != nil {
		return nil, err
	}
	c := card.GetVirtualEthernetCard()
	if nic.Backing == nil {
		return nil, fmt.Errorf("%w: interface %q has no network", vsphere.ErrInvalidArgument, nic.Name)
	}
	if !BackingOf(nic.Backing).Same(have.Backing) {
		c.Backing = nic.Backing
		// Both belong to the network that it leaves.
		c.ExternalId, c.SubnetId = "", ""
	}
	if nic.MAC != "" && !strings.EqualFold(nic.MAC, have.MAC) {
		setMAC(c, nic.MAC)
	}
	return &types.VirtualDeviceConfigSpec{
		Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: card.(types.BaseVirtualDevice), //nolint:forcetypeassert // every card is a device
	}, nil
}

func removeCard(have *ObservedNIC) (types.BaseVirtualDeviceConfigSpec, error) {
	card, err := have.card()
	if err != nil {
		return nil, err
	}
	return &types.VirtualDeviceConfigSpec{
		Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: card.(types.BaseVirtualDevice), //nolint:forcetypeassert // every card is a device
	}, nil
}

// card returns a copy of the device that may be changed.
func (n *ObservedNIC) card() (types.BaseVirtualEthernetCard, error) {
	if n.Device == nil {
		card, err := newCard(n.Type)
		if err != nil {
			return nil, err
		}
		c := card.GetVirtualEthernetCard()
		c.Key, c.MacAddress = n.Key, n.MAC
		return card, nil
	}
	return duplicate(n.Device), nil
}
