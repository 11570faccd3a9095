package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// seeded are the flags that an environment variable may give, too: what a demo or a CLI that
// starts the command does not pass on.
var seeded = []string{"guest-delay", "customization-delay", "guest-address", "api-version", "latency", "every-image-type"}

// fromEnvironment sets flags by environment variables: -guest-delay by VCSIM_GUEST_DELAY.
func fromEnvironment(f *flag.FlagSet) error {
	for _, name := range seeded {
		key := "VCSIM_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		value, ok := os.LookupEnv(key)
		if !ok || value == "" {
			continue
		}
		if err := f.Set(name, value); err != nil {
			return fmt.Errorf("%s=%s: %w", key, value, err)
		}
	}
	return nil
}

// guestTime is a duration, or "never".
type guestTime struct{ d *time.Duration }

// String implements flag.Value.
func (g guestTime) String() string {
	switch {
	case g.d == nil:
		return ""
	case *g.d == simulator.Never:
		return "never"
	default:
		return g.d.String()
	}
}

// Set implements flag.Value.
func (g guestTime) Set(text string) error {
	if text == "never" {
		*g.d = simulator.Never
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	*g.d = d
	return nil
}
