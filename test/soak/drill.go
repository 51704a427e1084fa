package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// drill is a fault of one worker while nothing else is wrong, to time the failures of the
// trees that were open at that moment. Those of the worker's own spouts do not count.
type drill struct {
	Fault   string  `json:"fault"`
	Failed  int     `json:"failed"`
	Slowest float64 `json:"slowest_seconds"` // from the fault to the last failure
}

// promptly is how soon the trees fail that a dead worker had.
const promptly = time.Second

// drill kills each worker, and stops each for longer than a silent one is waited for.
func (s *soaking) drill(ctx context.Context) error {
	if s.Workers == 1 {
		return nil
	}
	for range s.Drills {
		for i := range s.Workers {
			// A silent worker is lost with the beat after its time.
			for _, d := range []struct {
				fault  string
				within time.Duration
				harm   func(pid int)
				heal   func(pid int)
			}{
				{workerKill, promptly, s.crew.kill, func(int) {}},
				{workerStop, s.Silence + 2*time.Second,
					func(pid int) { syscall.Kill(pid, syscall.SIGSTOP) },
					func(pid int) { syscall.Kill(pid, syscall.SIGCONT) }},
			} {
				if err := s.atPeace(ctx); err != nil {
					return err
				}
				pids := s.gust.workers()
				if len(pids) != s.Workers {
					return fmt.Errorf("there are %d workers, not %d", len(pids), s.Workers)
				}
				pid := pids[i]
				s.roster.collect()
				began := time.Now()
				d.harm(pid)
				pause(ctx, d.within+2*time.Second)
				d.heal(pid)
				s.timed(d.fault, d.within, began, pid)
			}
		}
	}
	return s.atPeace(ctx)
}

// timed adds the result of a drill.
func (s *soaking) timed(fault string, within time.Duration, began time.Time, worker int) {
	result := drill{Fault: fault}
	for _, f := range s.roster.collect() {
		if f.parent == worker || f.emitted.After(began) || f.ended.Before(began) {
			continue
		}
		result.Failed++
		result.Slowest = f.ended.Sub(began).Seconds()
	}
	s.result.Drills = append(s.result.Drills, result)
	s.talk("drill: %s: %d trees failed, the last one after %.3f s", fault, result.Failed, result.Slowest)
	if result.Slowest > within.Seconds() {
		s.result.Findings.add("trees of a lost worker failed too late", "%s: after %.3f s, not within %v", fault, result.Slowest, within)
	}
}

// atPeace waits until all processes run, and connections stand, and hardly anything is open.
func (s *soaking) atPeace(ctx context.Context) error {
	pause(ctx, 2*time.Second)
	return s.await(2*time.Minute, "all has recovered", func() bool {
		t := s.tally()
		return t.Living == tasks && t.Doomed == 0 && t.Open >= 0 && float64(t.Open) < s.Rate
	})
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
