package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// planImage resolves the image and pins it: a machine that exists keeps the image that it was
// deployed from, whatever bears the name by now.
func (p *planner) planImage(ctx context.Context) {
	if p.prior != nil && p.config.ImageName.IsNull() && p.config.Image.IsNull() {
		// Nobody asks for an image. What was made of one keeps it, and what was imported may have none.
		p.plan.Image = p.prior.Image
		p.set(ctx, path.Root("image"), p.plan.Image)
		return
	}
	if p.plan.Namespace.IsUnknown() || p.config.ImageName.IsUnknown() || p.config.Image.IsUnknown() {
		p.unknownImage(ctx)
		return
	}
	if pinned, ok := p.pinnedImage(ctx); ok {
		p.plan.Image = pinned
		p.set(ctx, path.Root("image"), p.plan.Image)
		return
	}
	query, ok := p.imageQuery(ctx)
	if !ok {
		p.unknownImage(ctx)
		if p.prior != nil && !p.prior.Image.IsNull() {
			// An image of which the kind is known, and the VMI ID is not, is one that is about to be made.
			p.resp.RequiresReplace = append(p.resp.RequiresReplace, path.Root("image"))
		}
		return
	}
	namespace, err := p.backend.Namespace(p.plan.Namespace.ValueString())
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
		return
	}
	found, warnings, err := p.backend.Images.Image(ctx, p.backend.Scopes(namespace), query)
	at := path.Root("image_name")
	if p.config.ImageName.IsNull() {
		at = path.Root("image") // not beneath it: a CLI would point at the machine's own name
	}
	if err != nil {
		backend.Failed(&p.resp.Diagnostics, at, imageErrorSummary(err), err)
		return
	}
	for _, warning := range warnings {
		p.resp.Diagnostics.AddAttributeWarning(at, warning.Summary, warning.Detail)
	}
	p.image = &found
	p.plan.Image = p.agreedImage(ctx, &found)
	if p.resp.Diagnostics.HasError() {
		return
	}
	p.set(ctx, path.Root("image"), p.plan.Image)
	if p.prior == nil || !p.prior.Image.IsNull() && imageKey(ctx, p.prior.Image) != imageKey(ctx, p.plan.Image) {
		p.deployable(ctx, &found, at)
	}
}

// missingImage refuses to make a machine of nothing. Validation cannot tell a machine that is to be
// made from one that is there, and a machine that was made by other means has no image.
func missingImage(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var name types.String
	var object types.Object
	diags := config.GetAttribute(ctx, path.Root("image_name"), &name)
	diags.Append(config.GetAttribute(ctx, path.Root("image"), &object)...)
	if !diags.HasError() && name.IsNull() && object.IsNull() {
		diags.AddAttributeError(path.Root("image_name"), "Missing image",
			"Neither image_name nor image says what to deploy. Set image_name to an image's display name or VMI ID.")
	}
	return diags
}

// pinnedImage is the image of the machine that exists, where the configuration names that one, in
// whatever way: its name is not looked up again, since it may be that of another one by now, or of
// none.
func (p *planner) pinnedImage(ctx context.Context) (types.Object, bool) {
	if p.prior == nil || p.prior.Image.IsNull() {
		return types.Object{}, false
	}
	name, written := p.config.ImageName, p.config.Image
	named := name.IsNull() || name.Equal(p.prior.ImageName)
	if id, err := image.ParseID(name.ValueString()); err == nil && !named {
		pinned, _ := fwtypes.Block[imageModel](ctx, p.prior.Image)
		has, _ := pinned.Get()
		named = has.Name.ValueString() == id.String()
	}
	switch {
	case !named:
		return types.Object{}, false
	case written.IsNull():
		return p.prior.Image, true
	}
	key := imageKey(ctx, written)
	return written, key != "" && key == imageKey(ctx, p.prior.Image)
}

func (p *planner) unknownImage(ctx context.Context) {
	if p.config.Image.IsNull() {
		p.plan.Image = types.ObjectUnknown(imageType.AttrTypes)
		p.set(ctx, path.Root("image"), p.plan.Image)
	}
}

// imageQuery is what to look for; false when the configuration does not know yet.
func (p *planner) imageQuery(ctx context.Context) (library.Query, bool) {
	if !p.config.ImageName.IsNull() {
		return library.Query{Name: p.config.ImageName.ValueString()}, true
	}
	block, diags := fwtypes.Block[imageModel](ctx, p.config.Image)
	p.resp.Diagnostics.Append(diags...)
	written, ok := block.Get()
	if !ok || written.Kind.IsUnknown() || written.Name.IsUnknown() {
		return library.Query{}, false
	}
	return library.Query{Name: written.Name.ValueString(), Kind: image.Kind(written.Kind.ValueString())}, true
}

// agreedImage is the value of image: as it was written, or what image_name resolved to. Where
// both are written they must mean the same image.
func (p *planner) agreedImage(ctx context.Context, found *image.Image) types.Object {
	resolved := types.ObjectValueMust(imageType.AttrTypes, map[string]attrValue{
		"kind": types.StringValue(string(found.Kind)),
		"name": types.StringValue(found.ID.String()),
	})
	if p.config.Image.IsNull() {
		return resolved
	}
	if imageKey(ctx, p.config.Image) != imageKey(ctx, resolved) {
		p.resp.Diagnostics.AddAttributeError(path.Root("image_name"), "Two images",
			fmt.Sprintf("image_name resolves to %s %s, and image names another one. Remove one of the two arguments.", found.Kind, found.ID))
	}
	return p.config.Image
}

// deployable refuses an image that a machine cannot be made of, or not as it is written.
func (p *planner) deployable(ctx context.Context, found *image.Image, at path.Path) {
	diags := ready(found, at)
	p.resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	switch found.Status.Type {
	case image.TypeOVF:
	case image.TypeISO:
		p.installable(found)
	case image.TypeVM:
		if found.Descriptor == nil || found.Descriptor.SystemID == "" {
			p.resp.Diagnostics.AddAttributeError(at, "The image cannot be deployed",
				fmt.Sprintf("vCenter does not say which virtual machine %q (%s, library %q) keeps, which is what would be copied. "+
					"Make the library item of its machine again, or use another image.", found.DisplayName, found.ID, found.LibraryName))
			return
		}
	}
	guestID := p.hardware.GuestID.Or("")
	if family := found.Status.OSInfo; family != nil && guestID == "" {
		guestID = family.ID
	}
	if guestID != "" {
		p.judgeGuest(guestID, fmt.Sprintf("%q (%s)", found.DisplayName, found.ID))
	}
	if p.config.GuestID.IsNull() && found.Descriptor != nil && found.Descriptor.GuestID() != "" {
		p.plan.GuestID = types.StringValue(found.Descriptor.GuestID())
		p.set(ctx, path.Root("guest_id"), p.plan.GuestID)
	}
	p.boot.imply(impliesLinuxPrep(found))
}

// installable refuses an ISO image for a machine that nothing could be installed on: such a
// machine begins empty, so that everything of it has to be written.
func (p *planner) installable(found *image.Image) {
	hardware := &p.hardware
	missing := func(at path.Path, what, how string) {
		p.resp.Diagnostics.AddAttributeError(at, "The image is an installation medium",
			fmt.Sprintf("%q (%s) is an ISO image, so that the machine begins empty and needs %s. %s", found.DisplayName, found.ID, what, how))
	}
	if p.config.GuestID.IsNull() { // in the plan, what is not written is unknown
		missing(path.Root("guest_id"), "a guest id", "Set guest_id to what is going to be installed, such as \"ubuntu64Guest\".")
	}
	size := hardware.Resources.Size
	if p.plan.ClassName.IsNull() && (size.CPU.IsAbsent() || size.Memory.IsAbsent()) {
		at := path.Root("class_name")
		switch sizes := path.Root("resources").AtName("size"); { // where half of a size is written
		case !size.CPU.IsAbsent():
			at = sizes.AtName("memory")
		case !size.Memory.IsAbsent():
			at = sizes.AtName("cpu")
		}
		missing(at, "a size", "Set class_name, or cpu and memory of resources.size.")
	}
	if volumes, ok := hardware.Volumes.Get(); hardware.Volumes.IsAbsent() || ok && len(volumes) == 0 {
		missing(path.Root("volume"), "a disk to install to", "Add a volume block.")
	}
	if !hardware.Advanced.BootDiskBytes.IsAbsent() {
		p.resp.Diagnostics.AddAttributeError(path.Root("advanced").AtName("boot_disk_capacity"), "The image is an installation medium",
			fmt.Sprintf("%q (%s) is an ISO image and has no boot disk that could grow. The machine boots from its first volume: set that one's capacity.", found.DisplayName, found.ID))
	}
	drives, ok := hardware.CDROMs.Get()
	holds := func(drive cdromSpec) bool {
		id, err := image.ParseID(drive.ImageName.Or(""))
		return drive.ImageName.IsUnknown() || err == nil && id == found.ID
	}
	if hardware.Managed.Or(false) && ok && !slices.ContainsFunc(drives, holds) {
		at := path.Root("hardware").AtName("cdrom")
		if len(drives) > 0 {
			at = at.AtListIndex(0).AtName("image")
		}
		missing(at, "a CD-ROM drive that holds it", fmt.Sprintf("Add a cdrom with image = { kind = %q, name = %q }, or leave the hardware block out.", found.Kind, found.ID))
	}
}

// imageErrorSummary says in a few words what is wrong with the name of an image.
func imageErrorSummary(err error) string {
	switch {
	case errors.Is(err, image.ErrAmbiguous):
		return "The image name is ambiguous"
	case errors.Is(err, image.ErrNotFound):
		return "No such image"
	default:
		return "Unable to find the image"
	}
}
