// Command terraform-provider-vmoperator serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// version is set by the release build.
var version = "dev"

// logoutTimeout bounds the logout when the process ends: the CLI kills a provider that
// lingers for more than two seconds.
const logoutTimeout = 1500 * time.Millisecond

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how to attach a CLI")
	flag.Parse()

	sessions := new(provider.Sessions)
	err := providerserver.Serve(context.Background(), provider.New(version, sessions), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})

	ctx, cancel := context.WithTimeout(context.Background(), logoutTimeout)
	sessions.Close(ctx)
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}
