package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// capture makes an OVF item of a machine, or gives an item the content of one: vcsim's own
// leaves the item empty, and does not answer a request for an item that exists.
func (u *updates) capture(w http.ResponseWriter, r *http.Request) {
	var req vcenter.OVF
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		restError(w, http.StatusBadRequest, "invalid_argument", err.Error())
		return
	}
	vm, ok := u.registry.Get(reference(req.Source.Type, req.Source.Value)).(*vcsim.VirtualMachine)
	if !ok {
		restError(w, http.StatusNotFound, "not_found", "there is no virtual machine "+req.Source.Value)
		return
	}
	id := req.Target.LibraryItemID
	if id == "" {
		var refused *vcenter.OVFError
		if id, refused = u.newItem(w, r, req); id == "" {
			if refused != nil {
				restValue(w, vcenter.CreateResult{Error: &vcenter.DeploymentError{Errors: []vcenter.OVFError{*refused}}})
			}
			return
		}
	}
	text, disks, err := describeMachine(vm)
	if err != nil {
		restError(w, http.StatusInternalServerError, "internal_server_error", err.Error())
		return
	}
	_, v := u.vcsim()
	err = v.fill(id, u.registry, func(item *library.Item, old []library.File, dir string) ([]library.File, error) {
		for _, file := range old {
			if err := os.Remove(filepath.Join(dir, file.Name)); err != nil {
				return nil, err
			}
		}
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
		contents := map[string][]byte{"descriptor.ovf": text}
		for _, disk := range disks {
			contents[disk.name] = disk.content
		}
		list := make([]library.File, 0, len(contents))
		for name, content := range contents {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				return nil, err
			}
			size := int64(len(content))
			list = append(list, library.File{Name: name, Cached: types.NewBool(true), Size: &size, Version: "1"})
		}
		version, _ := strconv.Atoi(item.ContentVersion)
		now := time.Now()
		item.ContentVersion, item.LastModifiedTime, item.Cached = strconv.Itoa(version+1), &now, true
		return list, nil
	})
	if err != nil {
		restError(w, http.StatusNotFound, "not_found", err.Error())
		return
	}
	restValue(w, vcenter.CreateResult{Succeeded: true, ID: id})
}

// newItem makes the item of a capture. A library that is not there is answered by itself; a
// name that is taken is a failure of the capture.
func (u *updates) newItem(w http.ResponseWriter, r *http.Request, req vcenter.OVF) (string, *vcenter.OVFError) {
	body, err := json.Marshal(map[string]any{"create_spec": map[string]any{
		"name": req.Spec.Name, "description": req.Spec.Description, "library_id": req.Target.LibraryID, "type": library.ItemTypeOVF,
	}})
	if err != nil {
		panic(err) // strings
	}
	create, err := http.NewRequestWithContext(r.Context(), http.MethodPost, itemPath, strings.NewReader(string(body)))
	if err != nil {
		panic(err) // a constant URL
	}
	create.Header = r.Header.Clone()
	vcsim, _ := u.vcsim()
	a := newAnswer()
	vcsim.ServeHTTP(a, create)
	var made struct {
		Value string `json:"value"`
	}
	switch {
	case a.code() == http.StatusOK && json.Unmarshal(a.body.Bytes(), &made) == nil:
		return made.Value, nil
	case a.code() == http.StatusBadRequest:
		return "", &vcenter.OVFError{Category: "SERVER", Error: &vcenter.Error{
			Class:    "com.vmware.vapi.std.errors.already_exists",
			Messages: []rest.LocalizableMessage{{DefaultMessage: fmt.Sprintf("The name %q exists already in the library.", req.Spec.Name)}},
		}}
	}
	w.WriteHeader(a.code())
	_, _ = w.Write(a.body.Bytes())
	return "", nil
}

type machineDisk struct {
	name    string
	content []byte
}

// describeMachine is the OVF descriptor of a machine, with its disks.
func describeMachine(vm *vcsim.VirtualMachine) ([]byte, []machineDisk, error) {
	d := &descriptor{
		ID: vm.Name, GuestID: vm.Config.GuestId, CIMOS: 101, Firmware: vm.Config.Firmware, Hardware: vm.Config.Version,
		CPUs: int(vm.Config.Hardware.NumCPU), MemoryMB: int(vm.Config.Hardware.MemoryMB),
	}
	for _, device := range vm.Config.Hardware.Device {
		switch device := device.(type) {
		case *types.VirtualDisk:
			d.Disks = append(d.Disks, descriptorDisk{CapacityGiB: int(max(device.CapacityInKB>>20, 1))})
		case types.BaseVirtualEthernetCard:
			d.NICs++
		}
	}
	text, err := d.render()
	if err != nil {
		return nil, nil, err
	}
	disks := make([]machineDisk, len(d.Disks))
	for i, of := range d.Disks {
		disks[i].name = d.File(i)
		if disks[i].content, err = disk(disks[i].name, int64(of.CapacityGiB)<<30); err != nil {
			return nil, nil, err
		}
	}
	return text, disks, nil
}
