package run

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/supervisor"
	"gust/topology"
	"gust/worker/crew"
	"gust/worker/remote"
)

// processes are the workers of a generation, each in a process of its own, as one. A worker
// that dies is restarted.
type processes struct {
	*crew.Crew
	o   crewOptions
	log zerolog.Logger

	members []*process
	policy  supervisor.Policy
	patient time.Duration // how long an orderly stop may take

	mu   sync.Mutex
	gone []int // the workers that have ended and are not restarted

	aborted chan struct{} // closed by Abort
	abort   func()
	dir     string // of the sockets
}

// crewOptions are what processes need.
type crewOptions struct {
	topology *topology.Topology // as it runs
	conf     conf.Conf
	tasks    topology.Tasks // all, ackers included
	workers  int
	keep     bool // tuples' values

	record    Record
	log       *runLog
	threshold *threshold
	guard     *guard.Guard
	ready     func()
}

// process keeps the process of one worker: a supervisor.Service.
type process struct {
	crew        *processes
	spec        memberSpec
	incarnation uint64
}

// newProcesses places the tasks. It starts nothing.
func newProcesses(o crewOptions) (*processes, error) {
	p := &processes{o: o, log: o.log.Logger, aborted: make(chan struct{}), policy: supervisor.DefaultPolicy()}
	p.abort = sync.OnceFunc(func() { close(p.aborted) })
	var err error
	if p.policy.Limit, err = o.conf.Int(conf.GustCrashLoopCount, p.policy.Limit); err != nil {
		return nil, err
	}
	if p.policy.Within, err = o.conf.Seconds(conf.GustCrashLoopSecs, p.policy.Within); err != nil {
		return nil, err
	}
	drain, err := o.conf.Seconds(conf.GustDrainSecs, 0)
	if err != nil {
		return nil, err
	}
	exit, err := o.conf.Seconds(conf.SupervisorWorkerShutdown, 0)
	if err != nil {
		return nil, err
	}
	p.patient = drain + 2*exit + 10*time.Second
	if p.dir, err = o.guard.TempDir("gust-workers-"); err != nil {
		return nil, fmt.Errorf("cannot make a directory for the workers' sockets: %w", err)
	}
	var addresses []string
	for i := range o.workers {
		addresses = append(addresses, filepath.Join(p.dir, strconv.Itoa(i)+".sock"))
	}
	placement := topology.Place(o.tasks, addresses)
	p.Crew = crew.New(o.topology, o.tasks, placement)
	confs, err := memberConfs(o.topology, o.conf)
	if err != nil {
		p.close()
		return nil, fmt.Errorf("cannot pass the conf to the workers: %w", err)
	}
	secret := []byte(rand.Text())
	for i := range o.workers {
		p.members = append(p.members, &process{crew: p, spec: memberSpec{
			Topology: withoutConfs(o.topology), Confs: confs, Placement: placement, Worker: i, Secret: secret, KeepValues: o.keep, Record: o.record,
		}})
	}
	return p, nil
}

// Run starts the workers, and returns when all have ended: after ctx, in order; or because
// one of them has failed, or dies again and again.
func (p *processes) Run(ctx context.Context) error {
	defer p.Close()
	p.o.threshold.follow(p, true)
	defer p.o.threshold.follow(p, false)
	alive, stop := context.WithCancel(context.Background())
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	go func() {
		select {
		case <-p.aborted:
			stop() // no restarts
		case <-alive.Done():
		}
	}()
	var running sync.WaitGroup
	var mu sync.Mutex
	var failure error
	for _, m := range p.members {
		running.Go(func() {
			err := supervisor.Supervise(alive, m, p.policy, m.report)
			p.forsake(m.spec.Worker)
			mu.Lock()
			defer mu.Unlock()
			if alive.Err() != nil {
				return
			}
			if loop, is := errors.AsType[*supervisor.CrashLoopError](err); is {
				err = fmt.Errorf("worker %d keeps dying: %w", m.spec.Worker, loop)
			}
			failure = err
			p.End()
			stop()
		})
	}
	running.Wait()
	return failure
}

// Abort ends all workers at once.
func (p *processes) Abort() {
	p.abort()
	p.Crew.Abort()
}

// forsake tells the others that a worker is gone for good: a stop would wait for its restart.
func (p *processes) forsake(i int) {
	p.mu.Lock()
	p.gone = append(p.gone, i)
	p.mu.Unlock()
	p.Each(func(w crew.Worker) { w.(*remote.Worker).Forsake(i) })
}

// tellGone tells a worker that has just joined which others are gone.
func (p *processes) tellGone(w *remote.Worker) {
	p.mu.Lock()
	gone := slices.Clone(p.gone)
	p.mu.Unlock()
	for _, i := range gone {
		w.Forsake(i)
	}
}

// setLevel sets the lowest level that the workers log.
func (p *processes) setLevel(level zerolog.Level) {
	p.Each(func(w crew.Worker) { w.(*remote.Worker).SetLevel(level.String()) })
}

// close removes what the workers have left. They need not have run.
func (p *processes) close() { os.RemoveAll(p.dir) }

// failedError is the end of a run: a worker has ended, and says why.
type failedError struct{ error }

func (failedError) Is(target error) bool { return target == supervisor.ErrStop }

// Serve starts the worker, and returns when its process has ended, with all that it has
// started.
func (m *process) Serve(ctx context.Context) error {
	p, i := m.crew, m.spec.Worker
	m.incarnation++
	started, err := m.start()
	if err != nil {
		p.Failed(i, err.Error())
		return failedError{fmt.Errorf("cannot start worker %d: %w", i, err)}
	}
	w, err := remote.Connect(started.conn, remote.Options{Log: p.o.log.lines, Ready: p.o.ready})
	if err != nil {
		started.kill()
		why := started.wait()
		p.Failed(i, why)
		if refused, is := errors.AsType[*remote.RefusedError](err); is {
			return failedError{refused}
		}
		return errors.New(why)
	}
	about := w.About()
	p.Join(i, w, crew.Info{PID: about.PID, Started: about.Started})
	w.SetLevel(p.o.threshold.get().String()) // it may have changed since the process was started
	p.tellGone(w)
	p.await(ctx, w, started)
	end := w.Ended()
	if !end.Orderly {
		started.kill()
	}
	why := started.wait()
	switch {
	case end.Orderly && ctx.Err() != nil:
		p.Leave(i, "")
		return nil
	case end.Orderly && end.Error != "":
		p.Leave(i, "")
		return failedError{errors.New(end.Error)}
	}
	p.Leave(i, why)
	if ctx.Err() != nil {
		p.log.Error().Int("worker", i).Msgf("%s: its tuples in flight are lost", why)
	}
	return errors.New(why)
}

// await waits for the end of a worker. When ctx ends, the worker is to stop in order.
func (p *processes) await(ctx context.Context, w *remote.Worker, started *startedProcess) {
	select {
	case <-w.Gone():
		return
	case <-p.aborted:
	case <-ctx.Done():
		w.Stop()
		late := time.NewTimer(p.patient)
		defer late.Stop()
		select {
		case <-w.Gone():
			return
		case <-p.aborted:
		case <-late.C:
			p.log.Error().Int("worker", w.About().Worker).Msg("does not end: killing it")
			started.kill()
			<-w.Gone()
			return
		}
	}
	w.Abort()
	late := time.AfterFunc(abortPatience, started.kill)
	defer late.Stop()
	<-w.Gone()
}

// abortPatience is how long a worker may take to kill its components.
const abortPatience = 5 * time.Second

// report logs a death and the restart that follows.
func (m *process) report(died supervisor.Died) {
	m.crew.log.Error().Int("worker", m.spec.Worker).Msgf("%v; restarts in %v", died.Err, died.RestartIn)
}

// startedProcess is a process of a worker.
type startedProcess struct {
	cmd   *exec.Cmd
	conn  *remote.Conn
	guard *guard.Guard
	mark  string
	last  *lastWords
}

// start starts the process, and tells it what to run.
func (m *process) start() (*startedProcess, error) {
	p := m.crew
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Other workers are started at the same time. One that inherited an end would keep the
	// connection open after the death of this worker, and nobody would notice that.
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "parent")
	defer ours.Close()
	defer theirs.Close()
	c, err := net.FileConn(ours)
	if err != nil {
		return nil, err
	}
	s := &startedProcess{conn: remote.NewConn(c), guard: p.o.guard, mark: p.o.guard.NewMark(), last: &lastWords{log: p.log, worker: m.spec.Worker}}
	s.cmd = exec.Command(program)
	s.cmd.Args = []string{"gust", MemberCommand}
	s.cmd.Env = append(os.Environ(), s.mark)
	s.cmd.ExtraFiles = []*os.File{theirs}
	s.cmd.Stderr = s.last
	s.cmd.WaitDelay = time.Second
	// A Ctrl-C at the terminal is for gust, which stops its workers in order.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		c.Close()
		return nil, err
	}
	spec := m.spec
	spec.Incarnation, spec.Level = m.incarnation, p.o.threshold.get().String()
	_ = s.conn.Send(spec) // if it has died, its exit status says more
	return s, nil
}

func (s *startedProcess) kill() { _ = s.cmd.Process.Kill() }

// wait returns when nothing of the process is left, and says how it has ended.
func (s *startedProcess) wait() string {
	slow := time.AfterFunc(abortPatience, s.kill)
	defer slow.Stop()
	err := s.cmd.Wait()
	s.conn.Close()
	s.guard.SweepMark(s.mark)
	why := "ended unexpectedly"
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		why = "died: " + exit.ProcessState.String()
	} else if err != nil {
		why = "died: " + err.Error()
	}
	if said := s.last.text(); said != "" {
		why += "\n" + said
	}
	return why
}

// lastWords are what a worker prints to stderr, which is nothing unless gust has a bug.
type lastWords struct {
	log    zerolog.Logger
	worker int
	mu     sync.Mutex
	kept   []byte
}

// mostWords is how much of it is kept.
const mostWords = 4 << 10

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(p) {
		l.log.Error().Int("worker", l.worker).Msg(strings.TrimRight(string(line), "\n"))
	}
	l.kept = append(l.kept, p[:min(len(p), mostWords-min(mostWords, len(l.kept)))]...)
	return len(p), nil
}

func (l *lastWords) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.kept))
}

// withoutConfs is the topology without what [memberConfs] has.
func withoutConfs(t *topology.Topology) *topology.Topology {
	bare := *t
	bare.Config, bare.Components = nil, nil
	for _, c := range t.Components {
		one := *c
		one.Config, one.JavaObject = nil, nil
		bare.Components = append(bare.Components, &one)
	}
	return &bare
}
