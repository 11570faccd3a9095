package image_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// inEncoding is a document that says in which encoding it is, and names a product.
func inEncoding(label, product string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding=%q?><Envelope><VirtualSystem><ProductSection><Product>%s</Product></ProductSection></VirtualSystem></Envelope>`,
		label, product)
}

// wide writes a text in UTF-16, after a byte order mark.
func wide(order binary.AppendByteOrder, text string) []byte {
	out := order.AppendUint16(nil, 0xFEFF)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

func TestDescriptorsAreReadInTheirEncoding(t *testing.T) {
	t.Parallel()
	// Longer than what is read at a time, so that characters fall on the border.
	long := strings.Repeat("Büro ", 5000)
	for name, test := range map[string]struct {
		document []byte
		want     string
	}{
		"UTF-8":                   {[]byte(inEncoding("UTF-8", "Büro 🏭")), "Büro 🏭"},
		"UTF-8 with a mark":       {[]byte("\ufeff" + inEncoding("utf-8", "Büro")), "Büro"},
		"UTF-16, big end first":   {wide(binary.BigEndian, inEncoding("UTF-16", "Büro 🏭")), "Büro 🏭"},
		"UTF-16, small end first": {wide(binary.LittleEndian, inEncoding("utf-16", long)), strings.TrimSpace(long)},
		"UTF-16 by its order":     {wide(binary.LittleEndian, inEncoding("UTF-16LE", "Büro")), "Büro"},
		"US-ASCII":                {[]byte(inEncoding("US-ASCII", "Buero")), "Buero"},
		"Latin-1":                 {latin1(inEncoding("ISO-8859-1", long)), strings.TrimSpace(long)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			descriptor, err := image.ParseDescriptor(test.document)
			if err != nil {
				t.Fatal(err)
			}
			if got := descriptor.Product.Product; got != test.want {
				t.Errorf("product %.40q of %d bytes, want %.40q of %d", got, len(got), test.want, len(test.want))
			}
		})
	}
}

func latin1(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}

func TestAnElementWithoutATypeKeepsItsName(t *testing.T) {
	t.Parallel()
	// Neither has the type of a section or of a system: they are unknown elements, as any other.
	document := envelope(`<Section><Info/></Section><Section xsi:type="DiskSection"/><Content type="elsewhere"/>
		<Content type="VirtualSystem_Type" ovf:id="vm"/>`)
	descriptor, err := image.ParseDescriptor(document)
	if err != nil || descriptor.SystemID != "vm" {
		t.Errorf("%+v, %v", descriptor, err)
	}
}
