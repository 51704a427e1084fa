package submit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/internal/program"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

// Stage is the progress of a submitted topology.
type Stage int

// The stages, in their order.
const (
	// Waiting: it has no slots from Nimbus.
	Waiting Stage = iota
	// Starting: it has slots, and its workers are starting.
	Starting
	// Loading: its executors run, and its components' processes are being watched.
	Loading
	// Running: all of it has shown signs of life.
	Running
)

// Progress is the state of a watched topology.
type Progress struct {
	Stage Stage
	// Up are the executors that run, of all Executors; both are 0 before Nimbus
	// has assigned any.
	Up, Executors int
	// Workers are the slots that the topology has.
	Workers int
	// Emitted and Acked are counts of its tuples so far; Storm samples them.
	Emitted, Acked int64
}

// Watch watches a topology that was submitted.
type Watch struct {
	Client *storm.Client
	// ID is the topology's, as Nimbus gave it.
	ID string
	// Inactive topologies emit nothing, and run when their executors do.
	Inactive bool
	// Patience is how long it may take until all executors run. 0 is [DefaultPatience].
	Patience time.Duration
	// Told is called after each change; it may be nil.
	Told func(Progress)

	quiet time.Duration // replaces settled, in tests
}

const (
	// DefaultPatience is longer than Storm gives a worker to start
	// (nimbus.task.launch.secs).
	DefaultPatience = 150 * time.Second
	// settled is how long executors must have run, without an error, if they show no
	// other activity: a component that cannot be started has been tried, and reported, by
	// then.
	settled = 10 * time.Second
)

// Trouble is an error that a component reported on the cluster.
type Trouble struct {
	Component string
	Host      string
	Port      int
	// Text is the error without the frames of Storm's own Java: Python's traceback, if
	// there is one.
	Text string
	// Hint is the remedy, or empty if none is known.
	Hint string
	// Fatal errors are those of a component that cannot run, or has ended. The others
	// may be no more than reports: of a tuple that could not be processed, say.
	Fatal bool
}

// TroubleError is a topology that was submitted and does not run.
type TroubleError struct {
	Troubles []Trouble
}

func (e *TroubleError) Error() string {
	var b strings.Builder
	var hints []string
	for i, t := range e.Troubles {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s fails", t.Component)
		if t.Host != "" {
			fmt.Fprintf(&b, " on %s:%d", t.Host, t.Port)
		}
		fmt.Fprintf(&b, ":\n    %s", strings.ReplaceAll(t.Text, "\n", "\n    "))
		if t.Hint != "" && !slices.Contains(hints, t.Hint) {
			hints = append(hints, t.Hint)
		}
	}
	text := b.String()
	for _, remedy := range hints {
		text = hint.Join(text, remedy)
	}
	return text
}

// Run returns when the topology runs, with the errors that its components have reported.
// The error is a [*TroubleError] if an error keeps the topology from running, and another
// one if the topology is gone or does not start in time.
func (w *Watch) Run(ctx context.Context) (reported []Trouble, _ error) {
	patience, settled := cmp.Or(w.Patience, DefaultPatience), cmp.Or(w.quiet, settled)
	giveUp := time.Now().Add(patience)
	last := Progress{Stage: -1} // the last reported progress; initially none
	var upSince, troubledSince time.Time
	uptimes := map[string]int32{}
	for ; ; storm.Pause(ctx, storm.Interval) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		info, err := w.Client.TopologyInfo(ctx, w.ID)
		if err != nil {
			if storm.Passing(err) && time.Now().Before(giveUp) {
				continue
			}
			return nil, w.gone(err)
		}
		troubles := troublesOf(info)
		now := progressOf(info)
		if len(troubles) > len(reported) {
			reported, troubledSince = troubles, time.Now()
		}
		fell := last.Stage == Loading && now.Stage < Loading || restarted(info, uptimes)
		if keepsDown := func(t Trouble) bool {
			return t.Fatal || fell || isDown(info, t.Component) && time.Since(troubledSince) >= settled
		}; slices.ContainsFunc(troubles, keepsDown) {
			return nil, &TroubleError{Troubles: troubles}
		}
		switch {
		case now.Stage < Loading:
			upSince = time.Time{}
		case upSince.IsZero():
			upSince = time.Now()
		}
		// After an error a process may be about to end, whatever it has done before.
		quiet := time.Since(upSince) >= settled && time.Since(troubledSince) >= settled
		alive := len(troubles) == 0 && !w.Inactive && !lifeless(info)
		if now.Stage == Loading && (alive || quiet) {
			now.Stage = Running
		}
		if now != last && w.Told != nil {
			w.Told(now)
		}
		if last = now; now.Stage == Running {
			return troubles, nil
		}
		if now.Stage < Loading && time.Now().After(giveUp) {
			if len(troubles) > 0 {
				return nil, &TroubleError{Troubles: troubles}
			}
			return nil, w.late(ctx, now, patience)
		}
	}
}

// isDown reports whether an executor of a component does not run.
func isDown(info *generated.TopologyInfo, component string) bool {
	return slices.ContainsFunc(info.Executors, func(e *generated.ExecutorSummary) bool { return e.ComponentID == component && !isUp(e) })
}

// isUp reports whether an executor runs.
func isUp(e *generated.ExecutorSummary) bool { return e.UptimeSecs > 0 || e.Stats != nil }

// restarted reports whether an executor's worker has restarted since the last call, and
// notes the current uptimes.
func restarted(info *generated.TopologyInfo, uptimes map[string]int32) bool {
	again := false
	for _, e := range info.Executors {
		if e.ExecutorInfo == nil || e.UptimeSecs == 0 {
			continue
		}
		key := fmt.Sprintf("%s %d", e.ComponentID, e.ExecutorInfo.TaskStart)
		again = again || e.UptimeSecs < uptimes[key]
		uptimes[key] = e.UptimeSecs
	}
	return again
}

// gone rewords the error of a query.
func (w *Watch) gone(err error) error {
	if _, ok := errors.AsType[*storm.NotAliveError](err); ok {
		return fmt.Errorf("topology %s is gone: someone killed it", w.ID)
	}
	return err
}

// late describes what a topology that did not start in time still lacks.
func (w *Watch) late(ctx context.Context, p Progress, after time.Duration) error {
	if p.Stage == Waiting {
		cluster, err := w.Client.ClusterInfo(ctx)
		if err != nil {
			return err
		}
		return noSlot(cluster, after)
	}
	return hint.With(fmt.Errorf("%d of %d executors do not run after %v, and no component has reported an error", p.Executors-p.Up, p.Executors, after),
		fmt.Sprintf("the workers may not get the jar or not start: look into supervisor.log, and into worker.log with `%s tail`", program.Name))
}

// noSlot describes why Nimbus has given a topology no worker.
func noSlot(cluster *generated.ClusterSummary, after time.Duration) error {
	slots, used := operate.Slots(cluster)
	switch {
	case len(cluster.Supervisors) == 0:
		return hint.New("no worker runs the topology: the cluster has no supervisors", "start one; the topology will run then")
	case used >= slots:
		return hint.With(fmt.Errorf("no worker runs the topology: all %d slots of the cluster are used", slots),
			fmt.Sprintf("`%s list` shows which topologies use them; kill one, or add a supervisor, and the topology will run", program.Name))
	}
	return hint.With(fmt.Errorf("no worker runs the topology after %v, although %d of the cluster's %d slots are free", after, slots-used, slots),
		"nimbus.log tells why they were not given to it")
}

// progressOf is a topology's state.
func progressOf(info *generated.TopologyInfo) Progress {
	p := Progress{Executors: len(info.Executors)}
	workers := map[string]bool{}
	for _, e := range info.Executors {
		workers[fmt.Sprintf("%s:%d", e.Host, e.Port)] = true
		if isUp(e) {
			p.Up++
		}
		if e.Stats != nil {
			p.Emitted += emittedBy(e.Stats)
			p.Acked += ackedBy(e.Stats)
		}
	}
	p.Workers = len(workers)
	switch {
	case p.Executors == 0:
		p.Stage = Waiting
	case p.Up < p.Executors:
		p.Stage = Starting
	default:
		p.Stage = Loading
	}
	return p
}

// lifeless reports whether a component that the user wrote has shown no signs of life.
// Emits, acks and fails are signs of its process; executed tuples are only Storm's.
func lifeless(info *generated.TopologyInfo) bool {
	alive := map[string]bool{}
	for _, e := range info.Executors {
		if storm.IsSystem(e.ComponentID) {
			continue
		}
		shown := e.Stats != nil && emittedBy(e.Stats)+ackedBy(e.Stats)+failedBy(e.Stats) > 0
		alive[e.ComponentID] = alive[e.ComponentID] || shown
	}
	for _, shown := range alive {
		if !shown {
			return true
		}
	}
	return len(alive) == 0
}

// emittedBy leaves out Storm's own streams, which every task uses before its process has
// sent anything.
func emittedBy(stats *generated.ExecutorStats) int64 {
	var total int64
	for stream, n := range stats.Emitted[storm.AllTime] {
		if !storm.IsSystem(stream) {
			total += n
		}
	}
	return total
}

func ackedBy(stats *generated.ExecutorStats) int64 {
	switch s := stats.Specific; {
	case s == nil:
	case s.Bolt != nil:
		return sum(s.Bolt.Acked[storm.AllTime])
	case s.Spout != nil:
		return sum(s.Spout.Acked[storm.AllTime])
	}
	return 0
}

func failedBy(stats *generated.ExecutorStats) int64 {
	switch s := stats.Specific; {
	case s == nil:
	case s.Bolt != nil:
		return sum(s.Bolt.Failed[storm.AllTime])
	case s.Spout != nil:
		return sum(s.Spout.Failed[storm.AllTime])
	}
	return 0
}

// sum adds the counts of all streams.
func sum[K comparable](counts map[K]int64) int64 {
	var total int64
	for _, n := range counts {
		total += n
	}
	return total
}

// troublesOf are the errors of a topology's components; a repeated error is listed once
// for each component.
func troublesOf(info *generated.TopologyInfo) []Trouble {
	var troubles []Trouble
	seen := map[string]bool{}
	for component, errs := range info.Errors {
		slices.SortFunc(errs, func(a, b *generated.ErrorInfo) int { return int(b.ErrorTimeSecs - a.ErrorTimeSecs) })
		for _, e := range errs {
			text, remedy := operate.Explain(e.Error)
			if key := component + "\n" + text; !seen[key] {
				seen[key] = true
				troubles = append(troubles, Trouble{
					Component: component, Host: e.GetHost(), Port: int(e.GetPort()), Text: text, Hint: remedy, Fatal: operate.IsFatal(e.Error),
				})
			}
		}
	}
	slices.SortStableFunc(troubles, func(a, b Trouble) int { return cmp.Compare(a.Component, b.Component) })
	return troubles
}
