package status

import (
	"slices"
	"strings"
	"time"

	"gust/conf"
	"gust/internal/histogram"
	"gust/topology"
	"gust/worker"
)

// View is a topology as the page, `gust top` and the REST API show it: what it did in a
// window of time, and its current state. It is a copy.
type View struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Status  string     `json:"status"` // Storm's word: ACTIVE, INACTIVE, REBALANCING, KILLED
	Phase   string     `json:"phase"`  // worker.Phase, or "ended"
	Source  string     `json:"source"` // the file that it was loaded from
	Owner   string     `json:"owner"`  // the user who submitted it: of the conf or, if it has none, who runs gust
	Started time.Time  `json:"started"`
	Ended   *time.Time `json:"ended,omitempty"`
	Reason  string     `json:"reason,omitempty"` // why it ended; empty for an orderly end
	Uptime  float64    `json:"uptime_seconds"`
	Active  float64    `json:"active_seconds"` // since the first spout was activated
	Window  int        `json:"window"`         // seconds; 0 for all time

	LogLevel     string `json:"log_level,omitempty"` // the lowest that is logged
	ConfLogLevel string `json:"conf_log_level,omitempty"`

	Executors int `json:"executors"`
	Tasks     int `json:"tasks"`

	Counts    Counts           `json:"counts"` // in the window: emitted and transferred by all tasks, acked and failed trees
	Complete  *Latency         `json:"complete_ms,omitempty"`
	Trees     worker.TreeStats `json:"trees"` // of all time
	Now       Point            `json:"now"`   // the last second
	Restarts  uint64           `json:"restarts"`
	Errors    uint64           `json:"errors"`
	Diagnosis Diagnosis        `json:"diagnosis"`

	Components []ComponentView `json:"components"`        // as declared
	Workers    []WorkerView    `json:"workers,omitempty"` // if it has several
	Edges      []EdgeView      `json:"edges"`
}

// Latency summarizes durations, in milliseconds.
type Latency struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`

	Of histogram.Counts `json:"-"` // the durations themselves
}

// ComponentView is a component's part of a [View].
type ComponentView struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"` // "spout" or "bolt"
	Executors int    `json:"executors"`
	Tasks     int    `json:"tasks"`
	Down      int    `json:"down"`    // tasks without a process
	Loading   int    `json:"loading"` // tasks whose process has not come up

	Counts   Counts   `json:"counts"` // in the window
	Execute  *Latency `json:"execute_ms,omitempty"`
	Process  *Latency `json:"process_ms,omitempty"`
	Complete *Latency `json:"complete_ms,omitempty"`
	// Capacity is Storm's: the fraction of the last ten minutes in which the busiest task
	// worked.
	Capacity float64 `json:"capacity"`
	// Busy is the same for the last minute.
	Busy float64 `json:"busy"`
	Now  Point   `json:"now"`

	Pending    int     `json:"pending"`   // trees of a spout
	Queued     uint64  `json:"queued"`    // tuples that a bolt has not read
	InFlight   int     `json:"in_flight"` // tuples that a bolt has not answered
	QueueBytes int     `json:"queue_bytes"`
	Oldest     float64 `json:"oldest_seconds"` // of the pending trees, or the tuples in flight
	// WaitsFor is the bolt that holds the component up: gust does not ask a spout while
	// the bolt has no room, and does not read what others emit.
	WaitsFor string `json:"waits_for,omitempty"`
	// Doing is the number of a spout's tasks in each state.
	Doing map[worker.SpoutDoing]int `json:"doing,omitempty"`
	// Waited is the milliseconds that a spout's tasks have spent in each state, over all
	// time.
	Waited map[worker.SpoutDoing]int64 `json:"waited_ms,omitempty"`

	Restarts  uint64 `json:"restarts"`
	Errors    uint64 `json:"errors"`
	LastError *Error `json:"last_error,omitempty"`
	Debug     bool   `json:"debug"` // the tuples that it emits are logged
	// Sampling is the percentage of a spout's tuple trees that are traced.
	Sampling float64 `json:"sampling_percent"`

	Inputs  []InputView          `json:"inputs,omitempty"`
	Outputs []OutputView         `json:"outputs,omitempty"`
	Metrics []worker.MetricStats `json:"metrics,omitempty"`
}

// InputView is what a bolt has done with an input stream, in the window.
type InputView struct {
	Component string  `json:"component"`
	Stream    string  `json:"stream"`
	Grouping  string  `json:"grouping"` // as "fields(word)"
	Counts    Counts  `json:"counts"`
	Execute   float64 `json:"execute_ms"` // mean
	Process   float64 `json:"process_ms"` // mean
}

// OutputView is what a component has emitted to a stream, in the window.
type OutputView struct {
	Stream   string   `json:"stream"`
	Fields   []string `json:"fields"`
	Direct   bool     `json:"direct,omitempty"`
	Counts   Counts   `json:"counts"`
	Complete float64  `json:"complete_ms"` // mean; of a spout
}

// TaskView is a task, and what it has done in a window.
type TaskView struct {
	Task      int              `json:"task"`
	Worker    int              `json:"worker"` // that runs it; 0 if the topology has one
	State     worker.TaskState `json:"state"`
	PID       int              `json:"pid"`
	Uptime    float64          `json:"uptime_seconds"` // of its process
	Since     float64          `json:"since_seconds"`  // how long it has been in the state
	Restarts  uint64           `json:"restarts"`
	Death     string           `json:"death,omitempty"` // of the previous process
	Counts    Counts           `json:"counts"`
	Execute   *Latency         `json:"execute_ms,omitempty"`  // of all time
	Process   *Latency         `json:"process_ms,omitempty"`  // of all time
	Complete  *Latency         `json:"complete_ms,omitempty"` // of all time
	Capacity  float64          `json:"capacity"`
	Busy      float64          `json:"busy"`
	Queued    uint64           `json:"queued"`
	InFlight  int              `json:"in_flight"`
	Pending   int              `json:"pending"`
	Oldest    float64          `json:"oldest_seconds"`
	Bytes     int              `json:"queue_bytes"`
	UnreadFor string           `json:"unread_for,omitempty"`
	// Breakpoint is where its process has stopped for a debugger, nil if it has not.
	Breakpoint *worker.Breakpoint `json:"breakpoint,omitempty"`
	Doing      string             `json:"doing,omitempty"`
	Inputs     []InputView        `json:"inputs,omitempty"`
	Outputs    []OutputView       `json:"outputs,omitempty"`
}

// EdgeView is a subscription, from a stream to the bolt that reads it.
type EdgeView struct {
	From     string  `json:"from"`
	Stream   string  `json:"stream"`
	To       string  `json:"to"`
	Grouping string  `json:"grouping"`
	Rate     float32 `json:"rate"` // tuples per second that To takes from it
	// Throttled is set if To keeps From from emitting.
	Throttled bool `json:"throttled"`
}

// PhaseEnded is the phase after the worker's phases.
const PhaseEnded = "ended"

// View returns the topology over a window.
func (s *Status) View(w Window) *View {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.view(w)
}

// Latest returns the topology over the last minute, as of the last change. Many may call it
// each second: it is made once. It must not be changed.
func (s *Status) Latest() *View {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.latest != nil {
		return s.latest
	}
	return s.view(Minute)
}

func (s *Status) view(w Window) *View {
	if s.report != nil {
		v := *s.report.View
		return &v
	}
	v := &View{
		ID: s.id, Name: s.topology.Name, Source: s.topology.Source, Owner: owner(s.conf), Started: s.started,
		Phase: string(worker.Starting), LogLevel: s.logLevel, ConfLogLevel: s.confLevel, Window: int(time.Duration(w).Seconds()), Reason: s.reason,
	}
	until := time.Now()
	if !s.ended.IsZero() {
		ended := s.ended
		v.Ended, until = &ended, ended
	}
	v.Uptime = until.Sub(s.started).Seconds()
	if s.last != nil {
		v.Phase = string(s.last.Phase)
	}
	v.Status = s.word(worker.Phase(v.Phase))
	if v.Ended != nil {
		v.Phase = PhaseEnded
	}
	var complete latencies
	begin := s.begin(w)
	for _, spec := range s.topology.Components {
		c := s.layout.byKey[componentKey{spec.Kind, spec.Name}]
		one := s.componentView(spec, c, begin)
		v.Components = append(v.Components, one)
		v.Executors += one.Executors
		v.Tasks += one.Tasks
		v.Restarts += one.Restarts
		v.Errors += one.Errors
		v.Counts.Emitted += one.Counts.Emitted
		v.Counts.Transferred += one.Counts.Transferred
		v.Counts.Executed += one.Counts.Executed
		if spec.Kind == topology.Spout {
			v.Counts.Acked += one.Counts.Acked
			v.Counts.Failed += one.Counts.Failed
			v.Counts.Completed += one.Counts.Completed
			if c != nil {
				complete = complete.plus(s.now.component(c.index).latency.since(begin.component(c.index).latency))
			}
		}
		v.Edges = append(v.Edges, s.edges(spec, c)...)
	}
	v.Complete = latencyOf(complete.complete)
	if s.now != nil {
		v.Active, v.Trees = s.now.active.Seconds(), s.now.trees
		if s.before != nil {
			v.Now = s.now.pointSince(s.before)
		}
	}
	for i := range v.Edges {
		e := &v.Edges[i]
		from := v.Component(e.From)
		e.Throttled = from != nil && from.WaitsFor == e.To
	}
	v.Workers = s.workers()
	v.Diagnosis = s.diagnose(v)
	return v
}

// Component returns the component of that name, or nil.
func (v *View) Component(name string) *ComponentView {
	for i := range v.Components {
		if v.Components[i].Name == name {
			return &v.Components[i]
		}
	}
	return nil
}

// Still reports whether nothing has moved in the last second.
func (v *View) Still() bool {
	return v.Now.Emitted+v.Now.Executed+v.Now.Acked+v.Now.Failed == 0
}

// begin is the moment at which a window starts; nil is the start of the topology.
func (s *Status) begin(w Window) *moment {
	if s.now == nil {
		return nil
	}
	if w == Minute {
		return s.minute.begin(s.now.at)
	}
	for i := range s.windows {
		if StormWindows[i] == w {
			return s.windows[i].begin(s.now.at)
		}
	}
	return nil
}

// componentView is a component's view; c is nil before the first snapshot.
func (s *Status) componentView(spec *topology.Component, c *component, begin *moment) ComponentView {
	v := ComponentView{
		Name: spec.Name, Kind: spec.Kind.String(), Executors: min(max(1, spec.Parallelism), spec.NumTasks()), Tasks: spec.NumTasks(),
		LastError: s.errors.lastOf(spec.Name),
	}
	for _, in := range spec.Inputs {
		v.Inputs = append(v.Inputs, InputView{Component: in.Component, Stream: in.Stream, Grouping: groupingText(in.Grouping)})
	}
	for _, out := range spec.Outputs {
		v.Outputs = append(v.Outputs, OutputView{Stream: out.Name, Fields: out.Fields, Direct: out.Direct})
	}
	if c == nil || s.now == nil {
		return v
	}
	now, was := s.now.component(c.index), begin.component(c.index)
	v.Tasks, v.Down, v.Loading = now.tasks, now.down, now.loading
	v.Executors = min(v.Executors, max(1, v.Tasks))
	v.Counts = now.counts.Minus(was.counts)
	took := now.latency.since(was.latency)
	v.Execute, v.Process, v.Complete = latencyOf(took.execute), latencyOf(took.process), latencyOf(took.complete)
	v.Pending, v.Queued, v.InFlight, v.QueueBytes = now.pending, now.queued, now.inFlight, now.queueBytes
	v.Oldest = now.oldest.Seconds()
	v.Restarts, v.Errors = now.restarts, now.errors
	if s.now.at.Sub(c.waitedAt) <= waitsLinger {
		v.WaitsFor = c.waitsFor
	}
	if s.before != nil {
		v.Now = now.pointSince(s.before.component(c.index), s.now.at.Sub(s.before.at).Seconds(), s.now.at)
	}
	for _, t := range c.tasks {
		s.addStreams(&v, t, begin)
		if t.now == nil {
			continue
		}
		v.Capacity = max(v.Capacity, s.busy(t, TenMinutes))
		v.Busy = max(v.Busy, s.busy(t, Minute))
		if spout := t.now.Spout; spout != nil {
			if v.Doing == nil {
				v.Doing = map[worker.SpoutDoing]int{}
			}
			v.Doing[spout.Doing]++
		}
	}
	if now.spent != nil {
		v.Waited = map[worker.SpoutDoing]int64{}
		for doing, spent := range now.spent {
			v.Waited[doing] = spent.Milliseconds()
		}
	}
	for i := range s.last.Components {
		if from := &s.last.Components[i]; from.Name == spec.Name {
			v.Metrics, v.Debug, v.Sampling = from.Metrics, from.Debug, from.Sampling
		}
	}
	return v
}

// waitsLinger is how long a component that had to wait is said to wait. One that waits for
// a moment many times a second would else be shown to wait now and then, by chance.
const waitsLinger = 5 * time.Second

// addStreams adds what a task has done since begin to the component's streams.
func (s *Status) addStreams(v *ComponentView, t *task, begin *moment) {
	for i := range v.Inputs {
		in := &v.Inputs[i]
		if row, ok := t.inputs[worker.InputName{Component: in.Component, Stream: in.Stream}]; ok {
			in.Counts = in.Counts.Plus(s.now.row(row).Minus(begin.row(row)))
			in.Execute, in.Process = in.Counts.ExecuteMillis(), in.Counts.ProcessMillis()
		}
	}
	for i := range v.Outputs {
		out := &v.Outputs[i]
		if row, ok := t.outputs[out.Stream]; ok {
			out.Counts = out.Counts.Plus(s.now.row(row).Minus(begin.row(row)))
			out.Complete = out.Counts.CompleteMillis()
		}
	}
}

// busy is the fraction of a window in which a task worked, by its execute latencies.
func (s *Status) busy(t *task, w Window) float64 {
	begin := s.begin(w)
	var worked time.Duration
	for _, row := range t.inputs {
		worked += s.now.row(row).Minus(begin.row(row)).Executing
	}
	span := s.now.active
	if begin != nil {
		span -= begin.active
	}
	if span <= 0 {
		return 0
	}
	return min(1, float64(worked)/float64(span))
}

// edges are the subscriptions of a bolt.
func (s *Status) edges(spec *topology.Component, c *component) []EdgeView {
	var edges []EdgeView
	for _, in := range spec.Inputs {
		e := EdgeView{From: in.Component, Stream: in.Stream, To: spec.Name, Grouping: groupingText(in.Grouping)}
		if c != nil && s.before != nil {
			var n uint64
			for _, t := range c.tasks {
				if row, ok := t.inputs[worker.InputName{Component: in.Component, Stream: in.Stream}]; ok {
					n += s.now.row(row).Minus(s.before.row(row)).Executed
				}
			}
			e.Rate = rate(n, s.now.at.Sub(s.before.at).Seconds())
		}
		edges = append(edges, e)
	}
	return edges
}

// groupingText describes a grouping, such as "shuffle" or "fields(word)".
func groupingText(g topology.Grouping) string {
	text := strings.ToLower(g.Type.String())
	if g.Type == topology.Fields {
		text += "(" + strings.Join(g.Fields, ", ") + ")"
	}
	return text
}

// Tasks are a component's tasks over a window, sorted by id, or nil if the current
// topology has no such component.
func (s *Status) Tasks(name string, w Window) []TaskView {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.report != nil {
		return s.report.Components[name].Tasks
	}
	c, spec := s.layout.named(name), s.topology.Component(name)
	if c == nil || spec == nil {
		return nil
	}
	begin := s.begin(w)
	tasks := []TaskView{}
	for _, t := range c.tasks {
		if t.now != nil {
			tasks = append(tasks, s.taskView(spec, t, begin))
		}
	}
	slices.SortFunc(tasks, func(a, b TaskView) int { return a.Task - b.Task })
	return tasks
}

func (s *Status) taskView(spec *topology.Component, t *task, begin *moment) TaskView {
	now := t.now
	v := TaskView{
		Task: t.id, Worker: now.Worker, State: now.State, PID: now.PID, Uptime: now.Up.Seconds(), Since: now.Since.Seconds(), Restarts: now.Restarts, Death: now.Death,
		Execute: latencyOf(now.Execute), Process: latencyOf(now.Process), Complete: latencyOf(now.Complete),
		Bytes: now.QueueBytes, UnreadFor: now.UnreadFor, Breakpoint: now.Breakpoint,
		Capacity: s.busy(t, TenMinutes), Busy: s.busy(t, Minute),
	}
	if b := now.Bolt; b != nil {
		v.Queued, v.InFlight, v.Oldest = b.Queued, b.InFlight, b.Oldest.Seconds()
	}
	if sp := now.Spout; sp != nil {
		v.Pending, v.Oldest, v.Doing = sp.Pending, sp.Oldest.Seconds(), string(sp.Doing)
	}
	streams := ComponentView{}
	for _, in := range spec.Inputs {
		streams.Inputs = append(streams.Inputs, InputView{Component: in.Component, Stream: in.Stream, Grouping: groupingText(in.Grouping)})
	}
	for _, out := range spec.Outputs {
		streams.Outputs = append(streams.Outputs, OutputView{Stream: out.Name, Fields: out.Fields, Direct: out.Direct})
	}
	s.addStreams(&streams, t, begin)
	v.Inputs, v.Outputs = streams.Inputs, streams.Outputs
	for _, in := range v.Inputs {
		v.Counts = v.Counts.Plus(in.Counts)
	}
	for _, out := range v.Outputs {
		v.Counts = v.Counts.Plus(out.Counts)
	}
	return v
}

// Topology is the current topology. It must not be changed.
func (s *Status) Topology() *topology.Topology {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.topology
}

// Conf is the conf that the topology runs with, all layers merged. It must not be changed.
func (s *Status) Conf() conf.Conf {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.conf
}
