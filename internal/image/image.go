package image

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the scope of an image, in the words of VM Operator.
type Kind string

// An image belongs to one namespace, or to the whole cluster.
const (
	VirtualMachineImage        Kind = "VirtualMachineImage"
	ClusterVirtualMachineImage Kind = "ClusterVirtualMachineImage"
)

// Kinds lists both kinds.
func Kinds() []Kind { return []Kind{VirtualMachineImage, ClusterVirtualMachineImage} }

// ProviderRef names the object that an image was made of.
type ProviderRef struct {
	APIVersion, Kind, Name string
}

// Image is one library item as VM Operator shows it to a namespace.
type Image struct {
	Kind Kind
	ID   ID
	// Namespace is empty for the kind ClusterVirtualMachineImage.
	Namespace string
	// DisplayName is the item's name, verbatim.
	DisplayName string
	// ItemID and ItemType are the item's UUID and vCenter's word for its type.
	ItemID, ItemType       string
	LibraryID, LibraryName string
	// ContentVersion is that of the item; Status says which one was read.
	ContentVersion string
	// NamingStrategy is that of the library, by which ID was made.
	NamingStrategy NamingStrategy
	Labels         map[string]string
	ProviderRef    ProviderRef
	Status         Status
	// Descriptor is what a deployment needs beyond the status. It is nil where no
	// descriptor was read, is shared between images of the same content, and is read only.
	Descriptor *Descriptor
}

// Identify returns what is known of an image without reading its content: enough to resolve
// names. It has no conditions, since readiness needs the content: see Describe.
func Identify(item Item) Image {
	refKind := "ContentLibraryItem"
	if item.Kind == ClusterVirtualMachineImage {
		refKind = "ClusterContentLibraryItem"
	}
	img := Image{
		Kind:           item.Kind,
		ID:             NewID(item.identifier()),
		Namespace:      item.Namespace,
		DisplayName:    item.Name,
		ItemID:         item.ID,
		ItemType:       item.Type,
		LibraryID:      item.Library.ID,
		LibraryName:    item.Library.Name,
		ContentVersion: item.ContentVersion,
		NamingStrategy: item.Library.NamingStrategy,
		ProviderRef: ProviderRef{
			APIVersion: "imageregistry.vmware.com/v1alpha1",
			Kind:       refKind,
			Name:       "clitem-" + itemDigest(item.identifier()),
		},
		Status: Status{
			Name:           item.Name,
			Type:           typeOf(item.Type),
			ProviderItemID: item.ID,
		},
	}
	img.Labels = labelsOf(img.Status, nil)
	return img
}

// Describe returns the whole image: item, descriptor and readiness, from scratch, so that
// nothing of an earlier content stays. descriptor is nil for types without one. readErr is
// why the descriptor could not be read or parsed; it makes this image not ready and is
// nobody else's failure.
func Describe(item Item, descriptor *Descriptor, readErr error) Image {
	img := Identify(item)
	if readErr == nil || item.Unfinished {
		readErr = contentError(item, descriptor)
	}
	if descriptor != nil && readErr == nil {
		img.Descriptor = descriptor
		img.Status.describe(descriptor)
	}
	if readErr == nil {
		img.Status.ProviderContentVersion = item.ContentVersion
	}
	img.Status.Conditions = conditionsOf(item, img.Descriptor, readErr)
	img.Labels = labelsOf(img.Status, img.Descriptor)
	return img
}

// typeOf translates vCenter's word for an item's type. A word that is not known is shown
// in upper case.
func typeOf(itemType string) Type {
	switch word := strings.ToLower(itemType); word {
	case "ovf":
		return TypeOVF
	case "iso":
		return TypeISO
	case "vm-template":
		return TypeVM
	default:
		return Type(strings.ToUpper(itemType))
	}
}

// Compare orders images by kind, display name and VMI ID, and copies that share these by item.
func Compare(a, b Image) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.DisplayName, b.DisplayName),
		cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.ItemID, b.ItemID),
	)
}

// Sort puts images into the order of Compare.
func Sort(images []Image) { slices.SortStableFunc(images, Compare) }
