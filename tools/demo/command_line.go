//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/tools/internal/cli"
)

// Exit codes of `plan -detailed-exitcode`.
const (
	nothingToDo = 0
	changes     = 2
)

// commandLine runs Terraform or OpenTofu in a copy of an example.
type commandLine struct {
	name string
	path string
	dir  string
	env  []string
	out  *printer
}

// newCommandLine copies the example into dir, so that state and plans stay out of the repository, and points the CLI at
// the provider in dir/bin and at the simulator. Nothing of the user's own configuration reaches it.
func newCommandLine(found cli.CLI, example, dir string, vcenter *simulator, out *printer) (*commandLine, error) {
	work := filepath.Join(dir, filepath.Base(example))
	if err := os.CopyFS(work, os.DirFS(example)); err != nil {
		return nil, fmt.Errorf("copying the example: %w", err)
	}
	config := filepath.Join(dir, "cli.tfrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"vmoperator/vmoperator\" = %q\n  }\n}\n", filepath.Join(dir, "bin"))
	if err := os.WriteFile(config, []byte(overrides), 0o600); err != nil {
		return nil, fmt.Errorf("writing the CLI configuration: %w", err)
	}
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "VSPHERE_") || strings.HasPrefix(variable, "VMOPERATOR_")
	})
	env = append(env,
		"TF_CLI_CONFIG_FILE="+config,
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
		"CHECKPOINT_DISABLE=1",
		"VSPHERE_SERVER="+vcenter.Server,
		"VSPHERE_USER="+vcenter.User,
		"VSPHERE_PASSWORD="+vcenter.Password,
		"VSPHERE_CA_CERTIFICATES="+vcenter.CAFile,
	)
	return &commandLine{name: filepath.Base(found.Path), path: found.Path, dir: work, env: env, out: out}, nil
}

// show runs the CLI before the user's eyes and insists on its exit code.
func (c *commandLine) show(ctx context.Context, wantCode int, args ...string) error {
	shown := c.name + " " + strings.Join(args, " ")
	c.out.command(shown)
	cmd := child(ctx, c.path, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	filtered := &withoutOverrideWarning{to: c.out.file, plain: !c.out.color}
	cmd.Stdout, cmd.Stderr = filtered, filtered
	code, err := exitCode(ctx, cmd)
	filtered.flush()
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	if code != wantCode {
		return fmt.Errorf("%s exited with %d, not %d", shown, code, wantCode)
	}
	return nil
}

// quietly runs the CLI unseen and returns what it prints.
func (c *commandLine) quietly(ctx context.Context, args ...string) ([]byte, error) {
	cmd := child(ctx, c.path, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	code, err := exitCode(ctx, cmd)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", c.name, strings.Join(args, " "), err)
	}
	if code != 0 {
		return nil, fmt.Errorf("%s %s exited with %d\n%s", c.name, strings.Join(args, " "), code, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// query runs the CLI unseen and decodes the JSON that it prints.
func (c *commandLine) query(ctx context.Context, into any, args ...string) error {
	answer, err := c.quietly(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("reading the answer of %s %s: %w", c.name, strings.Join(args, " "), err)
	}
	return nil
}

// planned returns the actions of a saved plan by the address of the resource, without those that do nothing.
func (c *commandLine) planned(ctx context.Context, plan string) (map[string]string, error) {
	var shown struct {
		Changes []struct {
			Address string `json:"address"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := c.query(ctx, &shown, "show", "-json", plan); err != nil {
		return nil, err
	}
	actions := map[string]string{}
	for _, change := range shown.Changes {
		if action := strings.Join(change.Change.Actions, ", "); action != "no-op" && action != "read" {
			actions[change.Address] = action
		}
	}
	return actions, nil
}

// machineName returns the name, in state, of the machine at an address.
func (c *commandLine) machineName(ctx context.Context, address string) (string, error) {
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string `json:"address"`
					Values  struct {
						Name string `json:"name"`
					} `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := c.query(ctx, &state, "show", "-json"); err != nil {
		return "", err
	}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Address == address {
			return resource.Values.Name, nil
		}
	}
	return "", fmt.Errorf("%s is not in state", address)
}
