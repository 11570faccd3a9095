package vapp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// labVariable names a directory that receives the properties of a machine as vCenter would have
// them, for programs that read an OVF environment in a real guest.
const labVariable = "GUEST_LAB"

// What the programs of a guest laboratory read back has to survive XML and an OVF environment.
func TestPropertiesForAGuest(t *testing.T) {
	t.Parallel()
	settings := set(
		inline("hostname", "{{ .V1alpha6.VM.Name }}"),
		inline("net.ip.0", `{{ V1alpha6_FormatIP V1alpha6_FirstIP "" }}`),
		inline("netmask", "{{ V1alpha1_SubnetMask V1alpha1_FirstIP }}"),
		inline("prefix", "{{ V1alpha6_PrefixLength V1alpha6_FirstIP }}"),
		inline("gateway", "{{ (index .V1alpha6.Net.Devices 0).Gateway4 }}"),
		inline("dns", `{{ V1alpha6_FormatNameservers -1 "," }}`),
		inline("mac", "{{ V1alpha1_FirstNicMacAddr }}"),
		inline("user-data", "#cloud-config\nruncmd:\n- [echo, \"a & b < c > 'd'\"]\n"),
		inline("escaped", `\{\{ kept \}\}`),
		inline("unicode", "grüße 🙂 \u00a0"),
		secret("password", `p"a's&s<w>o\r\d`),
		inline("blank", ""),
	)
	values, err := Render(settings, twoNICs())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, value := range values {
		got[value.Key] = value.Text
	}
	want := map[string]string{
		"hostname": "my-vm", "net.ip.0": "192.168.1.37", "netmask": "255.255.255.0", "prefix": "24", "gateway": "192.168.1.1",
		"dns": "10.0.0.1,10.0.0.2", "mac": "50-8a-80-9d-28-22", "user-data": "#cloud-config\nruncmd:\n- [echo, \"a & b < c > 'd'\"]\n",
		"escaped": "{{ kept }}", "unicode": "grüße 🙂 \u00a0", "password": `p"a's&s<w>o\r\d`, "blank": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	dir := os.Getenv(labVariable)
	if dir == "" {
		return
	}
	data, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "vapp.properties"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
