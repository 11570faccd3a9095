package simulator

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Facts is what a simulator process prints when it is ready, as one line of JSON, and
// writes to env.json.
type Facts struct {
	Connection
	// Admin is the "address:port" of the admin endpoint, for NewControl.
	Admin string `json:"admin"`
	PID   int    `json:"pid"`
}

// Process is a simulator in a process of its own, with the hooks of Control.
type Process struct {
	Facts
	*Control
	// CAPEM is the certificate of the authority that signed the server's certificate.
	CAPEM string

	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan struct{}
	err   error
}

// command line of the simulator, built once for all tests of a test binary.
var built struct {
	once sync.Once
	path string
	err  error
}

// mainPackage is where the command is.
const mainPackage = "github.com/vmoperator/terraform-provider-vmoperator/internal/simulator/cmd/vcsim"

// build builds the command into the user's cache, at a place of its own for each checkout:
// the go tool has little to do when nothing has changed, and test binaries that build at the
// same time replace the file whole.
func build() (string, error) {
	built.once.Do(func() { built.path, built.err = buildInto() })
	return built.path, built.err
}

func buildInto() (string, error) {
	root, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "vmoperator-vcsim", fmt.Sprintf("%x", sha256.Sum256(root))[:16])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	fresh := filepath.Join(dir, fmt.Sprintf("vcsim.%d", os.Getpid()))
	if out, err := exec.Command("go", "build", "-o", fresh, mainPackage).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", mainPackage, err, out)
	}
	path := filepath.Join(dir, "vcsim")
	return path, os.Rename(fresh, path)
}

// StartProcess starts a simulator in a process of its own, for parallel and negative tests
// and for those with the race detector, and stops it when the test ends. It dies with the
// test binary. All options apply.
func StartProcess(t testing.TB, opts ...Option) *Process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	set := newSettings(opts)
	if set.dir == "" {
		set.dir = t.TempDir()
	}
	p, err := run(path, set)
	if err != nil {
		t.Fatalf("start the vCenter simulator: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("stop the vCenter simulator: %v", err)
		}
	})
	return p
}

// run starts the command and waits until it is ready.
func run(path string, set settings) (*Process, error) {
	cmd := exec.Command(path, "-listen", set.listen, "-dir", set.dir, "-json", "-stdin",
		"-guest-delay", set.pace.Tools.String(), "-customization-delay", set.pace.Customization.String(),
		"-api-version", set.apiVersion, "-latency", set.latency.String(),
		fmt.Sprintf("-every-image-type=%t", set.everyImageType))
	if set.address.IsValid() {
		cmd.Args = append(cmd.Args, "-guest-address", set.address.String())
	}
	cmd.Stderr = io.Discard // vcsim's log of every object that was not found
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	line, readErr := bufio.NewReader(stdout).ReadBytes('\n')
	go func() {
		_, _ = io.Copy(io.Discard, stdout)
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := json.Unmarshal(line, &p.Facts); err != nil {
		return nil, errors.Join(fmt.Errorf("it does not say where it is: %q: %w", line, errors.Join(readErr, err)), p.Stop())
	}
	ca, err := os.ReadFile(p.CAFile)
	if err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	p.CAPEM, p.Control = string(ca), NewControl(p.Admin)
	return p, nil
}

// stopTimeout is how long a process may take to stop.
const stopTimeout = 10 * time.Second

// Stop ends the process, in order if it can. It may be called again.
func (p *Process) Stop() error {
	_ = p.stdin.Close() // the process ends when its standard input does
	return p.Wait()
}

// Wait waits for the end of a process that was told to end.
func (p *Process) Wait() error {
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.err
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("it did not end within %s", stopTimeout)
	}
}
