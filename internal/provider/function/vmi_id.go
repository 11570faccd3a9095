// Package function holds the provider's functions. They are pure: none of them needs vCenter
// or a configured provider.
package function

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// VMIID is the function vmi_id: the VMI ID of a content library item.
type VMIID struct{}

var _ function.Function = VMIID{}

// NewVMIID returns the function.
func NewVMIID() function.Function { return VMIID{} }

// Metadata implements function.Function.
func (VMIID) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "vmi_id"
}

// Definition implements function.Function.
func (VMIID) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "VMI ID of a content library item",
		MarkdownDescription: "Returns the VMI ID by which VM Operator names the image of a content library item: `vmi-` and the first 17 hexadecimal digits of the SHA-1 of the item's id without its hyphens. " +
			"It is computed, not looked up: nobody asks whether there is such an item.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "item_id",
			MarkdownDescription: "Id of the item as vCenter returns it, a UUID in lower case. It is taken as it is: letters in upper case and braces give another VMI ID. A VMI ID, or a display name of several words, is an error.",
		}},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (VMIID) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var itemID string
	if resp.Error = req.Arguments.Get(ctx, &itemID); resp.Error != nil {
		return
	}
	if wrong := impossible(itemID); wrong != "" {
		resp.Error = function.NewArgumentFuncError(0, wrong)
		return
	}
	resp.Error = resp.Result.Set(ctx, image.NewID(itemID).String())
}

// impossible says what is wrong with what is no id of an item in any spelling: a VMI ID, a display name of several words.
func impossible(itemID string) string {
	const want = "It takes the id of a content library item, such as e1968c25-dd84-4506-8dc7-9beacb6b688e."
	switch {
	case image.IsID(itemID):
		return fmt.Sprintf("%q begins as a VMI ID does. %s", itemID, want)
	case len(strings.Fields(itemID)) > 1:
		return fmt.Sprintf("%q looks like a display name. %s The data source vmoperator_virtual_machine_image finds an image by its display name.", itemID, want)
	}
	return ""
}
