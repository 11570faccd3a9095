package provider_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// What a test asks of the requests of a run.
const (
	opDeploy      = "POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy"
	opReconfigure = "ReconfigVM_Task"
	opPowerOn     = "PowerOnVM_Task"
	opPoll        = "WaitForUpdatesEx"
	opLogin       = "Login"
	opLoginREST   = "POST /rest/com/vmware/cis/session"
)

// changing are the operations that change something in vCenter.
var changing = []string{opDeploy, "*_Task", "ShutdownGuest", "StandbyGuest", "RebootGuest"}

// golden compares text with a file under testdata.
func golden(name, got string) error {
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, []byte(got), 0o600)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w; write it with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		return fmt.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
	return nil
}

// transcript writes requests for people: outlines of what was sent, with everything that is
// packed unpacked and everything that is different in every run masked.
func transcript(requests []simulator.Request) (string, error) {
	var out strings.Builder
	for _, request := range requests {
		fmt.Fprintf(&out, "== %s\n", request.Operation)
		write := outline
		if !request.SOAP {
			write = deployOutline
		}
		text, err := write(request.Body)
		if err != nil {
			return "", fmt.Errorf("%s: %w", request.Operation, err)
		}
		out.WriteString(text)
	}
	return mask(out.String()), nil
}

// deployOutline is the body of a deploy with its configuration as an outline beneath.
func deployOutline(body string) (string, error) {
	var request map[string]any
	if err := json.Unmarshal([]byte(body), &request); err != nil {
		return "", err
	}
	spec, _ := request["deployment_spec"].(map[string]any)
	config, _ := spec["vm_config_spec"].(map[string]any)
	packed, _ := config["xml"].(string)
	document, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return "", err
	}
	config["xml"] = "(below)"
	head, err := json.MarshalIndent(request, "", "  ")
	if err != nil {
		return "", err
	}
	text, err := outline(string(document))
	return string(head) + "\n-- vm_config_spec\n" + text, err
}

// element is an XML element: what is in it, or its text.
type element struct {
	name, kind string
	children   []*element
	text       string
}

// child is the text of the named child.
func (e *element) child(name string) string {
	for _, c := range e.children {
		if c.name == name {
			return c.text
		}
	}
	return ""
}

// find returns all elements of a name beneath e.
func (e *element) find(name string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		}
		found = append(found, c.find(name)...)
	}
	return found
}

// parseXML reads a document, without the envelope of SOAP.
func parseXML(document string) (*element, error) {
	root := new(element)
	stack := []*element{root}
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if err == io.EOF { //nolint:errorlint // the decoder returns it as it is
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			next := &element{name: t.Name.Local}
			for _, attribute := range t.Attr {
				if attribute.Name.Local == "type" {
					next.kind = attribute.Value
				}
			}
			top.children = append(top.children, next)
			stack = append(stack, next)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
}

// outline is a document of XML as indented lines.
func outline(document string) (string, error) {
	root, err := parseXML(document)
	if err != nil {
		return "", err
	}
	for len(root.children) > 0 && (root.name == "" || root.name == "Envelope" || root.name == "Body") {
		root = root.children[len(root.children)-1]
	}
	var out strings.Builder
	root.print(&out, "")
	return out.String(), nil
}

func (e *element) print(out *strings.Builder, indent string) {
	out.WriteString(indent + e.name)
	if e.kind != "" && e.name != "_this" {
		fmt.Fprintf(out, " (%s)", e.kind)
	}
	if len(e.children) > 0 {
		out.WriteString("\n")
		for _, c := range e.children {
			c.print(out, indent+"  ")
		}
		return
	}
	text := unpack(e.text)
	if !strings.Contains(text, "\n") {
		fmt.Fprintf(out, ": %s\n", text)
		return
	}
	out.WriteString(":\n")
	for line := range strings.Lines(text) {
		out.WriteString(indent + "  | " + strings.TrimRight(line, "\n") + "\n")
	}
}

// unpack undoes gzip and base64, and spreads JSON over lines.
func unpack(value string) string {
	packed, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(packed) < 16 {
		return value
	}
	if reader, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
		if plain, err := io.ReadAll(reader); err == nil {
			packed = plain
		}
	}
	var spread bytes.Buffer
	if json.Indent(&spread, packed, "", "  ") == nil {
		return spread.String()
	}
	return string(packed)
}

var (
	anyUUID = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{2} ){7}[0-9a-f]{2}-(?:[0-9a-f]{2} ?){8}`)
	anyMAC  = regexp.MustCompile(`\b00:50:56(?::[0-9a-f]{2}){3}\b`)
	// The version of a machine is a time in nanoseconds.
	anyVersion = regexp.MustCompile(`\b\d{19}\b`)
	anyRef     = regexp.MustCompile(`\b(group|resgroup|datastore|dvportgroup|network|vm|session)-[a-z]?\d+\b`)
)

// mask numbers UUIDs, MAC addresses, versions and references in the order in which they come.
func mask(text string) string {
	for kind, pattern := range map[string]*regexp.Regexp{"uuid": anyUUID, "mac": anyMAC, "version": anyVersion, "": anyRef} {
		seen := map[string]string{}
		text = pattern.ReplaceAllStringFunc(text, func(found string) string {
			if found == simulator.ItemPhoton {
				return found
			}
			name := kind
			if name == "" {
				name, _, _ = strings.Cut(found, "-")
			}
			if seen[found] == "" {
				seen[found] = fmt.Sprintf("<%s %d>", name, len(seen)+1)
			}
			return seen[found]
		})
	}
	return text
}

// extraConfigKeys are the ExtraConfig keys that a ReconfigVM_Task changes, in order.
func extraConfigKeys(request simulator.Request) []string {
	root, err := parseXML(request.Body)
	if err != nil {
		return nil
	}
	var keys []string
	for _, option := range root.find("extraConfig") {
		keys = append(keys, option.child("key"))
	}
	slices.Sort(keys)
	return keys
}

// extraConfigValue is a value that a ReconfigVM_Task sets, unpacked.
func extraConfigValue(request simulator.Request, key string) string {
	root, err := parseXML(request.Body)
	if err != nil {
		return ""
	}
	for _, option := range root.find("extraConfig") {
		if option.child("key") == key {
			return unpack(option.child("value"))
		}
	}
	return ""
}

// changes are what a ReconfigVM_Task changes: the names of the specification's fields, once each.
func changes(request simulator.Request) []string {
	root, err := parseXML(request.Body)
	if err != nil {
		return nil
	}
	names := map[string]bool{}
	for _, spec := range root.find("spec") {
		for _, field := range spec.children {
			names[field.name] = true
		}
	}
	delete(names, "changeVersion") // which guards the change
	return slices.Sorted(maps.Keys(names))
}

// countCalls compares the requests with how often each operation is expected, long polls apart.
func countCalls(t *testing.T, what string, requests []simulator.Request, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, request := range requests {
		got[request.Operation]++
	}
	// How often a long poll answers while a task goes through its states is vCenter's choice.
	tasks := got[opReconfigure] + got[opPowerOn]
	if polls := got[opPoll]; polls > 3*tasks {
		t.Errorf("%s polled %d times for %d tasks", what, polls, tasks)
	}
	delete(got, opPoll)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s made other calls (-want +got):\n%s", what, diff)
	}
}

// operations are the operations of requests, in order.
func operations(requests []simulator.Request) []string {
	out := make([]string, len(requests))
	for i, request := range requests {
		out[i] = request.Operation
	}
	return out
}
