package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: it resolves what the configuration
// names, shows the network that the guest will have, and refuses what apply could not do.
// Terraform calls it again during apply, from scratch, so that nothing remembered or random
// may go into a plan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // nothing to decide about a machine that goes
	}
	if r.backend == nil || r.backend.Deferred {
		return // what vCenter has to say stays unknown until apply
	}
	p := planner{Resource: r, req: req, resp: resp}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	if !req.State.Raw.IsNull() {
		p.prior = new(model)
		resp.Diagnostics.Append(req.State.Get(ctx, p.prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	p.changed = p.prior == nil || !req.Plan.Raw.Equal(req.State.Raw)
	for _, step := range []func(context.Context){
		p.planNamespace, p.planPlace, p.planGuest, p.planImage, p.planSwap, p.planWorld, p.planNetwork, p.planMACs,
		p.planBootstrap, p.planChanges, p.planStatus, p.planDrift,
	} {
		step(ctx)
		if resp.Diagnostics.HasError() {
			return
		}
	}
}

// planner holds one plan while it is made.
type planner struct {
	*Resource
	req  resource.ModifyPlanRequest
	resp *resource.ModifyPlanResponse

	plan, config model
	// prior is the state, nil for a machine that is to be created.
	prior *model
	// changed tells that the plan differs from the state.
	changed bool

	spec     network.Spec
	boot     bootstrap
	image    *image.Image
	world    *world
	resolved network.Config
	// guest is what becomes of the configuration that the guest is sent, and cycles tells that it
	// takes powering the machine off and on.
	guest  guestPlan
	cycles bool
	// unfinished tells that the machine bears the mark of an unfinished creation, which an update
	// takes off.
	unfinished bool
	// deferred tells that a customization of a running machine is put off.
	deferred bool
	// apiVersion is that of the vCenter, where it matters.
	apiVersion string
	// moves tells which observed values the change can move.
	moves moves
}

func (p *planner) set(ctx context.Context, at path.Path, value any) {
	p.resp.Diagnostics.Append(p.resp.Plan.SetAttribute(ctx, at, value)...)
}

// planNamespace fills in the namespace and what follows from it alone.
func (p *planner) planNamespace(ctx context.Context) {
	if p.config.Namespace.IsNull() && (p.prior == nil || p.prior.Namespace.IsNull()) {
		p.plan.Namespace = types.StringValue(p.backend.DefaultNamespace)
		p.set(ctx, path.Root("namespace"), p.plan.Namespace)
	}
	if p.config.StorageClass.IsNull() && p.prior == nil && !p.plan.Namespace.IsUnknown() {
		namespace, err := p.backend.Namespace(p.plan.Namespace.ValueString())
		if err != nil {
			p.resp.Diagnostics.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
			return
		}
		p.plan.StorageClass = fwtypes.OptionalText(namespace.DefaultStorageClass)
		p.set(ctx, path.Root("storage_class"), p.plan.StorageClass)
	}
	if p.prior == nil && p.plan.PowerState.ValueString() == suspended {
		p.resp.Diagnostics.AddAttributeError(path.Root("power_state"), "A machine cannot be created suspended",
			"Only a running machine can be suspended. Create it with power_state = \"PoweredOn\", and suspend it afterwards.")
	}
}

// planPlace replaces a machine that is to live elsewhere. A machine that was imported without
// a record of its configuration has no known place, and takes the one that is written.
func (p *planner) planPlace(context.Context) {
	if p.prior == nil || p.prior.Image.IsNull() {
		return
	}
	for _, place := range []struct {
		at          path.Path
		prior, plan types.String
	}{
		{namespacePath, p.prior.Namespace, p.plan.Namespace},
		{path.Root("storage_class"), p.prior.StorageClass, p.plan.StorageClass},
	} {
		if !place.plan.Equal(place.prior) {
			p.resp.RequiresReplace = append(p.resp.RequiresReplace, place.at)
		}
	}
}

// planGuest decodes what was written about the guest. The configuration has been validated.
func (p *planner) planGuest(ctx context.Context) {
	spec, diags := p.plan.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	boot, diags := p.plan.bootstrap(ctx, &p.config)
	p.resp.Diagnostics.Append(diags...)
	if p.prior != nil {
		boot.imply(impliedBefore(ctx, p.prior))
	}
	p.spec, p.boot = spec, boot
	// What validation could not decide, because blocks may not be there, is known now.
	report(errorsOf(network.Validate(spec, boot.Bootstrap)), &p.resp.Diagnostics)
	if p.prior == nil || !p.changed {
		return
	}
	// An image that was resolved says it for a machine that is to be created.
	if guestID := guestIDOf(ctx, p.prior); guestID != "" {
		p.judgeGuest(guestID, fmt.Sprintf("%q", p.plan.Name.ValueString()))
	}
}

// guestIDOf is the guest id of a machine that exists; empty when it is not known.
func guestIDOf(ctx context.Context, state *model) string {
	block, _ := fwtypes.Block[statusModel](ctx, state.Status)
	status, _ := block.Get()
	inner, _ := fwtypes.Block[statusGuestModel](ctx, status.Guest)
	guest, _ := inner.Get()
	return guest.GuestID.ValueString()
}

// judgeGuest refuses what the guest's operating system does not take: what kind of guest it is
// decides how long its host name may be, and who can customize it.
func (p *planner) judgeGuest(guestID, subject string) {
	p.boot.GuestID = known.Of(guestID)
	report(errorsOf(network.Validate(p.spec, p.boot.Bootstrap)), &p.resp.Diagnostics)
	if p.boot.sysprep.IsSet() && image.Family(guestID) != image.FamilyWindows {
		p.resp.Diagnostics.AddAttributeError(bootstrapPath.AtName("sysprep"), "Sysprep configures Windows only",
			fmt.Sprintf("%s has the guest id %s, which is no Windows. Use cloud_init or linux_prep, or another image.", subject, guestID))
	}
}

// planImage resolves the image and pins it: a machine that exists keeps the image that it was
// deployed from, whatever bears the name by now.
func (p *planner) planImage(ctx context.Context) {
	if p.plan.Namespace.IsUnknown() || p.config.ImageName.IsUnknown() || p.config.Image.IsUnknown() {
		p.unknownImage(ctx)
		return
	}
	if p.prior != nil && p.prior.ImageName.Equal(p.config.ImageName) && (p.config.Image.IsNull() || p.config.Image.Equal(p.prior.Image)) && !p.prior.Image.IsNull() {
		p.plan.Image = p.prior.Image
		p.set(ctx, path.Root("image"), p.plan.Image)
		return
	}
	query, ok := p.imageQuery(ctx)
	if !ok {
		p.unknownImage(ctx)
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
	if p.prior != nil && !p.prior.Image.IsNull() && !p.sameImage(ctx, p.prior.Image, p.plan.Image) {
		p.resp.RequiresReplace = append(p.resp.RequiresReplace, at)
	}
	if p.prior == nil || len(p.resp.RequiresReplace) > 0 {
		p.deployable(&found, at)
	}
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
	if !p.sameImage(ctx, p.config.Image, resolved) {
		p.resp.Diagnostics.AddAttributeError(path.Root("image_name"), "Two images",
			fmt.Sprintf("image_name resolves to %s %s, and image names another one. Remove one of the two arguments.", found.Kind, found.ID))
	}
	return p.config.Image
}

// sameImage compares images by kind and id, in either spelling of the id.
func (p *planner) sameImage(ctx context.Context, a, b types.Object) bool {
	if a.Equal(b) {
		return true
	}
	var models [2]imageModel
	for i, object := range []types.Object{a, b} {
		block, diags := fwtypes.Block[imageModel](ctx, object)
		p.resp.Diagnostics.Append(diags...)
		written, ok := block.Get()
		if !ok {
			return false
		}
		models[i] = written
	}
	first, errFirst := image.ParseID(models[0].Name.ValueString())
	second, errSecond := image.ParseID(models[1].Name.ValueString())
	return errFirst == nil && errSecond == nil && first == second && models[0].Kind.Equal(models[1].Kind)
}

// deployable refuses an image that a machine cannot be made of.
func (p *planner) deployable(found *image.Image, at path.Path) {
	if ready, reason, message := found.Status.Ready(); !ready {
		p.resp.Diagnostics.AddAttributeError(at, "The image is not ready",
			fmt.Sprintf("%q (%s, library %q) cannot be deployed: %s (%s). Repair the library item, or use another image.",
				found.DisplayName, found.ID, found.LibraryName, message, reason))
		return
	}
	if found.Status.Type != image.TypeOVF {
		p.resp.Diagnostics.AddAttributeError(at, "The image cannot be deployed",
			fmt.Sprintf("%q (%s, library %q) is of the type %s, and a machine is deployed from an image of the type %s. Use another image.",
				found.DisplayName, found.ID, found.LibraryName, found.Status.Type, image.TypeOVF))
		return
	}
	if family := found.Status.OSInfo; family != nil {
		p.judgeGuest(family.ID, fmt.Sprintf("%q (%s)", found.DisplayName, found.ID))
	}
	p.boot.imply(impliesLinuxPrep(found))
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

func errorsOf(problems []network.Problem) []network.Problem {
	var out []network.Problem
	for _, problem := range problems {
		if problem.Severity == network.Error {
			out = append(out, problem)
		}
	}
	return out
}

// planWorld finds what the configuration refers to. A machine that does not change refers to
// nothing that would have to be looked up.
func (p *planner) planWorld(ctx context.Context) {
	if !p.changed {
		return
	}
	w, diags := p.look(ctx, &p.plan, p.spec)
	p.resp.Diagnostics.Append(diags...)
	p.world = w
}
