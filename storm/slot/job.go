package slot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/spool"
	"gust/internal/terminal"
	"gust/run"
	"gust/status"
	"gust/storm/access"
	"gust/topology"
	"gust/worker"
)

// Job is a worker that gust is to run.
type Job struct {
	*Launch
	release  Release
	topology *topology.Topology
	conf     conf.Conf // as Nimbus has it
}

// Run runs the worker until the supervisor ends it. The error says why it ended by itself.
func (j *Job) Run(ctx context.Context) error {
	if err := j.leaveSupervisor(); err != nil {
		return err
	}
	if err := j.register(os.Getpid()); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	set := newLevels(zerolog.InfoLevel)
	file, err := openLogFile(j.artifacts("worker.log"), set)
	if err != nil {
		return fmt.Errorf("cannot open the worker's log: %w", err)
	}
	defer file.Close()
	lines := spool.New(file, spool.Options{})
	defer lines.Close(logPatience)
	log := zerolog.New(lines).Level(zerolog.TraceLevel).Sample(set).Hook(terminal.TimeHook{})
	if err := j.live(ctx, set, log); err != nil {
		log.Error().Msgf("the worker ends: %v", err)
		return err
	}
	log.Info().Msg("the worker has ended")
	return nil
}

// logPatience is how long to wait until the log's last lines are written.
const logPatience = 2 * time.Second

// leaveSupervisor puts a file in the place of stdout and stderr: they are pipes into the
// supervisor's log, which break when the supervisor ends, and the worker is to live on.
func (j *Job) leaveSupervisor() error {
	file, err := os.OpenFile(j.artifacts("worker.log.err"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("cannot open the worker's log: %w", err)
	}
	defer file.Close()
	for _, fd := range []int{1, 2} {
		if err := dup(int(file.Fd()), fd); err != nil {
			return fmt.Errorf("cannot redirect the worker's output: %w", err)
		}
	}
	return nil
}

// live connects the worker with the cluster, and runs it.
func (j *Job) live(ctx context.Context, set *levels, log zerolog.Logger) error {
	log.Info().Msgf("gust runs topology %s on port %d, worker %s, for the supervisor of Storm %s on node %s",
		j.Topology, j.Port, j.Worker, j.release, j.Node)
	state, err := connect(j.conf, log)
	if err != nil {
		return err
	}
	defer state.close()
	settings, tasks, err := j.settings()
	if err != nil {
		return err
	}
	assigned, err := j.assignment(ctx, state)
	if err != nil {
		return err
	}
	executors := assigned.executors[place{j.Node, j.Port}]
	pulse := &heartbeat{dir: j.dir("heartbeats"), topology: j.Topology, port: j.Port, executors: append(slices.Clone(executors), ofWorker)}
	if err := pulse.beat(time.Now()); err != nil {
		return err
	}
	peers, err := j.peers(assigned, tasks)
	if err != nil {
		return err
	}
	s := &session{
		job: j, log: log, state: state, pulse: pulse, levels: set, settings: settings, tasks: tasks, peers: peers,
		status: status.New(j.topology, settings, time.Now()),
		events: &eventLog{open: func() (io.WriteCloser, error) {
			return os.OpenFile(j.artifacts("events.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		}},
	}
	host := assigned.hosts[j.Node]
	if s.faults, err = newFaults(state, j.Launch, host, settings); err != nil {
		return err
	}
	nimbus, err := access.Of(settings)
	if err != nil {
		return err
	}
	s.witness = newWitness(j.Launch, nimbus, executors, log)
	s.figures = &figures{topology: j.Topology, status: s.status, tasks: tasks, executors: executors, started: time.Now()}
	return s.run(ctx)
}

// settings are the conf that the worker runs with, and the topology's tasks.
func (j *Job) settings() (conf.Conf, topology.Tasks, error) {
	c := conf.Merge(conf.Defaults(), j.conf)
	// Crashing components are restarted for as long as the topology is not killed, and shown.
	c[conf.GustCrashLoopCount] = int64(0)
	// The supervisor kills a worker some time after it has asked it to end.
	grace, err := c.Seconds(conf.SupervisorWorkerShutdown, 0)
	if err != nil {
		return nil, nil, err
	}
	drain, err := c.Seconds(conf.GustDrainSecs, 0)
	if err != nil {
		return nil, nil, err
	}
	c[conf.GustDrainSecs] = min(drain, grace/2).Seconds()
	c[conf.SupervisorWorkerShutdown] = (grace / 4).Seconds()
	workers, err := c.Int(conf.TopologyWorkers, 1)
	if err != nil {
		return nil, nil, err
	}
	ackers, err := c.Int(conf.TopologyAckerExecutors, workers)
	if err != nil {
		return nil, nil, err
	}
	most, err := c.Int(conf.TopologyMaxTaskParallelism, 0)
	if err != nil {
		return nil, nil, err
	}
	if c, err = conf.ApplyDebug(c); err != nil {
		return nil, nil, err
	}
	tasks, _ := j.topology.AssignTasks(ackers, most)
	return c, tasks, nil
}

// assignment waits until the slot is assigned to the topology: the supervisor may know of an
// assignment before all of ZooKeeper's servers do.
func (j *Job) assignment(ctx context.Context, s *state) (*assignment, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make(chan *assignment)
	go watchAssignment(ctx, s, j.Topology, found)
	for {
		select {
		case a := <-found:
			if len(a.executors[place{j.Node, j.Port}]) > 0 {
				return a, nil
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the assignment of port %d: %w", j.Port, context.Cause(ctx))
		}
	}
}

// watchAssignment sends the assignment of a topology, at once and after each change.
func watchAssignment(ctx context.Context, s *state, topology string, to chan<- *assignment) {
	node := s.path("assignments", topology)
	s.watch(ctx, node, func(data []byte, stat *zk.Stat) {
		if data == nil {
			return
		}
		a, err := readAssignment(data)
		if err != nil {
			s.log.Error().Msgf("cannot read %s of ZooKeeper: %v", node, err)
			return
		}
		a.version = uint64(stat.Mzxid)
		select {
		case to <- a:
		case <-ctx.Done():
		}
	})
}

// session is a worker that runs.
type session struct {
	job      *Job
	log      zerolog.Logger
	state    *state
	pulse    *heartbeat
	levels   *levels
	settings conf.Conf
	status   *status.Status
	figures  *figures
	faults   *faults
	events   *eventLog
	witness  *witness
	tasks    topology.Tasks
	peers    *worker.Peers // nil if the topology has no other worker

	running *worker.Worker
}

// beatEvery is how often the heartbeat is written and the status is updated
// (worker.heartbeat.frequency.secs).
const beatEvery = time.Second

// run runs the topology, and returns when it has ended.
func (s *session) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watchdog, unguard := guard.Own(func(text string) { s.log.Warn().Msg(text) })
	defer unguard()
	alive, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := os.Setenv(CredentialsVariable, s.job.credentials()); err != nil {
		return fmt.Errorf("cannot tell the components where their credentials are: %w", err)
	}
	kept := make(chan struct{})
	go s.keepCredentials(alive, kept)
	select {
	case <-kept:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	applied, done, err := run.MakeFast(s.job.topology, s.settings, "", s.log)
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	s.running, err = worker.New(worker.Options{
		Topology: applied, Conf: s.settings, Log: s.log, Guard: watchdog,
		Journal: true, KeepValues: true, Peers: s.peers,
		Ready: func() { s.log.Info().Msgf("running after %.2fs", time.Since(began).Seconds()) },
	})
	if err != nil {
		return err
	}
	defer s.events.close()
	follower := &follower{job: s.job, state: s.state, worker: s.running, levels: s.levels, events: s.events, log: s.log}
	ended := make(chan error, 1)
	go func() {
		all, end := context.WithCancel(context.Background())
		defer end()
		defer context.AfterFunc(ctx, func() { s.part(follower, end) })()
		ended <- s.running.Run(all)
	}()

	var helpers sync.WaitGroup
	reports := make(chan worker.ErrorReport, 100)
	helpers.Go(func() { s.beat(alive, reports, stop) })
	// The calls of ZooKeeper may wait for as long as it does not answer: nobody waits for these.
	published := make(chan struct{})
	go func() {
		defer close(published)
		s.publish(alive)
	}()
	go s.reportErrors(alive, reports)
	if s.job.Supervisor > 0 {
		go s.witness.watch(alive)
	}
	if s.peers != nil {
		go s.watchPeers(alive)
	}
	go follower.follow(alive)

	err = s.wait(ctx, ended)
	cancel()
	helpers.Wait()
	s.leave(published)
	if err == nil && context.Cause(ctx) != nil && !errors.Is(context.Cause(ctx), context.Canceled) {
		err = context.Cause(ctx)
	}
	return err
}

// part begins the worker's end. A topology that was killed ends with all its workers; otherwise the
// others go on, without this one.
func (s *session) part(f *follower, endAll func()) {
	if f.killed.Load() {
		endAll()
	} else {
		s.running.Leave()
	}
}

// wait waits for the worker's end. When the supervisor has asked for it, the worker has the time
// that the supervisor gives it. A worker that has left, because its tasks are somebody else's now,
// waits for the supervisor, which would start it again.
func (s *session) wait(ctx context.Context, ended <-chan error) error {
	select {
	case err := <-ended:
		if err != nil || ctx.Err() != nil {
			return err
		}
		s.log.Info().Msg("the worker has left its tasks to others, and waits for the supervisor to end it")
		select {
		case <-ctx.Done():
		case <-time.After(supervised):
		}
		return nil
	case <-ctx.Done():
	}
	grace, _ := s.job.conf.Seconds(conf.SupervisorWorkerShutdown, 0) // it has been read before
	select {
	case err := <-ended:
		return err
	case <-time.After(grace * 9 / 10):
		s.running.Abort()
		return <-ended
	}
}

// supervised is how long a worker that has left waits for the supervisor, which may have lost touch
// with Nimbus, or know that the tasks have come back.
const supervised = 30 * time.Second

// beat writes the heartbeat and updates the status. A heartbeat that cannot be written ends the
// worker, as the supervisor would do later, with no reason.
func (s *session) beat(ctx context.Context, reports chan<- worker.ErrorReport, stop func(error)) {
	diagnosed := status.Watch{Log: s.log}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if err := s.pulse.beat(time.Now()); err != nil {
			stop(err)
		}
		snapshot := s.running.Snapshot()
		for _, report := range snapshot.Journal.Errors {
			select {
			case reports <- report:
			default: // ZooKeeper does not answer, or there are too many
			}
		}
		if err := s.events.write(snapshot.Journal.Traces); err != nil {
			s.log.Warn().Msgf("cannot write sampled tuples: %v", err)
		}
		s.status.Update(snapshot)
		diagnosed.Look(s.status.View(status.Minute), time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// publish writes the figures into ZooKeeper, at first more often: whoever has just submitted the
// topology waits for figures, and Storm's default is a minute.
func (s *session) publish(ctx context.Context) {
	key := conf.ExecutorMetricsFrequency
	if s.job.release.beatsThroughZooKeeper() {
		key = conf.TaskHeartbeatFrequency
	}
	every, err := s.job.conf.Seconds(key, 3*time.Second)
	if err != nil || every <= 0 {
		every = 3 * time.Second
	}
	for wait := min(beatEvery, every); ; wait = min(2*wait, every) {
		data, err := pack(s.figures.heartbeat(time.Now()))
		if err == nil {
			err = s.state.write(s.beatNode(), data)
		}
		if ctx.Err() == nil {
			s.state.trouble.note("write the figures into ZooKeeper", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

func (s *session) beatNode() string {
	return s.state.path("workerbeats", s.job.Topology, fmt.Sprintf("%s-%d", s.job.Node, s.job.Port))
}

// reportErrors writes errors into ZooKeeper.
func (s *session) reportErrors(ctx context.Context, reports <-chan worker.ErrorReport) {
	for {
		select {
		case <-ctx.Done():
			return
		case report := <-reports:
			if err := s.faults.report(report); ctx.Err() == nil {
				s.state.trouble.note("write errors into ZooKeeper", err)
			}
		}
	}
}

// leave takes the figures away after the last ones are written, if ZooKeeper answers.
func (s *session) leave(published <-chan struct{}) {
	removed := make(chan error, 1)
	go func() {
		<-published
		removed <- s.state.remove(s.beatNode())
	}()
	select {
	case err := <-removed:
		if err != nil {
			s.log.Warn().Msgf("cannot remove the figures from ZooKeeper: %v", err)
		}
	case <-time.After(time.Second):
	}
}
