package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// writeJSON answers with a JSON body.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// restValue answers as endpoints under /rest do, with the value wrapped.
func restValue(w http.ResponseWriter, v any) {
	writeJSON(w, http.StatusOK, map[string]any{"value": v})
}

// message is a localizable message of the vAPI.
type message struct {
	ID             string   `json:"id"`
	DefaultMessage string   `json:"default_message"`
	Args           []string `json:"args"`
}

// restError answers with an error as endpoints under /rest write it: kind is the last
// part of com.vmware.vapi.std.errors.
func restError(w http.ResponseWriter, status int, kind, text string) {
	writeJSON(w, status, map[string]any{
		"type":  "com.vmware.vapi.std.errors." + kind,
		"value": map[string]any{"messages": []message{{ID: "vcsim." + kind, DefaultMessage: text, Args: []string{}}}},
	})
}

// apiError answers with an error as endpoints under /api write it.
func apiError(w http.ResponseWriter, status int, kind, text string) {
	writeJSON(w, status, map[string]any{
		"error_type": kind,
		"messages":   []message{{ID: "vcsim." + kind, DefaultMessage: text, Args: []string{}}},
	})
}

const (
	envelopeHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`
	envelopeTail = `</soapenv:Body></soapenv:Envelope>`
)

// writeFault answers a SOAP call with a fault.
func writeFault(w http.ResponseWriter, text string, fault types.BaseMethodFault) error {
	kind := reflect.TypeOf(fault).Elem().Name()
	var detail bytes.Buffer
	e := xml.NewEncoder(&detail)
	err := e.EncodeElement(fault, xml.StartElement{
		Name: xml.Name{Local: kind + "Fault"},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns"}, Value: "urn:" + vim25.Namespace},
			{Name: xml.Name{Local: "xsi:type"}, Value: kind},
		},
	})
	if err != nil {
		return fmt.Errorf("encode the fault %s: %w", kind, err)
	}
	var plain bytes.Buffer
	if err := xml.EscapeText(&plain, []byte(text)); err != nil {
		return fmt.Errorf("encode the fault's text: %w", err)
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, err = fmt.Fprintf(w, "%s<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail>%s</detail></soapenv:Fault>%s",
		envelopeHead, plain.String(), detail.String(), envelopeTail)
	return err
}

// writeTask answers a SOAP call named method, which starts a task, with the task.
func writeTask(w http.ResponseWriter, method string, task types.ManagedObjectReference) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = fmt.Fprintf(w, `%s<%sResponse xmlns="urn:%s"><returnval type="Task">%s</returnval></%[2]sResponse>%[5]s`,
		envelopeHead, method, vim25.Namespace, task.Value, envelopeTail)
}
