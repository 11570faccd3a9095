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
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
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
	if found.Status.OSInfo != nil {
		// What kind of guest it is decides how long its host name may be.
		p.boot.GuestID = known.Of(found.Status.OSInfo.ID)
		problems := network.Validate(p.spec, p.boot.Bootstrap)
		report(errorsOf(problems), &p.resp.Diagnostics)
	}
	if family := found.Status.OSInfo; p.boot.sysprep.IsSet() && family != nil && family.Type != image.FamilyWindows {
		p.resp.Diagnostics.AddAttributeError(bootstrapPath.AtName("sysprep"), "Sysprep configures Windows only",
			fmt.Sprintf("%q (%s) has the guest id %s, which is no Windows. Use cloud_init or linux_prep, or another image.", found.DisplayName, found.ID, family.ID))
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

// planNetwork resolves the network that the guest will have.
func (p *planner) planNetwork(ctx context.Context) {
	known, ok := p.planOffers(ctx)
	if !ok {
		return
	}
	p.resolved = network.Resolve(p.spec, p.boot.Bootstrap, known.Defaults)
	report(network.Review(p.spec, p.boot.Bootstrap, known.Defaults), &p.resp.Diagnostics)
	if p.changed && p.world != nil {
		p.resp.Diagnostics.Append(p.reviewPools(ctx, p.world, p.spec, p.boot.Bootstrap, known)...)
	}
}

// planOffers finds what the namespace and the networks offer. It is false where there is nothing
// to resolve from: after an error, and for a machine that does not change and whose network is
// not found any more, which keeps what its guest was told.
func (p *planner) planOffers(ctx context.Context) (*offers, bool) {
	if p.plan.Namespace.IsUnknown() {
		return unknownOffers(), true
	}
	if _, err := p.backend.Namespace(p.plan.Namespace.ValueString()); err != nil {
		p.resp.Diagnostics.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
		return nil, false
	}
	have := p.held(ctx)
	if p.changed {
		found, diags := p.offers(ctx, p.world, p.spec, have)
		p.resp.Diagnostics.Append(diags...)
		return found, !diags.HasError()
	}
	if found, ok := p.standingOffers(ctx, &p.plan, p.spec, have); ok {
		return found, true
	}
	told, _, diags := toldConfig(ctx, p.prior.Status)
	p.resp.Diagnostics.Append(diags...)
	p.resolved = told
	return nil, false
}

// held is what the machine holds of the pools of its networks.
func (p *planner) held(ctx context.Context) map[string]poolRecord {
	if p.prior == nil {
		return nil
	}
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if last != nil && len(last.Pools) > 0 {
		return last.Pools
	}
	return heldBy(ctx, p.prior)
}

// planMACs carries the MAC addresses of interfaces over by the interfaces' names.
func (p *planner) planMACs(ctx context.Context) {
	if p.prior == nil || !p.changed {
		return
	}
	planned, diags := p.plan.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	configured, diags := p.config.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	before, diags := p.prior.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	interfaces, ok := planned.Get()
	written, also := configured.Get()
	old, _ := before.Get()
	if !ok || !also || len(written) != len(interfaces) {
		return
	}
	for i := range interfaces {
		if !written[i].MACAddr.IsNull() {
			// Another spelling of an address is no other address. Terraform takes the earlier
			// one for a planned value at the same place only.
			if i < len(old) && written[i].Name.Equal(old[i].Name) && fwtypes.SameMAC(written[i].MACAddr.ValueString(), old[i].MACAddr.ValueString()) {
				p.set(ctx, path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), old[i].MACAddr)
			}
			continue
		}
		mac := keptMAC(&interfaces[i], old)
		p.set(ctx, path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), mac)
	}
}

// keptMAC is the address of the interface's network card, unknown when the card is a new one.
func keptMAC(planned *interfaceModel, old []interfaceModel) fwtypes.MAC {
	for i := range old {
		if old[i].Name.Equal(planned.Name) && keepsCard(&old[i], planned) && !old[i].MACAddr.IsNull() {
			return old[i].MACAddr
		}
	}
	return fwtypes.MACUnknown()
}

// keepsCard tells whether an interface keeps its network card: vSphere cannot make a card of
// another type of it.
func keepsCard(before, after *interfaceModel) bool {
	return keepsType(fwtypes.String(before.Type), fwtypes.String(after.Type))
}

// keepsType compares types of network cards: one that is not written is whatever there is, and
// was made a VMXNet3.
func keepsType(before, after known.Value[string]) bool {
	if after.IsUnknown() {
		return false
	}
	return after.IsAbsent() || before.Or(machine.DefaultNICType) == after.Or("")
}
