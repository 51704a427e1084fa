package main

import "errors"

// ledgerEntry is one line of a spout's ledger.
type ledgerEntry struct {
	what    byte // 'b', 'e', 'a', 'f' or 'q'
	seq     int
	attempt int32 // of 'e'
	pid     int   // of 'b'
}

var errNoEntry = errors.New("this is not an entry of a ledger")

// readLedger calls visit for each entry of a spout's ledger.
func readLedger(path string, visit func(ledgerEntry)) error {
	return readBook(path, func(words []string) error {
		if len(words) == 0 || len(words[0]) != 1 {
			return errNoEntry
		}
		e := ledgerEntry{what: words[0][0]}
		ns, err := numbers(words[1:])
		if err != nil {
			return err
		}
		switch {
		case e.what == 'e' && len(ns) == 2 && ns[0] >= 0:
			e.seq, e.attempt = ns[0], int32(ns[1])
		case (e.what == 'a' || e.what == 'f') && len(ns) == 1 && ns[0] >= 0:
			e.seq = ns[0]
		case e.what == 'b' && len(ns) == 1:
			e.pid = ns[0]
		case e.what == 'q':
		default:
			return errNoEntry
		}
		visit(e)
		return nil
	})
}
