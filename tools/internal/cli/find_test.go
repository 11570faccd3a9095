package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		out     string
		product Product
		version Version
		fails   bool
	}{
		"terraform":              {out: "Terraform v1.11.4\non linux_amd64\n", product: Terraform, version: Version{1, 11, 4}},
		"opentofu":               {out: "OpenTofu v1.12.6\non linux_amd64\n", product: OpenTofu, version: Version{1, 12, 6}},
		"pre-release":            {out: "Terraform v1.16.0-beta2\n", product: Terraform, version: Version{1, 16, 0}},
		"after warnings":         {out: "There are some problems\n\nTerraform v1.13.0\n", product: Terraform, version: Version{1, 13, 0}},
		"another program":        {out: "Python 3.11.2\n", fails: true},
		"mentioned, not claimed": {out: "a wrapper of Terraform v1.11.4\n", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			product, version, err := parseVersion(c.out)
			if (err != nil) != c.fails || product != c.product || version != c.version {
				t.Errorf("parseVersion(%q) = %q, %v, %v", c.out, product, version, err)
			}
		})
	}
}

func TestVersionsCompareByNumber(t *testing.T) {
	t.Parallel()
	ordered := []Version{{0, 15, 5}, {1, 9, 8}, {1, 10, 0}, {1, 11, 0}, {1, 11, 4}, {2, 0, 0}}
	for i, v := range ordered {
		for j, w := range ordered {
			if got := v.Less(w); got != (i < j) {
				t.Errorf("%v.Less(%v) = %v", v, w, got)
			}
		}
	}
}

func TestFindPrefersTheNamedPath(t *testing.T) {
	named := program(t, t.TempDir(), "my-tofu", "OpenTofu v1.12.6")
	onPath := t.TempDir()
	program(t, onPath, "terraform", "Terraform v1.15.3")
	t.Setenv("PATH", onPath)
	t.Setenv(PathVariable, named)
	found, err := Find(t.Context(), t.TempDir(), io.Discard)
	if err != nil || found.Path != named || found.Product != OpenTofu {
		t.Errorf("Find() = %+v, %v; want %s", found, err, named)
	}
}

func TestFindRefusesATooOldNamedPath(t *testing.T) {
	t.Setenv(PathVariable, program(t, t.TempDir(), "terraform", "Terraform v1.8.5"))
	if _, err := Find(t.Context(), t.TempDir(), io.Discard); !errors.Is(err, ErrTooOld) || !strings.Contains(err.Error(), PathVariable) {
		t.Errorf("Find() = %v; want an error about %s being too old", err, PathVariable)
	}
}

func TestFindPassesOverATooOldTerraform(t *testing.T) {
	onPath := t.TempDir()
	program(t, onPath, "terraform", "Terraform v1.8.5")
	want := program(t, onPath, "tofu", "OpenTofu v1.11.0")
	t.Setenv("PATH", onPath)
	t.Setenv(PathVariable, "")
	var log strings.Builder
	found, err := Find(t.Context(), t.TempDir(), &log)
	if err != nil || found.Path != want {
		t.Errorf("Find() = %+v, %v; want %s", found, err, want)
	}
	if !strings.Contains(log.String(), "1.8.5") {
		t.Errorf("the log does not say what was passed over: %q", log.String())
	}
}

func TestFindUsesTheOpenTofuInTheCache(t *testing.T) {
	cache := t.TempDir()
	want := program(t, filepath.Join(cache, "opentofu-"+openTofuVersion), "tofu", "OpenTofu v"+openTofuVersion)
	t.Setenv("PATH", t.TempDir()) // no command line, and no go to build one with
	t.Setenv(PathVariable, "")
	found, err := Find(t.Context(), cache, io.Discard)
	if err != nil || found.Path != want {
		t.Errorf("Find() = %+v, %v; want %s", found, err, want)
	}
}

func TestFindSaysWhatToDoWithoutACommandLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv(PathVariable, "")
	cache := t.TempDir()
	_, err := Find(t.Context(), cache, io.Discard)
	if err == nil || !strings.Contains(err.Error(), PathVariable) {
		t.Errorf("Find() = %v; want an error that names %s", err, PathVariable)
	}
	left, globErr := filepath.Glob(filepath.Join(cache, "*", "*"))
	if globErr != nil || len(left) != 0 {
		t.Errorf("the failed build left %v behind (%v)", left, globErr)
	}
}

func TestTestEnvironmentNamesTheRegistryForOpenTofuOnly(t *testing.T) {
	t.Parallel()
	const host = "TF_ACC_PROVIDER_HOST=registry.opentofu.org"
	for product, want := range map[Product]bool{Terraform: false, OpenTofu: true} {
		env := CLI{Path: "/bin/x", Product: product}.TestEnvironment("/empty")
		if slices.Contains(env, host) != want {
			t.Errorf("%s: %v", product, env)
		}
		for _, line := range []string{"TF_ACC_TERRAFORM_PATH=/bin/x", "TF_CLI_CONFIG_FILE=/empty"} {
			if !slices.Contains(env, line) {
				t.Errorf("%s: %v lacks %s", product, env, line)
			}
		}
	}
}

// program writes a script that answers as a command line of that version does.
func program(t *testing.T, dir, name, answer string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = version ] && echo %q\n", answer)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
