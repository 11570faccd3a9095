package image

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vim25/xml"
)

// maxDescriptorBytes is far above any descriptor: those of large appliances, with all their
// translations, stay below one MiB.
const maxDescriptorBytes = 16 << 20

// decodeEnvelope reads the document into govmomi's envelope. ovf.Unmarshal itself would
// accept any root element – the HTML page of a proxy decodes into an empty envelope –, merge
// two virtual systems into one, and keep only the last of ovf:qualifiers and vmw:qualifiers:
// hence the reader in between.
func decodeEnvelope(document []byte) (*ovf.Envelope, error) {
	if len(document) > maxDescriptorBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", maxDescriptorBytes)
	}
	var envelope ovf.Envelope
	tokens := &envelopeReader{tokens: xml.NewDecoder(bytes.NewReader(document))}
	if err := xml.NewTokenDecoder(tokens).Decode(&envelope); err != nil {
		return nil, fmt.Errorf("it is not a well-formed OVF document: %w", err)
	}
	return &envelope, nil
}

// envelopeReader hands on the tokens of an OVF document. It checks the two levels at which
// the decoder is indifferent and joins the qualifiers of a property.
type envelopeReader struct {
	tokens  xml.TokenReader
	depth   int
	systems int
}

// Token returns the next token, as xml.TokenReader asks.
func (r *envelopeReader) Token() (xml.Token, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return token, err
	}
	switch element := token.(type) {
	case xml.StartElement:
		r.depth++
		if err := r.check(element.Name.Local); err != nil {
			return nil, err
		}
		if element.Name.Local == "Property" {
			element.Attr = joinQualifiers(element.Attr)
		}
		return element, nil
	case xml.EndElement:
		r.depth--
	}
	return token, nil
}

func (r *envelopeReader) check(name string) error {
	switch {
	case r.depth == 1 && name != "Envelope":
		return fmt.Errorf("its root element is %q, expected \"Envelope\"", name)
	case r.depth == 2 && (name == "VirtualSystem" || name == "VirtualSystemCollection"):
		r.systems++
		if r.systems > 1 {
			return errors.New("it has several virtual systems outside of a VirtualSystemCollection")
		}
	}
	return nil
}

// joinQualifiers makes one attribute of ovf:qualifiers and vmw:qualifiers.
func joinQualifiers(attributes []xml.Attr) []xml.Attr {
	const name = "qualifiers"
	var joined []xml.Attr
	var values []string
	for _, attribute := range attributes {
		if attribute.Name.Local == name {
			values = append(values, attribute.Value)
		} else {
			joined = append(joined, attribute)
		}
	}
	if len(values) == 0 {
		return attributes
	}
	return append(joined, xml.Attr{Name: xml.Name{Local: name}, Value: strings.Join(values, ", ")})
}
