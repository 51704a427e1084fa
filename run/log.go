package run

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/spool"
	"gust/internal/terminal"
	"gust/topology"
)

// logPatience is how long to wait until the log's last lines are written.
const logPatience = 2 * time.Second

// runLog is the log of a run. Logging only puts a line of JSON into memory; a spool's
// goroutine formats and writes it.
type runLog struct {
	zerolog.Logger
	lines   zerolog.LevelWriter // where its lines go, and those of workers in other processes
	spool   *spool.Spool
	keeping *spool.Spool
}

// openLog starts a log that goes to w, to kept and to more, which must not block. unread is called when the reader of w
// is gone. [runLog.Close] ends it.
func openLog(w, kept io.Writer, lowest *threshold, unread func(), more ...io.Writer) *runLog {
	lines := spool.New(w, spool.Options{
		Missing: missingLines,
		Failed: func(err error) {
			// A full disk may get space again, but a pipe's reader does not come back.
			if errors.Is(err, syscall.EPIPE) {
				unread()
			}
		},
	})
	// kept has a spool of its own, so that a paused terminal does not block the status.
	keeping := spool.New(kept, spool.Options{Missing: missingLines})
	both := zerolog.MultiLevelWriter(append([]io.Writer{lines, keeping}, more...)...)
	return &runLog{Logger: newLogger(both, lowest), lines: both, spool: lines, keeping: keeping}
}

// newLogger logs to w, with the time as [terminal.Console] reads it.
func newLogger(w io.Writer, lowest *threshold) zerolog.Logger {
	return zerolog.New(w).Level(zerolog.TraceLevel).Sample(lowest).Hook(terminal.TimeHook{})
}

// Close writes the remaining lines. It may be called again.
func (l *runLog) Close() error {
	return errors.Join(l.keeping.Close(logPatience), l.spool.Close(logPatience))
}

// missingLines is a log line that replaces those that were dropped.
func missingLines(lines uint64) []byte {
	return fmt.Appendf(nil, `{"level":"warn","time":%q,"message":"%s of the log dropped: they came faster than they could be written"}`+"\n",
		time.Now().Format(terminal.TimeLayout), terminal.Count(lines, "line"))
}

// logLevel is debug if the topology, or its components' library, logs at debug.
func logLevel(c conf.Conf) zerolog.Level {
	debug, _ := c.Bool(conf.TopologyDebug, false)
	library, _ := c.String(conf.PystormLogLevel, "")
	switch {
	case library == "trace":
		return zerolog.TraceLevel
	case debug || library == "debug":
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}

// actorWidth is the width of the longest "component[task]", within limits.
func actorWidth(tasks topology.Tasks) int {
	widest := 0
	for _, task := range tasks {
		widest = max(widest, len(fmt.Sprintf("%s[%d]", task.Component, task.ID)))
	}
	return min(widest, 32)
}
