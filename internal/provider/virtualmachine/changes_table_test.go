package virtualmachine

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// leavesOf are the places of everything in a schema that can be written, without blocks.
func leavesOf(at string, attributes map[string]schema.Attribute, blocks map[string]schema.Block) []string {
	var out []string
	for name, attribute := range attributes {
		nested, isNested := attribute.(schema.SingleNestedAttribute)
		switch {
		case isNested && (attribute.IsOptional() || attribute.IsRequired()):
			out = append(out, leavesOf(at+name+".", nested.Attributes, nil)...)
		case attribute.IsOptional() || attribute.IsRequired():
			out = append(out, at+name)
		}
	}
	for name, block := range blocks {
		switch b := block.(type) {
		case schema.SingleNestedBlock:
			out = append(out, leavesOf(at+name+".", b.Attributes, b.Blocks)...)
		case schema.ListNestedBlock:
			out = append(out, leavesOf(at+name+".", b.NestedObject.Attributes, b.NestedObject.Blocks)...)
		}
	}
	return out
}

func TestEveryAttributeHasARowAboutItsChange(t *testing.T) {
	t.Parallel()
	var described resource.SchemaResponse
	new(Resource).Schema(t.Context(), resource.SchemaRequest{}, &described)
	rows := map[string]bool{}
	for _, row := range ChangeRows() {
		rows[row.Attribute] = true
	}
	leaves := leavesOf("", described.Schema.Attributes, described.Schema.Blocks)
	for _, leaf := range slices.Sorted(slices.Values(leaves)) {
		if !rows[leaf] && !strings.HasPrefix(leaf, "bootstrap.") {
			t.Errorf("no row is about %s", leaf)
		}
		delete(rows, leaf)
	}
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		if !slices.ContainsFunc(leaves, func(leaf string) bool { return strings.HasPrefix(leaf, row+".") }) {
			t.Errorf("a row is about %s, which there is not", row)
		}
	}
}

// The guide is generated from the rows and from the code that plans.
func TestTheGuideSaysWhatBecomesOfAChange(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| | New machine | Running | Off | Suspended |\n|---|---|---|---|---|\n")
	for _, row := range ChangeRows() {
		does := row.Outcome(t)
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", row.Name(), does.Created, does.Running, does.Off, does.Suspended)
	}
	inGuide(t, "changes", table.String())
	table.Reset()
	table.WriteString("| | Running | Running, with `allow_power_cycle` | Off | Powered on by the apply |\n|---|---|---|---|---|\n")
	for _, provider := range []string{"cloud_init", "linux_prep", "sysprep", "vapp_config"} {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", provider,
			toldWhen(t, provider, poweredOn, poweredOn, false), toldWhen(t, provider, poweredOn, poweredOn, true),
			toldWhen(t, provider, poweredOff, poweredOff, false), toldWhen(t, provider, poweredOff, poweredOn, false))
	}
	inGuide(t, "told", table.String())
}

// toldWhen is when the guest of a bootstrap provider is told what is new, as a plan decides it.
func toldWhen(t *testing.T, provider, is, becomes string, allowed bool) string {
	t.Helper()
	g := guestOf(t, provider, staticNetwork(), bareSettings("x")[provider], network.Defaults{})
	p := &planner{boot: g.boot, changed: true, prior: &model{PowerState: types.StringValue(is)}, resp: new(resource.ModifyPlanResponse)}
	p.plan.PowerState, p.plan.AllowPowerCycle = types.StringValue(becomes), types.BoolValue(allowed)
	switch {
	case g.boot.sends():
		return "at once; cloud-init reads it when it next runs"
	case !g.boot.customizes():
		p.propertiesAtPowerOn()
		if len(p.resp.Diagnostics) > 0 {
			return "at once, with a warning; the guest sees it at the next power-on"
		}
	case p.atPowerOn() == guestKept && len(p.resp.Diagnostics) > 0:
		return "not yet, with a warning"
	case p.atPowerOn() == guestKept:
		return "not yet"
	}
	if p.cycles {
		return "powered off and on for it"
	}
	return "at once"
}

// guideFiles are the guide and what it is made of. What is between the markers is generated.
var guideFiles = []string{"../../../templates/guides/changes.md.tmpl", "../../../docs/guides/changes.md"}

// inGuide compares a table with that of the guide, or writes it.
func inGuide(t *testing.T, name, table string) {
	t.Helper()
	update := flag.Lookup("update")
	for _, file := range guideFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- "+name+": generated -->\n\n", "\n<!-- end of "+name+" -->"
		before, rest, found := strings.Cut(string(text), begin)
		was, after, also := strings.Cut(rest, end)
		if !found || !also {
			t.Fatalf("%s has no markers of %s", file, name)
		}
		if update != nil && update.Value.String() == "true" {
			if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(was, table); diff != "" {
			t.Errorf("%s is not what the code does; run this test with -update (-guide +code):\n%s", file, diff)
		}
	}
}
