package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// status is the status of a machine. One that remembers its configuration is shown as an import
// of it would be, any other as far as vCenter knows it.
func (d *DataSource) status(ctx context.Context, o *machine.Observation) (types.Object, diag.Diagnostics) {
	var diags diag.Diagnostics
	remembered := recordOf(o)
	if len(remembered.Config) > 0 {
		var m model
		if err := recalled(ctx, &remembered, &m); err != nil {
			diags.AddWarning("The machine's record cannot be read",
				fmt.Sprintf("%s remembers its configuration in the ExtraConfig key %s, but that cannot be read: %s. Its status is shown without what only the record says. Apply the configuration that manages it to write the record anew.",
					o.Title(), recordKey, err))
		} else {
			r := &Resource{backend: d.backend}
			_, more := r.refresh(ctx, &m, o)
			if !more.HasError() && fullyKnown(ctx, m.Status) {
				return m.Status, more
			}
		}
	}
	report := &statusReport{
		observed: o, record: &remembered, boot: new(bootstrap), resolved: network.Config{},
		shown: types.ObjectNull(networkConfigType.AttrTypes),
	}
	status, more := report.object(ctx)
	diags.Append(more...)
	return status, diags
}

// recalled reads the configuration that a machine remembers.
func recalled(ctx context.Context, remembered *record, m *model) error {
	shape := new(Resource).schema(ctx)
	raw, err := configValue(remembered.Config, shape.Type().TerraformType(ctx))
	if err != nil {
		return err
	}
	state := tfsdk.State{Raw: raw, Schema: shape}
	if diags := state.Get(ctx, m); diags.HasError() {
		return fmt.Errorf("%s: %s", diags.Errors()[0].Summary(), diags.Errors()[0].Detail())
	}
	return nil
}

// fullyKnown tells whether a data source may have a value: an address that is still to be
// allocated is not known, and that is only allowed in plans of resources.
func fullyKnown(ctx context.Context, object types.Object) bool {
	value, err := object.ToTerraformValue(ctx)
	return err == nil && value.IsFullyKnown()
}
