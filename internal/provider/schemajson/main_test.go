package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// A command line prints what it was built to know: newer kinds of schema may be missing there. What it prints has to
// be what we print.
func TestDocumentIsWhatTheCommandLinePrints(t *testing.T) {
	t.Parallel()
	name := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no command line to compare with: %v", err)
	}

	var ours bytes.Buffer
	if err := write(t.Context(), &ours); err != nil {
		t.Fatal(err)
	}
	want, got := decode(t, commandLineSchema(t, path)), decode(t, ours.Bytes())
	for source, theirs := range want {
		for part, schemas := range theirs {
			if diff := gocmp.Diff(schemas, got[provider.TypeName][part]); diff != "" {
				t.Errorf("%s of %s (-%s +schemajson):\n%s", part, source, path, diff)
			}
		}
	}
	if len(want) != 1 {
		t.Errorf("%s knows %d providers, want ours alone", path, len(want))
	}
}

// commandLineSchema builds the provider and lets the command line describe it.
func commandLineSchema(t *testing.T, path string) []byte {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "terraform-provider-vmoperator"), "../../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	const source = "vmoperator/vmoperator"
	files := map[string]string{
		"cli.tfrc": fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, dir),
		"main.tf":  fmt.Sprintf("terraform {\n  required_providers {\n    vmoperator = {\n      source = %q\n    }\n  }\n}\n", source),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	describe := exec.CommandContext(t.Context(), path, "providers", "schema", "-json")
	describe.Dir = dir
	describe.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1")
	var stderr bytes.Buffer
	describe.Stderr = &stderr
	out, err := describe.Output()
	if err != nil {
		t.Fatalf("%s providers schema: %v\n%s\n%s", path, err, out, stderr.Bytes())
	}
	return out
}

// decode returns the parts of each provider's schema.
func decode(t *testing.T, document []byte) map[string]map[string]any {
	t.Helper()
	var parsed struct {
		Schemas map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatalf("%v in %.200s", err, document)
	}
	if len(parsed.Schemas) == 0 {
		t.Fatalf("no provider in %.200s", document)
	}
	for _, schemas := range parsed.Schemas {
		prune(schemas)
	}
	return parsed.Schemas
}

// prune removes what only some command lines print: empty texts, and the texts of deprecations.
func prune(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if member == "" || key == "deprecation_message" {
				delete(value, key)
				continue
			}
			prune(member)
		}
	case []any:
		for _, element := range value {
			prune(element)
		}
	}
}
