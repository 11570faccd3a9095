// Package cli finds the command line that the tests and the demo drive: Terraform or OpenTofu. On a machine that has
// neither, it builds OpenTofu from its Go module, once per user.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// PathVariable names a command line that is to be used instead of what is found. It is the variable that
// terraform-plugin-testing reads.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// Product tells the two command lines apart.
type Product string

// The command lines that the provider is made for.
const (
	Terraform Product = "Terraform"
	OpenTofu  Product = "OpenTofu"
)

// Minimum is the oldest version of either product that the provider supports: write-only arguments, which carry
// secrets, came with it.
var Minimum = Version{1, 11, 0}

// ErrTooOld is wrapped by errors about a command line below Minimum.
var ErrTooOld = errors.New("too old")

// Version is a release number: major, minor, patch.
type Version [3]int

// Less reports whether v came before w.
func (v Version) Less(w Version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// CLI is a command line that was run once and told its version.
type CLI struct {
	Path    string
	Product Product
	Version Version
}

func (c CLI) String() string { return fmt.Sprintf("%s %s (%s)", c.Product, c.Version, c.Path) }

// TestEnvironment returns the variables, as NAME=value, that make terraform-plugin-testing use c and nothing of the
// user's own configuration. emptyConfig is the path of an empty file.
func (c CLI) TestEnvironment(emptyConfig string) []string {
	env := []string{
		PathVariable + "=" + c.Path,
		"TF_CLI_CONFIG_FILE=" + emptyConfig,
		"CHECKPOINT_DISABLE=1",
	}
	if c.Product == OpenTofu {
		// Without it the test framework serves the provider under a name that OpenTofu does not look up.
		env = append(env, "TF_ACC_PROVIDER_HOST=registry.opentofu.org")
	}
	return env
}

// Find returns the command line named by PathVariable, else the first of terraform and tofu on PATH that is new
// enough, else an OpenTofu of our own, building it when it is not in cacheDir yet. Progress goes to log.
func Find(ctx context.Context, cacheDir string, log io.Writer) (CLI, error) {
	if path := os.Getenv(PathVariable); path != "" {
		found, err := inspect(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("%s names a command line that cannot be used: %w", PathVariable, err)
		}
		return found, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			return CLI{}, fmt.Errorf("resolving the path of %s: %w", name, err)
		}
		found, err := inspect(ctx, path)
		if err == nil {
			return found, nil
		}
		fmt.Fprintf(log, "Passing over %v\n", err)
	}
	fmt.Fprintf(log, "No Terraform or OpenTofu %s or newer is on PATH: using OpenTofu %s from source\n", Minimum, openTofuVersion)
	return OwnOpenTofu(ctx, cacheDir, log)
}

// CacheDir returns the directory, below the user's own cache, that holds what is built once and used again.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache directory, set XDG_CACHE_HOME: %w", err)
	}
	return filepath.Join(base, "vmoperator-provider"), nil
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+)\.(\d+)\.(\d+)`)

// inspect runs path once and refuses what does not answer, is another program, or is older than Minimum.
func inspect(ctx context.Context, path string) (CLI, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w\n%s", path, err, out)
	}
	product, version, err := parseVersion(string(out))
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	if version.Less(Minimum) {
		return CLI{}, fmt.Errorf("%s is %s %s, %w: %s or newer is needed", path, product, version, ErrTooOld, Minimum)
	}
	return CLI{Path: path, Product: product, Version: version}, nil
}

func parseVersion(out string) (Product, Version, error) {
	match := versionLine.FindStringSubmatch(out)
	if match == nil {
		return "", Version{}, fmt.Errorf("the answer %q names neither Terraform nor OpenTofu", out)
	}
	var version Version
	for i := range version {
		n, err := strconv.Atoi(match[i+2])
		if err != nil {
			return "", Version{}, fmt.Errorf("reading the version in %q: %w", match[0], err)
		}
		version[i] = n
	}
	return Product(match[1]), version, nil
}
