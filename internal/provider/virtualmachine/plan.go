package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: it resolves what the configuration
// names, shows the network that the guest will have, and refuses what apply could not do.
// Terraform calls it again during apply, from scratch, so that nothing remembered or random
// may go into a plan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		if resp.Diagnostics.Append(missingImage(ctx, req.Config)...); resp.Diagnostics.HasError() {
			return
		}
	}
	if r.backend == nil || r.backend.Deferred {
		return // what vCenter has to say stays unknown until apply
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
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
	if !p.changed {
		last, diags := readSent(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		p.strays = last != nil && last.Strayed
		p.changed = p.strays
	}
	for _, step := range []func(context.Context){
		p.planNamespace, p.planHardware, p.planGuest, p.planImage, p.planIdentity, p.planWorld, p.planGuestID, p.planNew, p.planNetwork, p.planMACs,
		p.planBootstrap, p.planChanges, p.planReading, p.planOpenIdentity, p.planReplacement, p.planCycle, p.planStatus,
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
	// changed tells that the plan differs from the state, or the machine's cards from what no state
	// shows of them, which is all that differs where strays is true.
	changed, strays bool
	// cards is what becomes of the network cards.
	cards machine.NICPlan

	spec     network.Spec
	boot     bootstrap
	hardware hardwareSpec
	image    *image.Image
	world    *world
	resolved network.Config
	// guest is what becomes of the configuration that the guest is sent, and cycles tells that it
	// takes powering the machine off and on.
	guest  guestPlan
	cycles bool
	// cyclesFor are the changes of the machine itself that take powering it off and on.
	cyclesFor []change
	// compared is the machine's hardware beside the one that is wanted, where that was compared.
	compared *comparison
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

// planIdentity replaces a machine that is to be another one. A machine that was imported without
// a record of its configuration has no known place, and takes the one that is written.
func (p *planner) planIdentity(ctx context.Context) {
	if p.prior == nil {
		return
	}
	have, want := p.identities(ctx)
	for _, c := range having(changes(have, want, nil), replaces) {
		at := attributePath(c.Attribute)
		switch {
		case c.Attribute == "image" && !p.config.ImageName.IsNull():
			at = path.Root("image_name")
		case c.Attribute == "bootstrap":
			at = bootstrapPath.AtName(want.Provider)
		}
		p.resp.RequiresReplace = append(p.resp.RequiresReplace, at)
	}
}

// identities are what the machine is, and what it is to be, as far as both are known.
func (p *planner) identities(ctx context.Context) (have, want identity) {
	if !p.boot.undecided() {
		have.Provider = exclusive(ctx, p.prior)
		want.Provider = exclusive(ctx, &p.plan)
	}
	have.InstanceUUID, want.InstanceUUID = p.prior.InstanceUUID.ValueString(), p.plan.InstanceUUID.ValueString()
	have.BIOSUUID, want.BIOSUUID = p.prior.BiosUUID.ValueString(), p.plan.BiosUUID.ValueString()
	have.Image, want.Image = imageKey(ctx, p.prior.Image), imageKey(ctx, p.plan.Image)
	if p.prior.Namespace.IsNull() {
		return have, want
	}
	have.Namespace, want.Namespace = p.prior.Namespace.ValueString(), p.plan.Namespace.ValueString()
	have.StorageClass, want.StorageClass = orNone(p.prior.StorageClass), orNone(p.plan.StorageClass)
	return have, want
}

// orNone is a value that may be left out; empty while it is not known.
func orNone(value types.String) string {
	switch {
	case value.IsUnknown():
		return ""
	case value.IsNull():
		return "(none)"
	}
	return value.ValueString()
}

// imageKey identifies an image by kind and id, in whatever spelling of the id; empty while it is
// not known.
func imageKey(ctx context.Context, object types.Object) string {
	block, _ := fwtypes.Block[imageModel](ctx, object)
	written, ok := block.Get()
	if !ok || written.Kind.IsUnknown() || written.Name.IsUnknown() {
		return ""
	}
	id, err := image.ParseID(written.Name.ValueString())
	if err != nil {
		return written.Kind.ValueString() + " " + written.Name.ValueString()
	}
	return written.Kind.ValueString() + " " + id.String()
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

func errorsOf(problems []network.Problem) []network.Problem {
	var out []network.Problem
	for _, problem := range problems {
		if problem.Severity == network.Error {
			out = append(out, problem)
		}
	}
	return out
}

// standingClass is the class that the machine has; empty for one that is to be created, or to get
// another class.
func (p *planner) standingClass() string {
	if p.prior == nil || !p.prior.ClassName.Equal(p.plan.ClassName) {
		return ""
	}
	return p.prior.ClassName.ValueString()
}

// planWorld finds what the configuration refers to. A machine that does not change refers to
// nothing that would have to be looked up.
func (p *planner) planWorld(ctx context.Context) {
	if !p.changed {
		return
	}
	var have holdings
	if p.prior != nil {
		before, diags := p.prior.hardware(ctx)
		p.resp.Diagnostics.Append(diags...)
		have = holdings{class: p.standingClass(), storageClass: p.prior.StorageClass.ValueString(), hardware: before}
	}
	w, diags := p.look(ctx, &p.plan, p.spec, &p.hardware, have)
	p.resp.Diagnostics.Append(diags...)
	p.world = w
}
