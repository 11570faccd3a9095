package cloudinit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// The reader in the guest is PyYAML, a YAML 1.1 reader. sigs.k8s.io/yaml quotes what a
// YAML 1.1 reader takes for a number, a boolean or a date, with these exceptions, each
// found by giving its output to PyYAML: "=" and "<<" alone are a document error, a date
// that no calendar has and a number without digits raise an exception, and a next-line
// character (U+0085) is read as a line break. Other control characters it does not write at all.
var (
	misread = regexp.MustCompile(`^(=|<<|[-+]?0[xb]_+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?)$`)
	token   = regexp.MustCompile(placeholder + "([0-9]+)" + placeholder)
)

// placeholder is a private-use character, plain to YAML.
const placeholder = "\ue000"

// needsQuotes reports whether a text must not be left to the writer.
func needsQuotes(text string) bool {
	return misread.MatchString(text) || strings.Contains(text, placeholder) || strings.ContainsFunc(text, func(r rune) bool {
		return r >= 0x7f && r <= 0x9f || r == 0xfffe || r == 0xffff
	})
}

// writeYAML renders a value by its JSON form: keys in alphabetical order, list items at the
// column of their key, strings quoted where a YAML 1.1 reader would read something else.
func writeYAML(value any) (string, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	tree, err := decodeJSON(data)
	if err != nil {
		return "", err
	}
	var quoted []string
	text, err := yaml.Marshal(protect(tree, &quoted))
	if err != nil {
		return "", err
	}
	return token.ReplaceAllStringFunc(string(text), func(match string) string {
		index, err := strconv.Atoi(strings.Trim(match, placeholder))
		if err != nil || index >= len(quoted) {
			return match
		}
		// Go's ASCII quoting uses only escapes that YAML's double quotes have, too.
		return strconv.QuoteToASCII(quoted[index])
	}), nil
}

// longKey is the length in bytes from which the writer gives a key YAML's form for long ones. A
// reader does not take a key of more than 1024 characters otherwise, and there is a reader
// inside of the writer, for JSON, which has no such form.
const longKey = 128

// cover notes a text and returns its placeholder. It is as long as a key has to be for the
// writer to choose the form that the text needs.
func cover(text string, quoted *[]string) string {
	*quoted = append(*quoted, text)
	width := 1
	if len(strconv.QuoteToASCII(text)) > longKey {
		width = longKey
	}
	return placeholder + fmt.Sprintf("%0*d", width, len(*quoted)-1) + placeholder
}

// protect replaces the strings that the writer would leave bare, and the reader misread, by
// placeholders, and notes them in order.
func protect(node any, quoted *[]string) any {
	switch node := node.(type) {
	case string:
		if needsQuotes(node) {
			return cover(node, quoted)
		}
	case []any:
		for i := range node {
			node[i] = protect(node[i], quoted)
		}
	case map[string]any:
		protected := make(map[string]any, len(node))
		for key, value := range node {
			if needsQuotes(key) || len(key) > longKey {
				key = cover(key, quoted)
			}
			protected[key] = protect(value, quoted)
		}
		return protected
	}
	return node
}

// readYAML reads a document into maps, slices, strings, booleans and json.Number.
func readYAML(text string) (any, error) {
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	return decodeJSON(data)
}

func decodeJSON(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return tree, nil
}
