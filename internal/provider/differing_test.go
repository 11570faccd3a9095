package provider_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// differing lists the paths at which two values of a plan's JSON differ.
func differing(path string, before, after, unknown any, out *[]string) {
	if flag, ok := unknown.(bool); ok && flag {
		*out = append(*out, path)
		return
	}
	old, wasObject := before.(map[string]any)
	next, isObject := after.(map[string]any)
	if wasObject && isObject {
		unknowns, _ := unknown.(map[string]any)
		keys := maps.Clone(old)
		maps.Copy(keys, next)
		for key := range unknowns {
			keys[key] = nil
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			name := key
			if path != "" {
				name = path + "." + key
			}
			differing(name, old[key], next[key], unknowns[key], out)
		}
		return
	}
	oldList, wasList := before.([]any)
	nextList, isList := after.([]any)
	if wasList && isList && len(oldList) == len(nextList) {
		unknowns, _ := unknown.([]any)
		for i := range nextList {
			var u any
			if i < len(unknowns) {
				u = unknowns[i]
			}
			differing(fmt.Sprintf("%s.%d", path, i), oldList[i], nextList[i], u, out)
		}
		return
	}
	if !reflect.DeepEqual(before, after) {
		*out = append(*out, path)
	}
}
