package cloudinit

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

func TestDecodeReadsWhatVMOperatorWrites(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]string{
		"cloud-init-metadata": "H4sIAAAAAAAA/0rOyS9N0c3MyyzRzU0tSUxJLEkEAAAA//8BAAD//wEq0o4TAAAA",
		"cloud-init-userdata": "H4sIAAAAAAAA/0rOyS9N0c3MyyzRLS1OLUpJLEkEAAAA//8BAAD//weVSMoTAAAA",
		"hello":               "H4sIAAAAAAAA/8pIzcnJBwAAAP//AQAA//+GphA2BQAAAA==",
	} {
		for _, encoding := range []string{"gzip+base64", "gz+b64"} {
			if got, err := Decode(value, encoding); err != nil || got != want {
				t.Errorf("%s: got %q, %v, want %q", encoding, got, err, want)
			}
		}
	}
}

func TestDecodeReadsWhatTheGuestReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, encoding, want string }{
		{"no encoding", "aGVsbG8=", "", "aGVsbG8="},
		{"plain", "hello", "plain", "hello"},
		{"plain text", "hello", "text/plain", "hello"},
		{"base64", "aGVsbG8=", "base64", "hello"},
		{"b64", "aGVsbG8=", "b64", "hello"},
		{"base64 in lines", "aGVs\r\n bG8=\n", "b64", "hello"},
		{"base64 of base64 is decoded once", "YUdWc2JHOD0=", "b64", "aGVsbG8="},
		{"an empty value", "", "base64", ""},
		{"a line break, which has no end when decoded for ever", "Cg==", "base64", "\n"},
	} {
		if got, err := Decode(test.value, test.encoding); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestDecodeRefusesWhatTheGuestCannotRead(t *testing.T) {
	t.Parallel()
	whole := Encode(strings.Repeat("hello ", 100))
	packed, err := base64.StdEncoding.DecodeString(whole)
	if err != nil {
		t.Fatal(err)
	}
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	if _, err := writer.Write(make([]byte, maxDecodedSize+1)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, value, encoding string }{
		{"an encoding that cloud-init does not know", "hello", "rot13"},
		{"text that is not base64", "hello!", "base64"},
		{"base64 without its padding", "aGVsbG8", "base64"},
		{"base64 that is not gzip", "aGVsbG8=", "gzip+base64"},
		{"a truncated gzip stream", base64.StdEncoding.EncodeToString(packed[:len(packed)-9]), "gzip+base64"},
		{"a gzip stream that is too large", base64.StdEncoding.EncodeToString(bomb.Bytes()), "gz+b64"},
		{"bytes that are not text", "/////w==", "base64"},
	} {
		if got, err := Decode(test.value, test.encoding); !errors.Is(err, ErrDecode) || got != "" {
			t.Errorf("%s: got %q, %v", test.name, got, err)
		}
	}
}

func TestExtraConfigCarriesBothDocuments(t *testing.T) {
	t.Parallel()
	decoded := func(values map[string]string) map[string]string {
		texts := map[string]string{}
		for _, keys := range [][2]string{{"guestinfo.metadata", "guestinfo.metadata.encoding"}, {"guestinfo.userdata", "guestinfo.userdata.encoding"}} {
			if value, ok := values[keys[0]]; ok {
				text, err := Decode(value, values[keys[1]])
				if err != nil {
					t.Fatal(err)
				}
				texts[keys[0]], texts[keys[1]] = text, values[keys[1]]
			}
		}
		if len(texts) != len(values) {
			t.Errorf("there are other keys in %v", values)
		}
		return texts
	}
	want := map[string]string{"guestinfo.metadata": "m", "guestinfo.metadata.encoding": "gzip+base64"}
	if diff := cmp.Diff(want, decoded(ExtraConfig("m", ""))); diff != "" {
		t.Errorf("without user data (-want +got):\n%s", diff)
	}
	want["guestinfo.userdata"], want["guestinfo.userdata.encoding"] = "u", "gzip+base64"
	if diff := cmp.Diff(want, decoded(ExtraConfig("m", "u"))); diff != "" {
		t.Errorf("with user data (-want +got):\n%s", diff)
	}
}

func TestChangesAreWhatTheGuestWouldReadOtherwise(t *testing.T) {
	t.Parallel()
	both, alone := ExtraConfig("m", "u"), ExtraConfig("m", "")
	with := func(values map[string]string, pairs ...string) map[string]string {
		changed := map[string]string{"other.key": "kept"}
		for key, value := range values {
			changed[key] = value
		}
		for i := 0; i < len(pairs); i += 2 {
			changed[pairs[i]] = pairs[i+1]
		}
		return changed
	}
	for _, test := range []struct {
		name             string
		desired, current map[string]string
		clearUserData    bool
		want             map[string]string
	}{
		{"a new machine", both, nil, true, both},
		{"nothing new", both, with(both), true, map[string]string{}},
		{"the same text in other encodings", both, with(nil,
			KeyMetadata, "bQ==", KeyMetadataEncoding, "b64", KeyUserData, "u"), true, map[string]string{}},
		{"VM Operator's gzip is the same text", ExtraConfig("hello", ""), with(nil,
			KeyMetadata, "H4sIAAAAAAAA/8pIzcnJBwAAAP//AQAA//+GphA2BQAAAA==", KeyMetadataEncoding, "gzip+base64"), false, map[string]string{}},
		{"another text", ExtraConfig("m2", "u"), with(both), true, map[string]string{KeyMetadata: Encode("m2")}},
		{"another text in another encoding", ExtraConfig("m2", ""), with(nil, KeyMetadata, "m"), false, ExtraConfig("m2", "")},
		{
			"a value that cannot be decoded", alone, with(nil, KeyMetadata, Encode("m"), KeyMetadataEncoding, "rot13"), false,
			map[string]string{KeyMetadataEncoding: "gzip+base64"},
		},
		{
			"an encoding that lies", alone, with(nil, KeyMetadata, Encode("m"), KeyMetadataEncoding, "base64"), false,
			map[string]string{KeyMetadataEncoding: "gzip+base64"},
		},
		{
			"user data that is ours and left the configuration", alone, with(both), true,
			map[string]string{KeyUserData: "", KeyUserDataEncoding: ""},
		},
		{"plain user data that is ours", alone, with(alone, KeyUserData, "u"), true, map[string]string{KeyUserData: ""}},
		{"a left-over encoding", alone, with(alone, KeyUserDataEncoding, "b64"), true, map[string]string{KeyUserDataEncoding: ""}},
		{"user data that is somebody else's", alone, with(both), false, map[string]string{}},
		{"cleared already", alone, with(alone, KeyUserData, "", KeyUserDataEncoding, ""), true, map[string]string{}},
		{"no cloud-init at all", nil, with(both), false, map[string]string{}},
		{"no cloud-init any more", nil, with(both), true, map[string]string{KeyUserData: "", KeyUserDataEncoding: ""}},
		{
			"a desired value that cannot be decoded",
			map[string]string{KeyMetadata: "!", KeyMetadataEncoding: "b64"},
			with(alone), false,
			map[string]string{KeyMetadata: "!", KeyMetadataEncoding: "b64"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Changes(test.desired, test.current, test.clearUserData)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckSizesJudgesTheEncodedValue(t *testing.T) {
	t.Parallel()
	noise := func(size int) string { // hexadecimal digits of noise, which gzip halves and base64 brings to two thirds
		generator := rand.NewChaCha8([32]byte{1})
		data := make([]byte, size/2)
		_, _ = generator.Read(data)
		return hex.EncodeToString(data)
	}
	for _, test := range []struct {
		name               string
		metadata, userData string
		want               []string
	}{
		{"small", "m", "u", nil},
		{"large, but easy to compress", strings.Repeat("a", 1<<20), "", nil},
		{"doubtful user data", "m", noise(150_000), []string{"warning: The cloud-init user data may not reach the guest"}},
		{"doubtful metadata", noise(150_000), "u", []string{"warning: The cloud-init metadata may not reach the guest"}},
		{"too much of both", noise(1_000_000), noise(1_000_000), []string{
			"error: The cloud-init metadata is too large", "error: The cloud-init user data is too large",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, problem := range CheckSizes(test.metadata, test.userData) {
				severity := "error: "
				if problem.Severity == network.Warning {
					severity = "warning: "
				}
				got = append(got, severity+problem.Summary)
				if problem.Rule != RuleSize || problem.Path.String() != "bootstrap.cloud_init" || !strings.Contains(problem.Detail, " bytes") {
					t.Errorf("%+v", problem)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzTransport(f *testing.F) {
	for _, seed := range []string{"", "hello", "Cg==", "aGVsbG8=", "H4sIAAAAAAAA/8pIzcnJBwAAAP//AQAA//+GphA2BQAAAA=="} {
		f.Add(seed, "gzip+base64")
		f.Add(seed, "base64")
	}
	f.Fuzz(func(t *testing.T, value, encoding string) {
		text, err := Decode(value, encoding)
		if err != nil {
			if !errors.Is(err, ErrDecode) || text != "" {
				t.Fatalf("%q, %q: %q, %v", value, encoding, text, err)
			}
			return
		}
		if text == "" || encoding == "" || strings.Contains(encoding, "plain") {
			return
		}
		again, err := Decode(Encode(text), Encoding)
		if err != nil || again != text {
			t.Fatalf("%q becomes %q, %v", text, again, err)
		}
		current := map[string]string{KeyMetadata: value, KeyMetadataEncoding: encoding}
		if changes := Changes(ExtraConfig(text, ""), current, true); len(changes) != 0 {
			t.Fatalf("%q, %q is the same text, but changes %v", value, encoding, changes)
		}
	})
}
