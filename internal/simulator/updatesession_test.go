package simulator_test

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// An update session is seen when it is completed, and then whole: the content, its version, and
// the end of what it removes.
func TestAnUpdateSessionIsAtomic(t *testing.T) {
	s, c := start(t)
	ctx := t.Context()
	session, err := c.lib.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: simulator.ItemISO})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.lib.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: simulator.ItemISO}); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("there is a second session of the item: %v", err)
	}
	before, err := c.lib.ListLibraryItemFiles(ctx, simulator.ItemISO)
	if err != nil || len(before) != 1 {
		t.Fatalf("%+v, %v", before, err)
	}
	push := func(name, content, sum string) error {
		file, err := c.lib.AddLibraryItemFile(ctx, session, library.UpdateFile{
			Name: name, SourceType: "PUSH", Size: int64(len(content)), Checksum: &library.Checksum{Algorithm: "MD5", Checksum: sum},
		})
		if err != nil {
			return err
		}
		upload := soap.DefaultUpload
		upload.ContentLength = int64(len(content))
		return c.rest.Upload(ctx, strings.NewReader(content), mustURL(t, file.UploadEndpoint.URI), &upload)
	}
	if err := push("new.iso", "abc", "900150983cd24fb0d6963f7d28e17f72"); err != nil {
		t.Fatal(err)
	}
	if err := c.lib.RemoveLibraryItemUpdateSessionFile(ctx, session, before[0].Name); err != nil {
		t.Fatal(err)
	}
	if now, err := c.lib.ListLibraryItemFiles(ctx, simulator.ItemISO); err != nil || now[0].Name != before[0].Name {
		t.Errorf("before the end the item has %+v, %v", now, err)
	}
	if err := c.lib.CompleteLibraryItemUpdateSession(ctx, session); err != nil {
		t.Fatal(err)
	}
	if now, err := c.lib.ListLibraryItemFiles(ctx, simulator.ItemISO); err != nil || len(now) != 1 || now[0].Name != "new.iso" || *now[0].Size != 3 {
		t.Errorf("after it the item has %+v, %v", now, err)
	}
	if item, err := c.lib.GetLibraryItem(ctx, simulator.ItemISO); err != nil || item.ContentVersion != "2" {
		t.Errorf("the item is %+v, %v", item, err)
	}
	if err := c.lib.DeleteLibraryItemUpdateSession(ctx, session); err != nil || len(s.UpdateSessions()) != 0 {
		t.Errorf("%v, %v", s.UpdateSessions(), err)
	}

	if session, err = c.lib.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: simulator.ItemISO}); err != nil {
		t.Fatal(err)
	}
	if err := push("bad.iso", "abd", "900150983cd24fb0d6963f7d28e17f72"); err == nil {
		t.Error("a file of another checksum was taken")
	}
	if failed, err := c.lib.GetLibraryItemUpdateSession(ctx, session); err != nil || failed.State != "ERROR" || failed.ErrorMessage == nil {
		t.Errorf("the session is %+v, %v", failed, err)
	}
	if err := c.lib.CompleteLibraryItemUpdateSession(ctx, session); err == nil {
		t.Error("a session that has failed was completed")
	}
}

func TestAnOVFItemHasWhatItsDescriptorNames(t *testing.T) {
	s, c := start(t)
	ctx := t.Context()
	session, err := c.lib.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: simulator.ItemPhoton})
	if err != nil {
		t.Fatal(err)
	}
	files, err := c.lib.ListLibraryItemUpdateSessionFile(ctx, session)
	if err != nil || len(files) != 2 || files[0].SourceType != "NONE" {
		t.Fatalf("the session has %+v, %v", files, err)
	}
	if result, err := c.lib.ValidateLibraryItemUpdateSessionFile(ctx, session); err != nil || result.HasErrors {
		t.Errorf("as it is: %+v, %v", result, err)
	}
	if err := c.lib.RemoveLibraryItemUpdateSessionFile(ctx, session, files[0].Name); err != nil {
		t.Fatal(err)
	}
	if result, err := c.lib.ValidateLibraryItemUpdateSessionFile(ctx, session); err != nil || !result.HasErrors || len(result.MissingFiles) != 1 {
		t.Errorf("without %s: %+v, %v", files[0].Name, result, err)
	}
	if err := c.lib.CancelLibraryItemUpdateSession(ctx, session); err != nil {
		t.Fatal(err)
	}
	s.ExpireSessions()
	if _, err := c.lib.GetLibraryItemUpdateSession(ctx, session); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a login: %v", err)
	}
}
