package machine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// inquirer is a machine whose reconfiguration waits for an answer.
type inquirer struct {
	question types.VirtualMachineQuestionInfo
	answers  []string // that were given
	refuse   error    // of an answer
	waits    bool     // the task has begun and not ended
}

func lockQuestion(labels ...string) types.VirtualMachineQuestionInfo {
	q := types.VirtualMachineQuestionInfo{Id: "7", Text: "The guest operating system has locked the CD-ROM door", Message: []types.VirtualMachineMessage{
		{Id: "msg.cdromdisconnect.locked", Text: "The guest operating system has locked the CD-ROM door."}, {Id: "msg.other", Text: "Disconnect anyway?"},
	}}
	for i, label := range labels {
		q.Choice.ChoiceInfo = append(q.Choice.ChoiceInfo, &types.ElementDescription{Description: types.Description{Label: label}, Key: string(rune('0' + i))})
	}
	return q
}

// answer lets a reconfiguration begin for good when the question was answered, and asks for as
// long as it was not.
func (i *inquirer) answer(_ context.Context, req, res soap.HasFault, send func() error) error {
	task := Ref{Type: "Task", Value: "task-asking"}
	switch body := req.(type) {
	case *methods.ReconfigVM_TaskBody:
		i.waits = true
		res.(*methods.ReconfigVM_TaskBody).Res = &types.ReconfigVM_TaskResponse{Returnval: task}
		return nil
	case *methods.AnswerVMBody:
		i.answers = append(i.answers, body.Req.QuestionId+"="+body.Req.AnswerChoice)
		if i.refuse == nil {
			i.waits = false
		}
		res.(*methods.AnswerVMBody).Res = &types.AnswerVMResponse{}
		return i.refuse
	case *methods.ModifyListViewBody: // the simulator does not know the task
		res.(*methods.ModifyListViewBody).Res = &types.ModifyListViewResponse{}
		return nil
	case *methods.RetrievePropertiesExBody:
		if body.Req.SpecSet[0].ObjectSet[0].Obj != task {
			return send()
		}
		info := types.TaskInfo{Key: task.Value, Task: task, State: types.TaskInfoStateRunning}
		var machine []types.DynamicProperty
		if i.waits {
			machine = append(machine, types.DynamicProperty{Name: "runtime.question", Val: i.question})
		} else {
			info.State = types.TaskInfoStateSuccess
		}
		res.(*methods.RetrievePropertiesExBody).Res = &types.RetrievePropertiesExResponse{Returnval: &types.RetrieveResult{Objects: []types.ObjectContent{
			{Obj: task, PropSet: []types.DynamicProperty{{Name: "info", Val: info}}},
			{Obj: body.Req.SpecSet[1].ObjectSet[0].Obj, PropSet: machine},
		}}}
		return nil
	}
	return send()
}

func TestAReconfigurationTakesADiscFromTheGuest(t *testing.T) {
	swap := types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{edit(&types.VirtualCdrom{})}}
	disk := types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{edit(&types.VirtualDisk{})}}
	other := lockQuestion("Retry", "Abort")
	other.Message = other.Message[1:]
	for name, tc := range map[string]struct {
		spec    types.VirtualMachineConfigSpec
		asks    inquirer
		answers []string
		want    error
		text    string
	}{
		"it is told to":                      {swap, inquirer{question: lockQuestion("Yes", "No")}, []string{"7=0"}, nil, ""},
		"whatever the order of the choices":  {swap, inquirer{question: lockQuestion("No", "Yes")}, []string{"7=1"}, nil, ""},
		"and whatever their language":        {swap, inquirer{question: lockQuestion("Ja", "Nein")}, []string{"7=0"}, nil, ""},
		"not for a change of something else": {disk, inquirer{question: lockQuestion("Yes", "No")}, nil, ErrQuestion, `"The guest operating system has locked the CD-ROM door. Disconnect anyway?", to choose from "Yes", "No". Answer in vCenter; task task-asking goes on then`},
		"another question is reported":       {swap, inquirer{question: other}, nil, ErrQuestion, `"Disconnect anyway?", to choose from "Retry", "Abort"`},
		"who may not answer says so":         {swap, inquirer{question: lockQuestion("Yes", "No"), refuse: soap.WrapVimFault(&types.NoPermission{})}, []string{"7=0"}, vsphere.ErrNotPermitted, "answer vSphere's question"},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			ref := e.machines(1)[0]
			e.recheck = time.Millisecond
			e.tampered().set(tc.asks.answer)
			err := e.Reconfigure(t.Context(), ref, tc.spec)
			if !errors.Is(err, tc.want) || tc.want != nil && !contains(err, tc.text) {
				t.Errorf("error %v, want %v with %q", err, tc.want, tc.text)
			}
			if diff := cmp.Diff(tc.answers, tc.asks.answers); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaitTellsOfAQuestion(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.tampered().set(func(_ context.Context, _, res soap.HasFault, send func() error) error {
		err := send()
		if body, ok := res.(*methods.RetrievePropertiesExBody); ok && err == nil {
			for i := range body.Res.Returnval.Objects {
				if object := &body.Res.Returnval.Objects[i]; object.Obj == ref {
					object.PropSet = append(object.PropSet, types.DynamicProperty{Name: "runtime.question", Val: lockQuestion("Yes", "No")})
				}
			}
		}
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := e.WaitFor(ctx, ref, func(o *Observation) (bool, string) {
		cancel()
		return o.PowerState == on, "it is off"
	})
	var missed *WaitError
	if !errors.As(err, &missed) || !contains(err, `last seen: it is off; vSphere asks "The guest operating system has locked`) {
		t.Errorf("error %v", err)
	}
}
