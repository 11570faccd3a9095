package protocol_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
)

// What the CLI proposes is made of a configuration, which stays as it was written: otherwise what a
// provider computed for the block before would be in the configuration that it is to apply.
func TestAProposalLeavesTheConfigurationAsItIs(t *testing.T) {
	t.Parallel()
	r := protocol.Serve(t).Resource("vmoperator_virtual_machine")
	config := func(name, mac string) protocol.Tree {
		card := protocol.Tree{"name": name}
		if mac != "" {
			card["mac_addr"] = mac
		}
		return protocol.Tree{"name": "web", "network": protocol.Tree{"interface": []any{card}}}
	}
	prior := r.Nothing()
	prior.Value = protocol.BlockValue(r.Block(), config("eth0", "00:50:56:01:02:03"))
	if p := r.Planned(prior, config("eth1", "")); !protocol.Within(p.Config, "network.interface[0].mac_addr").IsNull() {
		t.Errorf("the configuration has the address %s", protocol.TextAt(p.Config, "network.interface[0].mac_addr"))
	}
}
