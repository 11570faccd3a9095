package simulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// SetLatency changes the delay in front of every request.
func (s *Simulator) SetLatency(d time.Duration) { s.gate.latency.Store(int64(d)) }

// locate returns the machine of a name, which must be unique, or of a reference value such
// as "vm-42".
func (s *Simulator) locate(ctx *vcsim.Context, name string) (*vcsim.VirtualMachine, error) {
	if vm, ok := ctx.Map.Get(reference("VirtualMachine", name)).(*vcsim.VirtualMachine); ok {
		return vm, nil
	}
	refs := s.names.find(name)
	if len(refs) > 1 {
		return nil, fmt.Errorf("there are %d virtual machines called %q: use a reference such as %s", len(refs), name, refs[0].Value)
	}
	if len(refs) == 1 {
		if vm, ok := ctx.Map.Get(refs[0]).(*vcsim.VirtualMachine); ok {
			return vm, nil
		}
	}
	return nil, fmt.Errorf("virtual machine %q: %w", name, errNotFound)
}

// behind runs f on a machine behind the back of every client, with its lock held.
func (s *Simulator) behind(name string, f func(ctx *vcsim.Context, vm *vcsim.VirtualMachine) types.BaseMethodFault) error {
	ctx := s.context()
	vm, err := s.locate(ctx, name)
	if err != nil {
		return err
	}
	var fault types.BaseMethodFault
	ctx.WithLock(vm, func() { fault = f(ctx, vm) })
	if fault != nil {
		return &vimError{fault}
	}
	return nil
}

// Rename renames a machine behind the clients' back. As in the other methods, a machine is
// named by its name, if that is unique, or by its reference, such as "vm-42".
func (s *Simulator) Rename(name, newName string) error {
	return s.behind(name, func(ctx *vcsim.Context, vm *vcsim.VirtualMachine) types.BaseMethodFault {
		return s.rename(ctx, vm, newName)
	})
}

// Reconfigure changes a machine behind the clients' back.
func (s *Simulator) Reconfigure(name string, spec types.VirtualMachineConfigSpec) error {
	return s.behind(name, func(ctx *vcsim.Context, vm *vcsim.VirtualMachine) types.BaseMethodFault {
		return s.reconfigure(ctx, vm, spec)
	})
}

// PowerOff turns a machine off behind the clients' back.
func (s *Simulator) PowerOff(name string) error {
	return s.power(name, func(ctx *vcsim.Context, vm *vcsim.VirtualMachine) soap.HasFault {
		return vm.PowerOffVMTask(ctx, &types.PowerOffVM_Task{This: vm.Self})
	})
}

// PowerOn turns a machine on behind the clients' back.
func (s *Simulator) PowerOn(name string) error { return s.behind(name, s.powerOn) }

// power runs a power operation and waits for it.
func (s *Simulator) power(name string, f func(*vcsim.Context, *vcsim.VirtualMachine) soap.HasFault) error {
	ctx := s.context()
	vm, err := s.locate(ctx, name)
	if err != nil {
		return err
	}
	var body soap.HasFault
	ctx.WithLock(vm, func() { body = f(ctx, vm) })
	if _, fault := wait(ctx, taskOf(body)); fault != nil {
		return &vimError{fault}
	}
	return nil
}

// taskOf is the task that a method started.
func taskOf(body soap.HasFault) types.ManagedObjectReference {
	switch b := body.(type) {
	case *methods.PowerOnVM_TaskBody:
		if b.Res != nil {
			return b.Res.Returnval
		}
	case *methods.PowerOffVM_TaskBody:
		if b.Res != nil {
			return b.Res.Returnval
		}
	case *methods.Destroy_TaskBody:
		if b.Res != nil {
			return b.Res.Returnval
		}
	case *methods.UpgradeVM_TaskBody:
		if b.Res != nil {
			return b.Res.Returnval
		}
	case *methods.CloneVM_TaskBody:
		if b.Res != nil {
			return b.Res.Returnval
		}
	}
	return types.ManagedObjectReference{}
}

// Destroy turns a machine off, where it is on, and destroys it behind the clients' back.
func (s *Simulator) Destroy(name string) error {
	ctx := s.context()
	vm, err := s.locate(ctx, name)
	if err != nil {
		return err
	}
	on := false
	ctx.WithLock(vm, func() { on = vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn })
	if on {
		if err := s.PowerOff(vm.Self.Value); err != nil {
			return err
		}
	}
	s.destroy(ctx, vm)
	return nil
}

// InstallGuest puts an operating system on the disks of a machine, as an installation from
// an ISO would: from its next power-on the machine has Tools. Machines that were deployed
// from an OVF item, or cloned from such, have one from the beginning.
func (s *Simulator) InstallGuest(name string) error {
	vm, err := s.locate(s.context(), name)
	if err != nil {
		return err
	}
	s.agent.install(vm.Self)
	return nil
}

// Restart stops serving, waits, and serves the same state at the same address. Connections
// and the requests on them are cut off; sessions survive, as they do a network outage.
func (s *Simulator) Restart(down time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("the simulator is closed")
	}
	var err error
	if s.restarted != nil {
		err = s.restarted.Close()
	} else {
		err = s.server.Config.Close()
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	time.Sleep(down)
	l, err := net.Listen("tcp", s.Host)
	if err != nil {
		return fmt.Errorf("serve again: %w", err)
	}
	s.restarted = &http.Server{Handler: s.gate, ReadHeaderTimeout: time.Minute}
	go func(server *http.Server) { _ = server.Serve(tls.NewListener(l, s.tlsConfig)) }(s.restarted)
	return nil
}

// TouchItem changes the content version of a library item, as an upload does on vCenter.
func (s *Simulator) TouchItem(id, contentVersion string) error {
	now := time.Now()
	ok := s.gate.vapi.update(id, func(i *library.Item) { i.ContentVersion, i.LastModifiedTime = contentVersion, &now })
	if !ok {
		return fmt.Errorf("library item %q: %w", id, errNotFound)
	}
	return nil
}

// Machines lists the names of all machines in alphabetical order.
func (s *Simulator) Machines() []string {
	list := s.names.list()
	slices.Sort(list)
	return list
}
