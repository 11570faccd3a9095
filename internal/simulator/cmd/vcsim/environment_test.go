package main

import (
	"testing"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestGuestsAreToldByTheEnvironmentAndByFlagsFirst(t *testing.T) {
	for key, value := range map[string]string{
		"VCSIM_GUEST_DELAY": "2s", "VCSIM_CUSTOMIZATION_DELAY": "never", "VCSIM_GUEST_ADDRESS": "127.0.0.9", "VCSIM_API_VERSION": "8.0.2.0",
	} {
		t.Setenv(key, value)
	}
	o, err := parse([]string{"-api-version", "9.1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	want := simulator.GuestPace{Tools: 2 * time.Second, Customization: simulator.Never}
	if o.pace != want || o.address.String() != "127.0.0.9" || o.apiVersion != "9.1.0.0" {
		t.Errorf("options: %+v", o)
	}
	if !o.everyImageType {
		t.Error("the command does not seed images of every type by itself")
	}
	t.Setenv("VCSIM_EVERY_IMAGE_TYPE", "false")
	if o, err := parse(nil); err != nil || o.everyImageType {
		t.Errorf("images of every type although told otherwise: %v", err)
	}
	t.Setenv("VCSIM_GUEST_DELAY", "soon")
	if _, err := parse(nil); err == nil {
		t.Error("a time that is none was taken")
	}
}
