package virtualmachine

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// filled makes a value of a type in which every scalar is what leaf makes, and every list and
// map has one element. What may come from a secret has only one of its two sources: value or
// from; where source is empty, a block that holds a secret is null.
func filled(shape tftypes.Type, source string, leaf func(tftypes.Type) tftypes.Value) tftypes.Value {
	switch s := shape.(type) {
	case tftypes.Object:
		names := strings.Join(slices.Sorted(maps.Keys(s.AttributeTypes)), " ")
		if names == "key name" && source != "from" || names == "from value" && source == "" {
			return tftypes.NewValue(shape, nil)
		}
		values := map[string]tftypes.Value{}
		for name, kind := range s.AttributeTypes {
			values[name] = filled(kind, source, leaf)
		}
		if _, ok := values["from"]; ok && source == "from" {
			values["value"] = tftypes.NewValue(s.AttributeTypes["value"], nil)
		}
		return tftypes.NewValue(shape, values)
	case tftypes.List:
		return tftypes.NewValue(shape, []tftypes.Value{filled(s.ElementType, source, leaf)})
	case tftypes.Map:
		return tftypes.NewValue(shape, map[string]tftypes.Value{"text": filled(s.ElementType, source, leaf)})
	}
	if shape.Is(tftypes.DynamicPseudoType) {
		return leaf(tftypes.String)
	}
	return leaf(shape)
}

// guestFields is what the settings of the providers that vSphere customizes a guest with are
// made of. text, number and flag are what a scalar of each type is, secret and from what comes
// of a block that holds a secret.
func guestFields(text, number, flag, secret, from string) []string {
	field := func(value string, names ...string) []string {
		var out []string
		for _, name := range names {
			out = append(out, name+"="+value)
		}
		return out
	}
	const answers = "sysprep.Sysprep."
	return slices.Concat(
		field(flag, "linuxPrep.HardwareClockIsUTC"),
		field(text, "linuxPrep.TimeZone"),
		field(flag, "linuxPrep.ExpirePasswordAfterNextLogin"),
		field(choose(from, secret), "linuxPrep.Password"),
		field(secret, "linuxPrep.ScriptText"),
		field(from, "linuxPrep.ScriptTextFrom"),
		field(choose(from, secret), "sysprep.RawSysprep"),
		field(text, answers+"UserData.FullName", answers+"UserData.OrgName"),
		field(choose(from, secret), answers+"UserData.ProductID"),
		field(flag, answers+"GUIUnattended.AutoLogon"),
		field(number, answers+"GUIUnattended.AutoLogonCount", answers+"GUIUnattended.TimeZone"),
		field(choose(from, secret), answers+"GUIUnattended.Password"),
		field(text, answers+"GUIRunOnce.Commands[0]"),
		field(text, answers+"Identification.JoinDomain", answers+"Identification.JoinWorkgroup", answers+"Identification.DomainAdmin"),
		field(choose(from, secret), answers+"Identification.DomainAdminPassword"),
		field(text, answers+"Identification.DomainOU"),
		field(text, answers+"LicenseFilePrintData.AutoMode"),
		field(number, answers+"LicenseFilePrintData.AutoUsers"),
		field(flag, answers+"ExpirePasswordAfterNextLogin"),
		field(secret, answers+"ScriptText"),
		field(from, answers+"ScriptTextFrom"),
		field(text, "vapp.Properties[0].Key"),
		field(secret, "vapp.Properties[0].Value"),
		field(from, "vapp.Properties[0].From"),
	)
}

// choose is the one of two sources that is there.
func choose(from, value string) string {
	if from == "null" {
		return value
	}
	return from
}

func TestEveryFieldOfABootstrapIsDecodedInEveryCase(t *testing.T) {
	t.Parallel()
	of := bootstrapBlock().Type()
	shape := of.TerraformType(t.Context())
	for name, test := range map[string]struct {
		leaf, source string
		want         []string
		// trigger is also what the other texts of the block itself are.
		trigger types.String
		secret  bool
	}{
		"null":    {"null", "", append(guestFields("null", "null", "null", "null", "null"), "vapp.RawProperties=null"), types.StringNull(), false},
		"unknown": {"unknown", "value", append(guestFields("unknown", "unknown", "unknown", "unknown", "null"), "vapp.RawProperties=unknown"), types.StringUnknown(), true},
		"set":     {"set", "value", append(guestFields(`"text"`, "7", "true", `"text"`, "null"), `vapp.RawProperties["text"]="text"`), types.StringValue("text"), true},
		"from":    {"set", "from", append(guestFields(`"text"`, "7", "true", "null", `"text"`), `vapp.RawProperties["text"]="text"`), types.StringValue("text"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model{Bootstrap: objectOf(t, of, filled(shape, test.source, leaves[test.leaf]))}
			boot, diags := m.bootstrap(t.Context(), &m)
			if diags.HasError() {
				t.Fatal(diags)
			}
			got := slices.Concat(
				told("linuxPrep", reflect.ValueOf(boot.linuxPrep)), told("sysprep", reflect.ValueOf(boot.sysprep)), told("vapp", reflect.ValueOf(boot.vapp)),
			)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			flags := [...]bool{boot.CloudInit, boot.LinuxPrep, boot.Sysprep, boot.VAppConfig, boot.Unknown, boot.written, boot.secret}
			if want := [...]bool{true, true, true, true, false, true, test.secret}; flags != want {
				t.Errorf("the flags are %v, want %v", flags, want)
			}
			if !boot.trigger.Equal(test.trigger) || !boot.version.Equal(test.trigger) {
				t.Errorf("trigger %s and version %s, want %s", boot.trigger, boot.version, test.trigger)
			}
		})
	}
}

// A block of which it is not known whether it is there leaves everything around it as it is.
func TestABlockOfSysprepMayBeUnknown(t *testing.T) {
	t.Parallel()
	of := bootstrapBlock().Type()
	shape := of.TerraformType(t.Context()).(tftypes.Object)
	decode := func(place string) bootstrap {
		value := filled(shape, "value", leaves["set"])
		value, err := tftypes.Transform(value, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
			names := make([]string, len(at.Steps()))
			for i, step := range at.Steps() {
				if name, ok := step.(tftypes.AttributeName); ok {
					names[i] = string(name)
				}
			}
			if place != "" && strings.Join(names, ".") == place {
				return tftypes.NewValue(v.Type(), tftypes.UnknownValue), nil
			}
			return v, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		m := model{Bootstrap: objectOf(t, of, value)}
		boot, diags := m.bootstrap(t.Context(), &m)
		if diags.HasError() {
			t.Fatal(diags)
		}
		return boot
	}
	all := told("", reflect.ValueOf(decode("").sysprep))
	for block, field := range map[string]string{
		"user_data": "Sysprep.UserData", "gui_unattended": "Sysprep.GUIUnattended", "gui_run_once": "Sysprep.GUIRunOnce",
		"identification": "Sysprep.Identification", "license_file_print_data": "Sysprep.LicenseFilePrintData", "script_text": "Sysprep.ScriptText",
	} {
		boot := decode("sysprep.sysprep." + block)
		var want []string
		for _, line := range all {
			switch rest, inside := strings.CutPrefix(line, field); {
			case !inside || strings.HasPrefix(rest, "From"):
				want = append(want, line)
			case !slices.Contains(want, field+"=unknown"):
				want = append(want, field+"=unknown")
			}
		}
		if diff := cmp.Diff(want, told("", reflect.ValueOf(boot.sysprep))); diff != "" || boot.Unknown || !boot.Sysprep {
			t.Errorf("an unknown %s (-want +got):\n%s", block, diff)
		}
	}
	if boot := decode("sysprep.sysprep"); !boot.sysprep.IsSet() || boot.Unknown {
		t.Error("an unknown answer file makes it unknown who configures the guest")
	}
	if boot := decode("vapp_config.property"); !boot.VAppConfig || boot.Unknown || !spelledUnknown(boot) {
		t.Errorf("unknown properties are %v", told("", reflect.ValueOf(boot.vapp)))
	}
}

// spelledUnknown tells whether the list of properties is unknown.
func spelledUnknown(boot bootstrap) bool {
	settings, _ := boot.vapp.Get()
	return settings.Properties.IsUnknown()
}
