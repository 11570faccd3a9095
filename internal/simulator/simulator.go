package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	// The endpoints beside /sdk register themselves.
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

// User and Password are the only credentials that a simulator accepts.
const (
	User     = "administrator@vsphere.local"
	Password = "VMware1!-simulated"
)

// settings are what the options set.
type settings struct {
	listen     string
	dir        string
	pace       GuestPace
	address    netip.Addr
	apiVersion string
	latency    time.Duration
	// everyImageType is WithEveryImageType.
	everyImageType bool
}

// guests are the settings of all guests.
func (s *settings) guests() guestSettings {
	g := guestSettings{
		paces:     perMachine[GuestPace]{AllMachines: s.pace},
		addresses: perMachine[netip.Addr]{},
		published: perMachine[map[string]string]{},
		deaf:      perMachine[bool]{},
	}
	if s.address.IsValid() {
		g.addresses[AllMachines] = s.address
	}
	return g
}

// Option changes how a simulator starts.
type Option func(*settings)

// WithListen sets the loopback address to listen on, "127.0.0.1:0" otherwise.
func WithListen(address string) Option { return func(s *settings) { s.listen = address } }

// WithDir sets the existing directory that receives ca.pem; a temporary one otherwise.
func WithDir(dir string) Option { return func(s *settings) { s.dir = dir } }

// WithGuestDelay sets how long a guest boots before its Tools report anything, 0 otherwise.
// It is asynchronous in both cases: a client has to wait for Tools as it has to on vSphere.
// Never holds every guest; see SetGuestPace.
func WithGuestDelay(d time.Duration) Option { return func(s *settings) { s.pace.Tools = d } }

// WithGuestPace sets how much time all guests take; see SetGuestPace.
func WithGuestPace(pace GuestPace) Option { return func(s *settings) { s.pace = pace } }

// WithGuestAddress lets all guests report an address; see SetGuestAddress.
func WithGuestAddress(a netip.Addr) Option { return func(s *settings) { s.address = a } }

// WithAPIVersion sets the version of the vSphere API, DefaultAPIVersion otherwise.
func WithAPIVersion(version string) Option { return func(s *settings) { s.apiVersion = version } }

// WithLatency adds a delay in front of every request.
func WithLatency(d time.Duration) Option { return func(s *settings) { s.latency = d } }

// Simulator is one running vCenter simulator. Its methods may be called from any goroutine.
type Simulator struct {
	// Host is "address:port".
	Host string
	// URL is the SDK endpoint, without credentials.
	URL *url.URL
	// CAPEM is the certificate of the authority that signed the server's certificate.
	CAPEM string
	// CAFile is a file that holds CAPEM.
	CAFile string

	model  *vcsim.Model
	server *vcsim.Server
	gate   *gate
	agent  *agent
	cards  *cards
	names  *names
	pools  *ipPools

	apiVersion atomic.Value // string
	tlsConfig  *tls.Config
	ownDir     string

	mu        sync.Mutex
	restarted *http.Server
	closed    bool
}

// Connection is what a client needs to know of a simulator.
type Connection struct {
	Server   string `json:"server"`
	User     string `json:"user"`
	Password string `json:"password"`
	CAFile   string `json:"ca_file"`
}

// Connection returns the facts by which clients, also of other processes, get in.
func (s *Simulator) Connection() Connection {
	return Connection{Server: s.Host, User: User, Password: Password, CAFile: s.CAFile}
}

// Start starts a simulator in this process and stops it when the test ends. Use it for
// sequential tests; see StartProcess for parallel and negative ones.
func Start(t testing.TB, opts ...Option) *Simulator {
	t.Helper()
	s, err := New(opts...)
	if err != nil {
		t.Fatalf("start the vCenter simulator: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// newSettings are those that options make.
func newSettings(opts []Option) settings {
	set := settings{listen: "127.0.0.1:0", apiVersion: DefaultAPIVersion}
	for _, o := range opts {
		o(&set)
	}
	return set
}

// creating makes simulators one after the other: vcsim builds its inventories with one
// session for the whole process.
var creating sync.Mutex

// New starts a simulator in this process. Close must be called.
func New(opts ...Option) (*Simulator, error) {
	set := newSettings(opts)

	creating.Lock()
	defer creating.Unlock()
	m := vcsim.VPX()
	m.Datacenter, m.Host, m.Cluster, m.ClusterHost, m.Pool, m.Datastore = 1, 0, 2, 2, 0, 2
	m.Portgroup, m.Machine, m.Autostart = 1, 0, false
	if err := m.Create(); err != nil {
		m.Remove()
		return nil, fmt.Errorf("create the inventory: %w", err)
	}
	s := &Simulator{model: m}
	if err := s.start(set); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// start seeds and serves the model.
func (s *Simulator) start(set settings) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	dir := set.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "vcsim-ca-"); err != nil {
			return fmt.Errorf("make a directory for the CA certificate: %w", err)
		}
		s.ownDir = dir
	}
	s.CAPEM, s.CAFile = string(ca.pem), filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(s.CAFile, ca.pem, 0o600); err != nil {
		return fmt.Errorf("write the CA certificate: %w", err)
	}

	service := s.model.Service
	service.RegisterEndpoints = true
	service.Listen = &url.URL{Host: set.listen, User: url.UserPassword(User, Password)}
	s.tlsConfig = &tls.Config{Certificates: []tls.Certificate{ca.server}, MinVersion: tls.VersionTLS12}
	service.TLS = s.tlsConfig

	s.cards, s.names = newCards(), newNames()
	s.agent = newAgent(s.context, s.names.of, set.guests())
	s.model.Map().AddHandler(s.agent)
	s.model.Map().AddHandler(s.names)
	s.override()
	s.pools = newIPPools(s.registry())
	if err := s.SetAPIVersion(set.apiVersion); err != nil {
		return err
	}

	s.server = service.NewServer()
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust the certificate
	s.Host = s.server.URL.Host
	s.URL = &url.URL{Scheme: "https", Host: s.Host, Path: "/sdk"}
	s.gate = newGate(s, service.ServeMux, set.latency)

	if err := s.seed(context.Background(), set); err != nil {
		return fmt.Errorf("seed the inventory: %w", err)
	}
	s.server.Config.Handler = s.gate
	return nil
}

// context returns a new context of the simulator. vcsim's locks are shared by everything
// that holds the same context, so each user of a lock needs its own.
func (s *Simulator) context() *vcsim.Context {
	ctx := *s.model.Service.Context
	ctx.Context = context.Background()
	return &ctx
}

// registry is the inventory.
func (s *Simulator) registry() *vcsim.Registry { return s.model.Map() }

// Settle waits until every guest that is booting has reported, except those that do not come
// by themselves because their pace is Never, and every machine that is being destroyed is gone with
// its files.
func (s *Simulator) Settle() { s.agent.settle() }

// Close stops serving and removes what the simulator wrote. It does not wait for a
// request that never ends, such as an abandoned WaitForUpdatesEx.
func (s *Simulator) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	restarted := s.restarted
	s.mu.Unlock()

	if restarted != nil {
		_ = restarted.Close()
	}
	if s.server != nil {
		_ = s.server.Config.Close()
	}
	if s.agent != nil {
		s.agent.stop()
	}
	s.model.Remove()
	if s.ownDir != "" {
		_ = os.RemoveAll(s.ownDir)
	}
}

// errNotFound is wrapped by hooks that were asked for an object that does not exist.
var errNotFound = errors.New("not found in the simulator")

// reference is a managed object reference in short.
func reference(kind, value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: value}
}
