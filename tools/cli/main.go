// Command cli prints the path of the Terraform or OpenTofu that the tests and the demo use and builds one when the
// machine has none. With -env it prints shell assignments for the acceptance tests instead:
//
//	eval "$(go -C tools run ./cli -env)"
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vmoperator/terraform-provider-vmoperator/tools/internal/cli"
)

func main() {
	env := flag.Bool("env", false, "print shell assignments for the acceptance tests")
	openTofu := flag.Bool("opentofu", false, "the OpenTofu that is built here, whatever else there is")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *env, *openTofu); err != nil {
		fmt.Fprintln(os.Stderr, "cli:", err)
		os.Exit(1) //nolint:gocritic // The process ends here: nothing is left for stop to do.
	}
}

func run(ctx context.Context, out io.Writer, env, openTofu bool) error {
	cache, err := cli.CacheDir()
	if err != nil {
		return err
	}
	find := cli.Find
	if openTofu {
		find = cli.OwnOpenTofu
	}
	found, err := find(ctx, cache, os.Stderr)
	if err != nil {
		return err
	}
	if !env {
		fmt.Fprintln(out, found.Path)
		return nil
	}
	empty := filepath.Join(cache, "empty.tfrc")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w", err)
	}
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return fmt.Errorf("writing an empty CLI configuration: %w", err)
	}
	for _, assignment := range found.TestEnvironment(empty) {
		name, value, _ := strings.Cut(assignment, "=")
		fmt.Fprintf(out, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	return nil
}
