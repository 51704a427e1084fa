package main

import (
	"os"
	"path/filepath"
)

// source is a spout task's ledger, read as a whole.
type source struct {
	name   string // such as "orders-7"
	tuples []sourceTuple

	emissions, acks, fails int
	// orphans are the emissions without an ack or fail, because their process died.
	orphans int
}

// sourceTuple is a tuple of a spout, and what the sinks got of it.
type sourceTuple struct {
	attempts int32  // the last one's number
	acked    int32  // the number of the acked one; 0: none was
	open     bool   // emitted by the process that lives, without a verdict
	seen     uint32 // which sinks got the acked attempt, a bit for each
}

// readSource reads a ledger, and checks the host's messages in it: one ack or fail for
// each emission, and no other.
//
// A process that has fallen, with its worker, has not lived to the end.
func readSource(path string, fallen map[int]bool, found *findings) (*source, error) {
	s := &source{name: filepath.Base(path)}
	quit, pid := false, 0
	err := readLedger(path, func(e ledgerEntry) {
		switch e.what {
		case 'b':
			s.bury()
			quit, pid = false, e.pid
		case 'q':
			quit = !fallen[pid]
		case 'e':
			s.emitted(e)
		case 'a', 'f':
			s.judged(e, found)
		}
	})
	if err != nil {
		return nil, err
	}
	if !quit {
		s.bury()
	}
	for seq := range s.tuples {
		t := &s.tuples[seq]
		if t.open {
			found.add("emissions without an ack or fail, although their process lived", "%s/%d attempt %d", s.name, seq, t.attempts)
		}
	}
	return s, nil
}

// bury ends the life of a process: its emissions get no acks or fails any more.
func (s *source) bury() {
	for seq := range s.tuples {
		if t := &s.tuples[seq]; t.open {
			t.open = false
			s.orphans++
		}
	}
}

func (s *source) emitted(e ledgerEntry) {
	for len(s.tuples) <= e.seq {
		s.tuples = append(s.tuples, sourceTuple{})
	}
	t := &s.tuples[e.seq]
	t.attempts, t.open = e.attempt, true
	s.emissions++
}

func (s *source) judged(e ledgerEntry, found *findings) {
	if e.seq >= len(s.tuples) || !s.tuples[e.seq].open {
		found.add("acks or fails of tuples that are not open", "%s/%d: %c, a second one, or one for its predecessor", s.name, e.seq, e.what)
		return
	}
	t := &s.tuples[e.seq]
	t.open = false
	if e.what == 'f' {
		s.fails++
		return
	}
	s.acks++
	t.acked = t.attempts
}

// readSources reads all ledgers, by their names.
func readSources(dir string, found *findings) (map[string]*source, error) {
	paths, err := booksOf(dir, ledgers)
	if err != nil {
		return nil, err
	}
	fallen, err := readFallen(dir)
	if err != nil {
		return nil, err
	}
	all := map[string]*source{}
	for _, path := range paths {
		s, err := readSource(path, fallen, found)
		if err != nil {
			return nil, err
		}
		all[s.name] = s
	}
	return all, nil
}

// readFallen reads which processes died with their worker.
func readFallen(dir string) (map[int]bool, error) {
	fallen := map[int]bool{}
	err := readBook(filepath.Join(dir, fallenBook), func(words []string) error {
		pids, err := numbers(words)
		for _, pid := range pids {
			fallen[pid] = true
		}
		return err
	})
	return fallen, err
}

// booksOf are the paths of all books of a kind.
func booksOf(dir, kind string) (paths []string, err error) {
	files, err := os.ReadDir(filepath.Join(dir, kind))
	for _, file := range files {
		paths = append(paths, filepath.Join(dir, kind, file.Name()))
	}
	return paths, err
}
