//go:build unix

// Command demo shows the provider at work on a machine with Go and nothing else: it builds the provider and a vCenter
// simulator, runs a real Terraform or OpenTofu on examples/quickstart, checks at each step that what should happen
// happened, and leaves nothing behind: no process, no file. It fails at the first surprise.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/tools/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "\nThe demo was interrupted; nothing is left behind.")
		os.Exit(130)
	case err != nil:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}

// run does everything below one temporary directory and stops the simulator whatever happens.
func run(ctx context.Context) (err error) {
	start := time.Now()
	out := newPrinter(os.Stdout)
	root, err := repository()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "vmoperator-demo-")
	if err != nil {
		return fmt.Errorf("making a directory to work in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	out.heading("Build the provider and a vCenter simulator")
	cache, err := cli.CacheDir()
	if err != nil {
		return err
	}
	found, err := cli.Find(ctx, cache, os.Stderr)
	if err != nil {
		return err
	}
	out.line("%v", found)
	provider, simulator := filepath.Join(dir, "bin", "terraform-provider-vmoperator"), filepath.Join(dir, "bin", "vcsim")
	for target, pkg := range map[string]string{provider: ".", simulator: "./internal/simulator/cmd/vcsim"} {
		if err := build(ctx, root, target, pkg); err != nil {
			return err
		}
	}
	out.line("Built in %v", time.Since(start).Round(time.Second))

	out.heading("Start the simulator")
	vcenter, err := startSimulator(ctx, simulator, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vcenter.stop()) }()
	out.line("https://%s as %s", vcenter.Server, vcenter.User)

	command, err := newCommandLine(found, filepath.Join(root, "examples", "quickstart"), dir, vcenter, out)
	if err != nil {
		return err
	}
	if err := story(ctx, command, vcenter, out); err != nil {
		return err
	}

	out.heading("Stop the simulator")
	if err := vcenter.stop(); err != nil {
		return err
	}
	out.line("Done in %v. Nothing is left running, nothing is left on disk.", time.Since(start).Round(time.Second))
	return nil
}

// repository returns the root of the working copy, which is above the working directory.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the working directory: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "examples", "quickstart")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run the demo inside the repository, with make demo: examples/quickstart was not found")
		}
		dir = parent
	}
}
