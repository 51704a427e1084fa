// Package run is `gust run` as one session: a topology alive on this machine, from
// its loaded declaration to its outcome.
//
// # The life of a run
//
// [New] checks what can be checked, and opens nothing. [Session.Run] opens, one
// after the other, the log, the profiles, the guard of the processes, the recorder,
// and a generation: the fast runner's files, and the worker that has the topology's
// processes. It closes them in the opposite order.
//
//	new ──Run──▶ starting ──spouts active──▶ running ──▶ draining ──▶ ended
//	                │                           │            │           ▲
//	                └───────────────────────────┴─ at once ──┴───────────┘
//
// It drains when its time is over, when its context ends, and after [Session.Stop]
// or a first signal: the spouts emit no new tuples, and those in flight may finish.
// It ends at once when a component keeps dying, and after [Session.Abort] or a
// second signal. Where the sources are watched, a generation follows another when
// the topology's declaration has changed; all of them are one run, and one
// [worker.Stats].
//
// Run is the only owner of what it opens. Everything else, such as a server that
// shows the run, asks [Session.Stats], at any time and from any goroutine.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/terminal"
	fast "gust/runner"
	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/ui"
	"gust/ui/runs"
	"gust/worker"
)

// Options configure a session.
type Options struct {
	// Topology is valid (topology.Validate), and can run here.
	Topology *topology.Topology
	// Conf is the topology's conf, from [Conf].
	Conf conf.Conf
	// Began is when the user began to wait for the run.
	Began time.Time
	// Limit is how long the spouts are active; 0 means without a limit.
	Limit time.Duration
	// Runner is how streamparse components are run; the default is in the conf.
	Runner fast.Mode
	// Record says what to record.
	Record Record
	// UI is the address on which to show the run over HTTP, in the form of package ui; if
	// it is empty, the run is not shown. UIToken is the token for access from other
	// machines; the default is a random one.
	UI, UIToken string
	// Publish lets other commands of the same user, such as `gust top`, find the run.
	Publish bool
	// DeadLetters is the file for tuples that have failed gust.max.attempts times; if it
	// is nil, they are not written.
	DeadLetters *runs.DeadLetters
	// Profiles is the address, PORT or HOST:PORT, on which to serve gust's own profiles;
	// if it is empty, they are not served.
	Profiles string

	// Reload reads the topology again, with the conf of its run. If it is not nil, the
	// run watches its sources.
	Reload func(context.Context) (*topology.Topology, conf.Conf, error)
	// ConfigFile is a config.json to read besides the project's own; it may be empty.
	ConfigFile string

	// Log takes the log: as JSON, or as lines for people.
	Log  io.Writer
	JSON bool
	// Name is gust's name in a log for people.
	Name string
	// Warn gets warnings from before the log is open and after it is closed.
	Warn func(text string)

	// ByHand, if it is not nil, makes the session one of several workers that somebody else
	// starts. It shows all of them if it has a page, or is worker 0.
	ByHand *ByHand

	// Signals are those that end the run; it may be nil. Release gives them back to the
	// system when the run ends at once, so that one more signal kills the program
	// whatever its state.
	Signals <-chan os.Signal
	Release func()
}

// Session is one run of a topology. All methods may be called from any goroutine.
type Session struct {
	o     Options
	tasks topology.Tasks // that become processes
	drain time.Duration  // how long an orderly stop may take

	stops  chan error    // holds the reason for the first stop
	abort  func()        // closes aborted
	abrupt chan struct{} // closed by Abort

	status   *status.Status
	settings *settings

	mu      sync.Mutex
	running *generations // nil before the first
	byHand  *byHand      // the worker of Options.ByHand, nil before
	open    openFunc     // makes a generation
}

// New checks the conf and prepares a run.
func New(o Options) (*Session, error) {
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.Release == nil {
		o.Release = func() {}
	}
	tasks, err := o.processes()
	if err != nil {
		return nil, err
	}
	drain, err := o.Conf.Seconds(conf.GustDrainSecs, 0)
	if err != nil {
		return nil, err
	}
	abrupt := make(chan struct{})
	shown := status.New(o.Topology, o.Conf, time.Now())
	return &Session{
		o: o, tasks: tasks, drain: drain, status: shown, settings: newSettings(shown, logLevel(o.Conf)),
		stops: make(chan error, 1), abrupt: abrupt, abort: sync.OnceFunc(func() { close(abrupt) }),
	}, nil
}

// Run runs the topology, and returns when it has ended and everything is cleaned up. It
// returns the run's stats, and an error if the run ended prematurely or did nothing
// useful. The stats are nil if the run never began. Cancelling ctx stops the run in order.
// Run may be called once.
func (s *Session) Run(ctx context.Context) (*worker.Stats, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var more []io.Writer
	var viewers late // of Options.ByHand
	if s.o.ByHand != nil {
		more = append(more, &viewers)
	}
	log := openLog(s.logWriter(), s.status.Logs(), &s.settings.threshold, func() { cancel(errLogUnread) }, more...)
	defer log.Close()
	handler, address := ui.Handler(served.One(s.Served())), ""
	if s.o.ByHand != nil {
		handler = s.health().Beside(handler)
		if at := s.o.ByHand.Health; at != "" {
			shown, err := s.health().Listen(at)
			if err != nil {
				return nil, err
			}
			defer shown.Close()
			log.Info().Msgf("answering /healthz and /readyz at http://%s", shown.Addr())
		}
	}
	if s.o.UI != "" {
		shown, err := ui.Listen(s.o.UI, s.o.UIToken, handler)
		if err != nil {
			return nil, err
		}
		defer shown.Close()
		address = shown.Addr()
		log.Info().Msg("showing the topology at " + shown.Link())
	}
	defer s.publish(handler, address, log.Logger)()
	if s.o.ByHand == nil || s.o.ByHand.Worker == 0 { // or all workers would send the same
		defer s.export(ctx, log.Logger)()
	}
	if s.o.Profiles != "" {
		served, err := startProfiles(s.o.Profiles)
		if err != nil {
			return nil, err
		}
		defer served.close()
		log.Info().Msg("serving profiles at " + served.url)
	}
	watchdog, unguard := guard.Own(s.o.Warn)
	defer unguard()
	recorded, err := s.o.Record.start(s.o.Topology, s.o.Conf, log.Logger)
	if err != nil {
		return nil, err
	}
	defer recorded.close()

	ready := make(chan struct{})
	open := s.opener(watchdog, recorded, sync.OnceFunc(func() { close(ready) }), log, &viewers)
	running, closed, err := s.o.generations(open, s.settings, log.Logger)
	if err != nil {
		return nil, err
	}
	defer closed()
	running.letters = &deadLetters{file: s.o.DeadLetters, log: log.Logger, id: s.status.ID(), own: s.ownTask()}
	s.mu.Lock()
	s.running, s.open = running, open
	s.mu.Unlock()
	log.Info().Msg(s.outline())
	noteLogPath(s.o.Topology, s.o.Conf, log.Logger)
	watch := &watch{
		running: running, log: log.Logger,
		limit: s.o.Limit, ready: ready, drain: s.drain,
		signals: s.o.Signals, release: s.o.Release, stops: s.stops, abrupt: s.abrupt,
	}
	observed := s.observe(running, log.Logger)
	failure := watch.run(ctx)
	observed()
	stats := running.Stats()
	if failure == nil && s.o.ByHand == nil {
		failure = outcome(stats, watch.interrupted)
	}
	s.status.End(text(failure))
	return &stats, failure
}

// opener makes generations, each with a worker.
func (s *Session) opener(watchdog *guard.Guard, recorded *recording, ready func(), log *runLog, viewers *late) openFunc {
	began := s.o.Began
	return func(t *topology.Topology, merged conf.Conf) (*generation, error) {
		keepValues, err := merged.Bool(conf.GustFailuresValues, true)
		if err != nil {
			return nil, err
		}
		running, done, err := MakeFast(t, merged, s.o.Runner, log.Logger)
		if err != nil {
			return nil, err
		}
		since := began
		if since.IsZero() {
			since = time.Now()
		}
		began = time.Time{} // only the start of the first generation counts from then
		o := worker.Options{
			Topology: running,
			Conf:     merged,
			Log:      log.Logger,
			Guard:    watchdog,
			Tap:      recorded.tap(),
			Journal:  true, KeepValues: keepValues, Breakpoints: true,
			Ready: sync.OnceFunc(func() {
				log.Info().Msgf("running after %.2fs", time.Since(since).Seconds())
				ready()
			}),
		}
		w, err := s.workers(o, log, viewers)
		if err != nil {
			done()
			return nil, err
		}
		if several, are := w.(*processes); are {
			return &generation{t, merged, w, func() {
				several.close()
				done()
			}}, nil
		}
		return &generation{t, merged, w, done}, nil
	}
}

// workers are a worker in this process, or several processes.
func (s *Session) workers(o worker.Options, log *runLog, viewers *late) (workers, error) {
	tasks, err := allTasks(o.Topology, o.Conf, nil)
	if err != nil {
		return nil, err
	}
	if s.o.ByHand != nil {
		o.Log = o.Log.With().Int("worker", s.o.ByHand.Worker).Logger()
		h, err := newByHand(*s.o.ByHand, o, s.o.UI != "" || s.o.ByHand.Worker == 0, tasks, log, &s.settings.threshold)
		if err != nil {
			return nil, err
		}
		viewers.follow(h.server)
		s.mu.Lock()
		s.byHand = h
		s.mu.Unlock()
		return h, nil
	}
	n := workerCount(o.Conf, len(withProcess(tasks)))
	if n == 1 {
		return worker.New(o)
	}
	return newProcesses(crewOptions{
		topology: o.Topology, conf: o.Conf, tasks: tasks, workers: n, keep: o.KeepValues,
		record: s.o.Record, log: log, threshold: &s.settings.threshold, guard: o.Guard, ready: o.Ready,
	})
}

// ownTask says which tasks are this process's, if there are others. Otherwise it is nil.
func (s *Session) ownTask() func(int) bool {
	if s.o.ByHand == nil {
		return nil
	}
	own := s.o.ByHand.Placement.Workers[s.o.ByHand.Worker].Tasks
	return func(task int) bool { return slices.Contains(own, topology.TaskID(task)) }
}

// health is that of the worker of Options.ByHand. Before it is there, the process is alive,
// but not ready.
func (s *Session) health() ui.Health {
	check := func(of func(*byHand) error, before error) func() error {
		return func() error {
			s.mu.Lock()
			h := s.byHand
			s.mu.Unlock()
			if h == nil {
				return before
			}
			return of(h)
		}
	}
	return ui.Health{Alive: check((*byHand).alive, nil), Ready: check((*byHand).isReady, errors.New("the worker is starting"))}
}

// publish lets the user's other commands find the run, until the returned function is
// called. If it fails, the run continues anyway.
func (s *Session) publish(handler http.Handler, address string, log zerolog.Logger) (end func()) {
	if !s.o.Publish {
		return func() {}
	}
	dir, _ := os.Getwd() // it only helps people
	published, err := runs.Publish(runs.Run{
		PID: os.Getpid(), Name: s.o.Topology.Name, ID: s.status.ID(), Started: time.Now(), Dir: dir, Address: address,
	})
	if err != nil {
		log.Warn().Msgf("gust top and others cannot find this run: %v", err)
		return func() {}
	}
	server := ui.Serve(published.Listener, handler)
	return func() {
		if err := errors.Join(server.Close(), published.Close()); err != nil {
			log.Warn().Msgf("cannot end what gust top and others find the run by: %v", err)
		}
	}
}

// observeEvery is how often the status is updated.
const observeEvery = time.Second

// observe updates the status until the returned function is called, which updates it a
// last time. It logs what keeps the topology from making progress.
func (s *Session) observe(running *generations, log zerolog.Logger) (end func()) {
	diagnosed := status.Watch{Log: log}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(observeEvery)
		defer tick.Stop()
		for {
			running.observe()
			diagnosed.Look(s.status.Latest(), time.Now())
			select {
			case <-tick.C:
			case <-stop:
				running.observe()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

// Served is the run as user interfaces see it: its status and its operations.
func (s *Session) Served() served.Served {
	return served.Served{Status: s.status, Control: control{s}}
}

// text is an error's message, or "" for nil.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Stop ends the run in order, for a reason that is logged. It does not wait, and does
// nothing if the run is already ending.
func (s *Session) Stop(reason error) {
	select {
	case s.stops <- reason:
	default: // there is already a reason
	}
}

// Abort ends the run at once: it kills the processes. It does not wait.
func (s *Session) Abort() { s.abort() }

// Stats is what the run has done so far, or in all if it has ended. Before the run, it is
// empty.
func (s *Session) Stats() worker.Stats {
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running == nil {
		return worker.Stats{Topology: s.o.Topology.Name}
	}
	return running.Stats()
}

// logWriter is the destination of the log, with a console in front of it if people read
// it.
func (s *Session) logWriter() io.Writer {
	if s.o.JSON {
		return s.o.Log
	}
	return terminal.NewConsole(s.o.Log, s.o.Name, actorWidth(s.tasks), terminal.HasColor(s.o.Log))
}

// processes are the tasks that have a process: all but the ackers.
func (o *Options) processes() (topology.Tasks, error) {
	tasks, err := allTasks(o.Topology, o.Conf, o.Warn)
	return withProcess(tasks), err
}

// allTasks are the tasks of a topology, ackers included. warn may be nil.
func allTasks(t *topology.Topology, merged conf.Conf, warn func(string)) (topology.Tasks, error) {
	ackers, err := merged.Int(conf.TopologyAckerExecutors, 1)
	if err != nil {
		return nil, err
	}
	most, err := merged.Int(conf.TopologyMaxTaskParallelism, 0)
	if err != nil {
		return nil, err
	}
	tasks, capped := t.AssignTasks(ackers, most)
	if len(capped) > 0 && warn != nil {
		warn(fmt.Sprintf("%s caps the tasks of %s", conf.TopologyMaxTaskParallelism, strings.Join(capped, ", ")))
	}
	return tasks, nil
}

// withProcess are the tasks without the ackers.
func withProcess(tasks topology.Tasks) topology.Tasks {
	return slices.DeleteFunc(slices.Clone(tasks), func(task topology.Task) bool {
		return task.Component == topology.AckerComponent
	})
}

// outline describes the run in a line.
func (s *Session) outline() string {
	if h := s.o.ByHand; h != nil {
		all := len(h.Placement.Workers)
		return fmt.Sprintf("%s: worker %d of %s (0 to %d), with %d of %s", s.o.Topology.Name, h.Worker, terminal.Count(all, "worker"), all-1,
			len(h.Placement.Workers[h.Worker].Tasks), terminal.Count(len(s.tasks), "process"))
	}
	return outline(s.o.Topology, len(s.tasks), workerCount(s.o.Conf, len(s.tasks)))
}

// workerCount is how many workers a run has: no more than there are processes for.
func workerCount(merged conf.Conf, processes int) int {
	n, err := merged.Int(conf.TopologyWorkers, 1)
	if err != nil { // the conf has been checked
		return 1
	}
	return max(1, min(n, processes))
}

// outline describes the run in a line, such as "wordcount: 1 spout, 2 bolts, 4 processes;
// press Ctrl-C to stop".
func outline(t *topology.Topology, processes, workers int) string {
	kinds := make(map[topology.Kind]int)
	for _, component := range t.Components {
		kinds[component.Kind]++
	}
	in := ""
	if workers > 1 {
		in = " in " + terminal.Count(workers, "worker")
	}
	return fmt.Sprintf("%s: %s, %s, %s%s; press Ctrl-C to stop", t.Name,
		terminal.Count(kinds[topology.Spout], "spout"), terminal.Count(kinds[topology.Bolt], "bolt"), terminal.Count(processes, "process"), in)
}
