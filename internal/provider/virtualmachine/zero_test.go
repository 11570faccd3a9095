package virtualmachine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// zero is the zero value of what is written: an empty text, 0, false, nothing in it.
func zero(written any) any {
	switch written.(type) {
	case string:
		return ""
	case int:
		return 0
	case []any:
		return []any{}
	case tree:
		return tree{}
	default:
		return false
	}
}

// valueAt is what is written at a place.
func valueAt(written tree, place string) any {
	var found any
	for _, candidate := range places(written, "") {
		if candidate == place {
			found = pick(written, strings.FieldsFunc(strings.ReplaceAll(place, "[", ".["), func(r rune) bool { return r == '.' }))
		}
	}
	return found
}

func pick(written any, steps []string) any {
	if len(steps) == 0 {
		return written
	}
	if index, ok := strings.CutPrefix(steps[0], "["); ok {
		return pick(written.([]any)[int(index[0]-'0')], steps[1:])
	}
	return pick(written.(tree)[steps[0]], steps[1:])
}

// verdict says what becomes of a configuration: refused by validation, by the plan, or fine.
func (d *direct) verdict(t *testing.T, config tree) string {
	t.Helper()
	stage := "validate"
	diags := d.validate(config)
	if !failed(diags) {
		stage = "plan"
		_, more := d.plan(d.nothing(), config)
		diags = append(diags, more...)
	}
	var lines []string
	for _, diagnostic := range diags {
		if diagnostic.Attribute == nil || len(diagnostic.Attribute.Steps()) == 0 {
			t.Errorf("nothing is to blame for: %s", said([]*tfprotov6.Diagnostic{diagnostic}))
		}
		line := strings.ToLower(diagnostic.Severity.String()) + " at " + dotted(diagnostic.Attribute) + ": " + diagnostic.Summary
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return "fine"
	}
	return stage + " " + strings.Join(lines, "; ")
}

// Null, zero and a value are three cases. What is refused is refused at its own line.
func TestEveryArgumentMayBeNullOrZero(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	var shown strings.Builder
	for _, machine := range []struct {
		name   string
		config tree
	}{{"full", full()}, {"by id", byID()}, {"small", small()}} {
		for _, place := range places(machine.config, "") {
			t.Run(machine.name+"/"+place, func(t *testing.T) {
				null := "not judged here"
				if !strings.HasSuffix(place, "]") { // an element of a list is not left out, it is null
					null = d.verdict(t, with(machine.config, place, nil))
				}
				empty := d.verdict(t, with(machine.config, place, zero(valueAt(machine.config, place))))
				fmt.Fprintf(&shown, "%s: %s\n  null: %s\n  zero: %s\n", machine.name, place, null, empty)
			})
		}
	}
	golden(t, "zero.txt", shown.String())
}
