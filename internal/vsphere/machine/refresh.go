package machine

import (
	"context"
	"maps"
	"slices"
)

// Refresh is ObserveByID for the refresh of a state. Terraform refreshes ten machines at a time,
// and a thousand would cost a hundred calls. So once more than a few were asked for, each call
// also reads others in their folders, and Refresh may answer from these.
//
// Such an answer is up to ten seconds old. A machine that somebody else changed or deleted since
// then is told as it was – as it would have been, had Terraform asked for it ten seconds earlier,
// and like everything in a plan, which is of one moment and applied at a later one. Each answer
// is used once. It is never older than what this process has seen of the machine by another read,
// or has done to it; and that a machine is gone is never told from an answer that was kept.
//
// Whoever decides what to write has to use Observe or ObserveByID. Errors: as ObserveByID.
func (s *Service) Refresh(ctx context.Context, ref Ref, instanceUUID string) (*Observation, error) {
	return s.byID(ctx, ref, instanceUUID, s.refresh)
}

func (s *Service) refresh(ctx context.Context, ref Ref) (*Observation, error) {
	if o := s.ahead.take(ref); o != nil {
		return o, nil
	}
	return read(ctx, s.refreshes, ref)
}

// refreshMany is observeMany that fills its call with machines that will be asked for soon.
func (s *Service) refreshMany(ctx context.Context, refs []Ref) map[Ref]answer[*Observation] {
	chosen := s.ahead.choose(batchSize - len(refs))
	all := slices.AppendSeq(slices.Clone(refs), maps.Keys(chosen.machines))
	found, err := s.retrieve(ctx, all, slices.Collect(maps.Keys(chosen.lists)))
	if err != nil {
		s.ahead.giveBack(chosen)
		return failed[Ref, *Observation](refs, err)
	}
	s.ahead.store(chosen, refs, found)
	return found.machines
}
