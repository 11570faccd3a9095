package network_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// Without a block LinuxPrep may be implied, and does not carry the machine's lists until it is written.
func TestAListWithoutAProviderIsToldHowToBeUsed(t *testing.T) {
	t.Parallel()
	spec := network.Spec{Nameservers: list("10.0.0.53")}
	problems := network.Validate(spec, nothing)
	if len(problems) != 1 || !strings.Contains(problems[0].Detail, "bootstrap { linux_prep {} }") {
		t.Errorf("no remedy in %+v", problems)
	}
}
