package main

import (
	"errors"
	"os"
	"strings"
)

// verify checks all promises.
func (s *soaking) verify() {
	found := &s.result.Findings
	r := &s.result
	found.err("gust left processes or files", s.gust.leftovers())
	found.err("gust's log has a bug", s.readLog())
	var err error
	r.figures, err = verify(s.dir, !s.Cut, found)
	found.err("the books cannot be read", err)

	r.Faults, r.Deaths = s.chaos.counts, s.roster.verdict(found)
	if s.Workers > 1 {
		r.Killed, r.Connections = s.crew.killed, s.crew.links.all()
		if r.Connections == 0 {
			found.add("the soak is not between the workers", "it has passed on no connection")
		}
	}
	if g, ok := s.gust.(*gust); ok { // workers that are started one by one have no report of the whole
		s.verifyReport(g)
	}
	if !s.Cut && (r.After.Descriptors > r.Before.Descriptors || r.After.Children > r.Before.Children) {
		found.add("gust grows", "at rest it had %d descriptors and %d children before the first fault, and %d and %d after the last",
			r.Before.Descriptors, r.Before.Children, r.After.Descriptors, r.After.Children)
	}
	s.series.checkGrowth(found)
	r.Passed = len(found.Kinds) == 0
	s.talk("%s", r)
}

// unreported is for how many seconds a worker may not have reported its counts, which it
// does each second.
const unreported = 3

// verifyReport compares gust's own figures.
func (s *soaking) verifyReport(g *gust) {
	found, r := &s.result.Findings, &s.result
	report, err := g.report()
	if err != nil {
		found.err("gust printed no report", err)
		return
	}
	r.Gust, r.Restarts = report.Trees, report.restarts()
	r.figures.compare(r.Gust, circumstances{r.Deaths, r.Faults[brokenMessage], r.Killed * int(unreported*s.Rate), !s.Cut}, found)
	if s.Cut {
		return
	}
	if n := r.Gust.Failed.Shutdown; n > 0 {
		found.add("gust failed trees at its end", "%d, though all had been acked", n)
	}
	slack := r.Killed * tasks / s.Workers // it may not have seen what happened last in a worker
	if want := r.Deaths + s.chaos.unborn; r.Restarts < want-slack || r.Restarts > want+slack {
		found.add("gust's --json and the roster disagree", "gust counted %d restarts, but %d processes died in their lives and %d in the handshake (%d may differ)", r.Restarts, r.Deaths, s.chaos.unborn, slack)
	}
}

// readLog looks for lines that no fault excuses.
func (s *soaking) readLog() error {
	for _, path := range s.gust.logs() {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range []string{"panic:", "fatal error:", "WARNING: DATA RACE"} {
			if i := strings.Index(string(text), word); i >= 0 {
				return errors.New(string(text[i:min(i+2000, len(text))]))
			}
		}
	}
	return nil
}
