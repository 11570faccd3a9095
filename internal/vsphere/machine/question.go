package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// ErrQuestion says that vSphere wants an answer from somebody before it goes on with a machine.
var ErrQuestion = errors.New("vSphere waits for an answer")

const (
	// questionAfter is when a task that still runs is looked at for a question the first time.
	questionAfter = 5 * time.Second
	// cdromLocked asks whether a drive may be disconnected that the guest holds. vCenter asks it
	// whether or not the guest controls the drive, and fails the task after some minutes when
	// nobody answers (vm-operator pull requests 1740 and 1832).
	cdromLocked = "msg.cdromdisconnect.locked"
)

// look reads how far a task is, and what vSphere wants to know of the machine that it works on:
// one call. A machine that is not there, or is the zero Ref, has no question.
func (s *Service) look(ctx context.Context, task, machine Ref) (*types.TaskInfo, *types.VirtualMachineQuestionInfo, error) {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, nil, err
	}
	specs := []types.PropertyFilterSpec{{
		ObjectSet: []types.ObjectSpec{{Obj: task}}, PropSet: []types.PropertySpec{{Type: "Task", PathSet: []string{"info"}}},
	}}
	if machine.Value != "" {
		specs = append(specs, types.PropertyFilterSpec{
			ObjectSet:                     []types.ObjectSpec{{Obj: machine}},
			PropSet:                       []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"runtime.question"}}},
			ReportMissingObjectsInResults: types.NewBool(true),
		})
	}
	res, err := property.DefaultCollector(client).RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: specs})
	if err != nil {
		return nil, nil, err
	}
	var t mo.Task
	var question *types.VirtualMachineQuestionInfo
	for _, content := range res.Returnval {
		if content.Obj == task {
			if err := mo.LoadObjectContent([]types.ObjectContent{content}, &t); err != nil {
				return nil, nil, err
			}
			continue
		}
		for _, p := range content.PropSet {
			if q, ok := p.Val.(types.VirtualMachineQuestionInfo); ok {
				question = &q
			}
		}
	}
	return &t.Info, question, nil
}

// unlock answers that a drive is disconnected although the guest holds it. Says whether the
// question was that one.
func (s *Service) unlock(ctx context.Context, machine Ref, question *types.VirtualMachineQuestionInfo) (bool, error) {
	if !slices.ContainsFunc(question.Message, func(m types.VirtualMachineMessage) bool { return m.Id == cdromLocked }) {
		return false, nil
	}
	client, err := s.client.Vim(ctx)
	if err != nil {
		return true, err
	}
	_, err = methods.AnswerVM(ctx, client, &types.AnswerVM{This: machine, QuestionId: question.Id, AnswerChoice: affirmative(question)})
	if hasFault[*types.InvalidArgument](err) {
		return true, nil // somebody else has answered meanwhile
	}
	return true, err
}

// affirmative is the key of the choice "Yes", which is the first one, whatever its label is in
// the language of the session.
func affirmative(question *types.VirtualMachineQuestionInfo) string {
	for _, choice := range question.Choice.ChoiceInfo {
		if c := choice.GetElementDescription(); strings.EqualFold(c.Label, "yes") {
			return c.Key
		}
	}
	return "0"
}

// describeQuestion tells a question with its choices.
func describeQuestion(question *types.VirtualMachineQuestionInfo) string {
	texts := make([]string, 0, len(question.Message)+1)
	for _, message := range question.Message {
		texts = append(texts, strings.TrimSpace(message.Text))
	}
	if len(texts) == 0 {
		texts = append(texts, question.Text)
	}
	choices := make([]string, 0, len(question.Choice.ChoiceInfo))
	for _, choice := range question.Choice.ChoiceInfo {
		choices = append(choices, fmt.Sprintf("%q", choice.GetElementDescription().Label))
	}
	return fmt.Sprintf("%q, to choose from %s", strings.Join(texts, " "), strings.Join(choices, ", "))
}

// unanswered is the error about a question that nobody answers.
func unanswered(task Ref, title string, question *types.VirtualMachineQuestionInfo) error {
	return fmt.Errorf("%w about %s: %s. Answer in vCenter; task %s goes on then", ErrQuestion, title, describeQuestion(question), task.Value)
}
