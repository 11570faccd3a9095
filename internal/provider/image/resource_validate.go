package image

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// ValidateConfig implements resource.ResourceWithValidateConfig: everything that can be decided
// from the configuration alone.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Source.IsUnknown() {
		return
	}
	source, there, diags := sourceOf(ctx, config.Source)
	resp.Diagnostics.Append(diags...)
	if !there {
		resp.Diagnostics.AddAttributeError(sourcePath, "Missing source",
			"Nothing says what the image is made of. Add a source block with one of file, url and virtual_machine.")
		return
	}
	validateOrigin(&source, &resp.Diagnostics)
	validateRest(&source, &resp.Diagnostics)
}

func isSet(value types.String) bool { return !value.IsNull() && !value.IsUnknown() }

// validateOrigin makes sure that there is one origin, and that it is a possible one.
func validateOrigin(source *sourceModel, diags *diag.Diagnostics) {
	var set []string
	possible := false
	for _, origin := range []struct {
		name  string
		value types.String
	}{{"file", source.File}, {"url", source.URL}, {"virtual_machine", source.VirtualMachine}} {
		if isSet(origin.value) {
			set = append(set, origin.name)
		}
		possible = possible || !origin.value.IsNull()
	}
	switch {
	case !possible:
		diags.AddAttributeError(sourcePath, "Missing source", "The source block says nothing. Set one of file, url and virtual_machine in it.")
	case len(set) > 1:
		diags.AddAttributeError(sourcePath.AtName(set[1]), "Two sources",
			fmt.Sprintf("An image is made of one thing, and %s are set. Remove all but one of them.", strings.Join(set, " and ")))
	}
	if file := source.File.ValueString(); strings.HasPrefix(file, "~/") {
		diags.AddAttributeError(filePath, "Not a path", fmt.Sprintf("%q begins with a tilde, which is a shell's. Write pathexpand(%q).", file, file))
	}
	if isSet(source.File) {
		if _, err := library.TypeOf(source.File.ValueString()); err != nil {
			diags.AddAttributeError(filePath, "Not an image file", backend.Sentence(err.Error()))
		}
	}
	if isSet(source.URL) {
		if _, err := library.NewRemote(source.URL.ValueString()); err != nil {
			diags.AddAttributeError(urlPath, "Not the URL of an image file", backend.Sentence(err.Error()))
		}
	}
}

// validateRest judges what goes with an origin.
func validateRest(source *sourceModel, diags *diag.Diagnostics) {
	if isSet(source.VirtualMachine) && isSet(source.Checksum) {
		diags.AddAttributeError(checksumPath, "Nothing to compare", "A virtual machine has no checksum. Remove checksum, or set file or url instead of virtual_machine.")
	}
	if !isSet(source.SSLThumbprint) {
		return
	}
	switch {
	case source.URL.IsNull():
		diags.AddAttributeError(thumbprintPath, "No server", "ssl_thumbprint is about the server of url, which is not set. Remove it, or set url.")
	case isSet(source.URL) && !strings.HasPrefix(strings.ToLower(source.URL.ValueString()), "https:"):
		diags.AddAttributeError(thumbprintPath, "No certificate", "A server of http shows no certificate. Remove ssl_thumbprint, or use https.")
	}
}

// judged is a validator of texts.
type judged struct{}

// MarkdownDescription implements validator.Describer.
func (judged) MarkdownDescription(context.Context) string { return "" }

// Description implements validator.Describer.
func (judged) Description(context.Context) string { return "" }

func judge(req validator.StringRequest, resp *validator.StringResponse, summary string, judge func(string) error) {
	if !isSet(req.ConfigValue) {
		return
	}
	if err := judge(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(diag.NewAttributeErrorDiagnostic(req.Path, summary, backend.Sentence(err.Error())))
	}
}

// isChecksum accepts an algorithm and digits.
type isChecksum struct{ judged }

// ValidateString implements validator.String.
func (isChecksum) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not a checksum", func(text string) error {
		_, err := library.ParseChecksum(text)
		return err
	})
}

// isThumbprint accepts the SHA-1 hash of a certificate.
type isThumbprint struct{ judged }

// ValidateString implements validator.String.
func (isThumbprint) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not a thumbprint", func(text string) error {
		_, err := thumbprint(text)
		return err
	})
}

var notHex = regexp.MustCompile(`[^0-9A-F]`)

// thumbprint is a thumbprint as vCenter takes it: SHA-1, in upper case, with colons.
func thumbprint(text string) (string, error) {
	digits := strings.ToUpper(strings.NewReplacer(":", "", " ", "", "-", "").Replace(text))
	if notHex.MatchString(digits) || len(digits) != 40 {
		return "", fmt.Errorf("%q is not a SHA-1 thumbprint, which has 40 hexadecimal digits. vCenter compares no others: `openssl x509 -noout -fingerprint -sha1` shows it", text)
	}
	pairs := make([]string, 0, 20)
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, ":"), nil
}

// isInstanceUUID accepts the instance UUID of a machine.
type isInstanceUUID struct{ judged }

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// ValidateString implements validator.String.
func (isInstanceUUID) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not an instance UUID", func(text string) error {
		if !uuidPattern.MatchString(text) {
			return fmt.Errorf("%q is not the instance UUID of a virtual machine, such as 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a. It is the id of a vmoperator_virtual_machine", text)
		}
		return nil
	})
}

// isDisplayName accepts names that an image can be found by.
type isDisplayName struct{ judged }

// ValidateString implements validator.String.
func (isDisplayName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	judge(req, resp, "Not a display name", func(text string) error {
		if image.IsID(text) {
			return fmt.Errorf("%q begins as a VMI ID does, so that no image could be found by it. Choose another name", text)
		}
		if strings.Contains(text, "/") {
			return fmt.Errorf("%q has a slash in it, which vCenter takes in no name of a library item. Choose another name", text)
		}
		return nil
	})
}
