package backend

import (
	"errors"
	"strings"

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

// Sentence makes a sentence for people of an error's text. What starts with the name of an
// argument stays as it is written.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	if first, _, _ := strings.Cut(text, " "); !strings.Contains(first, "_") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if strings.ContainsAny(text[len(text)-1:], ".!?)") {
		return text
	}
	return text + "."
}
