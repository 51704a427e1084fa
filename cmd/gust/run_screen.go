package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"gust/internal/terminal"
	"gust/run"
	"gust/ui/line"
	"gust/ui/top"
	"gust/worker"
)

// runScreen is what a run shows on the terminal while it lasts: its log with a status line
// below, or top with --top. If stderr is not a terminal, it is only the log.
type runScreen struct {
	c   *cli
	top bool
	log io.Writer // as the session writes it

	covered atomic.Bool // top covers the log
}

// errNoTop is the error of --top without a terminal.
var errNoTop = errors.New("--top needs a terminal")

func newRunScreen(c *cli, showTop bool) (*runScreen, error) {
	s := &runScreen{c: c, top: showTop, log: c.Above(c.stderr)}
	if !showTop {
		return s, nil
	}
	if !hasScreen(c) {
		return nil, &usageError{err: errNoTop}
	}
	if terminal.Is(c.stderr) {
		s.log = &uncovered{s}
	}
	return s, nil
}

// hasScreen tells whether top can be shown.
func hasScreen(c *cli) bool {
	return terminal.Is(os.Stdin) && terminal.Is(c.stdout) && os.Getenv("TERM") != "dumb"
}

// uncovered drops the log while top covers it, which shows the log itself.
type uncovered struct{ screen *runScreen }

func (u *uncovered) Write(p []byte) (int, error) {
	if u.screen.covered.Load() {
		return len(p), nil
	}
	return u.screen.c.stderr.Write(p)
}

// run runs the session. When it returns, the terminal is as before.
func (s *runScreen) run(ctx context.Context, session *run.Session) (*worker.Stats, error) {
	showing, stop := context.WithCancel(ctx)
	defer stop()
	shown := make(chan error, 1)
	s.covered.Store(s.top)
	go func() {
		if !s.top {
			line.Show(showing, session.Served().Status, s.c.Voice)
			shown <- nil
			return
		}
		err := top.Run(showing, top.Local(session.Served()), top.Options{Owns: true})
		s.covered.Store(false)
		session.Stop(errors.New("top was quit"))
		shown <- err
	}()
	stats, err := session.Run(ctx)
	stop()
	var stuck <-chan time.Time
	if !s.top {
		stuck = time.After(linePatience)
	}
	select {
	case failed := <-shown:
		err = errors.Join(err, failed)
	case <-stuck:
	}
	return stats, err
}

// linePatience is how long the status line may take to leave the terminal. A terminal that
// is stopped (Ctrl-S) must not keep the run from ending.
const linePatience = 2 * time.Second
