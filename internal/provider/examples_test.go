package provider_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// examplesDir holds the examples. Each directory in it with HCL is one, and is found by
// itself: an example that is added is tested. What the README shows is one too.
const (
	examplesDir = "../../examples"
	readme      = "../../README.md"
)

var (
	providerBlock = regexp.MustCompile(`(?m)^provider "vmoperator"`)
	moduleSource  = regexp.MustCompile(`(?m)^(\s*source\s*=\s*)"(\./[^"]+)"`)
	importTarget  = regexp.MustCompile(`(?m)^\s*to\s*=\s*(\S+)`)
	importCommand = regexp.MustCompile(`(?m)^terraform import (\S+) (\S+)$`)
	hclInMarkdown = regexp.MustCompile("(?s)\n```hcl\n(.*?)\n```\n")
	instanceUUID  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// example is one directory of HCL.
type example struct {
	// name is the path below examplesDir, with hyphens.
	name, dir string
	// files are its *.tf files by name, without those that import.
	files map[string]string
	// imports are the files that show an import.
	imports map[string]string
	// variables is terraform.tfvars.example, empty where the example needs none.
	variables string
}

// examples finds all examples. A module that another example calls is applied there.
func examples(t *testing.T) []example {
	t.Helper()
	var found []example
	called := map[string]bool{}
	err := filepath.WalkDir(examplesDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		e, err := readExample(path)
		if err != nil || len(e.files) == 0 {
			return err
		}
		for _, text := range e.files {
			for _, call := range moduleSource.FindAllStringSubmatch(text, -1) {
				called[filepath.Join(path, call[2])] = true
			}
		}
		found = append(found, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found = slices.DeleteFunc(found, func(e example) bool { return called[e.dir] })
	return append(found, readmeExample(t))
}

// readmeExample is the HCL of the README, taken together.
func readmeExample(t *testing.T) example {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	e := example{name: "readme", dir: filepath.Dir(readme), files: map[string]string{}}
	for i, block := range hclInMarkdown.FindAllStringSubmatch(string(text), -1) {
		e.files[fmt.Sprintf("readme_%d.tf", i)] = block[1] + "\n"
	}
	if len(e.files) == 0 {
		t.Fatalf("%s shows no HCL", readme)
	}
	return e
}

func readExample(dir string) (example, error) {
	relative, err := filepath.Rel(examplesDir, dir)
	if err != nil {
		return example{}, err
	}
	e := example{
		name: strings.ReplaceAll(filepath.ToSlash(relative), "/", "-"), dir: dir,
		files: map[string]string{}, imports: map[string]string{},
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return example{}, err
	}
	for _, entry := range entries {
		file := entry.Name()
		if entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return example{}, err
		}
		switch {
		case strings.HasPrefix(file, "import"):
			e.imports[file] = string(text)
		case filepath.Ext(file) == ".tf":
			e.files[file] = string(text)
		case file == "terraform.tfvars.example":
			e.variables = string(text)
		}
	}
	return e, nil
}

// stage writes the example, and more files, where the CLI can run it, and returns the
// directory. An example that leaves the provider to its reader gets the provider's own example.
func (e *example) stage(t *testing.T, more map[string]string) string {
	t.Helper()
	files := maps.Clone(e.files)
	configured := false
	for name, text := range files {
		configured = configured || providerBlock.MatchString(text)
		files[name] = moduleSource.ReplaceAllStringFunc(text, func(call string) string {
			part := moduleSource.FindStringSubmatch(call)
			module, err := filepath.Abs(filepath.Join(e.dir, part[2]))
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%s%q", part[1], module)
		})
	}
	if !configured {
		text, err := os.ReadFile(filepath.Join(examplesDir, "provider", "provider.tf"))
		if err != nil {
			t.Fatal(err)
		}
		files["provider.tf"] = string(text)
	}
	if e.variables != "" {
		files["terraform.tfvars"] = e.variables
	}
	maps.Copy(files, more)
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestExamplesApply plans, applies, plans again and destroys every example. The second plan
// has to be empty, and each guest has to have the network that its status shows.
func TestExamplesApply(t *testing.T) {
	needCLI(t)
	servedForExamples(t)
	all := examples(t)
	if len(all) == 0 {
		t.Fatalf("there is no example in %s", examplesDir)
	}
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			vcenter := vcenterForExamples(t)
			before := vcenter.Machines()
			dir, servers := e.stage(t, nil), factories(t)
			resource.UnitTest(t, resource.TestCase{
				Steps: []resource.TestStep{
					{
						ProtoV6ProviderFactories: servers,
						ConfigDirectory:          config.StaticDirectory(dir),
						ConfigStateChecks:        []statecheck.StateCheck{&guestsAsTold{vcenter: vcenter, example: e.name}},
					},
					// The test framework destroys what is left by itself, but not what modules made.
					{ProtoV6ProviderFactories: servers, ConfigDirectory: config.StaticDirectory(dir), Destroy: true},
				},
			})
			if diff := cmp.Diff(before, vcenter.Machines()); diff != "" {
				t.Errorf("machines before the example and after its destruction (-before +after):\n%s", diff)
			}
		})
	}
}

// TestExamplesImport imports, by every way that an example shows, the machine that the same
// example creates. The plan of an import has to change nothing.
func TestExamplesImport(t *testing.T) {
	needCLI(t)
	servedForExamples(t)
	for _, e := range examples(t) {
		for file, text := range e.imports {
			t.Run(e.name+"-"+file, func(t *testing.T) {
				t.Parallel()
				vcenterForExamples(t)
				e.testImport(t, file, text)
			})
		}
	}
}

func (e *example) testImport(t *testing.T, file, text string) {
	servers := factories(t)
	step := resource.TestStep{ImportState: true, ProtoV6ProviderFactories: servers}
	var checks []tfversion.TerraformVersionCheck
	switch command := importCommand.FindStringSubmatch(text); {
	case command != nil:
		step.ResourceName, step.ImportStateId = command[1], command[2]
		step.ImportStateKind, step.ImportStateVerify = resource.ImportCommandWithID, true
	default:
		target := importTarget.FindStringSubmatch(text)
		if target == nil {
			t.Fatalf("%s neither has an import block nor a terraform import command", file)
		}
		step.ResourceName = target[1]
		step.ImportStateKind, step.ImportStateConfigExact = resource.ImportBlockWithID, true
		step.ConfigDirectory = config.StaticDirectory(e.stage(t, map[string]string{file: text}))
		if strings.Contains(text, "identity") {
			checks = append(checks, tfversion.SkipBelow(tfversion.Version1_12_0))
		}
	}
	// The machine of the example gets the UUID that the import names.
	kind, name, _ := strings.Cut(step.ResourceName, ".")
	override := fmt.Sprintf("resource %q %q {\n  instance_uuid = %q\n}\n", kind, name, instanceUUID.FindString(text))
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: checks,
		Steps: []resource.TestStep{
			{ProtoV6ProviderFactories: servers, ConfigDirectory: config.StaticDirectory(e.stage(t, map[string]string{"uuid_override.tf": override}))},
			step,
		},
	})
}

// servedForExamples serves the provider under the address that the examples have for it, while a test runs.
func servedForExamples(t *testing.T) {
	t.Helper()
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "vmoperator")
}

// vcenterForExamples starts a vCenter.
func vcenterForExamples(t *testing.T) *simulator.Simulator {
	t.Helper()
	vcenter := simulator.Start(t, simulator.WithEveryImageType())
	connect(t, vcenter.Connection())
	return vcenter
}

// guestsAsTold checks that each machine's guest has the network that the state shows, and
// writes down what the guest was sent where guestLab asks for it.
type guestsAsTold struct {
	vcenter *simulator.Simulator
	example string
}

// CheckState implements statecheck.StateCheck.
func (c *guestsAsTold) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	c.vcenter.Settle()
	machines, err := machinesOf(req.State)
	if err != nil {
		resp.Error = err
		return
	}
	for _, machine := range machines {
		report, err := c.vcenter.GuestReport(machine.Name)
		if err != nil {
			resp.Error = err
			return
		}
		if err := machine.compare(report); err != nil {
			resp.Error = fmt.Errorf("the guest of %s is not as status.network.config says: %w", machine.Name, err)
			return
		}
		if err := guestLab(ctx, c.vcenter, c.example, &machine); err != nil {
			resp.Error = err
			return
		}
	}
}
