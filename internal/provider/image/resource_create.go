package image

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// Create implements resource.Resource: make the item, remember it, fill it, and take the mark
// of an unfinished creation off. An item that cannot be finished is removed again.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.connected(&resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	source, _, diags := sourceOf(ctx, plan.Source)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	to, err := r.backend.Images.Destination(ctx, plan.ContentLibrary.ValueString())
	if err != nil {
		backend.Failed(&resp.Diagnostics, libraryPath, "Unable to find the content library", limit{"timeouts.create", timeout}.late(ctx, err))
		return
	}
	made := &making{Resource: r, plan: &plan, source: source, diags: &resp.Diagnostics, limit: fmt.Sprintf("timeouts.create, %s", timeout)}
	if made.content, err = source.content(); err != nil {
		resp.Diagnostics.AddAttributeError(source.at(), "Unable to use the image file", fileError(source.File.ValueString(), err))
		return
	}
	creation, err := made.begin(ctx, library.ItemSpec{
		LibraryID: to.ID, LibraryName: to.Name, Name: plan.Name.ValueString(), Description: plan.Description.ValueString(),
	})
	if creation != nil {
		// From here on Terraform knows the item, whatever happens to its creation.
		unfinished := record{ItemID: creation.ItemID, LibraryID: to.ID, Unfinished: creation.Token()}
		resp.Diagnostics.Append(unfinished.write(ctx, resp.Private)...)
		resp.Diagnostics.Append(saveUnfinished(ctx, req.Plan, &resp.State, resp.Identity, creation.ItemID)...)
	}
	if err == nil {
		err = made.finish(ctx, creation)
	}
	if err != nil {
		made.abandon(ctx, creation, err, &resp.State)
		return
	}
	noted := record{ItemID: creation.ItemID, LibraryID: to.ID, ItemType: library.MachineType}
	if made.content != nil {
		noted.ItemType = made.content.Type()
	}
	noted.filled(made.content, made.digests)
	resp.Diagnostics.Append(made.result(ctx, creation.ItemID, &noted)...)
	resp.Diagnostics.Append(noted.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// making is an image while it is made, or gets new content.
type making struct {
	*Resource
	plan   *resourceModel
	source sourceModel
	diags  *diag.Diagnostics
	// limit is how long it may take, with the argument that says so.
	limit string
	// content is nil where a machine is captured.
	content library.Content
	digests map[string]library.Checksum
}

// content is what is uploaded, nil where a machine is captured.
func (s *sourceModel) content() (library.Content, error) {
	switch {
	case isSet(s.File):
		pack, err := library.OpenPackage(s.File.ValueString())
		if err != nil {
			return nil, err
		}
		checksum, err := s.checksum()
		return &library.Local{Package: pack, Checksum: checksum}, err
	case isSet(s.URL):
		return s.remote()
	}
	return nil, nil //nolint:nilnil // no content is an answer
}

// begin makes the item: without content, or by a capture with it. An error comes with a
// creation where an item is left.
func (m *making) begin(ctx context.Context, spec library.ItemSpec) (*library.Creation, error) {
	if m.content != nil {
		spec.Type = m.content.Type()
		return m.uploads().Create(ctx, spec)
	}
	machine, err := m.backend.Machines.Find(ctx, m.source.VirtualMachine.ValueString())
	if err != nil {
		return nil, err
	}
	return m.uploads().CaptureNew(ctx, spec, machine)
}

// finish fills the item and takes its mark off.
func (m *making) finish(ctx context.Context, creation *library.Creation) error {
	if err := m.fill(ctx, creation.ItemID); err != nil {
		return err
	}
	if err := m.uploads().Usable(ctx, creation.ItemID, m.content); err != nil {
		return err
	}
	return m.uploads().Finish(ctx, creation)
}

// fill uploads the content, where there is any.
func (m *making) fill(ctx context.Context, itemID string) error {
	if m.content == nil {
		return nil
	}
	filled, err := m.uploads().Fill(ctx, itemID, m.content, newProgress(ctx, m.plan.Name.ValueString()).report)
	if err != nil {
		return err
	}
	m.digests = filled.Digests
	for _, warning := range filled.Warnings {
		m.diags.AddAttributeWarning(sourcePath, "The signature of the image is not trusted",
			backend.Sentence(warning)+" The image was taken nevertheless; a security policy of the library would refuse it.")
	}
	return nil
}

// abandon removes an item that could not be finished. One that cannot be removed either stays
// in state.
func (m *making) abandon(ctx context.Context, creation *library.Creation, cause error, state *tfsdk.State) {
	if creation == nil {
		m.failed("Unable to create the image", cause, "")
		return
	}
	if err := m.uploads().Abandon(ctx, creation); err != nil {
		m.failed("Unable to finish the image", cause, fmt.Sprintf(
			"The unfinished content library item %s could not be removed, and is kept in state as tainted: the next apply replaces it. %s", creation.ItemID, backend.Sentence(err.Error())))
		return
	}
	state.RemoveResource(ctx)
	m.failed("Unable to create the image", cause, "The unfinished content library item was removed: the next apply begins anew.")
}

// failed adds the error of an upload at the attribute that is to blame.
func (m *making) failed(summary string, err error, more string) {
	at := path.Empty()
	switch {
	case errors.Is(err, vsphere.ErrAlreadyExists):
		at, summary = namePath, "The name is taken"
	case errors.Is(err, library.ErrChecksum):
		at, summary = m.source.at(), "Not the expected content"
		if isSet(m.source.Checksum) {
			at = checksumPath
		}
	case errors.Is(err, library.ErrPackage), errors.Is(err, library.ErrTransfer):
		at = m.source.at()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		more = strings.TrimSpace(fmt.Sprintf("It took longer than %s. Allow more time there. %s", m.limit, more))
	}
	text := err
	if more != "" {
		text = fmt.Errorf("%w\n\n%s", withStop(err), more)
	}
	if at.Equal(path.Empty()) {
		backend.Failed(m.diags, at, summary, text)
		return
	}
	m.diags.AddAttributeError(at, summary, backend.Sentence(text.Error()))
}

// withStop ends the text of an error as a sentence.
func withStop(err error) error {
	return &sentence{err}
}

type sentence struct{ error }

func (s *sentence) Error() string { return backend.Sentence(s.error.Error()) }

func (s *sentence) Unwrap() error { return s.error }

// result reads the image and puts it into the plan, which becomes the state. What was made is
// made: where it cannot be read, the next refresh shows it.
func (m *making) result(ctx context.Context, itemID string, noted *record) diag.Diagnostics {
	var diags diag.Diagnostics
	promised := *m.plan
	uploaded, err := m.backend.Images.Uploaded(ctx, m.scopes(m.plan.Namespace), itemID)
	if err != nil {
		diags.AddWarning("The image could not be read", backend.Sentence(err.Error())+" It is as it should be all the same; the next refresh shows its status.")
		m.plan.ID = types.StringValue(itemID)
		m.plan.forget(ctx)
	} else {
		m.plan.show(ctx, uploaded, &promised)
		noted.see(uploaded)
	}
	if m.source.Checksum.IsUnknown() {
		m.source.Checksum = types.StringNull()
		if local, ok := m.content.(*library.Local); ok {
			m.source.Checksum = types.StringValue(m.digests[local.Files[0].Name].String())
		}
		object, more := sourceObject(ctx, m.source, m.plan.Source)
		diags.Append(more...)
		m.plan.Source = object
	}
	return diags
}

// scopes is where a namespace looks for images. A namespace that the provider no longer has
// sees none.
func (r *Resource) scopes(namespace types.String) library.Scopes {
	configured, err := r.backend.Namespace(namespace.ValueString())
	if err != nil {
		return library.Scopes{Namespace: namespace.ValueString(), ClusterLibraries: []string{}}
	}
	return r.backend.Scopes(configured)
}

// saveUnfinished puts an item into state whose creation is under way.
func saveUnfinished(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, itemID string) diag.Diagnostics {
	var diags diag.Diagnostics
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		diags.AddError("Unable to remember the image", err.Error())
		return diags
	}
	state.Raw = raw
	diags.Append(state.SetAttribute(ctx, idPath, itemID)...)
	diags.Append(identity.Set(ctx, identityModel{ID: types.StringValue(itemID)})...)
	return diags
}
