package image_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// cli is a CLI in a directory, with the provider in a process of its own.
type cli struct {
	*world
	path, dir, provider string
	env                 []string
}

// newCLI builds the provider and lets a CLI find it, and a vCenter.
func newCLI(t *testing.T) *cli {
	t.Helper()
	return newWorld(t).cli()
}

// cli builds the provider and lets a CLI find it.
func (w *world) cli() *cli {
	t := w.T
	t.Helper()
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("processes are found by /proc")
	}
	c := &cli{path: needCLI(t), world: w, dir: t.TempDir()}
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c.provider = filepath.Join(bin, "terraform-provider-vmoperator")
	var overrides strings.Builder
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		fmt.Fprintf(&overrides, "    %q = %q\n", registry+"/vmoperator/vmoperator", bin)
	}
	settings := filepath.Join(t.TempDir(), "cli.tfrc")
	put(t, settings, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n%s  }\n}\n", overrides.String()), 0)
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+filepath.Join(c.dir, "log"),
		"GOGC=") // the provider's memory is what users see, whatever the tests have
	return c
}

// built is a directory with the provider, which TestMain removes.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "provider-")
	if err != nil {
		return "", err
	}
	removeAfterwards = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-vmoperator"), "../../..").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return dir, nil
})

// removeAfterwards is removed when all tests have ended.
var removeAfterwards string

// configure writes the configuration.
func (c *cli) configure(config string) {
	c.Helper()
	put(c.T, filepath.Join(c.dir, "main.tf"), []byte("terraform {\n  required_providers {\n    vmoperator = { source = \"vmoperator/vmoperator\" }\n  }\n}\n"+config), 0)
}

// start starts a command; the function that it returns waits for its end.
func (c *cli) start(arguments ...string) func() (string, error) {
	c.Helper()
	var out bytes.Buffer
	command := exec.CommandContext(c.Context(), c.path, append(arguments, "-no-color")...)
	command.Dir, command.Env, command.Stdout, command.Stderr = c.dir, c.env, &out, &out
	if err := command.Start(); err != nil {
		c.Fatal(err)
	}
	return func() (string, error) {
		err := command.Wait()
		return out.String(), err
	}
}

// processes are the ids of the provider's processes.
func (c *cli) processes() []int {
	var ids []int
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == c.provider {
			if id, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// peak is the most memory that a process has had in RAM so far, in MiB.
func peak(id int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kibibytes := 0
	_, _ = fmt.Sscan(after, &kibibytes)
	return kibibytes >> 10
}

// uploading waits until some bytes of an upload have arrived.
func (c *cli) uploading(n int64) {
	c.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		for session := range c.sim.UpdateSessions() {
			files, err := c.items.ListLibraryItemUpdateSessionFile(context.WithoutCancel(c.Context()), session)
			if err != nil {
				continue
			}
			for _, file := range files {
				if file.BytesTransferred > n {
					return
				}
			}
		}
		time.Sleep(time.Millisecond)
	}
	c.Fatal("nothing is uploaded")
}

// A provider that is killed in the middle of an upload leaves an item, and no state. The next
// apply finishes the same item.
func TestAnUploadThatWasKilledIsTakenOver(t *testing.T) {
	c := newCLI(t)
	ova := goldenOVA(t)
	sparse(t, ova, 64<<30) // it would take a minute
	c.configure(image(file(ova), `description = "Ours"`))
	wait := c.start("apply", "-auto-approve")
	c.uploading(32 << 20)
	for _, id := range c.processes() {
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	if out, err := wait(); err == nil {
		t.Fatalf("it was not killed:\n%s", out)
	}
	left := c.found()
	if len(left) != 1 {
		t.Fatalf("it has left %v", left)
	}
	if text, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate")); err == nil && strings.Contains(string(text), left[0]) {
		t.Fatalf("the item is in state:\n%s", text)
	}
	put(t, ova, archive("1.0"), 0)
	c.sim.ResetRequests()
	began := time.Now()
	out, err := c.start("apply", "-auto-approve")()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("taken over after %s", time.Since(began).Round(time.Second))
	if err := c.one()(); err != nil || c.found()[0] != left[0] {
		t.Errorf("%v: there are %v, after %v", err, c.found(), left)
	}
	if got := c.sim.Requests("DELETE */content/library/item/{id}"); len(got) != 0 {
		t.Errorf("deleted were %+v", got)
	}
	item, err := c.items.GetLibraryItem(t.Context(), left[0])
	if err != nil || *item.Description != "Ours" || item.ContentVersion != "2" {
		t.Errorf("the item is %+v, %v", item, err)
	}
	if out, err := c.start("plan", "-detailed-exitcode")(); err != nil {
		t.Errorf("the next plan is not empty: %v\n%s", err, out)
	}
}

// A CLI that is interrupted lets the provider clean up.
func TestAnUploadThatIsInterruptedCleansUp(t *testing.T) {
	c := newCLI(t)
	ova := goldenOVA(t)
	sparse(t, ova, 64<<30)
	c.configure(image(file(ova)))
	var out bytes.Buffer
	command := exec.CommandContext(t.Context(), c.path, "apply", "-auto-approve", "-no-color")
	command.Dir, command.Env, command.Stdout, command.Stderr = c.dir, c.env, &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c.uploading(32 << 20)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Fatalf("it was not interrupted:\n%s", out.String())
	}
	if got := c.found(); len(got) != 0 || len(c.sim.UpdateSessions()) != 0 {
		t.Errorf("it has left %v, and the sessions %v:\n%s", got, c.sim.UpdateSessions(), out.String())
	}
	if left := c.sim.Sessions(); left.SOAP > 1 || left.REST > 1 { // the test's own
		t.Errorf("it has left the logins %+v", left)
	}
}

// A file of a gigabyte passes through a buffer.
func TestALargeUploadTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it uploads a gigabyte")
	}
	const size, limit = 1 << 30, 150
	// In this process, a race detector would follow each byte that the simulator receives.
	c := worldOf(t, simulator.StartProcess(t).Connection).cli()
	ova := goldenOVA(t)
	sparse(t, ova, size)
	c.configure(image(file(ova)))
	began := time.Now()
	wait := c.start("apply", "-auto-approve")
	done := make(chan struct{})
	most := make(chan int)
	go func() {
		highest := 0
		for {
			for _, id := range c.processes() {
				highest = max(highest, peak(id))
			}
			select {
			case <-done:
				most <- highest
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	out, err := wait()
	close(done)
	highest := <-most
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%d MiB took %s and %d MiB of memory at the most", size>>20, time.Since(began).Round(100*time.Millisecond), highest)
	if highest == 0 || highest > limit {
		t.Errorf("the provider has had %d MiB of memory, more than %d", highest, limit)
	}
	if err := c.one()(); err != nil {
		t.Error(err)
	}
	files, err := c.items.ListLibraryItemFiles(t.Context(), c.found()[0])
	if err != nil || len(files) != 2 || *files[1].Size != size {
		t.Errorf("the item has %+v, %v", files, err)
	}
	log, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if lines := strings.Count(string(log), "Uploading the image"); err != nil || lines == 0 || lines > 25 {
		t.Errorf("the log has %d lines of progress, %v", lines, err)
	}
	if !strings.Contains(string(log), "percent=100") {
		t.Error("the log does not tell the end of the upload")
	}
}
