package image

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// isImageName accepts display names and well-formed VMI IDs.
type isImageName struct{ judged }

// ValidateString implements validator.String.
func (isImageName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not a VMI ID", func(text string) error {
		if !image.IsID(text) {
			return nil
		}
		_, err := image.ParseID(text)
		return err
	})
}

// isVMIID accepts VMI IDs.
type isVMIID struct{ judged }

// ValidateString implements validator.String.
func (isVMIID) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not a VMI ID", func(text string) error {
		if _, err := image.ParseID(text); err != nil {
			return fmt.Errorf("%w. Use image_name for a display name", err)
		}
		return nil
	})
}
