package virtualmachine

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// labelled is a value of the resource in which every text is the place it stands at.
func labelled(t *testing.T, shape tftypes.Type, source string) tftypes.Value {
	t.Helper()
	value, err := tftypes.Transform(filled(shape, source, leaves["set"]), func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.Type().Is(tftypes.String) && v.IsKnown() && !v.IsNull() {
			return tftypes.NewValue(tftypes.String, "at "+placeOf(at)), nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// placeOf writes a path without indexes and keys.
func placeOf(at *tftypes.AttributePath) string {
	var names []string
	for _, step := range at.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, ".")
}

// leftOut are the places that the record of a whole machine does not know.
func leftOut(t *testing.T, source string) []string {
	t.Helper()
	var resp resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	shape := resp.Schema.Type().TerraformType(t.Context())
	plan := labelled(t, shape, source)
	config, err := configJSON(t.Context(), plan, resp.Schema)
	if err != nil {
		t.Fatal(err)
	}
	read, err := configValue(config, shape)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := plan.Diff(read)
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, difference := range differences {
		if difference.Value2 == nil || !difference.Value2.IsNull() {
			continue // what is around it
		}
		place := placeOf(difference.Path)
		if strings.Contains(string(config), "at "+place+`"`) {
			t.Errorf("%s is left out and in the record", place)
		}
		places = append(places, place)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// A machine remembers all of its configuration except for what vCenter tells by itself and
// for secrets: whoever may read the machine can read that.
func TestARecordLeavesOutSecretsAndWhatVCenterTells(t *testing.T) {
	t.Parallel()
	told := []string{"bios_uuid", "bootstrap.secrets_wo", "id", "instance_uuid", "name", "network.interface.mac_addr", "status"}
	if diff := cmp.Diff(told, leftOut(t, "from")); diff != "" {
		t.Errorf("of a machine with all secrets from secrets_wo (-want +got):\n%s", diff)
	}
	inline := slices.Concat(told, []string{
		"bootstrap.cloud_init.cloud_config.user.hashed_passwd.value",
		"bootstrap.cloud_init.cloud_config.user.passwd.value",
		"bootstrap.cloud_init.raw_cloud_config.value",
		"bootstrap.linux_prep.password.value",
		"bootstrap.linux_prep.script_text.value",
		"bootstrap.sysprep.raw_sysprep.value",
		"bootstrap.sysprep.sysprep.gui_unattended.password.value",
		"bootstrap.sysprep.sysprep.identification.domain_admin_password.value",
		"bootstrap.sysprep.sysprep.script_text.value",
		"bootstrap.sysprep.sysprep.user_data.product_id.value",
	})
	slices.Sort(inline)
	if diff := cmp.Diff(inline, leftOut(t, "value")); diff != "" {
		t.Errorf("of a machine with all secrets written in place (-want +got):\n%s", diff)
	}
}
