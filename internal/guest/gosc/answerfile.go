package gosc

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// byteOrderMark may begin a text that was written on Windows.
const byteOrderMark = "\uFEFF"

// maxAnswerFileBytes bounds what a gzip stream may unpack to: far more than an answer file can be.
const maxAnswerFileBytes = 16 << 20

// unattendRoot is the root element of an answer file, since Windows Vista.
var unattendRoot = xml.Name{Space: "urn:schemas-microsoft-com:unattend", Local: "unattend"}

// DecodeRaw returns what a raw answer file says. The text is taken literally, unless it is
// base64, perhaps of gzip, of a text that is recognisably XML or a template of it. It is
// decoded once.
func DecodeRaw(raw string) string {
	if looksLikeXML(raw) {
		return raw
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(raw), ""))
	if err != nil {
		return raw
	}
	if reader, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		if data, err = io.ReadAll(io.LimitReader(reader, maxAnswerFileBytes+1)); err != nil || len(data) > maxAnswerFileBytes {
			return raw
		}
	}
	if text := string(data); looksLikeXML(text) {
		return text
	}
	return raw
}

// looksLikeXML tells whether a text begins like XML, or like a template.
func looksLikeXML(text string) bool {
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	return strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{{")
}

// hasTemplate tells whether a text may still be changed by the template engine.
func hasTemplate(text string) bool { return strings.Contains(text, "{{") }

// answerFile judges raw_sysprep. The content of a template is not judged: it is another one
// once it is rendered. The texts name lines, never content, which holds passwords.
func (f *findings) answerFile(path network.Path, raw string) {
	text := DecodeRaw(raw)
	if strings.TrimSpace(text) == "" {
		f.refuse(RuleEmpty, path, "Answer file is empty", "raw_sysprep has no text. Give it that of an answer file, or remove it.")
		return
	}
	f.sendable(path, text)
	if hasTemplate(text) {
		return
	}
	encoding, err := checkAnswerFile(text)
	if err != nil {
		f.refuse(RuleAnswerFile, path, "Windows would refuse this answer file",
			"raw_sysprep is not an answer file: %s. It is XML with the root element <unattend xmlns=%q>, literally or in base64.", err, unattendRoot.Space)
		return
	}
	if encoding != "" {
		f.warn(RuleAnswerFileCoding, path, "Answer file is sent as UTF-8",
			"The answer file declares the encoding %q, but vSphere carries text in UTF-8. Declare encoding=\"utf-8\".", encoding)
	}
}

// checkAnswerFile returns an error for a text that is no answer file, and the encoding that
// it declares if that is not UTF-8. Of what is in the file, the error says nothing.
func checkAnswerFile(text string) (encoding string, err error) {
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, byteOrderMark)))
	decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		encoding = charset // the text is UTF-8 whatever it says
		return input, nil
	}
	rooted := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", xmlError(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok || rooted {
			continue
		}
		if element.Name != unattendRoot {
			return "", fmt.Errorf("its root element is <%s> of the namespace %q", element.Name.Local, element.Name.Space)
		}
		rooted = true
	}
	if !rooted {
		return "", errors.New("it has no element")
	}
	return encoding, nil
}

// xmlError says where XML is malformed without quoting it.
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return errors.New("it is not well-formed XML")
	}
	hint := ""
	if strings.Contains(syntax.Msg, "entity") {
		hint = " (an & of a text is written &amp;)"
	}
	return fmt.Errorf("line %d is not well-formed XML%s", syntax.Line, hint)
}
