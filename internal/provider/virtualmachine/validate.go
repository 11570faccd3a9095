package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// ValidateConfig implements resource.ResourceWithValidateConfig: everything that can be
// decided from the configuration alone.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateImage(&config, &resp.Diagnostics)
	spec, diags := config.networkSpec(ctx)
	resp.Diagnostics.Append(diags...)
	boot, diags := config.bootstrap(ctx, &config)
	resp.Diagnostics.Append(diags...)
	_, diags = config.readiness(ctx)
	resp.Diagnostics.Append(diags...)
	hardware, diags := config.hardware(ctx)
	resp.Diagnostics.Append(diags...)
	report(validateHardware(&hardware, interfaceNames(spec)), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	boot.Bootstrap = boot.validated()
	boot.validateTrigger(&resp.Diagnostics)
	report(boot.judge(spec), &resp.Diagnostics)
	validateAnswerFile(&boot, &resp.Diagnostics)
}

// judge judges a bootstrap together with the network that it is to carry, by the rules that need
// neither vCenter nor an image.
func (b *bootstrap) judge(spec network.Spec) []network.Problem {
	problems := network.Validate(spec, b.Bootstrap)
	if settings, ok := b.settings.Get(); ok {
		problems = append(problems, cloudinit.Validate(settings)...)
	}
	if settings, ok := b.linuxPrep.Get(); ok {
		problems = append(problems, gosc.Validate(settings, judgedBy(spec, b.Bootstrap))...)
	}
	if settings, ok := b.sysprep.Get(); ok {
		problems = append(problems, gosc.Validate(settings, judgedBy(spec, b.Bootstrap))...)
	}
	if settings, ok := b.vapp.Get(); ok {
		problems = append(problems, vapp.Validate(settings)...)
	}
	return problems
}

// validateAnswerFile judges the templates in an answer file, as far as they ask for nothing that
// only a plan knows.
func validateAnswerFile(boot *bootstrap, diags *diag.Diagnostics) {
	settings, _ := boot.sysprep.Get()
	raw, ok := settings.RawSysprep.Get()
	if !ok {
		return
	}
	if _, err := vapp.RenderText("raw_sysprep", gosc.DecodeRaw(raw), true, vapp.NoFacts()); err != nil && !errors.Is(err, vapp.ErrUnknown) {
		diags.AddAttributeError(sysprepPath.AtName("raw_sysprep"), "The template of the answer file does not render", backend.Sentence(err.Error()))
	}
}

// validateImage judges how the image is named. What the names stand for is decided in plan, and
// so is whether there has to be one: see missingImage.
func validateImage(config *model, diags *diag.Diagnostics) {
	for name, part := range config.Image.Attributes() {
		if part.IsNull() {
			diags.AddAttributeError(path.Root("image"), "Incomplete image",
				fmt.Sprintf("The image has no %s. Set both kind and name, or image_name instead.", name))
		}
	}
	if name := config.ImageName; !name.IsNull() && !name.IsUnknown() && image.IsID(name.ValueString()) {
		if _, err := image.ParseID(name.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("image_name"), "Not a VMI ID",
				fmt.Sprintf("%s What starts with vmi- or cvmi- is an id and never a display name.", backend.Sentence(err.Error())))
		}
	}
}

// report turns the findings of the domain packages into diagnostics at their attributes.
func report(problems []network.Problem, diags *diag.Diagnostics) {
	for _, problem := range problems {
		at := fwtypes.Path(findable(problem.Path))
		switch problem.Severity {
		case network.Warning:
			diags.AddAttributeWarning(at, problem.Summary, problem.Detail)
		case network.Error:
			diags.AddAttributeError(at, problem.Summary, problem.Detail)
		}
	}
}

// findable is the longest beginning of a path whose line a CLI finds: that of an element of a
// list, and not that of an element's element.
func findable(steps network.Path) network.Path {
	for i := 1; i < len(steps); i++ {
		_, element := steps[i-1].(int)
		if _, inner := steps[i].(int); element && inner {
			return steps[:i]
		}
	}
	return steps
}
