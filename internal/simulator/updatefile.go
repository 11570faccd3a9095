package simulator

import (
	"archive/tar"
	"crypto/md5"  //nolint:gosec // vCenter takes it
	"crypto/sha1" //nolint:gosec // vCenter takes it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/ovf"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/types"
)

// restURL is where the REST interface begins.
var restURL = &url.URL{Path: "/rest/"}

// updateFile is a file of an update session: one that the item has, with the source type NONE,
// or one that it gets.
type updateFile struct {
	library.UpdateFile
	upload string // the last but one element of the upload's path
}

// hashes are the algorithms of checksums.
var hashes = map[string]func() hash.Hash{"SHA1": sha1.New, "MD5": md5.New, "SHA256": sha256.New, "SHA512": sha512.New}

// allFiles lists the files of a session, and probes a source for a file.
func (u *updates) allFiles(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("~action") == "probe" {
		u.probe(w, r)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	session := u.sessions[r.URL.Query().Get("update_session_id")]
	if session == nil {
		restError(w, http.StatusNotFound, "not_found", "there is no such update session")
		return
	}
	files := []library.UpdateFile{}
	for _, file := range session.files {
		files = append(files, file.UpdateFile)
	}
	slices.SortFunc(files, func(a, b library.UpdateFile) int { return strings.Compare(a.Name, b.Name) })
	restValue(w, files)
}

// ofFiles are the operations on the files of one session.
func (u *updates) ofFiles(w http.ResponseWriter, r *http.Request) {
	var spec struct {
		File library.UpdateFile `json:"file_spec"`
		Name string             `json:"file_name"`
	}
	action := r.URL.Query().Get("~action")
	if err := json.NewDecoder(r.Body).Decode(&spec); err != nil && !errors.Is(err, io.EOF) {
		restError(w, http.StatusBadRequest, "invalid_argument", err.Error())
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	session := u.sessions[idOf(r, sessionFilePath)]
	switch {
	case session == nil:
		restError(w, http.StatusNotFound, "not_found", "there is no update session "+idOf(r, sessionFilePath))
	case session.State != stateActive:
		restError(w, http.StatusBadRequest, "not_allowed_in_current_state", "the session is "+session.State)
	case action == "add":
		u.add(w, r, session, spec.File)
	case action == "validate":
		restValue(w, u.judge(session))
	case session.files[spec.Name] == nil:
		restError(w, http.StatusBadRequest, "invalid_argument", "the session has no file "+spec.Name)
	case action == "get":
		restValue(w, session.files[spec.Name].UpdateFile)
	case action == "remove":
		delete(session.files, spec.Name)
		restValue(w, nil)
	default:
		restError(w, http.StatusNotFound, "operation_not_found", "no operation "+action)
	}
}

// add adds a file to a session, or one with other content.
func (u *updates) add(w http.ResponseWriter, r *http.Request, session *updateSession, spec library.UpdateFile) {
	archive := strings.EqualFold(path.Ext(spec.Name), ".ova")
	switch {
	case spec.Name == "" || spec.Name != filepath.Base(spec.Name):
		restError(w, http.StatusBadRequest, "invalid_argument", fmt.Sprintf("%q is no name of a file", spec.Name))
		return
	case spec.Checksum != nil && (archive || hashes[spec.Checksum.Algorithm] == nil):
		restError(w, http.StatusBadRequest, "invalid_argument", "a checksum of "+spec.Name+" by "+spec.Checksum.Algorithm+" is not supported")
		return
	case spec.SourceType == "PULL" && (spec.SourceEndpoint == nil || spec.SourceEndpoint.URI == ""):
		restError(w, http.StatusBadRequest, "invalid_argument", "there is nothing to pull "+spec.Name+" from")
		return
	}
	file := &updateFile{UpdateFile: library.UpdateFile{
		Name: spec.Name, SourceType: spec.SourceType, Size: spec.Size, Checksum: spec.Checksum, SourceEndpoint: spec.SourceEndpoint, Status: fileWaiting,
	}}
	if spec.SourceType == "PULL" {
		file.Status = fileTransferring
		session.pulling.Add(1)
		go u.pull(session, file)
	} else {
		file.upload = uuid.NewString()
		at := url.URL{Scheme: "https", Host: r.Host, Path: path.Join(uploadPath, file.upload, file.Name)}
		file.UploadEndpoint = &library.TransferEndpoint{URI: at.String()}
	}
	session.touch()
	session.files[file.Name] = file
	restValue(w, file.UpdateFile)
}

// receive takes the content of a file that a client pushes.
func (u *updates) receive(w http.ResponseWriter, r *http.Request) {
	id := path.Base(path.Dir(r.URL.Path))
	var session *updateSession
	var file *updateFile
	u.mu.Lock()
	for _, s := range u.sessions {
		for _, f := range s.files {
			if f.upload == id && s.State == stateActive {
				session, file = s, f
			}
		}
	}
	u.mu.Unlock()
	switch {
	case file == nil || r.Method != http.MethodPut:
		http.NotFound(w, r)
		return
	case r.ContentLength < 0:
		http.Error(w, "the length is missing", http.StatusLengthRequired)
		return
	}
	if err := u.take(session, file, r.Body, r.ContentLength); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// take reads the content of a file, or of all files of an archive.
func (u *updates) take(session *updateSession, file *updateFile, content io.Reader, size int64) error {
	u.set(session, file, fileTransferring, 0)
	if strings.EqualFold(path.Ext(file.Name), ".ova") {
		return u.settle(session, file, u.expand(session, file, content))
	}
	var sum hash.Hash
	if file.Checksum != nil {
		sum = hashes[file.Checksum.Algorithm]()
		content = io.TeeReader(content, sum)
	}
	n, err := store(filepath.Join(session.dir, file.Name), content, func(n int64) { u.set(session, file, fileTransferring, n) })
	switch {
	case err != nil:
	case size >= 0 && n != size, file.Size != 0 && n != file.Size:
		err = fmt.Errorf("%s has %d bytes instead of %d", file.Name, n, max(size, file.Size))
	case sum != nil && !strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), file.Checksum.Checksum):
		err = fmt.Errorf("the %s checksum of %s is not %s", file.Checksum.Algorithm, file.Name, file.Checksum.Checksum)
	}
	u.mu.Lock()
	file.Size = n
	u.mu.Unlock()
	return u.settle(session, file, err)
}

func (u *updates) set(session *updateSession, file *updateFile, status string, n int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	file.Status, file.BytesTransferred = status, n
	session.touch()
}

// settle ends the transfer of a file. One that fails takes its session along.
func (u *updates) settle(session *updateSession, file *updateFile, err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		file.Status, file.BytesTransferred = fileReady, file.Size
		return nil
	}
	text := fmt.Sprintf("Error transferring file %s. Reason: %v.", file.Name, err)
	file.Status, file.ErrorMessage = stateError, &rest.LocalizableMessage{DefaultMessage: text}
	if session.State == stateActive {
		session.fail(text)
	}
	return err
}

// expand takes the files out of an OVA: they become files of the session in place of it.
func (u *updates) expand(session *updateSession, archive *updateFile, content io.Reader) error {
	entries := tar.NewReader(content)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			u.mu.Lock()
			delete(session.files, archive.Name)
			u.mu.Unlock()
			return nil
		}
		if err != nil {
			return err
		}
		file := &updateFile{UpdateFile: library.UpdateFile{Name: filepath.Base(header.Name), SourceType: archive.SourceType, Size: header.Size}}
		if _, err := store(filepath.Join(session.dir, file.Name), entries, func(int64) {}); err != nil {
			return err
		}
		u.mu.Lock()
		file.Status, file.BytesTransferred = fileReady, header.Size
		session.files[file.Name] = file
		u.mu.Unlock()
	}
}

// store writes a file without its zeros, so that a large one takes no space.
func store(name string, content io.Reader, progress func(int64)) (int64, error) {
	out, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = out.Close() }()
	block, zeros := make([]byte, 64<<10), make([]byte, 64<<10)
	var n int64
	for {
		read, err := io.ReadFull(content, block)
		if !slices.Equal(block[:read], zeros[:read]) {
			if _, err := out.WriteAt(block[:read], n); err != nil {
				return n, err
			}
		}
		n += int64(read)
		progress(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return n, out.Truncate(n)
		case err != nil:
			return n, err
		}
	}
}

// judge says what is missing and wrong, as vCenter's type adapters do: an item of type ovf is a
// descriptor with exactly the files that it names, a manifest and a certificate.
func (u *updates) judge(session *updateSession) library.UpdateFileValidation {
	result := library.UpdateFileValidation{MissingFiles: []string{}, InvalidFiles: []library.FileValidationError{}}
	invalid := func(name, text string) {
		result.InvalidFiles = append(result.InvalidFiles, library.FileValidationError{Name: name, ErrorMessage: rest.LocalizableMessage{DefaultMessage: text}})
	}
	_, v := u.vcsim()
	item := v.item(session.LibraryItemID, u.registry)
	if item == nil {
		invalid("", "the library item is gone")
	} else if item.Type == library.ItemTypeOVF {
		named := map[string]bool{}
		for name := range session.files {
			if path.Ext(name) != ".ovf" {
				continue
			}
			text, err := os.ReadFile(session.where(name, item.dir))
			if err != nil {
				invalid(name, err.Error())
				continue
			}
			envelope, err := ovf.Unmarshal(strings.NewReader(string(text)))
			if err != nil {
				invalid(name, "the descriptor does not parse: "+err.Error())
				continue
			}
			for _, file := range envelope.References {
				if named[file.Href] = true; session.files[file.Href] == nil {
					result.MissingFiles = append(result.MissingFiles, file.Href)
				}
			}
			named[name] = true
		}
		if len(named) == 0 {
			result.MissingFiles = append(result.MissingFiles, "*.ovf")
		}
		for name, file := range session.files {
			switch {
			case !named[name] && path.Ext(name) != ".mf" && path.Ext(name) != ".cert":
				invalid(name, "no descriptor names it")
			case file.Status != fileReady:
				invalid(name, "it has not been received")
			}
		}
	}
	slices.Sort(result.MissingFiles)
	result.HasErrors = len(result.MissingFiles) > 0 || len(result.InvalidFiles) > 0
	return result
}

// where is a file of a session: with the session, or with the item that had it before.
func (s *updateSession) where(name, itemDir string) string {
	if s.files[name].SourceType == "NONE" {
		return filepath.Join(itemDir, name)
	}
	return filepath.Join(s.dir, name)
}

// place makes the files of the item those of the session.
func (s *updateSession) place(files []library.File, dir string) ([]library.File, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	var list []library.File
	for _, file := range files {
		if s.files[file.Name] == nil {
			if err := os.Remove(filepath.Join(dir, file.Name)); err != nil {
				return nil, err
			}
		} else if s.files[file.Name].SourceType == "NONE" {
			list = append(list, file)
		}
	}
	for _, file := range s.files {
		if file.SourceType == "NONE" {
			continue
		}
		if err := os.Rename(filepath.Join(s.dir, file.Name), filepath.Join(dir, file.Name)); err != nil {
			return nil, err
		}
		size := file.Size
		list = append(list, library.File{Name: file.Name, Cached: types.NewBool(true), Size: &size, Version: "1", Checksum: file.Checksum})
	}
	slices.SortFunc(list, func(a, b library.File) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// fill changes an item and its files in place.
func (v *vapi) fill(id string, reg *vcsim.Registry, change func(item *library.Item, files []library.File, dir string) ([]library.File, error)) error {
	before := v.item(id, reg)
	if before == nil {
		return fmt.Errorf("library item %s: %w", id, errNotFound)
	}
	v.lock.Lock()
	defer v.lock.Unlock()
	for _, content := range v.value.FieldByName("Library").Seq2() {
		entry := content.Elem().FieldByName("Item").MapIndex(reflect.ValueOf(id))
		if !entry.IsValid() {
			continue
		}
		item, ok := entry.Elem().FieldByName("Item").Interface().(*library.Item)
		if !ok {
			continue
		}
		files, err := change(item, before.files, before.dir)
		if err != nil {
			return err
		}
		entry.Elem().FieldByName("File").Set(reflect.ValueOf(files))
		return nil
	}
	return fmt.Errorf("library item %s: %w", id, errNotFound)
}
