package image

import (
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
// two virtual systems into one, keep only the last of ovf:qualifiers and vmw:qualifiers, and
// see nothing in a document of OVF 0.9: hence the reader in between.
func decodeEnvelope(document []byte) (*ovf.Envelope, error) {
	if len(document) > maxDescriptorBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", maxDescriptorBytes)
	}
	decoder, err := newXMLDecoder(document)
	if err != nil {
		return nil, err
	}
	var envelope ovf.Envelope
	if err := xml.NewTokenDecoder(&envelopeReader{tokens: decoder}).Decode(&envelope); err != nil {
		return nil, fmt.Errorf("it is not a well-formed OVF document: %w", err)
	}
	return &envelope, nil
}

// envelopeReader hands on the tokens of an OVF document. It checks the two levels at which
// the decoder is indifferent, joins the qualifiers of a property, and gives the elements of
// OVF 0.9 the names that they have since.
type envelopeReader struct {
	tokens  xml.TokenReader
	open    []string // the names of the elements around
	systems int
}

// Token returns the next token, as xml.TokenReader asks. The reader behind has checked that
// elements end as they began.
func (r *envelopeReader) Token() (xml.Token, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return token, err
	}
	switch element := token.(type) {
	case xml.StartElement:
		element.Name.Local = currentName(element)
		r.open = append(r.open, element.Name.Local)
		if err := r.check(element.Name.Local); err != nil {
			return nil, err
		}
		if element.Name.Local == "Property" {
			element.Attr = joinQualifiers(element.Attr)
		}
		return element, nil
	case xml.EndElement:
		last := len(r.open) - 1
		element.Name.Local = r.open[last]
		r.open = r.open[:last]
		return element, nil
	}
	return token, nil
}

func (r *envelopeReader) check(name string) error {
	switch depth := len(r.open); {
	case depth == 1 && name != "Envelope":
		return fmt.Errorf("its root element is %q, expected \"Envelope\"", name)
	case depth == 2 && (name == "VirtualSystem" || name == "VirtualSystemCollection"):
		r.systems++
		if r.systems > 1 {
			return errors.New("it has several virtual systems outside of a VirtualSystemCollection")
		}
	}
	return nil
}

// currentName returns the name that an element has since OVF 1.0. Before, sections and
// virtual systems were told apart by xsi:type, such as <Section xsi:type="ovf:DiskSection_Type">,
// and hardware items had an InstanceId.
func currentName(element xml.StartElement) string {
	switch name := element.Name.Local; name {
	case "Section", "Content":
		for _, attribute := range element.Attr {
			if attribute.Name.Local != "type" {
				continue
			}
			_, local, prefixed := strings.Cut(attribute.Value, ":")
			if !prefixed {
				local = attribute.Value
			}
			if kind, ok := strings.CutSuffix(local, "_Type"); ok {
				return kind
			}
		}
		return name
	case "InstanceId":
		return "InstanceID"
	default:
		return name
	}
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
