package virtualmachine

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFingerprintsTellDocumentsApart(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]bool{"open": false, "secret": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := fingerprintOf("hunter2", secret)
			if err != nil {
				t.Fatal(err)
			}
			if !f.matches("hunter2") || f.matches("hunter3") || f.matches("") {
				t.Errorf("%+v does not know its document", f)
			}
			again, err := fingerprintOf("hunter2", secret)
			if err != nil {
				t.Fatal(err)
			}
			if same := f == again; same == secret {
				t.Errorf("the fingerprints of one document are equal: %v, want %v", same, !secret)
			}
			if salted := f.Salt != ""; salted != secret {
				t.Errorf("the fingerprint is salted: %v, want %v", salted, secret)
			}
			text, err := json.Marshal(f)
			if err != nil || strings.Contains(string(text), "hunter2") {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
}

func TestADamagedFingerprintMatchesNothing(t *testing.T) {
	t.Parallel()
	for _, f := range []fingerprint{{}, {Sum: "zz"}, {Salt: "not hex", Sum: "00"}, {Salt: "00", Sum: ""}} {
		if f.matches("") || f.matches("text") {
			t.Errorf("%+v matches", f)
		}
	}
}

func TestNothingSentMatchesNoDocument(t *testing.T) {
	t.Parallel()
	if !matches(nil, "") || matches(nil, "text") {
		t.Error("what was not sent is not the empty document")
	}
}
