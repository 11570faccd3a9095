package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// abc is a machine with three volumes.
func abc(more ...tree) tree {
	out := []any{}
	for i, name := range []string{"a", "b", "c"} {
		volume := tree{"name": name, "capacity": []string{"1Gi", "2Gi", "3Gi"}[i]}
		for _, extra := range more {
			for key, value := range extra {
				volume[key] = value
			}
		}
		out = append(out, volume)
	}
	return with(small(), "volume", out)
}

// inShort are diagnostics by place and summary.
func inShort(diags []*tfprotov6.Diagnostic) []string {
	out := []string{}
	for _, d := range diags {
		out = append(out, dotted(d.Attribute)+": "+d.Summary)
	}
	return out
}

// Terraform shows volumes by their places in the list. Which disk goes, a warning says.
func TestAPlanSaysWhichDisksGo(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), abc()))
	volumes := abc()["volume"].([]any)
	for name, test := range map[string]struct {
		volumes []any
		want    []string
		says    []string
	}{
		"reordered": {[]any{volumes[2], volumes[0], volumes[1]}, []string{}, nil},
		"one less":  {volumes[1:], []string{"volume: " + destroys}, []string{`no volume "a" any more: its disk of 1Gi, [LocalDS_0] small/`, "is lost", `reclaim_policy = "Retain" before it goes`}},
		"renamed": {
			[]any{volumes[0], volumes[1], tree{"name": "d", "capacity": "3Gi"}},
			[]string{"volume[2]: " + destroys},
			[]string{`no volume "c" any more: its disk of 3Gi`, `A volume is known by its name: "d" is another one, and gets a new, empty disk.`},
		},
		"all":  {nil, []string{"volume: " + destroys, "volume: " + destroys, "volume: " + destroys}, []string{`volume "a"`, `volume "b"`, `volume "c"`}},
		"more": {append([]any{tree{"name": "new", "capacity": "1Gi"}}, volumes...), []string{}, nil},
	} {
		_, diags := d.plan(made, with(small(), "volume", test.volumes))
		if diff := cmp.Diff(test.want, inShort(diags)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, text := range test.says {
			if !strings.Contains(said(diags), text) {
				t.Errorf("%s: want %q, got %s", name, text, said(diags))
			}
		}
	}
}

func TestAPlanSaysWhereAFileStays(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), abc(tree{"reclaim_policy": "Retain"})))
	keeping := abc(tree{"reclaim_policy": "Retain"})["volume"].([]any)
	_, diags := d.plan(made, with(small(), "volume", keeping[:2]))
	warned(t, diags, "volume", detaches)
	if !strings.Contains(said(diags), `its disk of 3Gi is taken off the machine, and its file [LocalDS_0] small/`) {
		t.Errorf("it says %s", said(diags))
	}
	// What has been applied with Retain stays, whatever is written in the same change.
	_, diags = d.resource.PlanDestroy(made.kept())
	warned(t, diags, "", keeps)
	for _, text := range []string{`volume "a" (1Gi, [LocalDS_0] small/`, `volume "b" (2Gi, [LocalDS_0]`, `volume "c" (3Gi, [LocalDS_0]`} {
		if !strings.Contains(said(diags), text) {
			t.Errorf("want %q, got %s", text, said(diags))
		}
	}
	d.clean("destroy", d.destroy(made))
}

func TestAPlanSaysWhatAReplacementDestroys(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(abc(), "volume[1].reclaim_policy", "Retain")
	made := d.refreshed(d.applied(d.nothing(), config))
	p, diags := d.plan(made, with(config, "boot_options", tree{"firmware": "BIOS"}))
	want := []string{"volume: " + replacesVolumes, "volume: " + keeps}
	if diff := cmp.Diff(want, inShort(diags)); diff != "" || len(p.replace) != 1 {
		t.Fatalf("replaced for %v (-want +got):\n%s", p.replace, diff)
	}
	if text := diags[0].Detail; !strings.Contains(text, `volume "a" (1Gi`) || strings.Contains(text, `volume "b"`) || !strings.Contains(text, `volume "c" (3Gi`) {
		t.Errorf("what goes: %s", text)
	}
	if text := diags[1].Detail; !strings.Contains(text, `volume "b" (2Gi, [LocalDS_0] small/`) || strings.Contains(text, `volume "a"`) {
		t.Errorf("what stays: %s", text)
	}
	// A machine whose volumes all go with it is destroyed without a word.
	made = d.refreshed(d.applied(made, with(config, "volume[1].reclaim_policy", "Delete")))
	_, diags = d.resource.PlanDestroy(made.kept())
	d.clean("plan to destroy", diags)
}
