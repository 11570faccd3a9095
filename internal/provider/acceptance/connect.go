package acceptance

import (
	"strings"
	"sync"
	"testing"
)

// connections are the variables of connected tests, by the names of the tests.
var connections struct {
	mu sync.Mutex
	of map[string]map[string]string
}

// Connect lets the provider of a test, and of the parts of it, find a vCenter: others find others at the same time.
func Connect(t *testing.T, server, user, password, caFile string) {
	t.Helper()
	name := t.Name()
	connections.mu.Lock()
	defer connections.mu.Unlock()
	if connections.of == nil {
		connections.of = map[string]map[string]string{}
	}
	connections.of[name] = variables(server, user, password, caFile)
	t.Cleanup(func() {
		connections.mu.Lock()
		defer connections.mu.Unlock()
		delete(connections.of, name)
	})
}

// Export lets all there is find a vCenter in the environment, other processes included, while a test runs that runs
// alone.
func Export(t *testing.T, server, user, password, caFile string) {
	t.Helper()
	for name, value := range variables(server, user, password, caFile) {
		t.Setenv(name, value)
	}
}

func variables(server, user, password, caFile string) map[string]string {
	return map[string]string{
		"VSPHERE_SERVER": server, "VSPHERE_USER": user, "VSPHERE_PASSWORD": password, "VSPHERE_CA_CERTIFICATES": caFile,
	}
}

// connectionOf are the variables of a test, or of the nearest one that it is a part of; nil if there are none.
func connectionOf(test string) map[string]string {
	connections.mu.Lock()
	defer connections.mu.Unlock()
	for {
		if found, ok := connections.of[test]; ok {
			return found
		}
		end := strings.LastIndexByte(test, '/')
		if end < 0 {
			return nil
		}
		test = test[:end]
	}
}
