package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// result is what a soak prints as JSON.
type result struct {
	Passed   bool    `json:"passed"`
	Seed     uint64  `json:"seed"`
	CPUs     int     `json:"cpus"`
	Rate     float64 `json:"rate"`    // new tuples a second that were asked for
	Seconds  float64 `json:"seconds"` // of chaos
	Settling float64 `json:"settling_seconds"`

	figures
	Gust     trees          `json:"gust_trees"`
	Faults   map[string]int `json:"faults"`
	Deaths   int            `json:"deaths"`
	Restarts int            `json:"restarts"`

	GustCPU float64 `json:"gust_cpu_seconds"`
	// Before is gust at rest before the first fault, After when all was acked.
	Before  resources `json:"before"`
	After   resources `json:"after"`
	Samples []sample  `json:"samples"`

	Findings findings `json:"findings"`
}

// sample is a line of progress.
type sample struct {
	Seconds float64 `json:"seconds"`
	resources
	Emitted int `json:"emitted"`
	Acked   int `json:"acked"`
	Failed  int `json:"failed"`
	Faults  int `json:"faults"`
	Deaths  int `json:"deaths"`
}

// soaking is a soak that goes on.
type soaking struct {
	options
	dir    string
	roster *roster
	gust   *gust
	chaos  *chaos
	began  time.Time
	series series
	result result
}

// soak is one run from its beginning to the verdict. The error says that it
// could not be run; what it has found is in the result.
func soak(ctx context.Context, o options) (*result, error) {
	s := &soaking{options: o}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	s.talk("soak: seed %d, %v of chaos, a fault every %v, %g tuples/s; books in %s", o.Seed, o.For, o.Every, o.Rate, s.dir)
	found := &s.result.Findings
	err := s.run(ctx)
	s.roster.close()
	if err == nil {
		found.err("gust did not end well", s.gust.stop(time.Minute))
	} else {
		found.err("the run did not get to its end", err)
		s.gust.kill()
	}
	s.verify()
	if s.result.Passed && o.Dir == "" {
		os.RemoveAll(s.dir)
	} else {
		s.talk("books and logs are in %s", s.dir)
	}
	return &s.result, nil
}

// prepare makes the folder and starts gust.
func (s *soaking) prepare() (err error) {
	if s.Dir != "" {
		s.dir, err = filepath.Abs(s.Dir)
		if err == nil {
			err = os.Mkdir(s.dir, 0o755)
		}
	} else {
		s.dir, err = os.MkdirTemp("", "soak-")
	}
	if err != nil {
		return err
	}
	for _, folder := range []string{ledgers, sinks, misdeeds, gustTemp} {
		if err := os.Mkdir(filepath.Join(s.dir, folder), 0o755); err != nil {
			return err
		}
	}
	if err := s.settings.write(s.dir); err != nil {
		return err
	}
	topology, err := writeTopology(s.dir, append(s.command, s.dir), s.settings)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "chaos.log"))
	if err != nil {
		return err
	}
	if s.roster, err = newRoster(filepath.Join(s.dir, socketFile)); err != nil {
		return err
	}
	s.chaos = &chaos{roster: s.roster, dice: rand.New(rand.NewPCG(s.Seed, 0)), mean: s.Every, only: s.Only, log: log, counts: map[string]int{}}
	s.result = result{Seed: s.Seed, CPUs: runtime.NumCPU(), Rate: s.Rate}
	s.gust, err = startGust(s.Gust, s.dir, topology)
	return err
}

// run lets the topology start, suffer and recover.
func (s *soaking) run(ctx context.Context) error {
	err := s.await(time.Minute, "all components have started", func() bool {
		return s.tally().Living == tasks && s.tally().acked > 0
	})
	if err != nil {
		return err
	}
	if s.result.Before, err = s.atRest(); err != nil {
		return err
	}
	s.began = time.Now()
	s.chaos.began = s.began
	s.suffer(ctx)
	s.result.Seconds = time.Since(s.began).Seconds()
	s.talk("%s the chaos is over: waiting until all is acked", clock(time.Since(s.began)))

	s.roster.finishSpouts()
	healed := time.Now()
	// A process that has died often may wait for half a minute, and tuples that
	// wait for it may time out and begin again.
	patience := 2*time.Minute + 3*s.MessageTimeout
	err = s.await(patience, "all is acked", func() bool {
		t := s.tally()
		return t.Living == tasks && t.Open == 0
	})
	s.result.Settling = time.Since(healed).Seconds()
	if err != nil {
		return fmt.Errorf("%w; now: %+v", err, s.tally())
	}
	s.line()
	s.result.After, err = s.atRest()
	s.result.GustCPU, _ = cpuSeconds(s.gust.pid())
	return err
}

// suffer lets chaos reign for its time, and looks at gust meanwhile.
func (s *soaking) suffer(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.For)
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.chaos.run(ctx)
	}()
	look, tell := time.NewTicker(time.Second), time.NewTicker(s.Report)
	defer look.Stop()
	defer tell.Stop()
	for {
		select {
		case <-over:
			return
		case <-s.gust.ended:
			cancel()
			<-over
			return
		case <-look.C:
			if r, err := measure(s.gust.pid()); err == nil {
				s.series.add(time.Since(s.began), r)
			}
		case <-tell.C:
			s.line()
		}
	}
}

// line tells how things are, and keeps it.
func (s *soaking) line() {
	t, r := s.tally(), s.series.last()
	faults := s.chaos.sum()
	at := time.Since(s.began)
	s.result.Samples = append(s.result.Samples, sample{
		Seconds: at.Seconds(), resources: r, Emitted: t.emitted, Acked: t.acked, Failed: t.failed, Faults: faults, Deaths: t.Deaths,
	})
	s.talk("%s emitted %d, acked %d, failed %d; %d faults, %d deaths, %d alive; gust has %.1f MiB and %d descriptors",
		clock(at), t.emitted, t.acked, t.failed, faults, t.Deaths, t.Living, float64(r.RSS)/(1<<20), r.Descriptors)
}

// atRest measures gust when nothing starts or ends: as soon as two looks with
// some time between them agree.
func (s *soaking) atRest() (r resources, err error) {
	err = s.await(time.Minute, "the number of gust's descriptors stays as it is", func() bool {
		before := r.Descriptors
		if r, err = measure(s.gust.pid()); err != nil {
			return false
		}
		time.Sleep(500 * time.Millisecond)
		return r.Descriptors == before
	})
	return r, err
}

// await waits until a condition holds.
func (s *soaking) await(patience time.Duration, what string, holds func() bool) error {
	deadline := time.Now().Add(patience)
	for !holds() {
		select {
		case <-s.gust.ended:
			return fmt.Errorf("gust has ended before this held: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("after %v this does not hold: %s", patience, what)
		}
	}
	return nil
}

// verify finds out whether all promises were kept.
func (s *soaking) verify() {
	found := &s.result.Findings
	r := &s.result
	found.err("gust left something behind", s.gust.leftovers())
	found.err("gust's log tells of a bug", s.readLog())
	var err error
	r.figures, err = verify(s.dir, found)
	found.err("the books cannot be read", err)

	r.Faults, r.Deaths = s.chaos.counts, s.roster.deaths
	for _, who := range s.roster.unordered {
		found.add("deaths that no fault explains", "%s", who)
	}
	for _, text := range s.roster.violations {
		found.add("gust broke the protocol", "%s", text)
	}
	report, err := s.gust.report()
	if err != nil {
		found.err("gust told nothing of its run", err)
	} else {
		r.Gust, r.Restarts = report.Trees, report.restarts()
		r.figures.compare(report.Trees, r.Deaths, r.Faults["broken message"], found)
		if want := r.Deaths + s.chaos.unborn; r.Restarts != want {
			found.add("gust's --json and the roster disagree", "gust tells of %d restarts, but %d processes died in their lives and %d in the handshake", r.Restarts, r.Deaths, s.chaos.unborn)
		}
	}
	if r.After.Descriptors > r.Before.Descriptors || r.After.Children > r.Before.Children {
		found.add("gust grows", "at rest it had %d descriptors and %d children before the first fault, and %d and %d after the last",
			r.Before.Descriptors, r.Before.Children, r.After.Descriptors, r.After.Children)
	}
	s.series.checkGrowth(found)
	r.Passed = len(found.Kinds) == 0
	s.talk("%s", r)
}

// readLog looks for what no fault excuses.
func (s *soaking) readLog() error {
	text, err := os.ReadFile(filepath.Join(s.dir, gustLog))
	if err != nil {
		return err
	}
	for _, word := range []string{"panic:", "fatal error:", "WARNING: DATA RACE"} {
		if i := strings.Index(string(text), word); i >= 0 {
			return errors.New(string(text[i:min(i+2000, len(text))]))
		}
	}
	return nil
}

func (s *soaking) tally() tally { return s.roster.tally(spoutTasks) }

func (s *soaking) talk(format string, args ...any) { fmt.Fprintf(s.log, format+"\n", args...) }

// clock is a duration as "62m05s".
func clock(d time.Duration) string {
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}
