package image

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: it finds the library, looks at the
// source, decides whether the content changes, and refuses what apply could not do.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.planEnd(ctx, req)
		return
	}
	p := planner{Resource: r, resp: resp, fresh: req.State.Raw.IsNull(), kind: types.StringUnknown()}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	if !req.State.Raw.IsNull() {
		p.prior = new(resourceModel)
		resp.Diagnostics.Append(req.State.Get(ctx, p.prior)...)
	}
	remembered, diags := readRecord(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	p.record = remembered
	if p.prior != nil && p.record.ItemID == "" { // of an earlier version
		p.record.ItemID = p.prior.ID.ValueString()
		resp.Diagnostics.Append(p.record.write(ctx, resp.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	p.changed = p.prior == nil || !req.Plan.Raw.Equal(req.State.Raw)
	steps := []func(context.Context){p.planSource, p.planStatus}
	if r.backend != nil && !r.backend.Deferred {
		steps = []func(context.Context){p.planNamespace, p.planLibrary, p.planSource, p.planUpload, p.planName, p.planOrigin, p.planStatus}
	}
	for _, step := range steps {
		step(ctx)
		if resp.Diagnostics.HasError() {
			return
		}
	}
}

// planner holds one plan while it is made.
type planner struct {
	*Resource
	resp *resource.ModifyPlanResponse

	plan, config resourceModel
	// prior is the state, nil for an image that is to be created.
	prior *resourceModel
	// record is also there where an image is planned in place of another one.
	record record
	// changed tells that the plan differs from the state.
	changed bool

	// library is where the image goes, nil where that is not known.
	library *library.Destination
	// kind is what the image is to the namespace, null where the namespace does not see it.
	kind types.String
	// fresh tells that the image is created, by itself or in place of another.
	fresh bool
	// content is whether the content changes.
	content change
}

// change is whether something changes.
type change int

const (
	same change = iota
	perhaps
	other
)

func (p *planner) set(ctx context.Context, at path.Path, value any) {
	p.resp.Diagnostics.Append(p.resp.Plan.SetAttribute(ctx, at, value)...)
}

func (p *planner) fail(at path.Path, summary string, err error) {
	backend.Failed(&p.resp.Diagnostics, at, summary, err)
}

// planNamespace fills in the namespace.
func (p *planner) planNamespace(ctx context.Context) {
	switch {
	case !p.config.Namespace.IsNull():
		return
	case p.prior != nil && !p.prior.Namespace.IsNull():
		p.plan.Namespace = p.prior.Namespace
	default:
		p.plan.Namespace = types.StringValue(p.backend.DefaultNamespace)
	}
	p.set(ctx, namespacePath, p.plan.Namespace)
}

// planLibrary finds the library, and what its items are to the namespace.
func (p *planner) planLibrary(ctx context.Context) {
	if p.plan.ContentLibrary.IsUnknown() {
		return
	}
	found, err := p.backend.Images.Destination(ctx, p.plan.ContentLibrary.ValueString())
	if err != nil {
		p.fail(libraryPath, "Unable to find the content library", err)
		return
	}
	p.library = &found
	if p.prior != nil && p.record.LibraryID != "" && p.record.LibraryID != found.ID {
		p.replace(libraryPath)
	}
	if p.plan.Namespace.IsUnknown() {
		return
	}
	namespace, err := p.backend.Namespace(p.plan.Namespace.ValueString())
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(namespacePath, "No such namespace", backend.Sentence(err.Error()))
		return
	}
	kind, err := p.backend.Images.KindIn(ctx, p.backend.Scopes(namespace), found.ID)
	if err != nil {
		p.fail(path.Empty(), "Unable to find the libraries of the namespace", err)
		return
	}
	if p.kind = types.StringValue(string(kind)); kind == "" {
		p.kind = types.StringNull()
		if p.fresh {
			p.resp.Diagnostics.AddAttributeWarning(libraryPath, "An image that the namespace does not see",
				fmt.Sprintf("The content library %q is neither among the content_libraries of the namespace %q nor among the provider's cluster_content_libraries, so that no machine of the namespace can be made of the image.", found.Name, namespace.Name))
		}
	}
}

// replace makes the image another one.
func (p *planner) replace(at path.Path) {
	p.resp.RequiresReplace = append(p.resp.RequiresReplace, at)
	p.fresh = true
}

// planUpload makes sure that the library takes content. Of one that is subscribed vCenter neither changes nor deletes items,
// so that an imported one could not be managed either.
func (p *planner) planUpload(context.Context) {
	if p.library == nil || !p.library.Subscribed {
		return
	}
	what := fmt.Sprintf("The content library %q (%s) gets its items from another one, and takes no others. ", p.library.Name, p.library.ID)
	if p.prior == nil {
		what += "Upload the image to the library that it is subscribed to, or to a local one."
	} else {
		what += "vCenter neither changes nor deletes them. Use the data source vmoperator_virtual_machine_image for the image, and take the resource out of the configuration and the state: `terraform state rm` does the latter."
	}
	p.resp.Diagnostics.AddAttributeError(libraryPath, "A subscribed content library", what)
}

// planStatus says what is known of the image after the change.
func (p *planner) planStatus(ctx context.Context) {
	if p.prior == nil {
		p.set(ctx, path.Root("kind"), p.kind)
		if p.kind.IsNull() {
			p.set(ctx, path.Root("image"), types.ObjectNull(pinnedType))
			p.set(ctx, path.Root("spec"), types.ObjectNull(p.plan.Spec.AttributeTypes(ctx)))
			return
		}
		p.set(ctx, path.Root("image"), types.ObjectValueMust(pinnedType, map[string]attr.Value{"kind": p.kind, "name": types.StringUnknown()}))
		return
	}
	if (!p.changed && p.content == same) || p.fresh {
		return
	}
	after := *p.prior
	if p.content != same {
		after.Labels, after.Status = types.MapUnknown(types.StringType), types.ObjectUnknown(p.prior.Status.AttributeTypes(ctx))
	} else if !p.plan.Name.Equal(p.prior.Name) && !p.prior.Status.IsNull() {
		values := maps.Clone(p.prior.Status.Attributes())
		values["name"] = p.plan.Name
		after.Status = types.ObjectValueMust(p.prior.Status.AttributeTypes(ctx), values)
	}
	if !p.kind.Equal(p.prior.Kind) {
		after.Kind, after.Image, after.Spec = p.kind, types.ObjectUnknown(pinnedType), types.ObjectUnknown(p.prior.Spec.AttributeTypes(ctx))
	}
	p.set(ctx, path.Root("kind"), after.Kind)
	p.set(ctx, path.Root("image"), after.Image)
	p.set(ctx, path.Root("spec"), after.Spec)
	p.set(ctx, path.Root("labels"), after.Labels)
	p.set(ctx, path.Root("status"), after.Status)
}

// itemTypes are vCenter's words for what an image is.
var itemTypes = map[image.Type]string{image.TypeOVF: "ovf", image.TypeISO: "iso", image.TypeVM: "vm-template"}

// typeOfState is vCenter's word for what the image in state is, empty where that is not known.
func (p *planner) typeOfState() string {
	if p.prior == nil {
		return ""
	}
	if p.record.ItemType != "" {
		return p.record.ItemType
	}
	kind, _ := p.prior.Status.Attributes()["type"].(types.String)
	return itemTypes[image.Type(kind.ValueString())]
}
