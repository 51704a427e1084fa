package main

// verify compares the books of a run:
//
//   - Each emission had exactly one verdict, unless its process died first.
//   - Each tuple was acked in the end.
//   - The attempt that was acked came to every sink exactly once (and where
//     there is an all grouping, to each task), in each of its parts: nothing is
//     acked that was lost. The other attempts came at most once: nothing is
//     made twice by anybody but the spout.
//   - Tuples with the same key came to the same task of count, and those of the
//     global grouping all to one task.
//
// The second of these does not apply to a run that was cut off: settled is false.
func verify(dir string, settled bool, found *findings) (figures, error) {
	sources, err := readSources(dir, found)
	if err != nil {
		return figures{}, err
	}
	if settled {
		findUnacked(sources, found)
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

// findUnacked looks for tuples that were not acked.
func findUnacked(sources map[string]*source, found *findings) {
	for name, s := range sources {
		for seq, t := range s.tuples {
			if t.acked == 0 {
				found.add("tuples that were never acked", "%s/%d after %d attempts", name, seq, t.attempts)
			}
		}
	}
}
