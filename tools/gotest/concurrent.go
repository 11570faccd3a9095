package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// concurrent are the tests of packages that start a simulator process, by name, in alphabetical order.
func concurrent(root string, packages []string) ([]string, error) {
	var out []string
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("look for tests: %w", err)
			}
			out = append(out, starting(string(text))...)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no test starts a simulator process any more: gotest looks for simulator.StartProcess(")
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// starting are those of the tests in a file that start a simulator process.
func starting(file string) []string {
	var out []string
	function := ""
	for line := range strings.Lines(file) {
		if declared, ok := strings.CutPrefix(line, "func "); ok {
			function, _, _ = strings.Cut(declared, "(")
		}
		if strings.HasPrefix(function, "Test") && strings.Contains(line, "simulator.StartProcess(") {
			out = append(out, function)
		}
		if strings.HasPrefix(line, "}") {
			function = ""
		}
	}
	return out
}
