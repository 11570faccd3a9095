package virtualmachine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	vim "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

func TestADataSourceShowsTheWholeStatus(t *testing.T) {
	t.Parallel()
	if want, got := statusAttribute().GetType(), statusShown().GetType(); !got.Equal(want) {
		t.Errorf("the status of the data source is %s, that of the resource %s", got, want)
	}
}

// remembering is a machine with a record.
func remembering(t *testing.T, remembered record) *machine.Observation {
	t.Helper()
	text, err := remembered.encode()
	if err != nil {
		t.Fatal(err)
	}
	return &machine.Observation{
		Ref: machine.Ref{Type: "VirtualMachine", Value: "vm-7"}, Name: "web", BIOSUUID: "b", InstanceUUID: "i",
		PowerState:  vim.VirtualMachinePowerStatePoweredOff,
		ExtraConfig: machine.ExtraConfig{recordKey: text},
	}
}

func TestTheStatusOfAMachineWithARecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	source := &DataSource{backend: new(backend.Backend)}
	status, diags := source.status(t.Context(), remembering(t, record{Class: "small", Config: json.RawMessage(`{"bootstrap":"none"}`)}))
	if diags.HasError() || diags.WarningsCount() != 1 || !strings.Contains(diags[0].Detail(), "vm-7") || !strings.Contains(diags[0].Detail(), recordKey) {
		t.Fatalf("the diagnostics are %v", diags)
	}
	if got := status.Attributes()["class"].String(); got != `"small"` {
		t.Errorf("the class is %s", got)
	}
}

func TestTheStatusOfAMachineSaysItsBootstrapProvider(t *testing.T) {
	t.Parallel()
	source := &DataSource{backend: new(backend.Backend)}
	for provider, remembered := range map[string]record{
		`"CloudInit"`: {Config: json.RawMessage(`{"bootstrap":{"cloud_init":{"instance_id":"x"}}}`), Revision: 3},
		`"LinuxPrep"`: {Provider: bootstrapLinuxPrep, Config: json.RawMessage(`{}`)},
		`<null>`:      {},
	} {
		status, diags := source.status(t.Context(), remembering(t, remembered))
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		boot := status.Attributes()["bootstrap"].String()
		if !strings.Contains(boot, `"provider":`+provider) {
			t.Errorf("bootstrap is %s, want %s", boot, provider)
		}
		network := status.Attributes()["network"].(types.Object)
		if told := !network.Attributes()["config"].IsNull(); told != (provider != `<null>`) {
			t.Errorf("with the provider %s, there is a configuration: %t", provider, told)
		}
	}
}
