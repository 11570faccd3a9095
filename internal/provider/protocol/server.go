// Package protocol speaks to the provider as the core of a CLI does, over protocol 6 and without a process. It is for
// tests: a plan takes milliseconds, and what the CLI would check or fill in is done here, in the same way.
package protocol

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// Server is a served provider, seen by a test: what goes wrong in speaking to it ends that test. Answers of the
// provider, errors included, are for the test to judge.
type Server struct {
	testing.TB
	tfprotov6.ProviderServer
	Schema *tfprotov6.GetProviderSchemaResponse
}

// schemas is asked once for a process: it depends on nothing, and writing the schema of every type takes longer than
// a plan.
var schemas = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	server := providerserver.NewProtocol6(provider.New("test", new(provider.Sessions))())()
	return server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

// Serve serves a provider that is not configured yet. Its sessions end with the test.
func Serve(t testing.TB) *Server {
	t.Helper()
	schema, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	s := &Server{TB: t, ProviderServer: providerserver.NewProtocol6(provider.New("test", sessions)())(), Schema: schema}
	s.Clean("read the schema", schema.Diagnostics)
	return s
}

// In is the same provider, seen by another test.
func (s *Server) In(t testing.TB) *Server {
	out := *s
	out.TB = t
	return &out
}

// Configure validates a configuration of the provider and configures it, unless there is something to say about it.
func (s *Server) Configure(config Tree) []*tfprotov6.Diagnostic {
	s.Helper()
	value := Dynamic(BlockValue(s.Schema.Provider.Block, config))
	validated, err := s.ValidateProviderConfig(s.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: value})
	if err != nil {
		s.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := s.ConfigureProvider(s.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.0", Config: value})
	if err != nil {
		s.Fatal(err)
	}
	return configured.Diagnostics
}

// Show reads a data source of a type such as "vmoperator_network". The value is null if there is an error.
func (s *Server) Show(kind string, config Tree) (tftypes.Value, []*tfprotov6.Diagnostic) {
	s.Helper()
	schema := s.Schema.DataSourceSchemas[kind]
	if schema == nil {
		s.Fatalf("there is no data source %s", kind)
	}
	resp, err := s.ReadDataSource(s.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: kind, Config: Dynamic(BlockValue(schema.Block, config))})
	if err != nil {
		s.Fatal(err)
	}
	if Failed(resp.Diagnostics) {
		return tftypes.NewValue(schema.ValueType(), nil), resp.Diagnostics
	}
	return Value(resp.State, schema.Block), resp.Diagnostics
}

// Clean wants no diagnostics at all, not even a warning.
func (s *Server) Clean(what string, diags []*tfprotov6.Diagnostic) {
	s.Helper()
	if len(diags) > 0 {
		s.Fatalf("%s: %s", what, Said(diags))
	}
}
