package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// running is a machine whose guest reports an address.
func running(address string) *machine.Observation {
	return &machine.Observation{
		PowerState: govmomi.VirtualMachinePowerStatePoweredOn, HeartbeatStatus: govmomi.ManagedEntityStatusGreen,
		Guest: &govmomi.GuestInfo{IpAddress: address},
	}
}

// noDial is for probes that connect to nothing.
func noDial(context.Context, string, string) (net.Conn, error) { return nil, errors.New("dialled") }

// attempt is what a wait finds at one moment.
func attempt(ctx context.Context, p *probe, o *machine.Observation, ip4, ip6 string, dial dialer) (ready bool, lastSeen string) {
	if p.TCP == nil {
		return p.until()(o)
	}
	address, lastSeen := p.TCP.address(o, ip4, ip6)
	if address == "" {
		return false, lastSeen
	}
	return p.connect(ctx, address, dial)
}

func TestProbesThatVCenterAnswers(t *testing.T) {
	t.Parallel()
	info := func(entries ...string) *probe {
		p := &probe{}
		for i := 0; i < len(entries); i += 2 {
			entry := probeInfo{Key: entries[i]}
			if entries[i+1] != "" {
				entry.Value = regexp.MustCompile(entries[i+1])
			}
			p.GuestInfo = append(p.GuestInfo, entry)
		}
		return p
	}
	for name, test := range map[string]struct {
		probe *probe
		alter func(*machine.Observation)
		want  bool
		last  string
	}{
		"green is green":         {&probe{Heartbeat: "green"}, func(*machine.Observation) {}, true, "guest heartbeat: green"},
		"yellow is not green":    {&probe{Heartbeat: "green"}, func(o *machine.Observation) { o.HeartbeatStatus = "yellow" }, false, "guest heartbeat: yellow, wanted green"},
		"yellow is yellow":       {&probe{Heartbeat: "yellow"}, func(o *machine.Observation) { o.HeartbeatStatus = "yellow" }, true, ""},
		"green is yellow enough": {&probe{Heartbeat: "yellow"}, func(*machine.Observation) {}, true, ""},
		"red is neither":         {&probe{Heartbeat: "yellow"}, func(o *machine.Observation) { o.HeartbeatStatus = "red" }, false, "red"},
		"gray is neither":        {&probe{Heartbeat: "yellow"}, func(o *machine.Observation) { o.HeartbeatStatus = "gray" }, false, "gray"},
		"nothing is reported":    {&probe{Heartbeat: "yellow"}, func(o *machine.Observation) { o.HeartbeatStatus = "" }, false, "not reported"},
		"off":                    {&probe{Heartbeat: "green"}, func(o *machine.Observation) { o.PowerState = govmomi.VirtualMachinePowerStatePoweredOff }, false, "the machine is PoweredOff"},

		"some of the value":   {info("app", "ready"), func(o *machine.Observation) { o.ExtraConfig["guestinfo.app"] = "already there" }, true, ""},
		"none of the value":   {info("app", "^ready$"), func(o *machine.Observation) { o.ExtraConfig["guestinfo.app"] = "already" }, false, `guestinfo.app is "already"`},
		"any value":           {info("app", ""), func(o *machine.Observation) { o.ExtraConfig["guestinfo.app"] = "" }, true, ""},
		"no value":            {info("app", ""), func(*machine.Observation) {}, false, "guestinfo.app is not set"},
		"all of two":          {info("a", "1", "b", "2"), func(o *machine.Observation) { o.ExtraConfig["guestinfo.a"], o.ExtraConfig["guestinfo.b"] = "1", "2" }, true, ""},
		"one of two":          {info("a", "1", "b", "2"), func(o *machine.Observation) { o.ExtraConfig["guestinfo.a"] = "1" }, false, "guestinfo.b is not set"},
		"left of an earlier":  {info("app", ""), func(o *machine.Observation) { o.ExtraConfig["guestinfo.app"], o.PowerState = "ready", "poweredOff" }, false, "PoweredOff"},
		"suspended":           {info("app", ""), func(o *machine.Observation) { o.ExtraConfig["guestinfo.app"], o.PowerState = "ready", "suspended" }, false, "Suspended"},
		"of another key only": {info("app", ""), func(o *machine.Observation) { o.ExtraConfig["app"] = "ready" }, false, "not set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := running("192.0.2.7")
			o.ExtraConfig = machine.ExtraConfig{}
			test.alter(o)
			ready, last := attempt(t.Context(), test.probe, o, "192.0.2.7", "", noDial)
			if ready != test.want || !strings.Contains(last, test.last) {
				t.Errorf("%v, %q, want %v, %q", ready, last, test.want, test.last)
			}
			condition := test.probe.glance(o)
			want := observed.Condition{Type: "Ready", Status: "True", Reason: "Ready"}
			if !test.want {
				want = observed.Condition{Type: "Ready", Status: "False", Reason: "NotReady", Message: last}
			}
			if diff := cmp.Diff(want, condition); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhereAPortIsTried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host, ip4, ip6 string
		off            bool
		want, last     string
	}{
		"host":        {host: "web.example.com", ip4: "192.0.2.7", want: "web.example.com:22"},
		"IPv4":        {ip4: "192.0.2.7", ip6: "2001:db8::7", want: "192.0.2.7:22"},
		"only IPv6":   {ip6: "2001:db8::7", want: "[2001:db8::7]:22"},
		"no address":  {last: "the guest reports no address to connect to"},
		"off":         {ip4: "192.0.2.7", off: true, last: "the machine is PoweredOff"},
		"host is off": {host: "web.example.com", off: true, last: "the machine is PoweredOff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := running("")
			if test.off {
				o.PowerState = govmomi.VirtualMachinePowerStatePoweredOff
			}
			p := &probe{TCP: &probeSocket{Host: test.host, Port: 22}, Timeout: time.Minute}
			var dialled string
			ready, last := attempt(t.Context(), p, o, test.ip4, test.ip6, func(_ context.Context, _, address string) (net.Conn, error) {
				dialled = address
				ours, _ := net.Pipe()
				return ours, nil
			})
			if dialled != test.want || ready != (test.want != "") || !strings.Contains(last, test.last) {
				t.Errorf("dialled %q: %v, %q", dialled, ready, last)
			}
		})
	}
}

func TestAPortIsConnectedTo(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := int(netip.MustParseAddrPort(listener.Addr().String()).Port())
	p := &probe{TCP: &probeSocket{Port: port}, Timeout: time.Minute}
	if ready, last := attempt(t.Context(), p, running(""), "127.0.0.1", "", new(net.Dialer).DialContext); !ready {
		t.Errorf("a port that listens: %s", last)
	}
	_ = listener.Close()
	ready, last := attempt(t.Context(), p, running(""), "127.0.0.1", "", new(net.Dialer).DialContext)
	if want := fmt.Sprintf("TCP 127.0.0.1:%d: connect: connection refused", port); ready || last != want {
		t.Errorf("a port that does not: %v, %q, want %q", ready, last, want)
	}
}

func TestARefreshDoesNotConnect(t *testing.T) {
	t.Parallel()
	p := &probe{TCP: &probeSocket{Port: 22}}
	if got := p.glance(running("192.0.2.7")); got.Type != "Ready" || got.Status != "Unknown" || got.Reason != "Unknown" || got.Message == "" {
		t.Errorf("%+v", got)
	}
	off := running("")
	off.PowerState = govmomi.VirtualMachinePowerStatePoweredOff
	if diff := cmp.Diff(observed.Condition{Type: "Ready", Status: "False", Reason: "NotReady", Message: "the machine is PoweredOff"}, p.glance(off)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stage plays the observations of a machine, each when it is asked for.
type stage struct {
	observations chan *machine.Observation
	result       chan error
}

// wait is machine.Service.WaitFor.
func (s *stage) wait(ctx context.Context, _ machine.Ref, until machine.Until) error {
	for {
		select {
		case o := <-s.observations:
			if done, _ := until(o); done {
				return nil
			}
		case err := <-s.result:
			return err
		case <-ctx.Done():
			return fmt.Errorf("wait: %w", ctx.Err())
		}
	}
}

// knocks records attempts at ports, and answers them.
type knocks struct {
	mu    sync.Mutex
	began time.Time
	seen  []string
	open  func(attempt int, address string) error
}

func (k *knocks) dial(ctx context.Context, _, address string) (net.Conn, error) {
	k.mu.Lock()
	k.seen = append(k.seen, fmt.Sprintf("%s %s", time.Since(k.began), address))
	attempt := len(k.seen)
	k.mu.Unlock()
	if err := k.open(attempt, address); err != nil {
		if errors.Is(err, context.DeadlineExceeded) { // nobody answers
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, err
	}
	ours, _ := net.Pipe()
	return ours, nil
}

// waiting waits for a TCP probe on a stage, in a bubble of its own time.
func waiting(ctx context.Context, s *stage, k *knocks, p *probe) (string, error) {
	w := &readyWait{probe: p, wait: s.wait, dial: k.dial}
	return w.run(ctx, machine.Ref{Type: "VirtualMachine", Value: "vm-1"})
}

func TestAPortIsTriedOnceInAPeriodAndAtEachNewAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{observations: make(chan *machine.Observation), result: make(chan error)}
		k := &knocks{began: time.Now(), open: func(attempt int, _ string) error {
			switch attempt {
			case 2:
				return context.DeadlineExceeded // takes the time of an attempt
			case 5:
				return nil
			default:
				return errors.New("connection refused")
			}
		}}
		p := &probe{TCP: &probeSocket{Port: 22}, Timeout: 3 * time.Second, Period: 10 * time.Second}
		go func() {
			s.observations <- running("")
			time.Sleep(25 * time.Second)
			s.observations <- running("192.0.2.7") // tried at once
			s.observations <- running("192.0.2.7") // nothing new
			time.Sleep(25 * time.Second)
			s.observations <- running("192.0.2.8") // tried at once
		}()
		last, err := waiting(t.Context(), s, k, p)
		if err != nil || last != "TCP 192.0.2.8:22 accepts connections" {
			t.Errorf("%q, %v", last, err)
		}
		want := []string{"25s 192.0.2.7:22", "35s 192.0.2.7:22", "45s 192.0.2.7:22", "50s 192.0.2.8:22", "1m0s 192.0.2.8:22"}
		if diff := cmp.Diff(want, k.seen); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestAWaitForAPortThatEndsSaysWhatItLastSaw(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		observation *machine.Observation
		refusal     error
		want        string
	}{
		"nothing seen": {nil, nil, "nothing"},
		"no address":   {running(""), nil, "the guest reports no address to connect to"},
		"refused":      {running("192.0.2.7"), &net.OpError{Op: "dial", Err: errors.New("connection refused")}, "TCP 192.0.2.7:22: connection refused"},
		"silent":       {running("192.0.2.7"), context.DeadlineExceeded, "TCP 192.0.2.7:22 does not answer within 3s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &stage{observations: make(chan *machine.Observation), result: make(chan error)}
				k := &knocks{began: time.Now(), open: func(int, string) error { return test.refusal }}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Second)
				defer cancel()
				if test.observation != nil {
					go func() { s.observations <- test.observation }()
				}
				last, err := waiting(ctx, s, k, &probe{TCP: &probeSocket{Port: 22}, Timeout: 3 * time.Second, Period: 10 * time.Second})
				if last != test.want || !errors.Is(err, vsphere.ErrTimeout) || !strings.HasSuffix(fmt.Sprint(err), "last seen: "+test.want) {
					t.Errorf("%q, %v", last, err)
				}
			})
		})
	}
}

func TestAWaitEndsWithItsMachineAndItsCaller(t *testing.T) {
	t.Parallel()
	p := &probe{TCP: &probeSocket{Port: 22}, Timeout: time.Second, Period: time.Second}
	for name, test := range map[string]struct {
		end  func(*stage, context.CancelFunc)
		want error
	}{
		"the machine goes":    {func(s *stage, _ context.CancelFunc) { s.result <- vsphere.ErrNotFound }, vsphere.ErrNotFound},
		"somebody interrupts": {func(_ *stage, cancel context.CancelFunc) { cancel() }, vsphere.ErrInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &stage{observations: make(chan *machine.Observation), result: make(chan error)}
				k := &knocks{began: time.Now(), open: func(int, string) error { return errors.New("refused") }}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					s.observations <- running("192.0.2.7")
					time.Sleep(5500 * time.Millisecond)
					test.end(s, cancel)
				}()
				if last, err := waiting(ctx, s, k, p); !errors.Is(err, test.want) || !strings.Contains(last, "refused") {
					t.Errorf("%q, %v", last, err)
				}
			})
		})
	}
}

func TestAGuestBecomesReady(t *testing.T) {
	l := newLab(t)
	_, ref := l.begin(network.Spec{})
	l.must(l.backend.Machines.PowerOn(t.Context(), ref))
	l.sim.Settle()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	l.must(err)
	defer listener.Close()
	port := int(netip.MustParseAddrPort(listener.Addr().String()).Port())
	for name, test := range map[string]struct {
		probe *probe
		last  string
	}{
		"heartbeat": {&probe{Heartbeat: "green"}, "green"},
		"socket":    {&probe{TCP: &probeSocket{Host: "127.0.0.1", Port: port}, Timeout: time.Minute, Period: time.Minute}, "accepts connections"},
	} {
		t.Run(name, func(t *testing.T) {
			last, err := l.waitReady(t.Context(), ref, test.probe, observed.ProviderCloudInit)
			if err != nil || !strings.Contains(last, test.last) {
				t.Errorf("%q, %v", last, err)
			}
		})
	}
	t.Run("guest info, said while it is waited for", func(t *testing.T) {
		p := &probe{GuestInfo: []probeInfo{{Key: "app.state", Value: regexp.MustCompile("^read")}}}
		looked := make(chan struct{}, 1)
		w := &readyWait{probe: p, wait: func(ctx context.Context, ref machine.Ref, until machine.Until) error {
			return l.backend.Machines.WaitFor(ctx, ref, func(o *machine.Observation) (bool, string) {
				select {
				case looked <- struct{}{}:
				default:
				}
				return until(o)
			})
		}}
		ended := make(chan error, 1)
		go func() {
			_, err := w.run(t.Context(), ref)
			ended <- err
		}()
		<-looked
		l.must(l.sim.Reconfigure("web", govmomi.VirtualMachineConfigSpec{ExtraConfig: machine.ExtraConfigChange(map[string]string{"guestinfo.app.state": "starting"})}))
		l.must(l.sim.Reconfigure("web", govmomi.VirtualMachineConfigSpec{ExtraConfig: machine.ExtraConfigChange(map[string]string{"guestinfo.app.state": "ready"})}))
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Run("a machine that goes", func(t *testing.T) {
		l.must(l.sim.Destroy("web"))
		_, err := l.waitReady(t.Context(), ref, &probe{GuestInfo: []probeInfo{{Key: "never"}}}, "")
		if !errors.Is(err, vsphere.ErrNotFound) {
			t.Errorf("error %v", err)
		}
	})
}
