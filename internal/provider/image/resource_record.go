package image

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// recordKey is where private state has the record.
const recordKey = "content"

// record is what is remembered of the content of an image beside its state: how files looked
// when they were uploaded, so that a plan can tell whether they still do, mostly without
// reading them.
type record struct {
	// ItemID is the item. The plan of a replacement is given it, too, and nothing else of what is replaced.
	ItemID string `json:"item_id,omitempty"`
	// Unfinished is in the mark of an item whose creation has failed, and that could not be removed either.
	Unfinished string `json:"unfinished,omitempty"`
	// LibraryID is the content library that the item is in, and ItemType vCenter's word for
	// what it is.
	LibraryID string `json:"library_id"`
	ItemType  string `json:"item_type"`
	// Files are the files on disk that were uploaded; empty for what came from elsewhere.
	Files []fileRecord `json:"files,omitempty"`
	// Version is the content version that our last upload made, empty where there was none,
	// and Seen the one that the item had when it was read last. Where they differ, somebody
	// else has changed the content.
	Version string `json:"version,omitempty"`
	Seen    string `json:"seen,omitempty"`
}

type fileRecord struct {
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	Time   time.Time `json:"time"`
	Digest string    `json:"digest"` // as sha256:…
}

// privateState is private state to read from; privateWriter one to write to.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readRecord reads the record. An image without one has an empty record.
func readRecord(ctx context.Context, from privateState) (record, diag.Diagnostics) {
	var r record
	text, diags := from.GetKey(ctx, recordKey)
	if len(text) > 0 && !diags.HasError() {
		if err := json.Unmarshal(text, &r); err != nil {
			diags.AddError("The private state of the image cannot be read", err.Error())
		}
	}
	return r, diags
}

func (r *record) write(ctx context.Context, to privateWriter) diag.Diagnostics {
	text, err := json.Marshal(r)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("The private state of the image cannot be written", err.Error())
		return diags
	}
	return to.SetKey(ctx, recordKey, text)
}

// justNow stands for the content version that an upload has made, until that is read.
const justNow = "just now"

// see notes what was read of the item.
func (r *record) see(uploaded *library.Uploaded) {
	r.ItemID, r.LibraryID, r.ItemType, r.Seen = uploaded.ItemID, uploaded.Library.ID, uploaded.Type, uploaded.ContentVersion
	if r.Version == justNow {
		r.Version = r.Seen
	}
}

// filled notes content that was just uploaded.
func (r *record) filled(content library.Content, digests map[string]library.Checksum) {
	r.Version, r.Seen, r.Files = justNow, "", nil
	local, ok := content.(*library.Local)
	if !ok {
		return
	}
	for _, file := range local.Files {
		r.Files = append(r.Files, fileRecord{Name: file.Name, Size: file.Size, Time: file.ModTime, Digest: digests[file.Name].String()})
	}
}

// same tells whether a package on disk has the content that was uploaded. Files are read only
// where neither their size nor their time decides: a checkout makes new files of the same content.
// The name of an OVA or of its directory is none of its content.
func (r *record) same(ctx context.Context, pack *library.Package) (bool, error) {
	if len(r.Files) != len(pack.Files) {
		return false, nil
	}
	archive := filepath.Ext(pack.Path) == ".ova" && filepath.Ext(r.Files[0].Name) == ".ova"
	for i, file := range pack.Files {
		if was := r.Files[i]; was.Size != file.Size || (was.Name != file.Name && !archive) {
			return false, nil
		}
	}
	for i, file := range pack.Files {
		if was := r.Files[i]; was.Time.Equal(file.ModTime) && was.Name == file.Name {
			continue
		}
		digest, err := file.Digest(ctx, filepath.Dir(pack.Path))
		if err != nil {
			return false, err
		}
		if digest.String() != r.Files[i].Digest {
			return false, nil
		}
	}
	return true, nil
}

// touched tells whether somebody else has changed the content since it was uploaded.
func (r *record) touched() bool {
	return r.Version != "" && r.Version != justNow && r.Seen != r.Version
}

// missing tells whether an error says that a file is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
