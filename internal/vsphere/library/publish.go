package library

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	capturePath = "/com/vmware/vcenter/ovf/library-item"
	// activationHeader gives the tasks of a request an id by which they are found.
	activationHeader = "vapi-ctx-actid"
	// captureTask is what vCenter calls the task of a capture.
	captureTask = "com.vmware.ovfs.LibraryItem.capture"
	// captureLooks bounds the looks for a capture whose answer got lost and that no task tells of.
	captureLooks = 30
)

// CaptureNew makes an item of a virtual machine, as Create and Fill do of a file. ExtraConfig
// is not captured: the guestinfo of a machine, with its user data, is none of its image. With
// an error there is a Creation where an item was left, for Abandon.
func (u *Uploads) CaptureNew(ctx context.Context, spec ItemSpec, machine types.ManagedObjectReference) (*Creation, error) {
	spec.Type = MachineType
	creation, unfinished, err := u.reserveItem(ctx, spec)
	if err != nil {
		return nil, err
	}
	target := vcenter.LibraryTarget{LibraryID: spec.LibraryID}
	if unfinished != "" {
		creation.ItemID = unfinished
		if err := u.mark(ctx, unfinished, creation); err != nil {
			creation.release()
			return nil, err
		}
		target = vcenter.LibraryTarget{LibraryItemID: unfinished}
	}
	request := vcenter.OVF{
		Spec:   vcenter.CreateSpec{Name: spec.Name, Description: marked(creation.token, spec.Description)},
		Source: vcenter.ResourceID{Type: machine.Type, Value: machine.Value},
		Target: target,
	}
	doing := fmt.Sprintf("capture virtual machine %s as %q", machine.Value, spec.Name)
	id, err := u.capture(ctx, creation.token, request)
	if err = vsphere.Translate(err, doing); err != nil && uncertain(ctx, err) {
		id, err = u.captureAgain(ctx, creation, err)
	}
	if creation.ItemID == "" {
		creation.ItemID = id
	}
	if err == nil {
		return creation, nil
	}
	if creation.ItemID == "" {
		// A capture that fails may leave the item that it was to fill.
		item, foundErr := u.ours(ctx, creation)
		if foundErr != nil || item == nil {
			creation.release()
			return nil, err
		}
		creation.ItemID = item.ID
	}
	return creation, err
}

// Capture makes a virtual machine the content of an item, in place of what it has.
func (u *Uploads) Capture(ctx context.Context, itemID string, machine types.ManagedObjectReference) error {
	before, err := u.getItem(ctx, itemID)
	if err != nil {
		return err
	}
	defer u.Forget(itemID)
	description := ""
	if before.Description != nil {
		description = *before.Description
	}
	doing := fmt.Sprintf("capture virtual machine %s into content library item %s", machine.Value, itemID)
	token := newToken()
	_, err = u.capture(ctx, token, vcenter.OVF{
		Spec:   vcenter.CreateSpec{Name: before.Name, Description: description},
		Source: vcenter.ResourceID{Type: machine.Type, Value: machine.Value},
		Target: vcenter.LibraryTarget{LibraryItemID: itemID},
	})
	if err = vsphere.Translate(err, doing); err == nil || !uncertain(ctx, err) || ctx.Err() != nil {
		return err
	}
	for n := range captureLooks {
		if failed := u.afterTask(ctx, token); failed != nil {
			return fmt.Errorf("%w (before that: %w)", failed, err)
		}
		if after, lookErr := u.getItem(ctx, itemID); lookErr == nil && after.ContentVersion != before.ContentVersion {
			return nil
		}
		if wait(ctx, u.growing(n)) != nil {
			break
		}
	}
	return err
}

// capture sends the request, which is answered when the capture has ended.
func (u *Uploads) capture(ctx context.Context, token string, request vcenter.OVF) (string, error) {
	client, err := u.client.REST(ctx)
	if err != nil {
		return "", err
	}
	ctx = client.WithHeader(ctx, http.Header{activationHeader: {token}})
	var result vcenter.CreateResult
	if err := client.Do(ctx, client.Resource(capturePath).Request(http.MethodPost, request), &result); err != nil {
		return "", err
	}
	if result.Succeeded {
		return result.ID, nil
	}
	return "", refusal(result.Error)
}

// refusal is an answer with status 200 that the capture did not succeed.
func refusal(failure *vcenter.DeploymentError) error {
	refused := &vsphere.Error{Text: "vCenter did not capture it, and does not say why"}
	if failure == nil {
		return refused
	}
	var texts []string
	for i := range failure.Errors {
		e := &failure.Errors[i]
		if e.Message != nil {
			texts = append(texts, e.Message.DefaultMessage)
		}
		if e.Error == nil {
			continue
		}
		if strings.HasSuffix(e.Error.Class, ".already_exists") {
			refused.Kind = vsphere.ErrAlreadyExists
		}
		for _, message := range e.Error.Messages {
			texts = append(texts, message.DefaultMessage)
		}
	}
	if len(texts) > 0 {
		refused.Text = "vCenter did not capture it: " + strings.Join(texts, "; ")
	}
	return refused
}

// captureAgain finds out what became of a capture whose answer got lost. It goes on in vCenter,
// and its item is there before its content.
func (u *Uploads) captureAgain(ctx context.Context, c *Creation, cause error) (string, error) {
	for n := range captureLooks {
		if ctx.Err() != nil {
			break
		}
		failed := u.afterTask(ctx, c.token)
		item, err := u.ours(ctx, c)
		switch {
		case err != nil:
		case failed != nil && item != nil:
			return item.ID, fmt.Errorf("%w (before that: %w)", failed, cause)
		case failed != nil:
			return "", fmt.Errorf("%w (before that: %w)", failed, cause)
		case item != nil && u.hasContent(ctx, item.ID):
			return item.ID, nil
		}
		if wait(ctx, u.growing(n)) != nil {
			break
		}
	}
	if item, err := u.ours(ctx, c); err == nil && item != nil {
		return item.ID, cause
	}
	return "", cause
}

func (u *Uploads) hasContent(ctx context.Context, itemID string) bool {
	manager, err := u.manager(ctx)
	if err != nil {
		return false
	}
	files, err := manager.ListLibraryItemFiles(ctx, itemID)
	return err == nil && len(files) > 0
}

// captured refuses an item that a capture still fills: it has no update session that moves.
func (u *Uploads) captured(ctx context.Context, token string) error {
	tasks, err := u.tasks(ctx, token)
	if err != nil {
		return err
	}
	for i := range tasks {
		if state := tasks[i].State; state == types.TaskInfoStateRunning || state == types.TaskInfoStateQueued {
			return &vsphere.Error{Kind: vsphere.ErrTaskInProgress, Text: fmt.Sprintf(
				"task %s still captures the unfinished image of that name. Try again when it has ended, or cancel it in vCenter", tasks[i].Task.Value)}
		}
	}
	return nil
}

// afterTask waits for the task of a capture, as far as there is one, and returns its failure.
// Where tasks cannot be read, the item tells as well.
func (u *Uploads) afterTask(ctx context.Context, token string) (failure error) {
	for n := 0; ; n++ {
		running := false
		tasks, _ := u.tasks(ctx, token)
		for i := range tasks {
			switch tasks[i].State {
			case types.TaskInfoStateRunning, types.TaskInfoStateQueued:
				running = true
			case types.TaskInfoStateError:
				if tasks[i].DescriptionId == captureTask && tasks[i].Error != nil {
					failure = &vsphere.Error{Text: "the capture failed: " + tasks[i].Error.LocalizedMessage}
				}
			case types.TaskInfoStateSuccess:
			}
		}
		if !running || wait(ctx, u.growing(n)) != nil {
			return failure
		}
	}
}

// tasks are the tasks that vCenter started for the request with an activation id.
func (u *Uploads) tasks(ctx context.Context, activation string) ([]types.TaskInfo, error) {
	client, err := u.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	doing := "look for the tasks of a capture"
	res, err := methods.CreateCollectorForTasks(ctx, client, &types.CreateCollectorForTasks{
		This: *client.ServiceContent.TaskManager, Filter: types.TaskFilterSpec{ActivationId: []string{activation}},
	})
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	defer func() {
		_, _ = methods.DestroyCollector(context.WithoutCancel(ctx), client, &types.DestroyCollector{This: res.Returnval})
	}()
	var page mo.TaskHistoryCollector
	if err := property.DefaultCollector(client).RetrieveOne(ctx, res.Returnval, []string{"latestPage"}, &page); err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	var tasks []types.TaskInfo
	for i := range page.LatestPage {
		if page.LatestPage[i].ActivationId == activation { // a vCenter that does not know the filter returns all
			tasks = append(tasks, page.LatestPage[i])
		}
	}
	return tasks, nil
}
