// Command gotest runs every test of both modules as one stream of test2json, for gotestsum, so that a run ends with one
// summary. What waits runs beside what works. Its arguments, such as -run, go to each go test.
//
// The race detector sees all that it can see. It needs a C compiler. And govmomi's simulator has data races of its own,
// between tasks and those who wait for them: packages that run it inside the test's process go without the detector,
// and those of their tests that run it as a process of its own, which are the concurrent ones, go once more, with it.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// inside are the packages that run govmomi's simulator in their own process. What takes longest starts first.
var inside = []string{"./internal/provider/virtualmachine", "./internal/provider", "./internal/simulator", "./internal/vsphere/machine"}

// longest are those of the others that take longest.
var longest = []string{"./internal/provider/image", "./internal/vsphere/library"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A third of what the tests compute is collecting garbage: they make much of it, and keep little.
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "400")
	}
	if err := run(ctx, "..", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1) //nolint:gocritic // The process ends here: nothing is left for stop to do.
	}
}

func run(ctx context.Context, root string, args []string) error {
	tests := &tests{root: root, args: args, out: &lines{to: os.Stdout}}
	tools := filepath.Join(root, "tools")
	if !canRace(ctx) {
		return tests.both(
			func() error { return tests.run(ctx, root, "-timeout=30m", "-parallel=4", "./...") },
			func() error { return tests.run(ctx, tools, "-timeout=10m", "./...") },
		)
	}
	outside, err := tests.outside(ctx)
	if err != nil {
		return err
	}
	failed := tests.both(
		// Tests that run beside others wait more than they work.
		func() error {
			return tests.run(ctx, root, append([]string{"-timeout=30m", "-parallel=4"}, inside...)...)
		},
		func() error {
			first := tests.run(ctx, root, append([]string{"-race", "-timeout=30m"}, outside...)...)
			if second := tests.run(ctx, tools, "-race", "-timeout=10m", "./..."); first == nil {
				return second
			}
			return first
		},
	)
	if len(args) > 0 || ctx.Err() != nil {
		return failed
	}
	again, err := concurrent(root, inside)
	if err != nil {
		return err
	}
	// Not beside the others: gotestsum tells two runs of one package apart only by their order.
	if err := tests.run(ctx, root, append([]string{"-race", "-timeout=15m", "-run", "^(" + strings.Join(again, "|") + ")$"}, inside...)...); err != nil {
		return err
	}
	return failed
}

// canRace tells whether the race detector can be had.
func canRace(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || enabled != "1" || len(strings.Fields(compiler)) == 0 {
		return false
	}
	_, err = exec.LookPath(strings.Fields(compiler)[0])
	return err == nil
}

// tests runs go test.
type tests struct {
	root string
	args []string
	out  *lines
}

// both runs two things at the same time, to their ends, and returns an error of one of them.
func (t *tests) both(one, other func() error) error {
	var wait sync.WaitGroup
	var failed [2]error
	wait.Go(func() { failed[0] = one() })
	wait.Go(func() { failed[1] = other() })
	wait.Wait()
	if failed[0] != nil {
		return failed[0]
	}
	return failed[1]
}

// run runs go test. make test has had go vet look at everything: -vet=off keeps each run from doing so again.
func (t *tests) run(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"test", "-json", "-vet=off", "-shuffle=on"}, t.args, args)...)
	cmd.Dir = dir
	out := t.out.writer()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err := cmd.Run()
	out.end()
	if err != nil {
		return fmt.Errorf("go test in %s: %w", dir, err)
	}
	return nil
}

// outside are all packages but those of inside.
func (t *tests) outside(ctx context.Context) ([]string, error) {
	list := func(patterns ...string) ([]string, error) {
		cmd := exec.CommandContext(ctx, "go", append([]string{"list"}, patterns...)...)
		cmd.Dir, cmd.Stderr = t.root, os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list %v: %w", patterns, err)
		}
		return strings.Fields(string(out)), nil
	}
	all, err := list("./...")
	if err != nil {
		return nil, err
	}
	elsewhere, err := list(slices.Concat(inside, longest)...)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p string) bool { return slices.Contains(elsewhere, p) })
	return slices.Concat(longest, all), nil
}

// lines puts the lines of several streams into one, each in one piece.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

// stream is one of several streams.
type stream struct {
	lines *lines
	begun []byte // a line that has not ended yet
}

func (l *lines) writer() *stream { return &stream{lines: l} }

// Write implements io.Writer.
func (s *stream) Write(text []byte) (int, error) {
	end := bytes.LastIndexByte(text, '\n') + 1
	if end == 0 {
		s.begun = append(s.begun, text...)
		return len(text), nil
	}
	whole := slices.Concat(s.begun, text[:end])
	s.begun = bytes.Clone(text[end:])
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	if _, err := s.lines.to.Write(whole); err != nil {
		return 0, err
	}
	return len(text), nil
}

// end ends a last line.
func (s *stream) end() {
	if len(s.begun) > 0 {
		_, _ = s.Write([]byte("\n"))
	}
}
