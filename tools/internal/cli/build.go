package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The OpenTofu that is built where there is no command line.
const (
	openTofuVersion = "1.12.6"
	openTofuModule  = "github.com/opentofu/opentofu"
)

// openTofuGoMod requires OpenTofu with the one replacement that its own go.mod has: `go install` refuses modules that
// replace others, a module around it does not.
const openTofuGoMod = `module opentofu.build

go 1.26

require ` + openTofuModule + ` v` + openTofuVersion + `

replace github.com/hashicorp/hcl/v2 => github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828
`

// OwnOpenTofu returns the OpenTofu in cacheDir and builds it there when it is missing or does not run. Progress goes to
// log.
func OwnOpenTofu(ctx context.Context, cacheDir string, log io.Writer) (CLI, error) {
	binary := filepath.Join(cacheDir, "opentofu-"+openTofuVersion, "tofu")
	if _, err := os.Stat(binary); err == nil {
		found, err := inspect(ctx, binary)
		if err == nil {
			return found, nil
		}
		fmt.Fprintf(log, "Building again what does not run: %v\n", err)
	}
	fmt.Fprintf(log, "Building OpenTofu %s from source, once, which takes a few minutes\n", openTofuVersion)
	start := time.Now()
	if err := buildOpenTofu(ctx, binary, log); err != nil {
		return CLI{}, fmt.Errorf("building OpenTofu %s (or set %s to a Terraform or OpenTofu): %w", openTofuVersion, PathVariable, err)
	}
	found, err := inspect(ctx, binary)
	if err != nil {
		return CLI{}, fmt.Errorf("trying the OpenTofu that was built: %w", err)
	}
	fmt.Fprintf(log, "Built %v in %v\n", found, time.Since(start).Round(time.Second))
	return found, nil
}

// buildOpenTofu builds beside the target and renames, so that an interrupted or a concurrent build never leaves half
// a program under the final name.
func buildOpenTofu(ctx context.Context, target string, log io.Writer) error {
	dir := filepath.Dir(target)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return fmt.Errorf("making a directory to build in: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "go.mod"), []byte(openTofuGoMod), 0o600); err != nil {
		return fmt.Errorf("writing the module to build in: %w", err)
	}
	built := filepath.Join(work, "tofu")
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-trimpath",
		// A build from source calls itself a development version unless told otherwise.
		"-ldflags=-s -w -X "+openTofuModule+"/version.dev=no",
		"-o", built, openTofuModule+"/cmd/tofu")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "CGO_ENABLED=0")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	stop := heartbeat(log)
	err = cmd.Run()
	stop()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output.Bytes())
	}
	return os.Rename(built, target)
}

// heartbeat writes a line every half minute until the function that it returns is called: a build says nothing for
// minutes.
func heartbeat(log io.Writer) (stop func()) {
	start := time.Now()
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(30 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				fmt.Fprintf(log, "  still building, %v\n", now.Sub(start).Round(time.Second))
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}
