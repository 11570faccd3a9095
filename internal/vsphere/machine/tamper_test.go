package machine

import (
	"context"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type answerFunc = func(ctx context.Context, req, res soap.HasFault, send func() error) error

// method names the call that a request body stands for.
func method(req soap.HasFault) string {
	return strings.TrimSuffix(reflect.TypeOf(req).Elem().Name(), "Body")
}

// interruptAt cancels the caller when a method is called.
func interruptAt(name string, cancel context.CancelFunc) answerFunc {
	return func(ctx context.Context, req, _ soap.HasFault, send func() error) error {
		if method(req) == name {
			cancel()
			return ctx.Err()
		}
		return send()
	}
}

// swallow answers a method without doing anything, like a guest that ignores what it is asked.
func swallow(name string) answerFunc {
	return func(_ context.Context, req, _ soap.HasFault, send func() error) error {
		if method(req) == name {
			return nil
		}
		return send()
	}
}

// failOnce fails the next call of a method with a fault, and the following ones with the next.
func failOnce(name string, faults ...types.BaseMethodFault) answerFunc {
	return func(_ context.Context, req, _ soap.HasFault, send func() error) error {
		if method(req) != name || len(faults) == 0 {
			return send()
		}
		next := faults[0]
		faults = faults[1:]
		return soap.WrapVimFault(next)
	}
}

// withDeployTask lets vCenter know a task that the request with an activation id started and
// that failed, which the simulator does not keep.
func withDeployTask(activation string, asked *int, fault types.BaseMethodFault) answerFunc {
	info := types.TaskInfo{
		Key: "task-deploy", Task: Ref{Type: "Task", Value: "task-deploy"}, ActivationId: activation, State: types.TaskInfoStateError,
		Error: &types.LocalizedMethodFault{Fault: fault, LocalizedMessage: "no space"},
	}
	return withTask(asked, info, info)
}

// withTask lets vCenter know a task that the simulator does not: as it is listed, and as it is
// when somebody looks at it.
func withTask(asked *int, listed, info types.TaskInfo) answerFunc {
	return func(_ context.Context, req, res soap.HasFault, send func() error) error {
		body, isRead := req.(*methods.RetrievePropertiesExBody)
		if !isRead {
			return send()
		}
		content := types.ObjectContent{Obj: body.Req.SpecSet[0].ObjectSet[0].Obj}
		switch {
		case content.Obj.Type == "TaskHistoryCollector":
			*asked++
			content.PropSet = []types.DynamicProperty{{Name: "latestPage", Val: types.ArrayOfTaskInfo{TaskInfo: []types.TaskInfo{listed}}}}
		case content.Obj == info.Task:
			content.PropSet = []types.DynamicProperty{{Name: "info", Val: info}}
		default:
			return send()
		}
		res.(*methods.RetrievePropertiesExBody).Res = &types.RetrievePropertiesExResponse{
			Returnval: &types.RetrieveResult{Objects: []types.ObjectContent{content}},
		}
		return nil
	}
}

// observing puts a value in the place of a property that is read.
func observing(name string, value any) answerFunc {
	return func(_ context.Context, _, res soap.HasFault, send func() error) error {
		err := send()
		if body, ok := res.(*methods.RetrievePropertiesExBody); ok && err == nil {
			for _, object := range body.Res.Returnval.Objects {
				for i := range object.PropSet {
					if object.PropSet[i].Name == name {
						object.PropSet[i].Val = value
					}
				}
			}
		}
		return err
	}
}
