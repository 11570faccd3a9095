package virtualmachine_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// powering are the calls that change the power state of a machine.
var powering = []string{
	"PowerOffVM_Task", "ShutdownGuest", "PowerOnVM_Task", "SuspendVM_Task", "StandbyGuest", "ResetVM_Task", "RebootGuest",
}

// members are those of the specification in a request, with the operation and the type of devices.
func members(t testing.TB, body string) []string {
	t.Helper()
	var names, out []string
	operation := ""
	decoder := xml.NewDecoder(strings.NewReader(body))
	inside := func() []string {
		if at := slices.Index(names, "spec"); at >= 0 {
			return names[at+1:]
		}
		return nil
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			names = append(names, e.Name.Local)
			switch at := inside(); {
			case len(at) == 1 && at[0] != "deviceChange":
				out = append(out, at[0])
			case len(at) == 2 && at[1] == "device":
				for _, attribute := range e.Attr {
					if attribute.Name.Local == "type" {
						out = append(out, operation+" "+attribute.Value)
					}
				}
			}
		case xml.CharData:
			if at := inside(); len(at) == 2 && at[1] == "operation" {
				operation = string(e)
			}
		case xml.EndElement:
			names = names[:len(names)-1]
		}
	}
}
