// Command vcsim runs the vCenter simulator as a process of its own: for the demo, for
// parallel and negative tests, and for trying the provider by hand.
//
// It prints how to reach it, as lines for a shell or, with -json, as one line of JSON, and
// runs until it gets SIGTERM or SIGINT, or until what it was told to watch ends. How guests
// behave and which API it has can also be said by environment variables, such as
// VCSIM_GUEST_DELAY for -guest-delay; a flag goes first.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vcsim:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	listen, admin, dir string
	json, stdin        bool
	parent             int
	pace               simulator.GuestPace
	latency            time.Duration
	address            netip.Addr
	apiVersion         string
	everyImageType     bool
	verbose            bool
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("vcsim", flag.ContinueOnError)
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback `address` of the vCenter")
	f.StringVar(&o.admin, "admin", "127.0.0.1:0", "loopback `address` of the admin endpoint")
	f.StringVar(&o.dir, "dir", "", "`directory` for ca.pem, env.json and env.sh; a temporary one otherwise")
	f.BoolVar(&o.json, "json", false, "print JSON instead of lines for a shell")
	f.BoolVar(&o.stdin, "stdin", false, "end when standard input ends")
	f.IntVar(&o.parent, "parent-pid", 0, "end when the process with this `pid` does")
	f.Var(guestTime{&o.pace.Tools}, "guest-delay", "`time` until the Tools of a guest run, or never")
	f.Var(guestTime{&o.pace.Customization}, "customization-delay", "`time` that a guest customization takes, or never")
	f.TextVar(&o.address, "guest-address", netip.Addr{}, "`address` that all guests report beside their own")
	f.StringVar(&o.apiVersion, "api-version", simulator.DefaultAPIVersion, "`version` of the vSphere API")
	f.DurationVar(&o.latency, "latency", 0, "delay in front of every request")
	f.BoolVar(&o.everyImageType, "every-image-type", true, "also seed a virtual machine template, an ISO library and a subscribed library")
	f.BoolVar(&o.verbose, "verbose", false, "log what govmomi's simulator logs")
	if err := fromEnvironment(f); err != nil {
		return o, err
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	for _, address := range []string{o.listen, o.admin} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return o, err
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return o, fmt.Errorf("%s is not a loopback address", address)
		}
	}
	return o, nil
}

func run(args []string, stdin io.Reader, stdout io.Writer) (err error) {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if !o.verbose {
		log.SetOutput(io.Discard)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "vcsim-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	settings := []simulator.Option{
		simulator.WithListen(o.listen), simulator.WithDir(o.dir), simulator.WithGuestPace(o.pace), simulator.WithGuestAddress(o.address),
		simulator.WithAPIVersion(o.apiVersion), simulator.WithLatency(o.latency),
	}
	if o.everyImageType {
		settings = append(settings, simulator.WithEveryImageType())
	}
	sim, err := simulator.New(settings...)
	if err != nil {
		return err
	}
	defer sim.Close()

	listener, err := net.Listen("tcp", o.admin)
	if err != nil {
		return fmt.Errorf("listen for the admin endpoint: %w", err)
	}
	admin := &http.Server{Handler: simulator.NewAdmin(sim), ReadHeaderTimeout: time.Minute}
	go func() { _ = admin.Serve(listener) }()
	defer func() { _ = admin.Close() }()

	facts := simulator.Facts{Connection: sim.Connection(), Admin: listener.Addr().String(), PID: os.Getpid()}
	if err := announce(facts, o, stdout); err != nil {
		return err
	}
	watch(ctx, o, stdin)
	return nil
}

// announce says where the simulator is.
func announce(facts simulator.Facts, o options, stdout io.Writer) error {
	text, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	shell := exports(facts)
	if err := os.WriteFile(filepath.Join(o.dir, "env.json"), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.dir, "env.sh"), []byte(shell), 0o600); err != nil {
		return err
	}
	if o.json {
		shell = string(text) + "\n"
	}
	_, err = io.WriteString(stdout, shell)
	return err
}

// exports are the environment variables that vSphere's tools and the provider read.
func exports(f simulator.Facts) string {
	var b strings.Builder
	for _, v := range [][2]string{
		{"VSPHERE_SERVER", f.Server},
		{"VSPHERE_USER", f.User},
		{"VSPHERE_PASSWORD", f.Password},
		{"VSPHERE_CA_CERTIFICATES", f.CAFile},
		{"VCSIM_ADMIN", f.Admin},
	} {
		fmt.Fprintf(&b, "export %s='%s'\n", v[0], strings.ReplaceAll(v[1], "'", `'\''`))
	}
	return b.String()
}

// watch returns when the simulator has to end.
func watch(ctx context.Context, o options, stdin io.Reader) {
	ended := make(chan struct{}, 1)
	if o.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			ended <- struct{}{}
		}()
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			return
		case <-tick.C:
			if o.parent != 0 && gone(o.parent) {
				return
			}
		}
	}
}

// gone tells whether a process has ended; signal 0 asks without doing anything.
func gone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
