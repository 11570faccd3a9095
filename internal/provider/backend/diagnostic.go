package backend

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Failed adds an error of a call to vCenter. The attribute is to blame for what does not exist,
// is ambiguous or is refused. A vCenter that cannot be asked is no attribute's fault, whatever
// was being looked for, and the summary says so.
func Failed(diags *diag.Diagnostics, at path.Path, summary string, err error) {
	for _, cause := range []struct {
		sentinel error
		summary  string
	}{
		{vsphere.ErrInvalidLogin, "vCenter refuses the login"},
		{vsphere.ErrUntrusted, "vCenter's certificate is not trusted"},
		{vsphere.ErrUnreachable, "vCenter cannot be reached"},
	} {
		if errors.Is(err, cause.sentinel) {
			diags.AddError(cause.summary, Sentence(err.Error()))
			return
		}
	}
	blame := errors.Is(err, vsphere.ErrNotFound) || errors.Is(err, vsphere.ErrAmbiguous) || errors.Is(err, vsphere.ErrInvalidArgument)
	if blame && !at.Equal(path.Empty()) {
		diags.AddAttributeError(at, summary, Sentence(err.Error()))
		return
	}
	diags.AddError(summary, Sentence(err.Error()))
}

// Sentence makes a sentence for people of an error's text. What starts with a name that is spelled
// in its own way stays as it is written: see isName.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	if first, _, _ := strings.Cut(text, " "); !isName(first) {
		letter, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(letter)) + text[size:]
	}
	// A sentence may stand in brackets, and may end in some.
	if end := strings.TrimRight(text, ")"); end != "" && strings.ContainsAny(end[len(end)-1:], ".!?") {
		return text
	}
	return text + "."
}

// properNames are names without anything in them that tells them from words.
var properNames = []string{"cloud-init", "govc", "networkd", "systemd-networkd"}

// isName tells whether the first word of a sentence keeps its small letter: the name of an
// argument (image_name, resources.size.cpu), of a product (vCenter), of a device (eth0), or a path.
func isName(word string) bool {
	bare := strings.TrimSuffix(strings.TrimRight(word, ".,:;"), "'s")
	_, size := utf8.DecodeRuneInString(bare)
	return slices.Contains(properNames, bare) || strings.ContainsAny(bare, "_./=0123456789") ||
		strings.ContainsFunc(bare[size:], unicode.IsUpper)
}
