package main

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
)

// figures are what the books add up to.
type figures struct {
	// Tuples is how many different ones the spouts had to get rid of.
	Tuples int `json:"tuples"`
	// Emissions counts every attempt at one; Acked and Failed are the verdicts
	// that the spouts were told, Orphans the emissions whose process died before
	// it was told any.
	Emissions int `json:"emissions"`
	Acked     int `json:"acked"`
	Failed    int `json:"failed"`
	Orphans   int `json:"orphans"`
	// Replayed is how many tuples took more than one attempt.
	Replayed int `json:"replayed"`
	// Received is how many tuples the sinks wrote down.
	Received int `json:"received"`
	// FailedOnPurpose are the trees that bolts failed deliberately, at most, and
	// Forgotten the tuples that bolts never answered.
	FailedOnPurpose int `json:"failed_on_purpose"`
	Forgotten       int `json:"forgotten"`
}

// verify holds the books of a run against each other:
//
//   - Each emission had exactly one verdict, unless its process died first.
//   - Each tuple was acked in the end.
//   - The attempt that was acked came to every sink exactly once (and where
//     there is an all grouping, to each task), in each of its parts: nothing is
//     acked that was lost. The other attempts came at most once: nothing is
//     made twice by anybody but the spout.
//   - Tuples with the same key came to the same task of count, and those of the
//     global grouping all to one task.
func verify(dir string, found *findings) (figures, error) {
	sources, err := readSources(dir, found)
	if err != nil {
		return figures{}, err
	}
	r := &receipts{sources: sources, found: found, others: map[receipt]bool{}, homes: map[string]string{}}
	if err := r.readAll(dir); err != nil {
		return figures{}, err
	}
	r.findMissing()
	f := figures{Received: r.count}
	for _, s := range sources {
		f.Tuples += len(s.tuples)
		f.Emissions += s.emissions
		f.Acked += s.acks
		f.Failed += s.fails
		f.Orphans += s.orphans
		for _, t := range s.tuples {
			if t.attempts > 1 {
				f.Replayed++
			}
		}
	}
	return f, f.readMisdeeds(dir)
}

// receipts are what the sinks wrote down.
type receipts struct {
	sources map[string]*source
	found   *findings
	places  []place
	others  map[receipt]bool  // of attempts that were not acked
	homes   map[string]string // key -> the task of count that it came to
	count   int
}

// place is somewhere that one tuple of each attempt has to come to: a part, at
// a sink, or where each task of it gets one at a task.
type place struct {
	at   string // such as "count", or "audit-3"
	part int
}

// receipt is that an attempt came to a place.
type receipt struct {
	source       string
	seq, attempt int
	bit          uint32
}

var errNoReceipt = errors.New("this is no entry of a sink's book")

func (r *receipts) readAll(dir string) error {
	paths, err := booksOf(dir, sinks)
	if err != nil {
		return err
	}
	archives := 0
	for _, path := range paths {
		task := filepath.Base(path) // such as "audit-3"
		sink, _, _ := strings.Cut(task, "-")
		before := r.count
		err := readBook(path, func(words []string) error {
			id, ns, err := parseReceipt(words)
			if err != nil {
				return err
			}
			r.receive(sink, task, id, ns[0], ns[1])
			return nil
		})
		if err != nil {
			return err
		}
		if sink == "archive" && r.count > before {
			archives++
		}
	}
	if archives > 1 {
		r.found.add("a global grouping went to several tasks", "%d tasks of archive", archives)
	}
	return nil
}

func parseReceipt(words []string) (id string, ns []int, err error) {
	if len(words) != 3 {
		return "", nil, errNoReceipt
	}
	ns, err = numbers(words[1:])
	return words[0], ns, err
}

// receive takes one entry of a sink's book.
func (r *receipts) receive(sink, task, id string, attempt, part int) {
	r.count++
	name, number, _ := strings.Cut(id, "/")
	seq, err := strconv.Atoi(number)
	s := r.sources[name]
	if err != nil || s == nil || seq < 0 || seq >= len(s.tuples) || attempt < 1 || attempt > int(s.tuples[seq].attempts) {
		r.found.add("tuples that nobody emitted", "%s got attempt %d of %q", task, attempt, id)
		return
	}
	if sink == "count" {
		r.settle(keyOf(seq), task)
	}
	at := sink
	if sinkTasks[sink] > 1 {
		at = task
	}
	bit := r.bit(place{at, part})
	t := &s.tuples[seq]
	twice := false
	if attempt == int(t.acked) {
		twice = t.seen&bit != 0
		t.seen |= bit
	} else {
		other := receipt{name, seq, attempt, bit}
		twice = r.others[other]
		r.others[other] = true
	}
	if twice {
		r.found.add("tuples that came twice in one attempt", "%s got attempt %d, part %d, of %s again", task, attempt, part, id)
	}
}

// settle notes which task a key went to.
func (r *receipts) settle(key, task string) {
	home, ok := r.homes[key]
	if !ok {
		r.homes[key] = task
	} else if home != task {
		r.found.add("keys of a fields grouping that went to several tasks", "%s to %s and %s", key, home, task)
	}
}

// bit is the mark of a place in a tuple's seen.
func (r *receipts) bit(p place) uint32 {
	for i, have := range r.places {
		if have == p {
			return 1 << i
		}
	}
	r.places = append(r.places, p)
	return 1 << (len(r.places) - 1)
}

// findMissing looks for what was acked and is not everywhere.
func (r *receipts) findMissing() {
	want := 0
	for sink, parts := range sinkParts {
		want += parts * sinkTasks[sink]
	}
	if len(r.places) != want {
		r.found.add("sinks that got nothing at all", "%d places were to get tuples, these did: %v", want, r.places)
	}
	all := uint32(1)<<len(r.places) - 1
	for name, s := range r.sources {
		for seq := range s.tuples {
			t := &s.tuples[seq]
			if t.acked == 0 || t.seen == all {
				continue
			}
			for i, p := range r.places {
				if t.seen&(1<<i) == 0 {
					r.found.add("LOST TUPLES: acked, and not everywhere", "%s/%d, acked in attempt %d, never came to %s (part %d)", name, seq, t.acked, p.at, p.part)
				}
			}
		}
	}
}

// readMisdeeds adds up what the bolts did on purpose.
func (f *figures) readMisdeeds(dir string) error {
	paths, err := booksOf(dir, misdeeds)
	if err != nil {
		return err
	}
	for _, path := range paths {
		err := readBook(path, func(words []string) error {
			switch {
			case len(words) == 1 && words[0] == forgot:
				f.Forgotten++
			case len(words) == 2 && words[0] == failed:
				trees, err := strconv.Atoi(words[1])
				f.FailedOnPurpose += trees
				return err
			default:
				return errors.New("this is no entry of a bolt's book")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compare holds gust's own figures against the books. There were so many deaths,
// and so many broken messages.
//
// They may differ by the orphans, and by no more: what a spout's process
// emitted last may have died with it, and so may the verdicts on their way to it.
func (f figures) compare(g trees, deaths, broken int, found *findings) {
	const kind = "gust's --json and the ledgers disagree"
	within := func(what string, got, least, most int) {
		if got < least || got > most {
			found.add(kind, "%s is %d, by the books it must be from %d to %d", what, got, least, most)
		}
	}
	if g.Emitted != g.Acked+g.Failed.sum()+g.Pending {
		found.add(kind, "trees do not add up: %+v", g)
	}
	within("trees.emitted", g.Emitted, f.Emissions-f.Orphans, f.Emissions)
	within("trees.acked", g.Acked, f.Acked, f.Acked+f.Orphans)
	within("trees.failed in all", g.Failed.sum(), f.Failed, f.Failed+f.Orphans)
	within("trees.pending", g.Pending, 0, 0)
	within("trees.failed.shutdown, after all was acked,", g.Failed.Shutdown, 0, 0)
	if broken == 0 { // else what the bolts held then has failed, too
		within("trees.failed.bolt", g.Failed.Bolt, 0, f.FailedOnPurpose)
	}
	if f.FailedOnPurpose >= 20 {
		within("trees.failed.bolt", g.Failed.Bolt, 1, f.Emissions)
	}
	// A process may die while it holds nothing, but not ten in a row.
	if deaths >= 10 {
		within("trees.failed.died", g.Failed.Died, 1, f.Emissions)
	}
	if f.Forgotten >= 20 {
		within("trees.failed.timeout", g.Failed.Timeout, 1, f.Emissions)
	}
	if deaths == 0 && f.Forgotten == 0 {
		within("trees.failed.timeout, where nobody died or forgot,", g.Failed.Timeout, 0, 0)
	}
}
