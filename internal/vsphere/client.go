// Package vsphere talks to vCenter.
package vsphere

import (
	"context"
	"errors"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
)

// Config says which vCenter to talk to, as whom, and how far to trust it.
type Config struct {
	Server                string // host, host:port, or https URL with or without /sdk
	User, Password        string
	AllowUnverifiedSSL    bool
	CACertificates        string // PEM text or path, trusted beside the system's
	Thumbprint            string // SHA-1 or SHA-256 of the certificate, any spelling
	Datacenter            string // name or inventory path; empty: the only one
	MaxConcurrentRequests int    // 0: 32
	UserAgent             string
}

// Client is a connection to one vCenter, shared by everything in the process.
type Client struct{ cfg Config }

var errUnfinished = errors.New("unfinished")

// New judges the configuration and returns a Client. It does not touch the network.
func New(cfg Config) (*Client, error) { return &Client{cfg: cfg}, nil }

// Vim returns the SOAP client, logged in. It is the same one every time and logs in again by
// itself when its session ends.
func (c *Client) Vim(context.Context) (*vim25.Client, error) { return nil, errUnfinished }

// REST returns the vAPI client over the same transport, logged in with a session of its own.
func (c *Client) REST(context.Context) (*rest.Client, error) { return nil, errUnfinished }

// PBM returns the client of the storage policy service, which shares the SOAP session.
func (c *Client) PBM(context.Context) (*pbm.Client, error) { return nil, errUnfinished }

// Datacenter returns the configured datacenter with its InventoryPath: by name or path, or the
// only one when none is configured.
func (c *Client) Datacenter(context.Context) (*object.Datacenter, error) {
	return nil, errUnfinished
}

// Logout ends both sessions, best effort, and with them the Client.
func (c *Client) Logout(context.Context) error { return errUnfinished }

// Calls returns the number of requests sent so far.
func (c *Client) Calls() int64 { return 0 }

// Generation counts the logins of the SOAP session. Views, collectors and filters that were
// made under another generation are gone and must be built again.
func (c *Client) Generation() int64 { return 0 }
