package acceptance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// source is where the configurations of a CLI say that the provider is from. It is found without
// looking there.
const source = "example.com/vmoperator/vmoperator"

// CLI runs single commands of Terraform or OpenTofu in a directory of its own. Story is for what
// the steps of a test case can say; this is for many resources and few commands, and for what
// commands say about each of them. The provider is a process of its own, as users have it.
type CLI struct {
	*testing.T
	path, dir string
	// settings is the file that tells the CLI where the provider is.
	settings string
	// lines are those of the configuration.
	lines []string
}

// NewCLI builds the provider. It skips the test where there is no CLI.
func NewCLI(t *testing.T) *CLI {
	t.Helper()
	c := &CLI{T: t, path: NeedCLI(t), dir: t.TempDir()}
	c.put("cli.tfrc", fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, provided(t)))
	c.settings = filepath.Join(c.dir, "cli.tfrc")
	return c
}

// In is a CLI for another test, in another directory, with the same provider.
func (c *CLI) In(t *testing.T) *CLI {
	t.Helper()
	return &CLI{T: t, path: c.path, dir: t.TempDir(), settings: c.settings}
}

func (c *CLI) put(name string, content []byte) {
	c.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), content, 0o600); err != nil {
		c.Fatal(err)
	}
}

// Configure writes the configuration: its blocks by their types, in JSON's form.
func (c *CLI) Configure(blocks map[string]any) {
	c.Helper()
	whole := map[string]any{"terraform": map[string]any{"required_providers": map[string]any{provider.TypeName: map[string]any{"source": source}}}}
	for name, block := range blocks {
		whole[name] = block
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		c.Fatal(err)
	}
	c.lines = strings.Split(string(text), "\n")
	c.put("main.tf.json", text)
}

// Said is a diagnostic of a command.
type Said struct {
	Severity, Summary, Detail string
	// Address is the resource that it is about.
	Address string
	// Attribute is the innermost attribute or block of the configuration whose line it points at.
	Attribute string
}

// String is for messages of tests.
func (s Said) String() string {
	return fmt.Sprintf("%s at %s of %s: %s: %s", s.Severity, s.Attribute, s.Address, s.Summary, s.Detail)
}

// Ran is what a command did.
type Ran struct {
	// Code is its exit code.
	Code int
	// Output is all that it wrote to its standard output.
	Output []byte
	Said   []Said
}

// Run runs a command whose output is JSON.
func (c *CLI) Run(arguments ...string) Ran {
	c.Helper()
	began := time.Now()
	var out, failure bytes.Buffer
	command := exec.CommandContext(c.Context(), c.path, arguments...)
	command.Dir, command.Stdout, command.Stderr = c.dir, &out, &failure
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+c.settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.Fatal(err)
	}
	ran := Ran{Code: command.ProcessState.ExitCode(), Output: out.Bytes()}
	c.Logf("%s: exit code %d after %.1f s, %.1f s of a processor", strings.Join(arguments, " "), ran.Code, time.Since(began).Seconds(), (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds())
	for line := range bytes.Lines(ran.Output) {
		ran.Said = append(ran.Said, c.said(line)...)
	}
	if failure.Len() > 0 {
		c.Logf("%s", failure.String())
	}
	return ran
}

// said is the diagnostic in a line of JSON output, if that is one.
func (c *CLI) said(line []byte) []Said {
	var event struct {
		Diagnostic *struct {
			Severity, Summary, Detail, Address string
			Range                              *struct{ Start struct{ Line int } }
		}
	}
	if json.Unmarshal(line, &event) != nil || event.Diagnostic == nil {
		return nil
	}
	d := event.Diagnostic
	out := Said{Severity: d.Severity, Summary: d.Summary, Detail: d.Detail, Address: d.Address}
	if d.Range != nil {
		out.Attribute = c.named(d.Range.Start.Line)
	}
	return []Said{out}
}

// named is the attribute or block that a line of the configuration is in. Blocks that repeat are elements
// of a list, and have no name in their own line.
func (c *CLI) named(line int) string {
	indent := math.MaxInt
	for _, text := range slices.Backward(c.lines[:min(line, len(c.lines))]) {
		inner := strings.TrimLeft(text, " ")
		if len(text)-len(inner) >= indent {
			continue
		}
		indent = len(text) - len(inner)
		if strings.HasPrefix(inner, "}") || strings.HasPrefix(inner, "]") {
			indent++ // the end of what has its name in a line of the same indent
		}
		if name, found := strings.CutPrefix(inner, `"`); found {
			name, _, _ = strings.Cut(name, `"`)
			return name
		}
	}
	return ""
}

// provided is a directory with the provider's executable, built from this module.
func provided(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "terraform-provider-vmoperator"), ".")
	build.Dir = strings.TrimSpace(string(module))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, out)
	}
	return dir
}
