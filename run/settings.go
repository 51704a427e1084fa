package run

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"gust/status"
)

// settings are what users have changed while the topology runs. They hold for its later
// generations, too: a rebalance or a reload does not undo them.
type settings struct {
	threshold threshold
	status    *status.Status

	mu       sync.Mutex
	conf     zerolog.Level      // of the conf
	level    *zerolog.Level     // nil: that of the conf
	lowered  bool               // to debug, because the tuples of a component are logged
	inactive bool               // see worker.Worker.Deactivate
	debug    map[string]bool    // by component; "" are all that are not in it
	sampling map[string]float64 // by spout; "" are all that are not in it
}

func newSettings(s *status.Status, conf zerolog.Level) *settings {
	all := &settings{status: s, conf: conf, debug: map[string]bool{}, sampling: map[string]float64{}}
	all.setThreshold()
	return all
}

// confLevel changes the level of the conf.
func (s *settings) confLevel(level zerolog.Level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conf = level
	s.setThreshold()
}

// setLevel sets the lowest level that is logged, by its name. "" is that of the conf.
func (s *settings) setLevel(name string) error {
	var set *zerolog.Level
	if name != "" {
		level, err := parseLevel(name)
		if err != nil {
			return err
		}
		set = &level
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.level, s.lowered = set, false
	s.setThreshold()
	return nil
}

// parseLevel is the level of a name.
func parseLevel(name string) (zerolog.Level, error) {
	level, err := zerolog.ParseLevel(strings.ToLower(name))
	if err != nil || name == "" || level > zerolog.ErrorLevel {
		return level, fmt.Errorf("unknown log level %q (want %s)", name, strings.Join(status.LogLevels, ", "))
	}
	return level, nil
}

// setThreshold applies the level. mu is locked.
func (s *settings) setThreshold() {
	level := s.conf
	if s.level != nil {
		level = *s.level
	}
	if s.lowered {
		level = min(level, zerolog.DebugLevel)
	}
	s.threshold.set(level)
	s.status.SetLogLevel(level.String(), s.conf.String())
}

// setDebug notes whether the tuples that a component emits are logged, and lowers the level
// as long as those of any are. mu is locked.
func (s *settings) setDebug(component string, on bool) {
	if component == "" {
		clear(s.debug)
	}
	s.debug[component] = on
	s.lowered = false
	for _, on := range s.debug {
		s.lowered = s.lowered || on
	}
	s.setThreshold()
}

// setSampling notes the percentage of a spout's trees to trace. mu is locked.
func (s *settings) setSampling(spout string, percent float64) {
	if spout == "" {
		clear(s.sampling)
	}
	s.sampling[spout] = percent
}

// apply applies them to a worker that follows another. mu is locked.
func (s *settings) apply(w workers) {
	if s.inactive {
		w.Deactivate()
	}
	applyEach(s.debug, w.SetDebug)
	applyEach(s.sampling, w.SetSampling)
}

// applyEach applies a setting, that of all first.
func applyEach[T any](byName map[string]T, set func(string, T)) {
	if all, ok := byName[""]; ok {
		set("", all)
	}
	for name, one := range byName {
		if name != "" {
			set(name, one)
		}
	}
}

// threshold is the lowest level that is logged, which may change during a run. It is a
// zerolog.Sampler: a line below it is never formatted.
type threshold struct {
	level atomic.Int32

	mu        sync.Mutex
	followers map[follower]bool // that log at the same level
}

// follower are workers in other processes.
type follower interface{ setLevel(zerolog.Level) }

// Sample reports whether a line of the level is logged.
func (t *threshold) Sample(level zerolog.Level) bool { return int32(level) >= t.level.Load() }

// get is the level.
func (t *threshold) get() zerolog.Level { return zerolog.Level(t.level.Load()) }

func (t *threshold) set(level zerolog.Level) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.level.Store(int32(level))
	for p := range t.followers {
		p.setLevel(level)
	}
}

// follow has the workers of other processes log at the same level, or no more.
func (t *threshold) follow(p follower, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.followers == nil {
		t.followers = map[follower]bool{}
	}
	if on {
		t.followers[p] = true
	} else {
		delete(t.followers, p)
	}
}
