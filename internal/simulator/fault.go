package simulator

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// Rule makes requests fail. Without any of Fault, Status, Lose and Cut it does nothing.
type Rule struct {
	// Operation is a pattern over Request.Operation: a SOAP method such as
	// "ReconfigVM_Task", a REST operation, or "*" for every request.
	Operation string `json:"operation"`
	// After lets this many matching requests through first: 0 fails the first, 2 the third.
	After int `json:"after,omitempty"`
	// Times is how many requests fail, 1 when 0. -1 fails all.
	Times int `json:"times,omitempty"`
	// Fault names the vim25 fault that a SOAP request ends with, such as "NoPermission".
	Fault string `json:"fault,omitempty"`
	// Task lets the call succeed and fails the task that it starts.
	Task bool `json:"task,omitempty"`
	// Message is the text beside the fault.
	Message string `json:"message,omitempty"`
	// Status answers with this HTTP status instead; the body is a vAPI error.
	Status int `json:"status,omitempty"`
	// Lose executes the request and closes the connection without an answer.
	Lose bool `json:"lose,omitempty"`
	// Cut closes the connection before the request is executed.
	Cut bool `json:"cut,omitempty"`
}

// fault makes the value that Fault names.
func (r Rule) fault() (types.BaseMethodFault, error) {
	kind, ok := types.TypeFunc()(r.Fault)
	if !ok {
		return nil, fmt.Errorf("the vSphere API has no fault %q", r.Fault)
	}
	f, ok := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !ok {
		return nil, fmt.Errorf("%q is not a fault of the vSphere API", r.Fault)
	}
	if r.Message != "" {
		f.GetMethodFault().FaultMessage = []types.LocalizableMessage{{Key: "vcsim.injected", Message: r.Message}}
	}
	return f, nil
}

func (r Rule) validate() error {
	if r.Operation == "" {
		return fmt.Errorf("a rule needs an operation, such as ReconfigVM_Task or *")
	}
	if r.Fault == "" && r.Status == 0 && !r.Lose && !r.Cut {
		return fmt.Errorf("the rule for %s needs one of fault, status, lose and cut", r.Operation)
	}
	if r.Fault != "" {
		if _, err := r.fault(); err != nil {
			return err
		}
	}
	if r.Task && (r.Fault == "" || (!strings.HasSuffix(r.Operation, "_Task") && !strings.Contains(r.Operation, "*"))) {
		return fmt.Errorf("the rule for %s fails a task: it needs a fault and a method that starts a task", r.Operation)
	}
	return nil
}

// rules are the rules of one simulator.
type rules struct {
	mu   sync.Mutex
	list []*activeRule
}

type activeRule struct {
	Rule
	seen, failed int
}

func (r *rules) add(rule Rule) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, &activeRule{Rule: rule})
}

func (r *rules) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
}

// take returns the rule that this request has to end by, if any. Every rule that matches
// counts the request; the first that is due wins.
func (r *rules) take(op string) (Rule, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due *activeRule
	for _, a := range r.list {
		if !matches(a.Operation, op) {
			continue
		}
		if a.Task && !strings.HasSuffix(op, "_Task") {
			continue
		}
		a.seen++
		limit := max(a.Times, 1)
		if due == nil && a.seen > a.After && (a.Times < 0 || a.failed < limit) {
			due = a
		}
	}
	if due == nil {
		return Rule{}, false
	}
	due.failed++
	return due.Rule, true
}

// Inject adds a rule by which requests fail; see FailCall, FailTask, FailREST and
// LoseAnswer for the common ones.
func (s *Simulator) Inject(r Rule) error {
	if err := r.validate(); err != nil {
		return err
	}
	s.gate.rules.add(r)
	return nil
}

// ClearRules removes all rules.
func (s *Simulator) ClearRules() { s.gate.rules.clear() }

// FailCall fails the next call of a SOAP method with the named vim25 fault.
func (s *Simulator) FailCall(method, fault string) error {
	return s.Inject(Rule{Operation: method, Fault: fault})
}

// FailTask lets the next call of a SOAP method succeed and its task fail.
func (s *Simulator) FailTask(method, fault string) error {
	return s.Inject(Rule{Operation: method, Fault: fault, Task: true})
}

// FailREST answers the next matching REST request with an HTTP status.
func (s *Simulator) FailREST(operation string, status int) error {
	return s.Inject(Rule{Operation: operation, Status: status})
}

// LoseAnswer executes the next matching request and drops the connection.
func (s *Simulator) LoseAnswer(operation string) error {
	return s.Inject(Rule{Operation: operation, Lose: true})
}
