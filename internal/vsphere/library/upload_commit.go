package library

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// commit makes the changes of a session visible, when vCenter has all files and agrees with
// them. Files that the item has from before go.
func (s *session) commit(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.accepted(ctx); err != nil {
		return err
	}
	return s.complete(ctx)
}

// settle waits until vCenter has received and checked every file, and removes those that the
// item has from before. After a pulled OVA the names of the new ones are known from the session
// alone.
func (s *session) settle(ctx context.Context) error {
	for n := 0; ; n++ {
		files, err := s.files(ctx)
		if err != nil {
			return err
		}
		pending, received := 0, int64(0)
		for i := range files {
			file := &files[i]
			received += file.BytesTransferred
			switch {
			case file.SourceType == fromItem, file.Status == fileReady:
			case file.Status == fileError:
				return s.untransferred(file)
			default:
				pending++
			}
		}
		s.report(max(s.done, received))
		if pending == 0 {
			return s.removeOld(ctx, files)
		}
		if err := wait(ctx, s.growing(n)); err != nil {
			return vsphere.Translate(err, s.doing)
		}
	}
}

// files lists the files of the session: those that change, and those of the item that do not.
// A session that has failed by itself is an error.
func (s *session) files(ctx context.Context) ([]vapi.UpdateFile, error) {
	files, err := s.manager.ListLibraryItemUpdateSessionFile(ctx, s.id)
	if err != nil {
		return nil, vsphere.Translate(err, s.doing)
	}
	return files, nil
}

func (s *session) removeOld(ctx context.Context, files []vapi.UpdateFile) error {
	for i := range files {
		if files[i].SourceType != fromItem || slices.Contains(s.names, files[i].Name) {
			continue
		}
		doing := fmt.Sprintf("%s: remove the former file %s", s.doing, files[i].Name)
		remove := func() error {
			return vsphere.Translate(s.manager.RemoveLibraryItemUpdateSessionFile(ctx, s.id, files[i].Name), doing)
		}
		err := remove()
		if errors.Is(err, vsphere.ErrInterrupted) {
			if err = remove(); errors.Is(err, vsphere.ErrInvalidArgument) {
				err = nil // the first had been heard
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// accepted asks vCenter whether it agrees with the files, and has it pass over what it has
// against a signature. Whoever wants a signature to be trusted gives the library a security
// policy, which nobody can pass over.
func (s *session) accepted(ctx context.Context) error {
	result, err := s.manager.ValidateLibraryItemUpdateSessionFile(ctx, s.id)
	if err != nil {
		return vsphere.Translate(err, s.doing)
	}
	if err := validation(result); err != nil {
		return fmt.Errorf("%s: %w", s.doing, err)
	}
	preview, err := s.preview(ctx)
	if err != nil || len(preview.Info.Warnings) == 0 {
		return err
	}
	type behavior struct {
		Type    string `json:"type"`
		Ignored bool   `json:"ignored"`
	}
	var ignored []behavior
	for _, warning := range preview.Info.Warnings {
		s.filled.Warnings = append(s.filled.Warnings, fmt.Sprintf("%s (%s)", messageOf(&warning.Message), warning.Type))
		ignored = append(ignored, behavior{warning.Type, true})
	}
	body := map[string]any{"update_spec": map[string]any{"warning_behavior": ignored}}
	request := s.manager.Resource(sessionsPath).WithID(s.id).Request(http.MethodPatch, body)
	return vsphere.Translate(s.manager.Do(ctx, request, nil), s.doing)
}

// preview is what vCenter says about the signature of the files, since vSphere 7.0.
type preview struct {
	State string `json:"state"`
	Info  struct {
		Warnings []struct {
			Type    string                  `json:"type"`
			Message rest.LocalizableMessage `json:"message"`
		} `json:"warnings"`
	} `json:"preview_info"`
}

func (s *session) preview(ctx context.Context) (*preview, error) {
	var p preview
	err := s.manager.Do(ctx, s.manager.Resource(sessionsPath).WithID(s.id).Request(http.MethodGet), &p)
	return &p, vsphere.Translate(err, s.doing)
}

// complete completes the session and waits until its effects are visible, which is at once
// where files were pushed (vSphere Automation API, UpdateSession.complete).
func (s *session) complete(ctx context.Context) error {
	err := vsphere.Translate(s.manager.CompleteLibraryItemUpdateSession(ctx, s.id), s.doing)
	if err != nil && !errors.Is(err, vsphere.ErrInterrupted) {
		return err
	}
	lost := err
	for n := 0; ; n++ {
		state, err := s.manager.GetLibraryItemUpdateSession(ctx, s.id)
		if err != nil {
			return vsphere.Translate(err, s.doing)
		}
		switch state.State {
		case sessionDone:
			s.quiet()
			// What is over holds nothing up: that it stays for a while is no failure.
			_ = s.manager.DeleteLibraryItemUpdateSession(ctx, s.id)
			return nil
		case sessionActive:
			if lost != nil && n > 0 { // it never arrived
				lost = nil
				if err := s.manager.CompleteLibraryItemUpdateSession(ctx, s.id); err != nil {
					return vsphere.Translate(err, s.doing)
				}
			}
		default:
			return fmt.Errorf("%s: %w: the session is %s: %s", s.doing, ErrPackage, state.State, messageOf(state.ErrorMessage))
		}
		if err := wait(ctx, s.growing(n)); err != nil {
			return vsphere.Translate(err, s.doing)
		}
	}
}
