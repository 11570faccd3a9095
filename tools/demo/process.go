//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// patience is how long a process that was asked to end may take before it is killed.
const patience = 30 * time.Second

// child returns a command in a process group of its own: a terminal's interrupt reaches the demo alone, which then
// asks its children to end, in order, instead of seeing them die under its hands.
func child(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = patience
	return cmd
}

// reap kills what a finished child may have left in its group, such as the plugin of a CLI that had to be killed.
func reap(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// exitCode runs cmd and returns the code it exits with. Not starting and being interrupted are errors.
func exitCode(ctx context.Context, cmd *exec.Cmd) (int, error) {
	err := cmd.Run()
	reap(cmd)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// build compiles a package of the repository.
func build(ctx context.Context, root, target, pkg string) error {
	cmd := child(ctx, "go", "build", "-o", target, pkg)
	cmd.Dir = root
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	code, err := exitCode(ctx, cmd)
	if err != nil {
		return fmt.Errorf("go build %s: %w", pkg, err)
	}
	if code != 0 {
		return fmt.Errorf("go build %s:\n%s", pkg, output.Bytes())
	}
	return nil
}
