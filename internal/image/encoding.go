package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/vmware/govmomi/vim25/xml"
)

// newXMLDecoder reads a document in any encoding that descriptors are written in: UTF-8 and
// UTF-16, which every XML parser has to know (XML 1.0, 4.3.3), US-ASCII and Latin-1.
func newXMLDecoder(document []byte) (*xml.Decoder, error) {
	text, wide, err := fromUTF16(document)
	if err != nil {
		return nil, err
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-16", "utf-16le", "utf-16be":
			if !wide {
				return nil, fmt.Errorf("it says that it is in %s, and has no byte order mark", label)
			}
			return input, nil
		case "us-ascii", "ascii":
			return input, nil // a part of UTF-8
		case "iso-8859-1", "latin1":
			return latin1{input}, nil
		default:
			return nil, fmt.Errorf("it is in the encoding %q, expected UTF-8 or UTF-16", label)
		}
	}
	return decoder, nil
}

// fromUTF16 returns a document that begins with the byte order mark of UTF-16 in UTF-8, and
// any other as it is.
func fromUTF16(document []byte) (text []byte, wide bool, err error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(document, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	case bytes.HasPrefix(document, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	default:
		return document, false, nil
	}
	if len(document)%2 != 0 {
		return nil, false, errors.New("it is in UTF-16, and ends in the middle of a character")
	}
	units := make([]uint16, 0, len(document)/2-1)
	for pair := range slices.Chunk(document[2:], 2) {
		units = append(units, order.Uint16(pair))
	}
	return []byte(string(utf16.Decode(units))), true, nil
}

// latin1 reads ISO 8859-1, whose bytes are the first 256 characters of Unicode, as UTF-8.
type latin1 struct{ input io.Reader }

// Read implements io.Reader.
func (r latin1) Read(p []byte) (int, error) {
	narrow := make([]byte, len(p)/2) // a byte becomes two at most
	if len(narrow) == 0 {
		return 0, io.ErrShortBuffer
	}
	n, err := r.input.Read(narrow)
	text := p[:0]
	for _, b := range narrow[:n] {
		text = append(text, string(rune(b))...)
	}
	return len(text), err
}
