package machine

import (
	"slices"
	"sync"
	"time"
)

const (
	// aheadAfter is how many machines are refreshed before any is read ahead: a refresh of a few
	// is over after two or three calls anyway.
	aheadAfter = 20
	// aheadPerAsked bounds what is read for nothing where others own most of a folder: for each
	// of its machines that was asked for, so many more are read at most. It fills the calls of
	// Terraform's ten at a time, and brings many along for one that comes alone.
	aheadPerAsked = 9
	// aheadFor is how long an answer is kept, from the call that read it. Terraform refreshes in
	// no order, so it has to last for most of a refresh of a thousand machines.
	aheadFor = 10 * time.Second
	// aheadSize bounds the answers that are kept. Each takes about five kilobytes, and what its
	// ExtraConfig holds of guest data. Half as many would cost a thousand machines that come one
	// by one three times the calls.
	aheadSize = 1000
)

// ahead chooses which machines are read before they are asked for, and keeps what was read:
// each answer for one use and a short time. The first machines of a folder that are asked for
// bring its list along; its other machines then ride in calls that have room for them.
type ahead struct {
	mu      sync.Mutex
	asked   int // machines that were refreshed
	folders []*folder
	kept    map[Ref]early
	// settled are the machines that are not read ahead any more, since this process has asked
	// for them or written to them: nobody is told less of a machine than is known already.
	settled map[Ref]bool

	keep time.Duration // aheadFor, and shorter in tests
	size int           // aheadSize, and smaller in tests
}

// folder is a folder of which machines were asked for.
type folder struct {
	ref    Ref
	listed bool
	next   []Ref // its machines that may be read ahead
	asked  int
	unused int // that were read ahead and not asked for, or not in time
}

// early is an answer that nobody has asked for yet.
type early struct {
	value   *Observation
	reading *reading
}

// reading is what one call reads ahead: machines, by the folder that lists them, and the lists
// of folders.
type reading struct {
	began    time.Time
	machines map[Ref]*folder
	lists    map[Ref]*folder
}

func newAhead() *ahead {
	return &ahead{kept: map[Ref]early{}, settled: map[Ref]bool{}, keep: aheadFor, size: aheadSize}
}

// take hands out what was read of a machine ahead, once; nil when that is nothing, or too old.
// Either way the machine has been asked for.
func (a *ahead) take(ref Ref) *Observation {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled[ref] = true
	e, ok := a.kept[ref]
	delete(a.kept, ref)
	if !ok || time.Since(e.reading.began) >= a.keep {
		return nil
	}
	f := e.reading.machines[ref]
	f.unused--
	f.asked++
	a.asked++
	return e.value
}

// settle drops what was read of a machine ahead, now and henceforth. A write settles its machine
// before it begins, so that nothing is kept that was read before its end.
func (a *ahead) settle(ref Ref) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled[ref] = true
	delete(a.kept, ref)
}

// choose says what a call that has room for so many objects reads ahead.
func (a *ahead) choose(room int) *reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &reading{began: time.Now(), machines: map[Ref]*folder{}, lists: map[Ref]*folder{}}
	if a.asked < aheadAfter {
		return r
	}
	for _, f := range a.folders {
		if !f.listed && room > 0 {
			f.listed = true
			r.lists[f.ref] = f
			room--
		}
	}
	room = min(room, a.size-len(a.kept))
	for _, f := range a.folders {
		for room > 0 && len(f.next) > 0 && f.unused < aheadPerAsked*f.asked {
			ref := f.next[0]
			f.next = f.next[1:]
			if a.settled[ref] {
				continue
			}
			r.machines[ref] = f
			f.unused++
			room--
		}
	}
	return r
}

// store keeps what a call read ahead, and counts the machines that it was asked for.
func (a *ahead) store(r *reading, asked []Ref, found *retrieved) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ref, f := range r.lists {
		for _, child := range found.children[ref] {
			if child.Type == "VirtualMachine" {
				f.next = append(f.next, child)
			}
		}
	}
	for _, ref := range asked {
		// A machine in a vApp has no folder.
		if o := found.machines[ref].value; o != nil && o.Folder.Value != "" {
			a.folder(o.Folder).asked++
			a.asked++
		}
	}
	for ref, f := range r.machines {
		switch o := found.machines[ref].value; {
		case o == nil || a.settled[ref]:
		case len(a.kept) >= a.size: // calls at the same time have the same room
			f.next = append(f.next, ref)
		default:
			a.kept[ref] = early{value: o, reading: r}
		}
	}
	if len(r.machines) > 0 {
		time.AfterFunc(a.keep-time.Since(r.began), func() { a.expire(r) })
	}
}

// expire drops what is left of a reading. It may be read again.
func (a *ahead) expire(r *reading) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ref, f := range r.machines {
		if a.kept[ref].reading == r {
			delete(a.kept, ref)
			f.next = append(f.next, ref)
		}
	}
}

// giveBack returns what a call that failed did not read.
func (a *ahead) giveBack(r *reading) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range r.lists {
		f.listed = false
	}
	for ref, f := range r.machines {
		f.unused--
		f.next = append(f.next, ref)
	}
}

// folder returns what is known of a folder. The caller holds the lock.
func (a *ahead) folder(ref Ref) *folder {
	if i := slices.IndexFunc(a.folders, func(f *folder) bool { return f.ref == ref }); i >= 0 {
		return a.folders[i]
	}
	f := &folder{ref: ref}
	a.folders = append(a.folders, f)
	return f
}
