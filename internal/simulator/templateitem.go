package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// templateInfo says what a vm-template item keeps; vcsim answers zeros. What vcsim refuses, and an
// item that was made without a machine, which is impossible in vCenter, is left to it.
func (g *gate) templateInfo(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, templatePath+"/"), "id:")
	item := g.vapi.item(id, g.sim.registry())
	if item == nil || item.template == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	ctx := g.sim.context()
	vm, ok := machineOf(ctx, *item.template)
	if !ok {
		restError(w, http.StatusNotFound, "not_found", fmt.Sprintf("the virtual machine %s of the library item %s is not there any more", item.template.Value, id))
		return
	}
	var info map[string]any
	ctx.WithLock(vm, func() { info = describeTemplate(vm) })
	restValue(w, info)
}

// describeTemplate is the documented information about a template. Lists under /rest are of pairs
// of keys and values.
func describeTemplate(vm *vcsim.VirtualMachine) map[string]any {
	stored := vcenter.DiskStorage{}
	if len(vm.Datastore) > 0 {
		stored.Datastore = vm.Datastore[0].Value
	}
	disks, nics := []vcenter.Disks{}, []vcenter.Nics{}
	for _, device := range vm.Config.Hardware.Device {
		key := fmt.Sprint(device.GetVirtualDevice().Key)
		switch device := device.(type) {
		case *types.VirtualDisk:
			at := stored
			if b, ok := device.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok && b.GetVirtualDeviceFileBackingInfo().Datastore != nil {
				at.Datastore = b.GetVirtualDeviceFileBackingInfo().Datastore.Value
			}
			disks = append(disks, vcenter.Disks{Key: key, Value: &vcenter.DiskInfo{Capacity: int(device.CapacityInBytes), DiskStorage: at}})
		case types.BaseVirtualEthernetCard:
			nics = append(nics, vcenter.Nics{Key: key, Value: describeCard(device.GetVirtualEthernetCard())})
		}
	}
	cores := int32(1)
	if vm.Config.Hardware.NumCoresPerSocket != nil {
		cores = *vm.Config.Hardware.NumCoresPerSocket
	}
	return map[string]any{
		"vm_template":     vm.Self.Value,
		"guest_OS":        guestOS(vm.Config.GuestId),
		"cpu":             vcenter.CPU{Count: int(vm.Config.Hardware.NumCPU), CoresPerSocket: int(cores)},
		"memory":          map[string]any{"size_MiB": vm.Config.Hardware.MemoryMB},
		"disks":           disks,
		"nics":            nics,
		"vm_home_storage": stored,
	}
}

func describeCard(c *types.VirtualEthernetCard) *vcenter.NicDetails {
	d := &vcenter.NicDetails{MacType: strings.ToUpper(c.AddressType)}
	switch b := c.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		d.BackingType = "STANDARD_PORTGROUP"
		if b.Network != nil {
			d.Network = b.Network.Value
		}
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		d.BackingType, d.Network = "DISTRIBUTED_PORTGROUP", b.Port.PortgroupKey
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		d.BackingType, d.Network = "OPAQUE_NETWORK", b.OpaqueNetworkId
	}
	return d
}

// windowsServers are the words of the vAPI that are not made of the guest id by rule.
var windowsServers = map[string]string{
	"windows2019srv_64Guest": "WINDOWS_SERVER_2019", "windows2019srvNext_64Guest": "WINDOWS_SERVER_2021", "windows2022srvNext_64Guest": "WINDOWS_SERVER_2025",
}

// guestOS is the vAPI's word for a vSphere guest id, such as RHEL_9_64 for rhel9_64Guest.
func guestOS(id string) string {
	if word := windowsServers[id]; word != "" {
		return word
	}
	var b strings.Builder
	var last rune
	for _, c := range strings.ReplaceAll(id, "Guest", "") {
		if c != '_' && last != 0 && last != '_' && (unicode.IsUpper(c) || unicode.IsDigit(c) && !unicode.IsDigit(last)) {
			b.WriteRune('_')
		}
		b.WriteRune(unicode.ToUpper(c))
		last = c
	}
	return b.String()
}

// createTemplate makes an item of a copy of a machine. vcsim's has no content version, and ends the
// process on a request without a folder.
func (g *gate) createTemplate(w http.ResponseWriter, r *http.Request) {
	var req struct {
		vcenter.Template `json:"spec"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Name == "" {
		restError(w, http.StatusBadRequest, "invalid_argument", "the request is not JSON, or names no item")
		return
	}
	id, err := g.sim.createTemplate(g.sim.context(), req.Template)
	if err == nil {
		restValue(w, id)
		return
	}
	kind, status := errorClass(err), http.StatusBadRequest
	if errors.Is(err, errNotFound) {
		kind = "not_found"
	}
	if kind == "not_found" {
		status = http.StatusNotFound
	}
	restError(w, status, kind, err.Error())
}

// createTemplate makes the template and the item; ctx is the caller's own.
func (s *Simulator) createTemplate(ctx *vcsim.Context, spec vcenter.Template) (string, error) {
	destination, taken := s.gate.vapi.library(spec.Library, spec.Name)
	if destination == nil {
		return "", fmt.Errorf("the library %q: %w", spec.Library, errNotFound)
	}
	if destination.Type == libraryTypeSubscribed {
		return "", fmt.Errorf("nothing can be added to the subscribed library %q", destination.Name)
	}
	if taken {
		return "", &vimError{&types.DuplicateName{Name: spec.Name}}
	}
	vm, ok := machineOf(ctx, reference("VirtualMachine", spec.SourceVM))
	if !ok {
		return "", fmt.Errorf("the virtual machine %q: %w", spec.SourceVM, errNotFound)
	}
	request, err := s.templateRequest(ctx, spec, destination)
	if err != nil {
		return "", err
	}
	request.This = vm.Self
	var ref types.ManagedObjectReference
	var fault types.BaseMethodFault
	ctx.WithLock(vm, func() { ref, fault = s.clone(ctx, vm, request) })
	if fault != nil {
		return "", &vimError{fault}
	}
	now := time.Now()
	item := library.Item{ID: uuid.NewString(), LibraryID: destination.ID, Name: spec.Name}
	if copied, ok := machineOf(ctx, ref); ok {
		for _, device := range copied.Config.Hardware.Device {
			if disk, ok := device.(*types.VirtualDisk); ok {
				item.Size += disk.CapacityInBytes
			}
		}
	}
	s.keepTemplate(item, spec.Description, ref)
	s.gate.vapi.update(item.ID, func(i *library.Item) { i.CreationTime, i.LastModifiedTime = &now, &now })
	return item.ID, nil
}

// templateRequest is the copy that becomes the content of an item. Without a place of its own it is
// beside the machines of the datacenter, on the library's datastore.
func (s *Simulator) templateRequest(ctx *vcsim.Context, spec vcenter.Template, l *library.Library) (*types.CloneVM_Task, error) {
	dc, ok := ctx.Map.Any("Datacenter").(*vcsim.Datacenter)
	if !ok {
		return nil, errors.New("there is no datacenter")
	}
	request := &types.CloneVM_Task{Name: spec.Name, Folder: dc.VmFolder, Spec: types.VirtualMachineCloneSpec{Template: true}}
	at := &request.Spec.Location
	if p := spec.Placement; p != nil {
		if p.Folder != "" {
			request.Folder = reference("Folder", p.Folder)
		}
		if p.ResourcePool != "" {
			pool := reference("ResourcePool", p.ResourcePool)
			at.Pool = &pool
		}
		if p.Host != "" {
			host := reference("HostSystem", p.Host)
			at.Host = &host
		}
	}
	ds := reference("Datastore", l.Storage[0].DatastoreID)
	for _, stored := range []*vcenter.DiskStorage{spec.DiskStorage, spec.VMHomeStorage} {
		if stored != nil && stored.Datastore != "" {
			ds = reference("Datastore", stored.Datastore)
		}
	}
	at.Datastore = &ds
	return request, nil
}

// library returns a copy of a library, nil when there is none with that id, and whether it has an
// item of a name.
func (v *vapi) library(id, name string) (found *library.Library, taken bool) {
	v.lock.Lock()
	defer v.lock.Unlock()
	for key, content := range v.value.FieldByName("Library").Seq2() {
		l, ok := content.Elem().FieldByName("Library").Interface().(*library.Library)
		if !ok || key.String() != id || len(l.Storage) == 0 {
			continue
		}
		for _, entry := range content.Elem().FieldByName("Item").Seq2() {
			if item, ok := entry.Elem().FieldByName("Item").Interface().(*library.Item); ok && item.Name == name {
				taken = true
			}
		}
		l2 := *l
		l2.Storage = slices.Clone(l.Storage)
		found = &l2
	}
	return found, taken
}
