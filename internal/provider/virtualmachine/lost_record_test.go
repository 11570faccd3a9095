package virtualmachine_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// keeping is a machine with a volume whose file survives it.
func keeping() tree {
	return with(small(), "volume", []any{tree{"name": "data", "capacity": "1Gi", "reclaim_policy": "Retain"}})
}

// overwrite puts a value in the place of a machine's record.
func overwrite(t *testing.T, sim *simulator.Simulator, value string) {
	t.Helper()
	if err := sim.Reconfigure("small", govmomi.VirtualMachineConfigSpec{
		ExtraConfig: []govmomi.BaseOptionValue{&govmomi.OptionValue{Key: "vmoperator.record", Value: value}},
	}); err != nil {
		t.Fatal(err)
	}
}

// detached tells whether a volume was taken off the machine with its file left alone.
func detached(sim *simulator.Simulator) bool {
	for _, request := range sim.Requests("ReconfigVM_Task") {
		if bytes.Contains([]byte(request.Body), []byte("<operation>remove</operation>")) && !bytes.Contains([]byte(request.Body), []byte("<fileOperation>")) {
			return true
		}
	}
	return false
}

// A disk is known by its UUID as soon as it is there, and not by the place that it was given.
func TestAVolumeIsFoundWhereSomebodyMovedIt(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tree{"running": keeping(), "off": with(keeping(), "power_state", "PoweredOff")} {
		t.Run(name, func(t *testing.T) {
			sim := simulator.Start(t)
			d := connected(t, sim)
			made := d.applied(d.nothing(), config)
			if err := sim.PowerOff("small"); err != nil && name == "running" {
				t.Fatal(err)
			}
			disk := diskOf(devicesOf(t, administrator(t, sim), textAt(made.state, "id")), 1)
			disk.UnitNumber = govmomi.NewInt32(9)
			if err := sim.Reconfigure("small", altering(govmomi.VirtualDeviceConfigSpecOperationEdit, disk)); err != nil {
				t.Fatal(err)
			}
			made = d.refreshed(made)
			if got := len(elementsOf(within(made.state, "volume"))); got != 1 {
				t.Fatalf("%d volumes after the move", got)
			}
			sim.ResetRequests()
			d.clean("destroy", d.destroy(made))
			if !detached(sim) {
				t.Error("the disk went with the machine")
			}
		})
	}
}

func TestAMachineThatLostItsRecordKeepsItsDisks(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"removed": "", "overwritten": "garbage"} {
		t.Run(name, func(t *testing.T) {
			sim := simulator.Start(t)
			d := connected(t, sim)
			made := d.applied(d.nothing(), keeping())
			sim.Settle()
			overwrite(t, sim, value)
			made = d.refreshed(made)
			if got := len(elementsOf(within(made.state, "volume"))); got != 1 {
				t.Errorf("%d volumes in the state", got)
			}
			_, diags := d.plan(made, with(keeping(), "power_off_mode", "Hard"))
			oneError(t, diags, "volume[0]", "disk of the volume is not known")
			oneError(t, d.destroy(made), "volume", "that is to be kept is not known")

			// The whole address names the disk again.
			placed := with(with(with(keeping(), "volume[0].controller_type", "SCSI"), "volume[0].controller_bus_number", 0), "volume[0].unit_number", 1)
			p, diags := d.plan(made, placed)
			if len(diags) != 1 || failed(diags) {
				t.Fatalf("it says %q, want one warning about the disk that is taken over", said(diags))
			}
			made, diags = p.apply()
			d.clean("apply", diags)
			sim.Settle()
			made = d.refreshed(made)
			if again := d.planned(made, placed); len(contradictions(made.state, again.planned)) > 0 {
				t.Errorf("the next plan is not empty: %v", contradictions(made.state, again.planned))
			}
			sim.ResetRequests()
			d.clean("destroy", d.destroy(made))
			if !detached(sim) {
				t.Error("the disk went with the machine")
			}
		})
	}
}

func TestARecordOfANewerProviderIsLeftAlone(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	sim.Settle()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte(`{"version": 99}`))
	_ = writer.Close()
	overwrite(t, sim, base64.StdEncoding.EncodeToString(packed.Bytes()))
	_, diags := d.plan(d.refreshed(made), with(small(), "power_off_mode", "Hard"))
	oneError(t, diags, "", "newer version of the provider")
}
