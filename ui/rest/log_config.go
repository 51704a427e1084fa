package rest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/status"
	"gust/status/served"
)

// LogConfig are the levels of the loggers that have been changed here:
// UIHelpers.getTopolgoyLogConfig. gust has one logger.
type LogConfig struct {
	NamedLoggerLevels map[string]LoggerLevel `json:"namedLoggerLevels"`
}

// LoggerLevel is the level of a logger, and when it is reset.
type LoggerLevel struct {
	TargetLevel  *string `json:"target_level"` // null to reset it
	ResetLevel   *string `json:"reset_level"`
	Timeout      int     `json:"timeout"`       // after so many seconds it is reset; 0 is never
	TimeoutEpoch int64   `json:"timeout_epoch"` // when, in milliseconds since 1970; 0 is never
}

const rootLogger = "ROOT"

// levels are gust's names of Storm's levels.
var levels = map[string]string{"ALL": "trace", "TRACE": "trace", "DEBUG": "debug", "INFO": "info", "WARN": "warn", "ERROR": "error"}

// loggers are the loggers of topologies whose level was changed, by the topology's id.
type loggers struct {
	mu   sync.Mutex
	byID map[string]*logger
}

type logger struct {
	LoggerLevel
	reset *string     // the level to which it is reset; nil for that of the conf
	timer *time.Timer // resets it; nil if nothing does
}

func (a *api) logConfig(t served.Served, _ *http.Request) (any, error) {
	return a.loggers.of(t.ID()), nil
}

// of is the log config of a topology.
func (l *loggers) of(id string) LogConfig {
	l.mu.Lock()
	defer l.mu.Unlock()
	config := LogConfig{NamedLoggerLevels: map[string]LoggerLevel{}}
	if logger := l.byID[id]; logger != nil {
		config.NamedLoggerLevels[rootLogger] = logger.LoggerLevel
	}
	return config
}

func (a *api) setLogConfig(t served.Served, r *http.Request) (any, error) {
	if err := mustRun(t); err != nil {
		return nil, err
	}
	var body LogConfig
	if err := readBody(r, &body); err != nil {
		return nil, err
	}
	for name, level := range body.NamedLoggerLevels {
		if name != rootLogger {
			return nil, failure(http.StatusBadRequest, "no logger %q: gust has one, %s", name, rootLogger)
		}
		if err := level.check(); err != nil {
			return nil, err
		}
		if err := a.loggers.set(t, level); err != nil {
			return nil, refused(err)
		}
	}
	return a.loggers.of(t.ID()), nil
}

// check brings the names of levels into upper case, and returns an error for levels that gust
// does not have.
func (l *LoggerLevel) check() error {
	for _, name := range []*string{l.TargetLevel, l.ResetLevel} {
		if name == nil {
			continue
		}
		*name = strings.ToUpper(*name)
		if levels[*name] == "" {
			return failure(http.StatusBadRequest, "no level %q: want %s", *name, strings.Join(slices.Sorted(maps.Keys(levels)), ", "))
		}
	}
	if l.Timeout < 0 {
		return failure(http.StatusBadRequest, "timeout is %d: want a number of seconds", l.Timeout)
	}
	return nil
}

// set changes the level of a topology's logger, or resets it.
func (l *loggers) set(t served.Served, level LoggerLevel) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.byID[t.ID()]
	if level.TargetLevel == nil {
		if before != nil {
			level.ResetLevel = before.reset
		}
		return l.reset(t, before, level.ResetLevel)
	}
	reset := level.ResetLevel // nil: as the conf says, which a reload may change
	if reset == nil {
		conf := t.View(status.AllTime).ConfLogLevel
		level.ResetLevel = new(cmp.Or(strings.ToUpper(conf), "INFO"))
	}
	if err := t.Control.SetLogLevel(levels[*level.TargetLevel]); err != nil {
		return err
	}
	if before != nil && before.timer != nil {
		before.timer.Stop()
	}
	now := &logger{LoggerLevel: level, reset: reset}
	if level.Timeout > 0 {
		span := time.Duration(level.Timeout) * time.Second
		now.TimeoutEpoch = time.Now().Add(span).UnixMilli()
		now.timer = time.AfterFunc(span, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.byID[t.ID()] == now {
				_ = l.reset(t, now, reset) // it fails only if the topology has ended
			}
		})
	}
	if l.byID == nil {
		l.byID = map[string]*logger{}
	}
	l.byID[t.ID()] = now
	return nil
}

// reset sets a level, or that of the conf, in place of the one that a logger was changed to.
func (l *loggers) reset(t served.Served, changed *logger, level *string) error {
	if changed != nil && changed.timer != nil {
		changed.timer.Stop()
	}
	delete(l.byID, t.ID())
	if level == nil {
		return t.Control.SetLogLevel("")
	}
	return t.Control.SetLogLevel(levels[*level])
}
