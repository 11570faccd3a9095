package virtualmachine

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// memory is private state.
type memory map[string][]byte

func (m memory) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return m[key], nil }

func (m memory) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	m[key] = value
	return nil
}

// holding is a machine whose guest is told documents.
func holding(version string, d documents) *machine.Observation {
	return &machine.Observation{ChangeVersion: version, ExtraConfig: cloudinit.ExtraConfig(d.metadata, d.userData)}
}

func TestPrivateStateKeepsFingerprintsAndNoSecret(t *testing.T) {
	t.Parallel()
	private := memory{}
	if last, diags := readSent(t.Context(), private); last != nil || len(diags) > 0 {
		t.Errorf("empty private state is %+v, %v", last, diags)
	}
	var s sent
	if err := s.note(documents{metadata: "instance-id: a\n", userData: "password: hunter2\n", secret: true}); err != nil {
		t.Fatal(err)
	}
	s.remember(&machine.Observation{ChangeVersion: "7", NICs: []machine.ObservedNIC{{Key: 4000, MAC: "00:50:56:00:00:01"}}}, map[string]int32{"eth0": 4000, "eth1": 4001})
	if diags := s.write(t.Context(), private); len(diags) > 0 {
		t.Fatal(diags)
	}
	if strings.Contains(string(private[sentKey]), "hunter2") {
		t.Errorf("private state holds a secret: %s", private[sentKey])
	}
	read, diags := readSent(t.Context(), private)
	if diff := cmp.Diff(&s, read); diff != "" || len(diags) > 0 {
		t.Errorf("%v (-want +got):\n%s", diags, diff)
	}
	if diff := cmp.Diff(map[string]string{"eth0": "00:50:56:00:00:01"}, read.MACs); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

func TestDamagedPrivateStateIsAnError(t *testing.T) {
	t.Parallel()
	if _, diags := readSent(t.Context(), memory{sentKey: []byte("{")}); !diags.HasError() {
		t.Error("it was read")
	}
}

func TestDriftIsFoundByContent(t *testing.T) {
	t.Parallel()
	told := documents{metadata: "instance-id: a\n", userData: "#cloud-config\n"}
	for name, test := range map[string]struct {
		now  *machine.Observation
		want bool
	}{
		"the same version":               {holding("1", documents{metadata: "other"}), false},
		"another version, the same":      {holding("2", told), false},
		"other metadata":                 {holding("2", documents{metadata: "other", userData: told.userData}), true},
		"other user data":                {holding("2", documents{metadata: told.metadata, userData: "other"}), true},
		"no user data":                   {holding("2", documents{metadata: told.metadata}), true},
		"nothing":                        {&machine.Observation{ChangeVersion: "2"}, true},
		"what its encoding does not say": {&machine.Observation{ChangeVersion: "2", ExtraConfig: machine.ExtraConfig{cloudinit.KeyMetadata: "%", cloudinit.KeyMetadataEncoding: "base64"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sent{ChangeVersion: "1"}
			if err := s.note(told); err != nil {
				t.Fatal(err)
			}
			s.compare(test.now)
			if s.Drifted != test.want {
				t.Errorf("drifted is %v, want %v", s.Drifted, test.want)
			}
			if !test.want && s.ChangeVersion != test.now.ChangeVersion {
				t.Errorf("the version that was compared is %q, want %q", s.ChangeVersion, test.now.ChangeVersion)
			}
			if text, err := json.Marshal(&s); err != nil || strings.Contains(string(text), "cloud-config") {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
}
