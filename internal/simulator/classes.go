package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/vapi/namespace"
)

// classesPath is where vCenter has its VM classes.
const classesPath = "/api/vcenter/namespace-management/virtual-machine-classes"

// classes are the VM classes of one simulator. govmomi keeps them in a variable of its
// package, where all simulators of a process would share them without a lock.
type classes struct {
	mu   sync.Mutex
	byID map[string]namespace.VirtualMachineClassInfo
}

func newClasses() *classes {
	return &classes{byID: map[string]namespace.VirtualMachineClassInfo{}}
}

func (c *classes) put(k namespace.VirtualMachineClassInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.ConfigStatus = "READY"
	c.byID[k.Id] = k
}

// ServeHTTP implements list, get, create, update and delete.
func (c *classes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, classesPath), "/")
	var spec namespace.VirtualMachineClassCreateSpec
	if r.Method == http.MethodPost || r.Method == http.MethodPatch {
		if err := json.NewDecoder(r.Body).Decode(&spec); err != nil {
			apiError(w, http.StatusBadRequest, "INVALID_ARGUMENT", "the class is not JSON: "+err.Error())
			return
		}
	}
	if r.Method == http.MethodPost {
		id = spec.Id
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	found, exists := c.byID[id]
	switch {
	case r.Method == http.MethodGet && id == "":
		list := make([]namespace.VirtualMachineClassInfo, 0, len(c.byID))
		for _, k := range c.byID {
			list = append(list, k)
		}
		slices.SortFunc(list, func(a, b namespace.VirtualMachineClassInfo) int { return strings.Compare(a.Id, b.Id) })
		writeJSON(w, http.StatusOK, list)
	case r.Method == http.MethodPost && exists:
		apiError(w, http.StatusBadRequest, "ALREADY_EXISTS", "the VM class "+id+" already exists")
	case r.Method == http.MethodPost:
		c.byID[id] = classOf(id, spec)
		w.WriteHeader(http.StatusNoContent)
	case !exists:
		apiError(w, http.StatusNotFound, "NOT_FOUND", "there is no VM class "+id)
	case r.Method == http.MethodGet:
		writeJSON(w, http.StatusOK, found)
	case r.Method == http.MethodPatch:
		c.byID[id] = classOf(id, spec)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		delete(c.byID, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func classOf(id string, spec namespace.VirtualMachineClassCreateSpec) namespace.VirtualMachineClassInfo {
	return namespace.VirtualMachineClassInfo{
		Id: id, ConfigStatus: "READY", CpuCount: spec.CpuCount, MemoryMb: spec.MemoryMb,
		CpuReservation: spec.CpuReservation, MemoryReservation: spec.MemoryReservation,
		Devices: spec.Devices, ConfigSpec: spec.ConfigSpec,
	}
}
