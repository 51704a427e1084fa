package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gust/internal/supervisor"
	"gust/shell"
)

// service keeps one task's process: it starts the process, waits for its exit, and says
// why it ended. supervisor.Supervise restarts it.
type service struct {
	worker *Worker
	task   *task
	spec   shell.Spec
	// started says that the process could be started once. If its program is missing
	// after that, somebody is probably installing another version.
	started bool
}

// hopelessError is the error of a start that a retry cannot help.
type hopelessError struct{ error }

func (e hopelessError) Unwrap() error        { return e.error }
func (e hopelessError) Is(target error) bool { return target == supervisor.ErrStop }

func (w *Worker) service(t *task) *service {
	spec := t.comp.processSpec
	spec.Task = int(t.id)
	return &service{worker: w, task: t, spec: spec}
}

func (s *service) policy() supervisor.Policy {
	p := supervisor.DefaultPolicy()
	p.Limit, p.Within = s.task.comp.set.crashCount, s.task.comp.set.crashWithin
	p.Hurry = s.task.hurry
	return p
}

// Serve keeps a process, and returns when it has died. A process that ended because of
// [Worker.Restart] has not: neither the backoff nor the crash loop detection counts it.
func (s *service) Serve(ctx context.Context) error {
	s.forgetHurry()
	for {
		err := s.live()
		if !errors.Is(err, errRestart) || ctx.Err() != nil {
			return err
		}
	}
}

// live starts the process, and returns when it has ended and all its output has been
// handled.
func (s *service) live() error {
	proc, err := s.worker.launcher.Start(s.spec)
	if err != nil {
		if !s.started && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
			return hopelessError{err}
		}
		return err
	}
	s.started = true
	l := s.worker.loop
	l.post(func() { s.task.attach(proc) })
	exit := proc.Wait()
	why := make(chan error, 1)
	l.post(func() { why <- s.task.detach(exit) })
	return <-why
}

// report logs a death and the restart that follows.
func (s *service) report(died supervisor.Died) {
	// The log already has its last words, line by line.
	text, _, _ := strings.Cut(died.Err.Error(), "\n")
	exit, is := errors.AsType[*shell.ExitError](died.Err)
	if is {
		text = exit.Reason()
	}
	text = fmt.Sprintf("%s; restarts in %v", text, died.RestartIn)
	// A process that hangs has none, and it takes long until the run ends with the hint.
	if _, hung := errors.AsType[*shell.HungError](died.Err); is && hung {
		text += "\nhint: " + exit.Hint()
	}
	s.task.log.Error().Msg(text)
}
