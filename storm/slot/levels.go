package slot

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"gust/storm/generated"
)

// levels are the lowest levels that are logged, as Storm's log levels set them: of the logger ROOT
// for all, and of one with the name of a component for its lines. Any goroutine may use it.
type levels struct {
	first zerolog.Level // where nothing is set
	set   atomic.Pointer[levelSet]
}

// levelSet never changes.
type levelSet struct {
	of     map[string]zerolog.Level // by component; "" is all others
	lowest zerolog.Level
}

func newLevels(first zerolog.Level) *levels {
	l := &levels{first: first}
	l.set.Store(&levelSet{map[string]zerolog.Level{}, first})
	return l
}

// Sample reports whether any line of the level is logged. It is a zerolog.Sampler: what is not
// logged is never formatted.
func (l *levels) Sample(level zerolog.Level) bool { return level >= l.set.Load().lowest }

// logs reports whether a component's line is logged.
func (l *levels) logs(component string, level zerolog.Level) bool {
	set := l.set.Load()
	if lowest, own := set.of[component]; own {
		return level >= lowest
	}
	if all, set := set.of[""]; set {
		return level >= all
	}
	return level >= l.first
}

// apply takes Storm's log levels; c is nil if there are none. It returns when the first of them
// ends, which is zero if none does.
func (l *levels) apply(c *generated.LogConfig, now time.Time) (ends time.Time) {
	set := &levelSet{of: map[string]zerolog.Level{}, lowest: l.first}
	if c == nil {
		c = &generated.LogConfig{}
	}
	for logger, setting := range c.NamedLoggerLevel {
		if setting.Action != generated.LogLevelAction_UPDATE {
			continue
		}
		if until := setting.GetResetLogLevelTimeoutEpoch(); until > 0 {
			end := time.UnixMilli(until)
			if !end.After(now) {
				continue
			}
			if ends.IsZero() || end.Before(ends) {
				ends = end
			}
		}
		level, known := stormLevels[strings.ToUpper(setting.GetTargetLogLevel())]
		if !known {
			continue
		}
		if strings.EqualFold(logger, "ROOT") {
			logger = ""
		}
		set.of[logger] = level
	}
	if all, is := set.of[""]; is {
		set.lowest = all
	}
	for _, level := range set.of {
		set.lowest = min(set.lowest, level)
	}
	l.set.Store(set)
	return ends
}

// stormLevels are Log4j's levels.
var stormLevels = map[string]zerolog.Level{
	"ALL": zerolog.TraceLevel, "TRACE": zerolog.TraceLevel, "DEBUG": zerolog.DebugLevel, "INFO": zerolog.InfoLevel,
	"WARN": zerolog.WarnLevel, "ERROR": zerolog.ErrorLevel, "FATAL": zerolog.FatalLevel, "OFF": zerolog.Disabled,
}
