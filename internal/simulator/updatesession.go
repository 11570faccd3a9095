package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
)

// Paths of the update sessions. The content of a file goes to where vCenter has it too, outside
// of the API.
const (
	itemPath        = "/rest/com/vmware/content/library/item"
	sessionsPath    = itemPath + "/update-session"
	sessionFilePath = itemPath + "/updatesession/file"
	uploadPath      = "/cls/data/"
	// sessionLife is how long an update session stays without activity, as in vCenter by default.
	sessionLife = 5 * time.Minute
)

// States of update sessions and of the files in them.
const (
	stateActive, stateDone, stateError, stateCanceled = "ACTIVE", "DONE", "ERROR", "CANCELED"

	fileWaiting, fileTransferring, fileReady = "WAITING_FOR_TRANSFER", "TRANSFERRING", "READY"
)

// updates are the update sessions of one vCenter, which vcsim has without what makes them
// sessions: there, content is visible at once and for good, a version is never raised, and
// checksums of uploads are not compared.
type updates struct {
	service  *vcsim.Service
	registry *vcsim.Registry

	mu       sync.Mutex
	sessions map[string]*updateSession
	occupied map[string]bool
}

// updateSession is one session, whose effects are seen when it is completed.
type updateSession struct {
	library.Session
	dir     string // where its files are kept until then
	files   map[string]*updateFile
	pulling sync.WaitGroup
}

// byRegistry finds the updates of a simulator: vcsim registers endpoints by itself.
var byRegistry sync.Map

func init() {
	vcsim.RegisterEndpoint(func(s *vcsim.Service, r *vcsim.Registry) {
		if !r.IsVPX() {
			return
		}
		u := &updates{service: s, registry: r, sessions: map[string]*updateSession{}, occupied: map[string]bool{}}
		byRegistry.Store(r, u)
		s.Handle(sessionsPath, u.authorized(u.all))
		s.Handle(sessionsPath+"/", u.authorized(u.one))
		s.Handle(sessionFilePath, u.authorized(u.allFiles))
		s.Handle(sessionFilePath+"/", u.authorized(u.ofFiles))
		s.Handle(uploadPath, u.authorized(u.receive))
		s.Handle(itemPath, http.HandlerFunc(u.item))
		s.Handle(itemPath+"/", http.HandlerFunc(u.item))
		s.Handle("POST "+strings.TrimSuffix(libraryOVFPath, "/"), u.authorized(u.capture))
	})
}

// OccupyItem makes vCenter refuse to delete an item, as it does while machines are deployed
// from it, until it is told otherwise.
func (s *Simulator) OccupyItem(id string, busy bool) {
	u := updatesOf(s.registry())
	u.mu.Lock()
	defer u.mu.Unlock()
	u.occupied[id] = busy
}

// UpdateSessions lists the update sessions that are under way, by id, with the item of each.
func (s *Simulator) UpdateSessions() map[string]string {
	u := updatesOf(s.registry())
	u.mu.Lock()
	defer u.mu.Unlock()
	list := map[string]string{}
	for id, session := range u.sessions {
		if session.State == stateActive {
			list[id] = session.LibraryItemID
		}
	}
	return list
}

func updatesOf(r *vcsim.Registry) *updates {
	u, ok := byRegistry.Load(r)
	if !ok {
		panic("govmomi's simulator has changed: it does not register endpoints")
	}
	return u.(*updates) //nolint:forcetypeassert // nothing else is stored
}

// vcsim is the handler of the rest of the REST interface, by which the libraries are reached.
func (u *updates) vcsim() (http.Handler, *vapi) {
	v, err := vapiOf(u.service.ServeMux)
	if err != nil {
		panic(err)
	}
	h, _ := u.service.ServeMux.Handler(&http.Request{Method: http.MethodGet, URL: restURL})
	return h, v
}

// authorized asks vcsim whether the session of a request is live.
func (u *updates) authorized(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, sessionPath+"?~action=get", http.NoBody)
		if err != nil {
			panic(err) // a constant URL
		}
		ask.Header.Set(sessionHeader, r.Header.Get(sessionHeader))
		rest, _ := u.vcsim()
		if a := newAnswer(); r.Header.Get(sessionHeader) != "" {
			if rest.ServeHTTP(a, ask); a.code() == http.StatusOK {
				handler(w, r)
				return
			}
		}
		restError(w, http.StatusUnauthorized, "unauthenticated", "This method requires authentication.")
	})
}

// item is the endpoint of library items: vcsim's own, but for the deletion of an item that is
// in use.
func (u *updates) item(w http.ResponseWriter, r *http.Request) {
	id := idOf(r, itemPath)
	u.mu.Lock()
	busy := r.Method == http.MethodDelete && u.occupied[id]
	u.mu.Unlock()
	if busy {
		restError(w, http.StatusInternalServerError, "resource_busy", "The library item "+id+" is being used by another operation.")
		return
	}
	rest, _ := u.vcsim()
	rest.ServeHTTP(w, r)
}

// idOf is the id in the path of a request, which may be written "id:…".
func idOf(r *http.Request, path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, path+"/"), "id:")
}

// all creates and lists sessions.
func (u *updates) all(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		u.mu.Lock()
		defer u.mu.Unlock()
		ids := []string{}
		of := r.URL.Query().Get("library_item_id")
		for id, session := range u.sessions {
			if of == "" || session.LibraryItemID == of {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		restValue(w, ids)
		return
	}
	var spec struct {
		Session library.Session `json:"create_spec"`
	}
	if err := json.NewDecoder(r.Body).Decode(&spec); err != nil {
		restError(w, http.StatusBadRequest, "invalid_argument", err.Error())
		return
	}
	id := spec.Session.LibraryItemID
	_, v := u.vcsim()
	item := v.item(id, u.registry)
	if item == nil {
		restError(w, http.StatusNotFound, "not_found", "there is no library item "+id)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, other := range u.sessions {
		if other.LibraryItemID == id && other.State == stateActive && other.ExpirationTime.After(time.Now()) {
			restError(w, http.StatusInternalServerError, "resource_busy", "There is another update session on library item "+id+".")
			return
		}
	}
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Dir(item.dir)), "update-") // on the library's datastore
	if err != nil {
		restError(w, http.StatusInternalServerError, "internal_server_error", err.Error())
		return
	}
	session := &updateSession{dir: dir, files: map[string]*updateFile{}, Session: library.Session{
		ID: uuid.NewString(), LibraryItemID: id, LibraryItemContentVersion: item.ContentVersion, State: stateActive,
	}}
	for _, file := range item.files {
		session.files[file.Name] = &updateFile{UpdateFile: library.UpdateFile{Name: file.Name, SourceType: "NONE", Status: fileReady}}
	}
	session.touch()
	u.sessions[session.ID] = session
	restValue(w, session.ID)
}

func (s *updateSession) touch() {
	expires := time.Now().Add(sessionLife)
	s.ExpirationTime = &expires
}

// fail ends a session by an error.
func (s *updateSession) fail(text string) {
	s.State, s.ErrorMessage = stateError, &rest.LocalizableMessage{ID: "vcsim.update", DefaultMessage: text}
}

// one is the endpoint of one session.
func (u *updates) one(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	session := u.sessions[idOf(r, sessionsPath)]
	if session == nil {
		restError(w, http.StatusNotFound, "not_found", "there is no update session "+idOf(r, sessionsPath))
		return
	}
	action := r.URL.Query().Get("~action")
	if r.Method == http.MethodPost && session.State != stateActive {
		text := fmt.Sprintf("The operation %s is not allowed: the session is %s.", action, session.State)
		if session.ErrorMessage != nil {
			text += " " + session.ErrorMessage.DefaultMessage
		}
		restError(w, http.StatusBadRequest, "not_allowed_in_current_state", text)
		return
	}
	switch {
	case r.Method == http.MethodGet:
		restValue(w, session.Session)
	case r.Method == http.MethodDelete:
		_ = os.RemoveAll(session.dir)
		delete(u.sessions, session.ID)
		restValue(w, nil)
	case action == "keep-alive":
		session.touch()
		restValue(w, nil)
	case action == "cancel":
		session.State = stateCanceled
		_ = os.RemoveAll(session.dir)
		restValue(w, nil)
	case action == "complete":
		u.complete(w, session)
	default:
		restError(w, http.StatusNotFound, "operation_not_found", "no operation "+action)
	}
}

// complete makes the changes of a session visible, at once or when all files have been pulled.
func (u *updates) complete(w http.ResponseWriter, session *updateSession) {
	for _, file := range session.files {
		if file.SourceType == "PULL" && file.Status == fileTransferring {
			go func() {
				session.pulling.Wait()
				u.mu.Lock()
				defer u.mu.Unlock()
				if session.State == stateActive {
					u.finish(session)
				}
			}()
			restValue(w, nil)
			return
		}
	}
	if result := u.judge(session); result.HasErrors {
		restError(w, http.StatusBadRequest, "not_allowed_in_current_state", describeErrors(result))
		return
	}
	u.finish(session)
	restValue(w, nil)
}

func describeErrors(result library.UpdateFileValidation) string {
	invalid := make([]string, len(result.InvalidFiles))
	for i, file := range result.InvalidFiles {
		invalid[i] = file.Name + " (" + file.ErrorMessage.DefaultMessage + ")"
	}
	return fmt.Sprintf("Session has missing file(s): %s or invalid file(s): %s .", strings.Join(result.MissingFiles, " "), strings.Join(invalid, " "))
}

// finish puts the files of a session into its item.
func (u *updates) finish(session *updateSession) {
	if result := u.judge(session); result.HasErrors {
		session.fail(describeErrors(result))
		return
	}
	var list []library.File
	_, v := u.vcsim()
	err := v.fill(session.LibraryItemID, u.registry, func(item *library.Item, files []library.File, dir string) ([]library.File, error) {
		kept, err := session.place(files, dir)
		if err != nil {
			return nil, err
		}
		list = kept
		version, _ := strconv.Atoi(item.ContentVersion)
		now := time.Now()
		item.ContentVersion, item.LastModifiedTime, item.Size = strconv.Itoa(version+1), &now, 0
		for _, file := range list {
			item.Size += *file.Size
		}
		return list, nil
	})
	if err != nil {
		session.fail(err.Error())
		return
	}
	session.State = stateDone
}
