package main

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
)

// receipts are the sinks' records.
type receipts struct {
	sources map[string]*source
	found   *findings
	places  []place
	others  map[receipt]bool  // of attempts that were not acked
	homes   map[string]string // key -> the task of count that got it
	count   int
}

// place is where one tuple of each attempt has to arrive: a part, at a sink, or at one of
// its tasks if each task gets one.
type place struct {
	at   string // such as "count", or "audit-3"
	part int
}

// receipt is the arrival of an attempt at a place.
type receipt struct {
	source       string
	seq, attempt int
	bit          uint32
}

var errNoReceipt = errors.New("this is not an entry of a sink's book")

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

// receive adds one entry of a sink's book.
func (r *receipts) receive(sink, task, id string, attempt, part int) {
	r.count++
	name, number, _ := strings.Cut(id, "/")
	seq, err := strconv.Atoi(number)
	s := r.sources[name]
	if err != nil || s == nil || seq < 0 || seq >= len(s.tuples) || attempt < 1 || attempt > int(s.tuples[seq].attempts) {
		r.found.add("tuples without an emission", "%s got attempt %d of %q", task, attempt, id)
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

// settle records the task that a key went to.
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

// findMissing looks for acked tuples that did not arrive everywhere.
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
					r.found.add("LOST TUPLES: acked, but not everywhere", "%s/%d, acked in attempt %d, never came to %s (part %d)", name, seq, t.acked, p.at, p.part)
				}
			}
		}
	}
}
