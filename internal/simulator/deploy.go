package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/ovf"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// deploy makes a machine of an OVF item. Unlike vcsim's own it does not hold a lock over all
// REST requests, checks the references it is given, keeps what the descriptor says about
// firmware, boot options and ExtraConfig, and leaves nothing behind when it fails.
func (g *gate) deploy(w http.ResponseWriter, r *http.Request) {
	var req vcenter.Deploy
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		restError(w, http.StatusBadRequest, "invalid_argument", "the request is not JSON: "+err.Error())
		return
	}
	id := itemID(r)
	item := g.vapi.item(id, g.sim.registry())
	if item == nil {
		restError(w, http.StatusNotFound, "not_found", "there is no library item "+id)
		return
	}
	ctx := g.sim.context()
	at, err := g.sim.target(ctx, req)
	if err != nil {
		restError(w, http.StatusNotFound, "not_found", err.Error())
		return
	}
	var ref types.ManagedObjectReference
	if err = g.fetch(r, item); err == nil {
		ref, err = g.sim.deployOVF(ctx, item, req.DeploymentSpec, at)
	}
	d := vcenter.Deployment{Succeeded: err == nil}
	if err == nil {
		d.ResourceID = &vcenter.ResourceID{Type: ref.Type, Value: ref.Value}
	} else {
		d.Error = &vcenter.DeploymentError{Errors: []vcenter.OVFError{{Category: "SERVER", Error: &vcenter.Error{
			Class:    "com.vmware.vapi.std.errors." + errorClass(err),
			Messages: []rest.LocalizableMessage{{DefaultMessage: err.Error(), ID: "vcsim.deploy"}},
		}}}}
	}
	restValue(w, d)
}

// itemID is the id in the path of a request for an OVF item, which may be written "id:…".
func itemID(r *http.Request) string {
	return strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, libraryOVFPath), "id:")
}

// errorClass is the vAPI's name for an error of a deployment.
func errorClass(err error) string {
	var f *vimError
	if errors.As(err, &f) {
		switch f.fault.(type) {
		case *types.DuplicateName:
			return "already_exists"
		case *types.ManagedObjectNotFound:
			return "not_found"
		case *types.InvalidPowerState:
			return "not_allowed_in_current_state"
		}
	}
	return "invalid_argument"
}

// vimError is a vim fault as a Go error.
type vimError struct{ fault types.BaseMethodFault }

// Error says it as vCenter does.
func (e *vimError) Error() string {
	if d, ok := e.fault.(*types.DuplicateName); ok {
		return fmt.Sprintf("The name '%s' already exists.", d.Name)
	}
	for _, m := range e.fault.GetMethodFault().FaultMessage {
		return m.Message
	}
	return reflect.TypeOf(e.fault).Elem().Name()
}

// Fault makes the fault visible to govmomi's fault package.
func (e *vimError) Fault() types.BaseMethodFault { return e.fault }

// target is where a machine goes.
type target struct {
	folder    *vcsim.Folder
	pool      types.ManagedObjectReference
	host      *types.ManagedObjectReference
	datastore *vcsim.Datastore
}

// target resolves the references of a deployment.
func (s *Simulator) target(ctx *vcsim.Context, req vcenter.Deploy) (*target, error) {
	reg := ctx.Map
	t := &target{pool: reference("ResourcePool", req.ResourcePoolID)}
	var cluster types.ManagedObjectReference
	switch p := reg.Get(t.pool).(type) {
	case *vcsim.ResourcePool:
		cluster = p.Owner
	default:
		return nil, fmt.Errorf("there is no resource pool %q", req.ResourcePoolID)
	}
	if req.HostID != "" {
		ref := reference("HostSystem", req.HostID)
		if _, ok := reg.Get(ref).(*vcsim.HostSystem); !ok {
			return nil, fmt.Errorf("there is no host %q", req.HostID)
		}
		t.host = &ref
	}
	dc, ok := reg.Any("Datacenter").(*vcsim.Datacenter)
	if !ok {
		return nil, errors.New("there is no datacenter")
	}
	folder := reference("Folder", req.FolderID)
	if req.FolderID == "" {
		folder = dc.VmFolder
	}
	if t.folder, ok = reg.Get(folder).(*vcsim.Folder); !ok {
		return nil, fmt.Errorf("there is no folder %q", req.FolderID)
	}
	ds := reference("Datastore", req.DefaultDatastoreID)
	if req.DefaultDatastoreID == "" {
		c, ok := reg.Get(cluster).(*vcsim.ClusterComputeResource)
		if !ok || len(c.Datastore) == 0 {
			return nil, fmt.Errorf("the resource pool %q has no datastore", req.ResourcePoolID)
		}
		ds = c.Datastore[0]
	}
	if t.datastore, ok = reg.Get(ds).(*vcsim.Datastore); !ok {
		return nil, fmt.Errorf("there is no datastore %q", ds.Value)
	}
	return t, nil
}

// deployOVF makes the machine; ctx is the caller's own.
func (s *Simulator) deployOVF(ctx *vcsim.Context, item *libraryItem, spec vcenter.DeploymentSpec, at *target) (types.ManagedObjectReference, error) {
	none := types.ManagedObjectReference{}
	if item.Type != "ovf" || item.ovf() == "" {
		return none, fmt.Errorf("the library item %s is of type %s and has no OVF descriptor", item.ID, item.Type)
	}
	text, err := os.ReadFile(filepath.Join(item.dir, item.ovf()))
	if err != nil {
		return none, err
	}
	env, err := ovf.Unmarshal(bytes.NewReader(text))
	if err != nil {
		return none, fmt.Errorf("the OVF descriptor of the library item %s does not parse: %w", item.ID, err)
	}
	if env.VirtualSystem == nil || len(env.VirtualSystem.VirtualHardware) == 0 {
		return none, fmt.Errorf("the OVF descriptor of the library item %s has no virtual hardware", item.ID)
	}
	extra, err := configSpecOf(spec.VmConfigSpec)
	if err != nil {
		return none, err
	}
	name := spec.Name
	if name == "" {
		name = item.Name
	}
	config, err := s.importSpec(ctx, name, string(text), spec, at)
	if err != nil {
		return none, err
	}
	if err := applyDescriptor(config, env, spec, mappedNetworks(ctx.Map, spec.NetworkMappings)); err != nil {
		return none, err
	}
	if extra != nil {
		dropCards(config)
	}
	home, err := machineDir(at.datastore, name)
	if err != nil {
		return none, err
	}
	moveInto(config, at.datastore.Name, name, filepath.Base(home))
	ref, f := s.create(ctx, at.folder, *config, at.pool, at.host)
	if f != nil {
		_ = os.Remove(home) // stays when it is not empty
		return none, &vimError{f}
	}
	vm, ok := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
	if !ok {
		return none, &vimError{missing(ref)}
	}
	s.agent.install(ref)
	if extra != nil {
		extra.Name = ""
		var f types.BaseMethodFault
		ctx.WithLock(vm, func() { f = s.reconfigure(ctx, vm, *extra) })
		if f != nil {
			s.destroy(ctx, vm)
			return none, &vimError{f}
		}
	}
	return ref, nil
}

// machineDir makes the directory of a new machine: its name, with a number where a machine
// that was renamed still has its files there.
func machineDir(ds *vcsim.Datastore, name string) (string, error) {
	base := filepath.Join(ds.Info.GetDatastoreInfo().Url, strings.ReplaceAll(name, "/", "_"))
	dir := base
	for n := 1; ; n++ {
		err := os.Mkdir(dir, 0o700)
		if !errors.Is(err, os.ErrExist) {
			return dir, err
		}
		dir = fmt.Sprintf("%s_%d", base, n)
	}
}

// moveInto puts the files of a specification into a directory of the datastore.
func moveInto(config *types.VirtualMachineConfigSpec, datastore, name, dir string) {
	at := func(file string) string { return fmt.Sprintf("[%s] %s/%s", datastore, dir, file) }
	config.Files.VmPathName = at(dir + ".vmx")
	for _, c := range config.DeviceChange {
		b, ok := c.GetVirtualDeviceConfigSpec().Device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		info := b.GetVirtualDeviceFileBackingInfo()
		if file, ok := strings.CutPrefix(info.FileName, fmt.Sprintf("[%s] %s/", datastore, name)); ok {
			info.FileName = at(file)
		}
	}
}

// configSpecOf decodes the configuration that a deployment carries.
func configSpecOf(v *vcenter.VmConfigSpec) (*types.VirtualMachineConfigSpec, error) {
	if v == nil {
		return nil, nil
	}
	if v.Provider != "XML" {
		return nil, fmt.Errorf("vm_config_spec has the provider %q, not XML", v.Provider)
	}
	raw, err := base64.StdEncoding.DecodeString(v.XML)
	if err != nil {
		return nil, fmt.Errorf("vm_config_spec is not base64: %w", err)
	}
	var spec types.VirtualMachineConfigSpec
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.TypeFunc = types.TypeFunc()
	if err := d.Decode(&spec); err != nil {
		return nil, fmt.Errorf("vm_config_spec is not a VirtualMachineConfigSpec: %w", err)
	}
	return &spec, nil
}

// importSpec lets vcsim turn the descriptor into a specification.
func (s *Simulator) importSpec(ctx *vcsim.Context, name, descriptor string, spec vcenter.DeploymentSpec, at *target) (*types.VirtualMachineConfigSpec, error) {
	params := types.OvfCreateImportSpecParams{EntityName: name, DiskProvisioning: spec.StorageProvisioning}
	for _, m := range spec.NetworkMappings {
		ref, err := networkRef(ctx.Map, m.Value)
		if err != nil {
			return nil, fmt.Errorf("the network mapping of %q: %w", m.Key, err)
		}
		params.NetworkMapping = append(params.NetworkMapping, types.OvfNetworkMapping{Name: m.Key, Network: ref})
	}
	for _, p := range spec.AdditionalParams {
		if p.Type == vcenter.TypeDeploymentOptionParams {
			params.DeploymentOption = p.SelectedKey
		}
	}
	manager, ok := ctx.Map.Get(*ctx.Map.Get(serviceInstance).(*vcsim.ServiceInstance).Content.OvfManager).(*vcsim.OvfManager)
	if !ok {
		return nil, errors.New("the simulator has no OVF manager")
	}
	body, ok := manager.CreateImportSpec(ctx, &types.CreateImportSpec{
		OvfDescriptor: descriptor, ResourcePool: at.pool, Datastore: at.datastore.Self, Cisp: &params,
	}).(*methods.CreateImportSpecBody)
	if !ok || body.Res == nil {
		return nil, errors.New("the OVF descriptor cannot be imported")
	}
	if len(body.Res.Returnval.Error) > 0 {
		return nil, errors.New(body.Res.Returnval.Error[0].LocalizedMessage)
	}
	imported, ok := body.Res.Returnval.ImportSpec.(*types.VirtualMachineImportSpec)
	if !ok {
		return nil, errors.New("the OVF descriptor is not of a single virtual machine")
	}
	return &imported.ConfigSpec, nil
}

var serviceInstance = reference("ServiceInstance", "ServiceInstance")

// networkRef finds a network by the value of its reference.
func networkRef(reg *vcsim.Registry, value string) (types.ManagedObjectReference, error) {
	for _, kind := range []string{"Network", "DistributedVirtualPortgroup", "OpaqueNetwork"} {
		if ref := reference(kind, value); reg.Get(ref) != nil {
			return ref, nil
		}
	}
	return types.ManagedObjectReference{}, fmt.Errorf("there is no network %q", value)
}

// mappedNetworks are the names that a descriptor's networks have here.
func mappedNetworks(reg *vcsim.Registry, mappings []vcenter.NetworkMapping) map[string]string {
	names := map[string]string{}
	for _, m := range mappings {
		if ref, err := networkRef(reg, m.Value); err == nil {
			if network, ok := networkOf(reg.Get(ref)); ok {
				names[m.Key] = network.Name
			}
		}
	}
	return names
}

// dropCards takes the descriptor's network cards out: with a vm_config_spec, the cards are
// those that it brings.
func dropCards(config *types.VirtualMachineConfigSpec) {
	var kept []types.BaseVirtualDeviceConfigSpec
	for _, c := range config.DeviceChange {
		if _, ok := c.GetVirtualDeviceConfigSpec().Device.(types.BaseVirtualEthernetCard); !ok {
			kept = append(kept, c)
		}
	}
	config.DeviceChange = kept
}

// destroy removes a machine that must not stay.
func (s *Simulator) destroy(ctx *vcsim.Context, vm *vcsim.VirtualMachine) {
	var ref types.ManagedObjectReference
	ctx.WithLock(vm, func() {
		if body, ok := vm.DestroyTask(ctx, &types.Destroy_Task{This: vm.Self}).(*methods.Destroy_TaskBody); ok && body.Res != nil {
			ref = body.Res.Returnval
		}
	})
	_, _ = wait(ctx, ref)
}
