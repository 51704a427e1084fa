package run

import (
	"errors"

	"github.com/rs/zerolog"

	"gust/status"
	"gust/ui/runs"
)

// deadLetters keeps the dead letters of a run in the topology's file. It belongs to one
// goroutine.
type deadLetters struct {
	file *runs.DeadLetters // nil: nowhere
	log  zerolog.Logger
	id   string // of the topology
	// own says whether a spout's task is one of this process: the others keep their own dead
	// letters. It is nil if all are.
	own func(task int) bool

	written bool // there were some, and that was logged
	failed  bool // the last ones could not be written, and that was logged
}

// update appends the failures that are dead letters, and removes those that a replay has
// acked.
func (d *deadLetters) update(news status.News) {
	if d.file == nil {
		return
	}
	var dead []status.DeadLetter
	for _, f := range news.Failures {
		if f.Dead && (d.own == nil || d.own(f.Task)) {
			dead = append(dead, status.DeadLetter{Topology: d.id, Failure: f})
		}
	}
	var done []status.LetterKey
	for _, r := range news.Replays {
		if r.Dead && r.State == status.ReplayAcked {
			done = append(done, status.LetterKey{Topology: r.Topology, Number: r.Failure})
		}
	}
	d.append(dead)
	d.remove(done)
}

// park appends a failure that somebody wants to keep. It may be called from any goroutine.
func (d *deadLetters) park(f *status.Failure) error {
	if d.file == nil {
		return errors.New("this run keeps no dead letters")
	}
	parked := *f
	parked.Dead = true
	return d.file.Append([]status.DeadLetter{{Topology: d.id, Failure: &parked}})
}

func (d *deadLetters) append(letters []status.DeadLetter) {
	if len(letters) == 0 {
		return
	}
	err := d.file.Append(letters)
	if err != nil && !d.failed {
		d.log.Error().Msgf("cannot write dead letters to %s: %v", d.file.Path, err)
	}
	d.failed = err != nil
	if err == nil && !d.written {
		d.log.Warn().Msgf("tuples that failed gust.max.attempts times are in %s", d.file.Path)
		d.written = true
	}
}

func (d *deadLetters) remove(keys []status.LetterKey) {
	if d.file == nil || len(keys) == 0 {
		return
	}
	if _, err := d.file.Remove(keys); err != nil {
		d.log.Error().Msgf("cannot remove dead letters from %s: %v", d.file.Path, err)
	}
}
