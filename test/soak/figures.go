package main

import (
	"errors"
	"strconv"
)

// figures are the sums of the books.
type figures struct {
	// Tuples is how many different ones the spouts had to get rid of.
	Tuples int `json:"tuples"`
	// Emissions counts every attempt to emit; Acked and Failed are the acks and fails
	// that the spouts got, Orphans the emissions whose process died before it got one.
	Emissions int `json:"emissions"`
	Acked     int `json:"acked"`
	Failed    int `json:"failed"`
	Orphans   int `json:"orphans"`
	// Replayed is the number of tuples with more than one attempt.
	Replayed int `json:"replayed"`
	// Received is how many tuples the sinks wrote down.
	Received int `json:"received"`
	// FailedOnPurpose is the most trees that bolts failed deliberately, and Forgotten the
	// number of tuples that bolts never answered.
	FailedOnPurpose int `json:"failed_on_purpose"`
	Forgotten       int `json:"forgotten"`
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
				return errors.New("this is not an entry of a bolt's book")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// circumstances are what the reasons of failures depend on.
type circumstances struct {
	deaths  int
	broken  int  // messages, on purpose
	unseen  int  // trees, at most, that a worker had not reported when it was killed
	settled bool // the run did not end before all was acked
}

// compare compares gust's own figures with the books.
//
// They may differ by the orphans, but not more: the last emits of a spout's process may
// have died with it, and so may the acks and fails on their way to it. What a worker has
// counted since its last report dies with it, too.
func (f figures) compare(g trees, c circumstances, found *findings) {
	const kind = "gust's --json and the ledgers disagree"
	within := func(what string, got, least, most int) {
		if got < least || got > most {
			found.add(kind, "%s is %d; the books allow %d to %d", what, got, least, most)
		}
	}
	if g.Emitted != g.Acked+g.Failed.sum()+g.Pending {
		found.add(kind, "trees do not add up: %+v", g)
	}
	within("trees.emitted", g.Emitted, f.Emissions-f.Orphans-c.unseen, f.Emissions)
	within("trees.acked", g.Acked, f.Acked-c.unseen, f.Acked+f.Orphans)
	within("trees.failed in all", g.Failed.sum(), f.Failed-c.unseen, f.Failed+f.Orphans+c.unseen)
	within("trees.pending", g.Pending, 0, 0)
	if c.broken == 0 { // otherwise the bolts' tuples have failed, too
		within("trees.failed.bolt", g.Failed.Bolt, 0, f.FailedOnPurpose)
	}
	if f.FailedOnPurpose >= 20 {
		within("trees.failed.bolt", g.Failed.Bolt, 1, f.Emissions)
	}
	// A process may die without a tuple, but not ten in a row.
	if c.deaths >= 10 {
		within("trees.failed.died", g.Failed.Died, 1, f.Emissions)
	}
	if c.settled && f.Forgotten >= 20 {
		within("trees.failed.timeout", g.Failed.Timeout, 1, f.Emissions)
	}
	if c.deaths == 0 && f.Forgotten == 0 {
		within("trees.failed.timeout, where nobody died or forgot,", g.Failed.Timeout, 0, 0)
	}
}
