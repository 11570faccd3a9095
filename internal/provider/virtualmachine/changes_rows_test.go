package virtualmachine

import (
	"maps"
	"slices"
	"strings"
)

// lines is a configuration as it is written: attributes and blocks by name.
type lines = map[string]any

// ChangeRow is a row of the guide's table: something of a machine that changes by itself, and a
// machine that it is tried with.
type ChangeRow struct {
	// Attribute is the place in the schema, and What the kind of change, where there are several.
	Attribute, What string
	// Has is what the machine has beside what every machine of the table has, and To what is
	// written later, both by place. nil is for what is not written.
	Has, To lines
	// HotPlug says that the machine was made to take more processors and memory while it runs.
	HotPlug bool
}

// Name is the first cell of the row.
func (r *ChangeRow) Name() string {
	if r.What == "" {
		return "`" + r.Attribute + "`"
	}
	return "`" + r.Attribute + "`, " + r.What
}

// Before and After are the configurations of the machine.
func (r *ChangeRow) Before() lines { return with(everyMachine(), r.Has) }

// After is what is written later.
func (r *ChangeRow) After() lines { return with(r.Before(), r.To) }

// everyMachine is what all machines of the table have.
func everyMachine() lines {
	return lines{
		"name": "web", "image_name": photon, "bootstrap": lines{},
		"network": lines{"interface": []any{lines{"name": "eth0", "network": lines{"name": "frontend"}}}},
	}
}

// with is a copy of a configuration with more at places such as volume[0].capacity.
func with(config, more lines) lines {
	out := any(config)
	for _, place := range slices.Sorted(maps.Keys(more)) {
		steps := strings.FieldsFunc(strings.ReplaceAll(place, "[", ".["), func(r rune) bool { return r == '.' })
		out = withAt(out, steps, more[place])
	}
	return out.(lines)
}

func withAt(config any, steps []string, value any) any {
	if len(steps) == 0 {
		return value
	}
	if index, ok := strings.CutPrefix(steps[0], "["); ok {
		list := slices.Clone(config.([]any))
		at := int(index[0] - '0')
		list[at] = withAt(list[at], steps[1:], value)
		return list
	}
	out := lines{}
	if before, ok := config.(lines); ok {
		out = maps.Clone(before)
	}
	if out[steps[0]] = withAt(out[steps[0]], steps[1:], value); out[steps[0]] == nil {
		delete(out, steps[0])
	}
	return out
}

// ChangeRows are the rows of the table, in its order.
func ChangeRows() []ChangeRow {
	return slices.Concat(rowsOfTheMachine(), rowsOfItsSize(), rowsOfItsStart(), rowsOfVolumes(), rowsOfDrives(), rowsOfCards(), rowsOfTheGuest())
}
