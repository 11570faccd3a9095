package image

// NamingStrategy says which identifier of a library item its VMI ID is made of.
type NamingStrategy string

// The strategies, in VM Operator's words.
const (
	// FromItemID takes the item's own id. An empty strategy means the same.
	FromItemID NamingStrategy = "FromItemID"
	// PreferItemSourceID takes the id of the published item of which the item is a copy, if it is
	// one, so that an image has the same VMI ID in its publisher and in every subscriber.
	PreferItemSourceID NamingStrategy = "PreferItemSourceID"
)

// Library is the content library that an item lives in.
type Library struct {
	// ID and Name as vCenter shows them.
	ID, Name string
	// State is vCenter's state_info.state; empty where vCenter does not say.
	State string
	// SecurityPolicyID is empty where the library has no security policy.
	SecurityPolicyID string
	// Subscribed tells that the items are copies of what another library publishes.
	Subscribed bool
	// OnDemand tells that a subscribed library transfers disks when they are needed, and only
	// descriptors before.
	OnDemand bool
	// NamingStrategy is empty for FromItemID.
	NamingStrategy NamingStrategy
}

// Item is a content library item as it is seen from a namespace.
type Item struct {
	// Kind is the scope that the library has for the namespace.
	Kind Kind
	// Namespace is empty for the kind ClusterVirtualMachineImage.
	Namespace string
	Library   Library
	// ID is the item's UUID, lower case, as vCenter returns it.
	ID string
	// SourceID is the id of the published item that this one is a copy of; empty in a library
	// that is not subscribed.
	SourceID string
	// Name is the display name, verbatim.
	Name string
	// Type is vCenter's word in any case: ovf, iso, vm-template.
	Type string
	// ContentVersion is raised by vCenter at every change of content: of an item of the type
	// vm-template at the end of its creation, and when a machine that was checked out is checked in.
	// It is empty where nothing was uploaded yet.
	ContentVersion string
	// Unfinished tells that the item bears the mark of a creation that has not ended.
	Unfinished bool
	// Cached tells that all files of the item are in the library. Local items always are.
	Cached bool
	// SecurityCompliance is nil where vCenter does not say.
	SecurityCompliance *bool
}

// identifier is what the item's VMI ID is the hash of.
func (i Item) identifier() string {
	if i.Library.NamingStrategy == PreferItemSourceID && i.SourceID != "" {
		return i.SourceID
	}
	return i.ID
}
