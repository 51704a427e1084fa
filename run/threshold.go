package run

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/rs/zerolog"

	"gust/status"
)

// threshold is the lowest level that is logged, which may change during a run. It is a
// zerolog.Sampler: a line below it is never formatted.
type threshold struct{ level atomic.Int32 }

func newThreshold(level zerolog.Level) *threshold {
	t := &threshold{}
	t.level.Store(int32(level))
	return t
}

// Sample reports whether a line of the level is logged.
func (t *threshold) Sample(level zerolog.Level) bool { return int32(level) >= t.level.Load() }

// set sets the level by its name.
func (t *threshold) set(name string) error {
	level, err := zerolog.ParseLevel(strings.ToLower(name))
	if err != nil || name == "" || level > zerolog.ErrorLevel {
		return fmt.Errorf("unknown log level %q (want %s)", name, strings.Join(status.LogLevels, ", "))
	}
	t.level.Store(int32(level))
	return nil
}
