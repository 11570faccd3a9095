// Package vsphere is the only door to vCenter: one SOAP and one REST session per process,
// opened at the first need and renewed when they end, over one bounded transport. Its
// subpackages are the verbs of this provider's problem; errors.go is what they fail with.
package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	pbmmethods "github.com/vmware/govmomi/pbm/methods"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	sessions "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// loginTimeout leaves an identity provider behind vCenter all the time it reasonably needs.
const loginTimeout = 2 * time.Minute

// Client is a connection to one vCenter, shared by everything in the process. It is safe for
// concurrent use.
type Client struct {
	cfg      Config
	endpoint *url.URL
	account  *url.Userinfo
	gate     *gate
	backoff  func(attempt int) time.Duration

	soap, vapi *session

	jar  *cookies
	vim  *vim25.Client // ServiceContent is filled in by the first login
	rest *rest.Client

	pbm        atomic.Pointer[pbm.Client]
	datacenter atomic.Pointer[object.Datacenter]
	lookup     chan struct{} // one slot: keeps two callers from looking up the same thing
}

// New judges the configuration and returns a Client. It does not touch the network. The error
// names everything that is wrong with the configuration.
func New(cfg Config) (*Client, error) {
	endpoint, trusted, err := cfg.validate()
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg:      cfg,
		endpoint: endpoint,
		account:  url.UserPassword(cfg.User, cfg.Password),
		backoff:  backoff,
		jar:      newCookies(),
		lookup:   make(chan struct{}, 1),
	}
	refused := new(refusal)
	c.soap = &session{login: limited(c.loginSOAP), refusal: refused}
	c.vapi = &session{login: limited(c.loginREST), refusal: refused}

	sc := soap.NewClient(endpoint, cfg.AllowUnverifiedSSL)
	transport := sc.DefaultTransport()
	// Go's own dial honours the context and the proxies, which govmomi's does not.
	transport.DialTLSContext = nil
	transport.TLSClientConfig = trusted.config()
	// Go keeps 2 idle connections per host: with more callers, most requests would shake hands.
	transport.MaxIdleConnsPerHost = cfg.MaxConcurrentRequests
	transport.MaxIdleConns = max(transport.MaxIdleConns, cfg.MaxConcurrentRequests)
	c.gate = newGate(transport, cfg.UserAgent, cfg.MaxConcurrentRequests)

	sc.Client.Transport = &soapTransport{next: c.gate}
	sc.Jar = c.jar
	sc.UserAgent = cfg.UserAgent
	sc.Namespace = "urn:" + vim25.Namespace
	sc.Version = vim25.Version
	c.vim = &vim25.Client{Client: sc, RoundTripper: &soapCaller{client: c, next: sc}}
	c.rest = c.newREST()
	return c, nil
}

// String describes the Client without its password.
func (c *Client) String() string { return c.cfg.String() }

// GoString is String: %#v must not show the password either.
func (c *Client) GoString() string { return c.String() }

// Vim returns the SOAP client, logged in. It is the same one every time and logs in again by
// itself when its session ends; see Generation. The error is ErrInvalidLogin, ErrUnreachable,
// ErrUntrusted, ErrUnsupported (not a vCenter) or ErrClosed.
func (c *Client) Vim(ctx context.Context) (*vim25.Client, error) {
	if err := c.soap.ensure(ctx); err != nil {
		return nil, c.waitError(err)
	}
	return c.vim, nil
}

// REST returns the vAPI client over the same transport, logged in with a session of its own,
// which it renews by itself. Errors are those of Vim.
func (c *Client) REST(ctx context.Context) (*rest.Client, error) {
	if err := c.vapi.ensure(ctx); err != nil {
		return nil, c.waitError(err)
	}
	return c.rest, nil
}

// APIVersion returns the version of vCenter's API, such as "8.0.3.0".
func (c *Client) APIVersion(ctx context.Context) (string, error) {
	client, err := c.Vim(ctx)
	if err != nil {
		return "", err
	}
	return client.ServiceContent.About.ApiVersion, nil
}

// PBM returns the client of the storage policy service, which shares the SOAP session.
// Errors are those of Vim.
func (c *Client) PBM(ctx context.Context) (*pbm.Client, error) {
	vc, err := c.Vim(ctx)
	if err != nil {
		return nil, err
	}
	release, err := c.lookingUp(ctx)
	if err != nil {
		return nil, Translate(err, "connect to the storage policy service of "+c.name())
	}
	defer release()
	if known := c.pbm.Load(); known != nil {
		return known, nil
	}
	sc := vc.NewServiceClient(pbm.Path, pbm.Namespace)
	sc.Client.Transport = vc.Client.Client.Transport
	sc.Jar = c.jar
	sc.Cookie = vc.SessionCookie
	caller := &soapCaller{client: c, next: sc}
	res, err := pbmmethods.PbmRetrieveServiceContent(ctx, caller, &pbmtypes.PbmRetrieveServiceContent{This: pbm.ServiceInstance})
	if err != nil {
		return nil, Translate(err, "connect to the storage policy service of "+c.name())
	}
	client := &pbm.Client{Client: sc, ServiceContent: res.Returnval, RoundTripper: caller}
	c.pbm.Store(client)
	return client, nil
}

// lookingUp waits for whoever looks something up.
func (c *Client) lookingUp(ctx context.Context) (release func(), err error) {
	select {
	case c.lookup <- struct{}{}:
		return func() { <-c.lookup }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Logout ends both sessions, best effort, and with them the Client: later calls that need a
// session fail with ErrClosed. An error means that a session may be left to its expiry.
func (c *Client) Logout(ctx context.Context) error {
	var problems []error
	if active, err := c.vapi.close(ctx); err != nil || active {
		if err == nil {
			if err = c.rest.Logout(ctx); rest.IsStatusError(err, http.StatusUnauthorized) || errors.Is(err, ErrClosed) {
				err = nil // it had ended already
			}
			c.rest.SessionID("")
		}
		problems = append(problems, Translate(err, "log out of the REST interface of "+c.name()))
	}
	if active, err := c.soap.close(ctx); err != nil || active {
		if err == nil {
			if err = sessions.NewManager(c.direct()).Logout(ctx); fault.Is(err, &types.NotAuthenticated{}) {
				err = nil // it had ended already
			}
			c.jar.reset()
		}
		problems = append(problems, Translate(err, "log out of "+c.name()))
	}
	c.vim.CloseIdleConnections()
	return errors.Join(problems...)
}

// Calls returns the number of requests sent so far: logins, repetitions and transfers of files
// included.
func (c *Client) Calls() int64 { return c.gate.calls.Load() }

// Generation counts the logins of the SOAP session. Views, collectors and filters that were
// made under another generation are gone and must be built again.
func (c *Client) Generation() int64 { return c.soap.current() }

// name is how texts call the server.
func (c *Client) name() string { return fmt.Sprintf("vCenter %q", c.endpoint.Host) }

// direct returns a client that does not log in by itself.
func (c *Client) direct() *vim25.Client {
	return &vim25.Client{Client: c.vim.Client, ServiceContent: c.vim.ServiceContent, RoundTripper: directCaller{c}}
}

// limited bounds a login: a server that takes a connection and then keeps silent must not
// hold up callers that have no deadline.
func limited(login func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, loginTimeout)
		defer cancel()
		return login(ctx)
	}
}

// loginSOAP is called by one goroutine at a time.
func (c *Client) loginSOAP(ctx context.Context) error {
	c.jar.reset()
	caller := directCaller{c}
	content := c.vim.ServiceContent
	if content.SessionManager == nil {
		var err error
		if content, err = methods.GetServiceContent(ctx, caller); err != nil {
			return c.loginError(err)
		}
		if content.About.ApiType != "VirtualCenter" {
			return &Error{
				What: "connect to " + c.name(), Kind: ErrUnsupported,
				Text: fmt.Sprintf("it is %s, not a vCenter. Set server to the vCenter that manages it", content.About.FullName),
			}
		}
		if content.SessionManager == nil {
			return &Error{What: "connect to " + c.name(), Kind: ErrUnsupported, Text: "it has no session manager"}
		}
	}
	password, _ := c.account.Password()
	_, err := methods.Login(ctx, caller, &types.Login{
		This: *content.SessionManager, UserName: c.account.Username(), Password: password, Locale: sessions.Locale,
	})
	if err != nil {
		return c.loginError(err)
	}
	if c.vim.ServiceContent.SessionManager == nil {
		c.vim.ServiceContent = content // before anyone is handed the client
	}
	return nil
}

// loginREST is called by one goroutine at a time. It logs in with a client of its own, so that
// requests beside it never go out without a session.
func (c *Client) loginREST(ctx context.Context) error {
	fresh := c.newREST()
	if err := fresh.Login(ctx, c.account); err != nil {
		return c.loginError(err)
	}
	c.rest.SessionID(fresh.SessionID())
	return nil
}

func (c *Client) newREST() *rest.Client {
	client := rest.NewClient(c.vim)
	client.Client.Client.Transport = &restTransport{client: c, next: c.gate, rest: client}
	return client
}

// loginError translates what a login ended in. Here a late answer means that there is no
// connection worth the name, and a 401 that the password is wrong.
func (c *Client) loginError(err error) error {
	what := fmt.Sprintf("log in to %s as %q", c.name(), c.cfg.User)
	switch {
	case rest.IsStatusError(err, http.StatusUnauthorized):
		return &Error{What: what, Kind: ErrInvalidLogin, Text: invalidLoginText, Raw: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{What: what, Kind: ErrUnreachable, Text: silentText, Raw: err}
	default:
		return Translate(err, what)
	}
}

// waitError is what a caller gets who needed a session: the error of the login, or the end of
// its own context before that.
func (c *Client) waitError(err error) error {
	if known := (*Error)(nil); errors.As(err, &known) {
		return err
	}
	if errors.Is(err, ErrClosed) {
		return &Error{What: "connect to " + c.name(), Kind: ErrClosed, Text: "this client has been logged out"}
	}
	return c.loginError(err)
}

// directCaller sends SOAP requests that make or end the session.
type directCaller struct{ client *Client }

// RoundTrip implements soap.RoundTripper.
func (d directCaller) RoundTrip(ctx context.Context, req, res soap.HasFault) error {
	return d.client.vim.Client.RoundTrip(withCall(ctx, call{method: method(req)}), req, res)
}
