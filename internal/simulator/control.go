package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Control reaches the hooks of a simulator in another process. Its methods are those of
// Simulator, and end with an error where the process does not answer.
type Control struct {
	base   string
	client *http.Client
}

// NewControl makes a client of the admin endpoint at "address:port".
func NewControl(address string) *Control {
	return &Control{base: "http://" + address, client: &http.Client{Timeout: time.Minute}}
}

// do sends a request and reads the answer into out, where that is not nil.
func (c *Control) do(method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return fmt.Errorf("encode %T: %w", in, err)
		}
	}
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, &body)
	if err != nil {
		return err
	}
	res, err := c.client.Do(r)
	if err != nil {
		return fmt.Errorf("reach the simulator: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		var failure struct {
			Error string `json:"error"`
		}
		if err := json.NewDecoder(res.Body).Decode(&failure); err != nil || failure.Error == "" {
			return fmt.Errorf("the simulator answers %s to %s %s", res.Status, method, path)
		}
		if res.StatusCode == http.StatusNotFound {
			return fmt.Errorf("%s (%w)", failure.Error, errNotFound)
		}
		return fmt.Errorf("the simulator: %s", failure.Error)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	}
	return nil
}

// Requests returns the recorded requests; see Simulator.Requests.
func (c *Control) Requests(patterns ...string) ([]Request, error) {
	var list []Request
	err := c.do(http.MethodGet, adminRequests+"?"+url.Values{"operation": slices.Clone(patterns)}.Encode(), nil, &list)
	return list, err
}

// Calls counts the recorded requests by operation.
func (c *Control) Calls() (map[string]int, error) {
	list, err := c.Requests()
	return count(list), err
}

// ResetRequests forgets the recorded requests and returns them.
func (c *Control) ResetRequests() ([]Request, error) {
	var list []Request
	err := c.do(http.MethodDelete, adminRequests, nil, &list)
	return list, err
}

// Inject adds a rule by which requests fail.
func (c *Control) Inject(r Rule) error { return c.do(http.MethodPost, adminRules, r, nil) }

// ClearRules removes all rules.
func (c *Control) ClearRules() error { return c.do(http.MethodDelete, adminRules, nil, nil) }

// FailCall fails the next call of a SOAP method with the named vim25 fault.
func (c *Control) FailCall(method, fault string) error {
	return c.Inject(Rule{Operation: method, Fault: fault})
}

// FailTask lets the next call of a SOAP method succeed and its task fail.
func (c *Control) FailTask(method, fault string) error {
	return c.Inject(Rule{Operation: method, Fault: fault, Task: true})
}

// FailREST answers the next matching REST request with an HTTP status.
func (c *Control) FailREST(operation string, status int) error {
	return c.Inject(Rule{Operation: operation, Status: status})
}

// LoseAnswer executes the next matching request and drops the connection.
func (c *Control) LoseAnswer(operation string) error {
	return c.Inject(Rule{Operation: operation, Lose: true})
}

// IPAllocations lists what is allocated from a Network Protocol Profile.
func (c *Control) IPAllocations(profile string) ([]IPAllocation, error) {
	var list []IPAllocation
	err := c.do(http.MethodGet, adminPools+url.PathEscape(profile), nil, &list)
	return list, err
}

// Sessions returns how many sessions are live.
func (c *Control) Sessions() (Sessions, error) {
	var s Sessions
	err := c.do(http.MethodGet, adminSessions, nil, &s)
	return s, err
}

// ExpireSessions ends every session.
func (c *Control) ExpireSessions() error { return c.do(http.MethodDelete, adminSessions, nil, nil) }

// SetLatency changes the delay in front of every request.
func (c *Control) SetLatency(d time.Duration) error {
	return c.do(http.MethodPost, adminLatency, command{Duration: d.String()}, nil)
}

// Restart stops serving, waits, and serves the same state again.
func (c *Control) Restart(down time.Duration) error {
	return c.do(http.MethodPost, adminRestart, command{Duration: down.String()}, nil)
}

// Settle waits until every guest that is booting has reported, except those whose pace is Never.
func (c *Control) Settle() error { return c.do(http.MethodPost, adminSettle, command{}, nil) }

// Machines lists the names of all machines.
func (c *Control) Machines() ([]string, error) {
	var list []string
	err := c.do(http.MethodGet, adminMachines, nil, &list)
	return list, err
}

// Rename renames a machine behind the clients' back.
func (c *Control) Rename(name, newName string) error {
	return c.do(http.MethodPost, adminRename, command{Name: name, NewName: newName}, nil)
}

// Destroy destroys a machine behind the clients' back.
func (c *Control) Destroy(name string) error {
	return c.do(http.MethodPost, adminDestroy, command{Name: name}, nil)
}

// PowerOff turns a machine off behind the clients' back.
func (c *Control) PowerOff(name string) error {
	return c.do(http.MethodPost, adminPower, command{Name: name}, nil)
}

// PowerOn turns a machine on behind the clients' back.
func (c *Control) PowerOn(name string) error {
	return c.do(http.MethodPost, adminPower, command{Name: name, On: true}, nil)
}

// TouchItem changes the content version of a library item.
func (c *Control) TouchItem(id, contentVersion string) error {
	return c.do(http.MethodPost, adminItem, command{Name: id, Version: contentVersion}, nil)
}
