package image

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// planSource decides whether the content changes, and looks at what it is made of. It reads no
// vCenter.
func (p *planner) planSource(ctx context.Context) {
	if p.plan.Source.IsUnknown() {
		p.content = perhaps
		return
	}
	source, there, diags := sourceOf(ctx, p.plan.Source)
	p.resp.Diagnostics.Append(diags...)
	if !there {
		return // an imported image whose source is ignored
	}
	written, _, diags := sourceOf(ctx, p.config.Source)
	p.resp.Diagnostics.Append(diags...)
	if source.File.IsUnknown() || source.URL.IsUnknown() || source.VirtualMachine.IsUnknown() || written.Checksum.IsUnknown() {
		p.content = perhaps
		p.planChecksum(ctx, &source, &written)
		return
	}
	itemType, err := source.itemType()
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(sourcePath, "Not an image file", backend.Sentence(err.Error()))
		return
	}
	if before := p.typeOfState(); before != "" && before != itemType {
		// An item cannot become one of another type.
		p.replace(source.at())
	}
	switch {
	case p.prior == nil || p.fresh:
		p.content = other
		if isSet(source.File) {
			pack := p.open(source.File.ValueString())
			if pack != nil && isSet(written.Checksum) && strings.EqualFold(filepath.Ext(pack.Path), ".ovf") {
				p.compare(ctx, pack, written.Checksum.ValueString()) // which is small; others are read once, when they are sent
			}
		}
	case isSet(source.File):
		p.planFile(ctx, &source, &written)
	case p.differs(ctx, &source) || (isSet(source.URL) && p.record.touched()):
		p.content = other
	}
	p.planChecksum(ctx, &source, &written)
}

// itemType is the type of item that a source makes.
func (s *sourceModel) itemType() (string, error) {
	switch {
	case isSet(s.File):
		return library.TypeOf(s.File.ValueString())
	case isSet(s.URL):
		remote, err := library.NewRemote(s.URL.ValueString())
		if err != nil {
			return "", err
		}
		return remote.Type(), nil
	}
	return library.MachineType, nil
}

// at is the attribute that says where the content comes from.
func (s *sourceModel) at() path.Path {
	switch {
	case isSet(s.File):
		return filePath
	case isSet(s.URL):
		return urlPath
	}
	return machinePath
}

// open looks at a local image file, whose errors are those of the plan.
func (p *planner) open(file string) *library.Package {
	pack, err := library.OpenPackage(file)
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(filePath, "Unable to use the image file", fileError(file, err))
		return nil
	}
	return pack
}

func fileError(file string, err error) string {
	if missing(err) {
		return fmt.Sprintf("There is no file %q on this machine. A relative path begins where Terraform runs; path.module is the directory of the configuration.", file)
	}
	return backend.Sentence(err.Error())
}

// planFile compares a local file with what was uploaded.
func (p *planner) planFile(ctx context.Context, source, written *sourceModel) {
	before, had, diags := sourceOf(ctx, p.prior.Source)
	p.resp.Diagnostics.Append(diags...)
	unnamed := had && before.File.Equal(source.File) && sameChecksum(&before, written)
	pack, err := library.OpenPackage(source.File.ValueString())
	switch {
	case missing(err) && unnamed && !p.record.touched():
		return // it has done its work; whoever wants another content brings it
	case err != nil:
		p.resp.Diagnostics.AddAttributeError(filePath, "Unable to use the image file", fileError(source.File.ValueString(), err))
		return
	}
	if !had || before.File.IsNull() || len(p.record.Files) == 0 || p.record.touched() {
		p.content = other
		return
	}
	unchanged, err := p.record.same(ctx, pack)
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(filePath, "Unable to read the image file", backend.Sentence(err.Error()))
		return
	}
	if !unchanged {
		p.content = other
		return
	}
	if !sameChecksum(&before, written) {
		p.compare(ctx, pack, written.Checksum.ValueString())
	}
}

// sameChecksum tells whether the checksum that is written is none, or the one of before.
func sameChecksum(before, written *sourceModel) bool {
	if written.Checksum.IsNull() {
		return true
	}
	was, errWas := library.ParseChecksum(before.Checksum.ValueString())
	is, errIs := library.ParseChecksum(written.Checksum.ValueString())
	return errWas == nil && errIs == nil && was == is
}

// compare holds another checksum against a file that has not changed: it is wrong, or changes
// nothing.
func (p *planner) compare(ctx context.Context, pack *library.Package, written string) {
	want, err := library.ParseChecksum(written)
	if err != nil {
		return // validation has said so
	}
	if got, err := pack.Checksum(ctx, want.Algorithm); err != nil {
		p.resp.Diagnostics.AddAttributeError(filePath, "Unable to read the image file", backend.Sentence(err.Error()))
	} else if got != want {
		p.resp.Diagnostics.AddAttributeError(checksumPath, "Not the checksum of the file",
			fmt.Sprintf("The file %q has the checksum %s. Correct the checksum, or bring the file that has it.", pack.Path, got))
	}
}

// differs tells whether a URL or a machine is another one than before. Another spelling of a
// thumbprint, or another one, brings no other content.
func (p *planner) differs(ctx context.Context, source *sourceModel) bool {
	before, had, diags := sourceOf(ctx, p.prior.Source)
	p.resp.Diagnostics.Append(diags...)
	if !had {
		// An import. What a machine has become since it was captured is not its image.
		return isSet(source.URL)
	}
	if !before.URL.Equal(source.URL) || !before.VirtualMachine.Equal(source.VirtualMachine) {
		return true
	}
	return isSet(source.URL) && !sameChecksum(&before, source)
}

// planChecksum plans the checksum where none is written: that of a file that was uploaded, and
// none of what was not read here.
func (p *planner) planChecksum(ctx context.Context, source, written *sourceModel) {
	if !written.Checksum.IsNull() {
		return
	}
	value := types.StringUnknown()
	switch {
	case isSet(source.URL) || isSet(source.VirtualMachine):
		value = types.StringNull()
	case p.content == same && p.prior != nil:
		before, _, _ := sourceOf(ctx, p.prior.Source)
		value = before.Checksum
	}
	p.set(ctx, checksumPath, value)
}

// planOrigin asks vCenter about what it is to fetch or to capture.
func (p *planner) planOrigin(ctx context.Context) {
	source, there, _ := sourceOf(ctx, p.plan.Source)
	if !there || p.content != other {
		return
	}
	switch {
	case isSet(source.VirtualMachine):
		if _, err := p.backend.Machines.Find(ctx, source.VirtualMachine.ValueString()); errors.Is(err, vsphere.ErrNotFound) {
			p.resp.Diagnostics.AddAttributeError(machinePath, "No such virtual machine",
				fmt.Sprintf("vCenter has no virtual machine with the instance UUID %s. Set virtual_machine to the id of a vmoperator_virtual_machine, or to what `govc vm.info -json NAME` shows as config.instanceUuid.", source.VirtualMachine.ValueString()))
		} else if err != nil {
			p.fail(machinePath, "Unable to find the virtual machine", err)
		}
	case isSet(source.URL) && !source.SSLThumbprint.IsUnknown():
		p.probe(ctx, &source)
	}
}

// probe warns of a URL that vCenter cannot read, before anything is made. It may be readable by
// the time of the apply, since another resource may put the file there.
func (p *planner) probe(ctx context.Context, source *sourceModel) {
	remote, err := source.remote()
	if err != nil {
		p.resp.Diagnostics.AddAttributeError(urlPath, "Not the URL of an image file", backend.Sentence(err.Error()))
		return
	}
	reason, err := p.uploads().Probe(ctx, remote)
	switch {
	case err != nil:
		p.fail(urlPath, "Unable to ask vCenter about the URL", err)
	case reason == nil:
	case reason.Here && reason.Certificate && source.SSLThumbprint.IsNull():
		p.resp.Diagnostics.AddAttributeWarning(urlPath, "A server that this machine does not trust", backend.Sentence(reason.Text))
	case reason.Here && !reason.Certificate:
		p.resp.Diagnostics.AddAttributeWarning(urlPath, "A URL that cannot be read", backend.Sentence(reason.Text)+" The apply fails if that is still so.")
	case reason.Certificate && source.SSLThumbprint.IsNull():
		p.resp.Diagnostics.AddAttributeWarning(urlPath, "A server that vCenter does not trust", backend.Sentence(reason.Text))
	case reason.Certificate:
		p.resp.Diagnostics.AddAttributeWarning(thumbprintPath, "Another certificate", backend.Sentence(reason.Text))
	default:
		p.resp.Diagnostics.AddAttributeWarning(urlPath, "A URL that vCenter cannot read", backend.Sentence(reason.Text)+" The apply fails if that is still so.")
	}
}

// remote is the content at url.
func (s *sourceModel) remote() (*library.Remote, error) {
	remote, err := library.NewRemote(s.URL.ValueString())
	if err != nil {
		return nil, err
	}
	if isSet(s.SSLThumbprint) {
		if remote.Thumbprint, err = thumbprint(s.SSLThumbprint.ValueString()); err != nil {
			return nil, err
		}
	}
	remote.Checksum, err = s.checksum()
	return remote, err
}

// checksum is what the file should have, nil where nothing is written.
func (s *sourceModel) checksum() (*library.Checksum, error) {
	if !isSet(s.Checksum) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	checksum, err := library.ParseChecksum(s.Checksum.ValueString())
	return &checksum, err
}
