package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// soaking is a running soak.
type soaking struct {
	options
	dir    string
	roster *roster
	gust   running
	chaos  *chaos
	crew   *crew
	began  time.Time
	series series
	result result
}

// soak is one run from its start to the verdict. The error means that it could not run;
// the result has the findings.
func soak(ctx context.Context, o options) (*result, error) {
	s := &soaking{options: o}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	s.talk("soak: seed %d, %v of chaos, a fault every %v, %g tuples/s; books in %s", o.Seed, o.For, o.Every, o.Rate, s.dir)
	found := &s.result.Findings
	found.err("the run did not get to its end", s.run(ctx))
	s.roster.close()
	s.crew.close()
	if err := s.gust.stop(time.Minute); err != nil {
		found.err("gust did not end well", err)
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
	for _, folder := range []string{ledgers, sinks, misdeeds, gustTemp, gustRuntime} {
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
	if s.roster, err = newRoster(s.dir); err != nil {
		return err
	}
	s.crew = &crew{roster: s.roster, silence: s.Silence}
	switch {
	case s.TCP:
		s.crew.links, err = newTCPLinks(s.Workers)
	case s.Workers > 1:
		s.crew.links = newLinks(s.dir)
	}
	if err != nil {
		return err
	}
	s.chaos = &chaos{roster: s.roster, crew: s.crew, dice: rand.New(rand.NewPCG(s.Seed, 0)), mean: s.Every, only: s.Only, log: log, counts: map[string]int{}}
	s.result = result{Seed: s.Seed, CPUs: runtime.NumCPU(), Rate: s.Rate, Workers: s.Workers, Findings: findings{Kinds: []finding{}}}
	if s.TCP {
		s.gust, err = startByHand(s.Gust, s.dir, topology, s.crew.links)
	} else {
		s.gust, err = startGust(s.Gust, s.dir, topology, s.Workers)
	}
	s.crew.gust = s.gust
	return err
}

// run waits for the start, commits the faults, and waits for the recovery.
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
	if err := s.drill(ctx); err != nil {
		return err
	}
	s.roster.beginMischief()
	s.began = time.Now()
	s.chaos.began = s.began
	s.suffer(ctx)
	s.result.Seconds = time.Since(s.began).Seconds()
	if s.Cut {
		return nil
	}
	s.talk("%s no more faults: waiting until all tuples are acked", clock(time.Since(s.began)))

	s.roster.finishSpouts()
	healed := time.Now()
	// The restart of a process that has died often may take half a minute, and tuples
	// that wait for it may time out and be replayed.
	patience := 2*time.Minute + 3*s.MessageTimeout
	err = s.await(patience, "all tuples are acked", func() bool {
		t := s.tally()
		return t.Living == tasks && t.Doomed == 0 && t.Open == 0
	})
	s.result.Settling = time.Since(healed).Seconds()
	if err != nil {
		return fmt.Errorf("%w; now: %+v", err, s.tally())
	}
	s.line()
	s.result.After, err = s.atRest()
	s.result.GustCPU = cpuOf(s.gust)
	return err
}

// suffer commits faults for their time, and measures gust meanwhile.
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
		case <-s.gust.done():
			cancel()
			<-over
			return
		case <-look.C:
			if r, err := measureAll(s.gust); err == nil {
				s.series.add(r)
			}
		case <-tell.C:
			s.line()
		}
	}
}

// line prints the state, and records it.
func (s *soaking) line() {
	t, r := s.tally(), s.series.last()
	faults, kills := s.chaos.committed()
	at := time.Since(s.began)
	s.result.Samples = append(s.result.Samples, sample{
		Seconds: at.Seconds(), resources: r, Emitted: t.emitted, Acked: t.acked, Failed: t.failed,
		Faults: faults, Kills: kills, Deaths: t.Deaths, Restarts: t.Restarts,
	})
	s.talk("%s emitted %d, acked %d, failed %d; %d faults, %d kills, %d deaths, %d restarts; gust has %.1f MiB, %d descriptors, %d children",
		clock(at), t.emitted, t.acked, t.failed, faults, kills, t.Deaths, t.Restarts, mib(r.RSS), r.Descriptors, r.Children)
}

// atRest measures gust when nothing starts or ends: as soon as two looks with
// some time between them agree.
func (s *soaking) atRest() (r resources, err error) {
	err = s.await(time.Minute, "the number of gust's descriptors stays as it is", func() bool {
		before := r.Descriptors
		if r, err = measureAll(s.gust); err != nil {
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
		case <-s.gust.done():
			return fmt.Errorf("gust has ended before this held: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("after %v this does not hold: %s", patience, what)
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
