package library

import (
	"context"
	"errors"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Drift tells what became of an image since a machine was made of it: itemID and contentVersion
// are what was recorded then (image.Status, ProviderItemID and ProviderContentVersion). It costs
// one request for each image, however many machines were made of it, as long as that answer is
// remembered; also where the image is gone. That can be half a minute ago. Errors are those of
// the connection, and that the user may not see the item.
func (c *Catalogue) Drift(ctx context.Context, itemID, contentVersion string) (image.Drift, error) {
	item, err := c.present.of(itemID).Since(ctx, c.recently())
	if err != nil {
		return image.Drift{}, err
	}
	if item == nil {
		return image.Drift{Gone: true}, nil
	}
	return image.CompareContent(contentVersion, item.Name, item.ContentVersion), nil
}

// findPresent returns an item, or nil where there is none: unlike the failure to read it, that is
// an answer, which is remembered.
func (c *Catalogue) findPresent(ctx context.Context, id string) (*vapi.Item, error) {
	item, err := c.getItem(ctx, id)
	if errors.Is(err, vsphere.ErrNotFound) {
		return nil, nil //nolint:nilnil // no item is an answer
	}
	return item, err
}
