package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

type classModel struct {
	Name     types.String `tfsdk:"name"`
	Hardware types.Object `tfsdk:"hardware"`
	Policies types.Object `tfsdk:"policies"`
}

type hardwareModel struct {
	CPUs   types.Int64  `tfsdk:"cpus"`
	Memory types.String `tfsdk:"memory"`
}

type policiesModel struct {
	Resources types.Object `tfsdk:"resources"`
}

type resourcesModel struct {
	Requests types.Object `tfsdk:"requests"`
	Limits   types.Object `tfsdk:"limits"`
}

type pairModel struct {
	CPU    types.String `tfsdk:"cpu"`
	Memory types.String `tfsdk:"memory"`
}

// classes are the configured virtual machine classes, judged as far as they are known.
func (c *config) classes(ctx context.Context) ([]inventory.Class, diag.Diagnostics) {
	blocks, diags := fwtypes.Blocks[classModel](ctx, c.VirtualMachineClass)
	models, _ := blocks.Get()
	seen := map[string]bool{}
	var classes []inventory.Class
	for i := range models {
		at := path.Root("virtual_machine_class").AtListIndex(i)
		diags.Append(unique(seen, models[i].Name, at.AtName("name"), "virtual_machine_class")...)
		class, more := models[i].class(ctx, at)
		diags.Append(more...)
		classes = append(classes, class)
	}
	return classes, diags
}

func (m *classModel) class(ctx context.Context, at path.Path) (inventory.Class, diag.Diagnostics) {
	class := inventory.Class{Name: m.Name.ValueString()}
	size, diags := fwtypes.Block[hardwareModel](ctx, m.Hardware)
	hardware, written := size.Get()
	if !size.IsUnknown() {
		if !written || hardware.CPUs.IsNull() {
			diags.AddAttributeError(at.AtName("hardware").AtName("cpus"), "Missing size of a class",
				fmt.Sprintf("The class %q does not say how many CPUs a machine gets. Set hardware { cpus = … }.", class.Name))
		}
		if !written || hardware.Memory.IsNull() {
			diags.AddAttributeError(at.AtName("hardware").AtName("memory"), "Missing size of a class",
				fmt.Sprintf("The class %q does not say how much memory a machine gets. Set hardware { memory = \"4Gi\" } or the like.", class.Name))
		}
	}
	class.CPUs = int32(hardware.CPUs.ValueInt64()) //nolint:gosec // at most 768
	if bytes := bytesOf(hardware.Memory); bytes != nil {
		class.MemoryBytes = *bytes
	}

	policies, more := fwtypes.Block[policiesModel](ctx, m.Policies)
	diags.Append(more...)
	policy, _ := policies.Get()
	resources, more := fwtypes.Block[resourcesModel](ctx, policy.Resources)
	diags.Append(more...)
	bounds, ok := resources.Get()
	if !ok {
		return class, diags
	}
	requests, more := fwtypes.Block[pairModel](ctx, bounds.Requests)
	diags.Append(more...)
	limits, more := fwtypes.Block[pairModel](ctx, bounds.Limits)
	diags.Append(more...)
	request, _ := requests.Get()
	limit, _ := limits.Get()
	class.CPURequestMilli, class.CPULimitMilli = milliOf(request.CPU), milliOf(limit.CPU)
	class.MemoryRequestBytes, class.MemoryLimitBytes = bytesOf(request.Memory), bytesOf(limit.Memory)

	requestsAt := at.AtName("policies").AtName("resources").AtName("requests")
	for _, bound := range []struct {
		attribute      string
		request, limit *int64
		texts          [2]string
	}{
		{"cpu", class.CPURequestMilli, class.CPULimitMilli, [2]string{request.CPU.ValueString(), limit.CPU.ValueString()}},
		{"memory", class.MemoryRequestBytes, class.MemoryLimitBytes, [2]string{request.Memory.ValueString(), limit.Memory.ValueString()}},
	} {
		if bound.request != nil && bound.limit != nil && *bound.request > *bound.limit {
			diags.AddAttributeError(requestsAt.AtName(bound.attribute), "Request above the limit",
				fmt.Sprintf("The class %q reserves %s of %s and allows at most %s. Lower the request or raise the limit.",
					class.Name, bound.texts[0], bound.attribute, bound.texts[1]))
		}
	}
	return class, diags
}

// bytesOf is a quantity in bytes, nil where there is none that is valid.
func bytesOf(text types.String) *int64 {
	return quantity(text, func(q resource.Quantity) int64 { return q.Value() })
}

// milliOf is a quantity in thousandths, nil where there is none that is valid.
func milliOf(text types.String) *int64 {
	return quantity(text, func(q resource.Quantity) int64 { return q.MilliValue() })
}

func quantity(text types.String, get func(resource.Quantity) int64) *int64 {
	if text.IsNull() || text.IsUnknown() {
		return nil
	}
	parsed, err := resource.ParseQuantity(text.ValueString())
	if err != nil {
		return nil // its validator says so
	}
	value := get(parsed)
	return &value
}
