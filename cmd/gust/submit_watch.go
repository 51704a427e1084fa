package main

import (
	"context"
	"fmt"
	"time"

	"gust/submit"
)

// watch stands by a topology until it runs.
func (s *submission) watch(ctx context.Context, id string) error {
	began := time.Now()
	var last submit.Progress
	w := &submit.Watch{Client: s.client, ID: id, Inactive: s.o.inactive, Told: func(p submit.Progress) {
		last = p
		s.line.show("%s", stageText(p))
	}}
	if err := w.Run(ctx); err != nil {
		s.line.clear()
		return err
	}
	s.line.say("running after %.1f s: %s on %s%s", time.Since(began).Seconds(),
		count(last.Executors, "executor"), count(last.Workers, "worker"), tuplesText(last, s.o.inactive))
	return nil
}

// stageText says what is being waited for.
func stageText(p submit.Progress) string {
	switch p.Stage {
	case submit.Waiting:
		return "waiting for Nimbus to give it workers ..."
	case submit.Starting:
		return fmt.Sprintf("%s starting: %d of %s ...", count(p.Workers, "worker"), p.Up, count(p.Executors, "executor"))
	}
	return fmt.Sprintf("%s up, waiting for tuples of every component: %s emitted, %s acked ...",
		count(p.Executors, "executor"), thousands(uint64(p.Emitted)), thousands(uint64(p.Acked)))
}

// tuplesText says what is known of a topology's tuples when it runs.
func tuplesText(p submit.Progress, inactive bool) string {
	switch {
	case inactive:
		return ", inactive"
	case p.Emitted == 0:
		return "; no tuple has been emitted so far"
	}
	return fmt.Sprintf("; %s emitted so far", count(uint64(p.Emitted), "tuple"))
}
