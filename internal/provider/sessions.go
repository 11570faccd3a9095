package provider

import (
	"context"
	"sync"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Sessions are the vCenter sessions of a process. Terraform tells a provider nothing when
// it is done with it, so the process logs out when its server has stopped.
type Sessions struct {
	mu      sync.Mutex
	clients []*vsphere.Client
}

func (s *Sessions) add(client *vsphere.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, client)
}

// Close logs every session out, best effort, within ctx.
func (s *Sessions) Close(ctx context.Context) {
	s.mu.Lock()
	clients := s.clients
	s.clients = nil
	s.mu.Unlock()
	var wait sync.WaitGroup
	for _, client := range clients {
		wait.Go(func() { _ = client.Logout(ctx) })
	}
	wait.Wait()
}
