// Command schemajson prints the provider's schema in the form of `terraform providers schema -json`, for the generator
// of docs/. It asks the provider server itself, so that the documentation needs no command line and does not depend
// on which of its features the installed one knows.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

func main() {
	if err := write(context.Background(), os.Stdout); err != nil {
		log.Fatal("schemajson: ", err)
	}
}

// write asks a provider server for its schemas and writes them to w.
func write(ctx context.Context, w io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("docs", new(provider.Sessions))())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("asking for the schema: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("asking for the identities: %w", err)
	}
	if err := errors.Join(failures(schemas.Diagnostics), failures(identities.Diagnostics)); err != nil {
		return fmt.Errorf("the provider reports a schema that is not valid: %w", err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(document{
		FormatVersion: "1.0",
		// The generator looks for the short name of the provider.
		Schemas: map[string]providerSchema{provider.TypeName: fromProvider(schemas, identities)},
	})
}

func failures(diagnostics []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(errs...)
}
