package status

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gust/conf"
	"gust/internal/terminal"
	"gust/worker"
)

// Diagnosis says in a sentence what stops a topology, or limits its speed: the cause, not
// the components that suffer from it.
type Diagnosis struct {
	Kind      DiagnosisKind `json:"kind"`
	Severity  Severity      `json:"severity"`
	Text      string        `json:"text"`
	Component string        `json:"component,omitempty"` // the cause
	Task      int           `json:"task,omitempty"`
}

// Severity says how bad it is.
type Severity string

// The severities.
const (
	Good    Severity = "good"    // all is well
	Notice  Severity = "notice"  // nothing is wrong; it waits for this
	Warning Severity = "warning" // it is slower than it could be
	Trouble Severity = "trouble" // it does not work
)

// DiagnosisKind names a cause.
type DiagnosisKind string

// The causes.
const (
	Running      DiagnosisKind = "running"        // nothing in particular
	WaitsToStart DiagnosisKind = "waits to start" // a component has not come up
	AtBreakpoint DiagnosisKind = "breakpoint"     // a process has stopped for a debugger
	CrashLoop    DiagnosisKind = "crash loop"     // processes of a component keep dying
	WorkerGone   DiagnosisKind = "worker gone"    // a worker of several cannot be reached
	IsInactive   DiagnosisKind = "inactive"
	IsEnding     DiagnosisKind = "ending"
	HasEnded     DiagnosisKind = "ended"
	SpoutSilent  DiagnosisKind = "spout silent" // a spout does not return from next_tuple
	NeverAcked   DiagnosisKind = "never acked"  // a bolt has tuples and answers none
	SlowBolt     DiagnosisKind = "slow bolt"
	HotTask      DiagnosisKind = "hot task"    // one task of a bolt has nearly all the work
	MaxPending   DiagnosisKind = "max pending" // topology.max.spout.pending, and no bolt is slow
	NoData       DiagnosisKind = "no data"
)

const (
	silentAfter  = 5 * time.Second // a spout that does not answer
	loadingAfter = 3 * time.Second // a component that has not come up
	heldAfter    = 5 * time.Second // tuples without an ack or fail
	emptyAfter   = 5 * time.Second // a spout that emits nothing
)

// diagnose finds the cause. The order of the questions matters: an answer makes those
// after it pointless.
func (s *Status) diagnose(v *View) Diagnosis {
	for _, find := range []func(*View) *Diagnosis{
		s.hasEnded, s.changes, s.isEnding, s.atBreakpoint, s.workerGone, s.crashes, s.waitsToStart, s.isInactive, s.spoutSilent, s.neverAcked, s.slowBolt, s.maxPending, s.noData,
	} {
		if d := find(v); d != nil {
			return *d
		}
	}
	return s.running(v)
}

// Diagnosis is the current diagnosis. If the topology is stopped or has ended, it is the
// last one before that.
func (s *Status) Diagnosis() Diagnosis {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.diagnosis
}

func (s *Status) hasEnded(v *View) *Diagnosis {
	switch {
	case v.Ended == nil:
		return nil
	case v.Reason == "":
		return &Diagnosis{Kind: HasEnded, Severity: Notice, Text: "the topology has ended"}
	}
	first, _, _ := strings.Cut(v.Reason, "\n")
	return &Diagnosis{Kind: HasEnded, Severity: Trouble, Text: "the topology has ended: " + first}
}

func (s *Status) isEnding(v *View) *Diagnosis {
	switch v.Phase {
	case string(worker.Draining):
		return &Diagnosis{Kind: IsEnding, Severity: Notice, Text: fmt.Sprintf("stopping: %s may finish", terminal.Count(v.Trees.Pending, "pending tree"))}
	case string(worker.Ending):
		return &Diagnosis{Kind: IsEnding, Severity: Notice, Text: "stopping: the processes are to end"}
	}
	return nil
}

// crashes finds the component whose processes have died most often in the last minute.
func (s *Status) crashes(v *View) *Diagnosis {
	const often = 3
	if s.now == nil {
		return nil
	}
	var worst *ComponentView
	most := uint64(0)
	for i := range v.Components {
		c := &v.Components[i]
		place := s.layout.named(c.Name)
		if place == nil {
			continue
		}
		deaths := s.deaths(c.Name, s.now.at.Add(-time.Minute))
		if (deaths >= often || deaths > 0 && c.Down > 0) && deaths > most {
			worst, most = c, deaths
		}
	}
	if worst == nil {
		return nil
	}
	text := fmt.Sprintf("%s died %s in the last minute", worst.Name, times(most))
	if worst.Down == worst.Tasks {
		text = fmt.Sprintf("no process of %s is up: it died %s in the last minute", worst.Name, times(most))
	}
	if worst.LastError != nil && worst.LastError.Headline != "" {
		text += ": " + strings.TrimPrefix(worst.LastError.Headline, "died: ")
	}
	return &Diagnosis{Kind: CrashLoop, Severity: Trouble, Text: text, Component: worst.Name}
}

// deaths counts a component's deaths since a time.
func (s *Status) deaths(component string, since time.Time) (n uint64) {
	for _, e := range slices.Backward(s.events.last()) {
		if e.Time.Before(since) {
			break
		}
		if e.Kind == worker.EventDied && e.Component == component {
			n++
		}
	}
	return n
}

func times(n uint64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return terminal.Thousands(n) + " times"
}

// waitsToStart finds the component that has not come up for longest.
func (s *Status) waitsToStart(v *View) *Diagnosis {
	if v.Phase != string(worker.Starting) {
		return nil
	}
	longest, name, n, what := time.Duration(0), "", 0, ""
	for _, c := range s.layout.components {
		var waiting int
		var since time.Duration
		does := ""
		for _, t := range c.tasks {
			if t.now == nil || t.now.State == worker.TaskRunning {
				continue
			}
			waiting++
			since = max(since, t.now.Since)
			does = "load"
			if t.now.State == worker.TaskDown {
				does = "start"
			}
		}
		if waiting > 0 && since > longest {
			longest, name, n, what = since, c.name, waiting, does
		}
	}
	d := &Diagnosis{Kind: WaitsToStart, Severity: Notice, Text: "starting the components"}
	if name != "" && longest >= loadingAfter {
		d.Component = name
		d.Text = fmt.Sprintf("waiting for %s to %s: %s not up after %s", name, what, terminal.Count(n, "task"), seconds(longest))
	}
	return d
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }

func (s *Status) isInactive(v *View) *Diagnosis {
	if v.Phase != string(worker.Inactive) {
		return nil
	}
	return &Diagnosis{Kind: IsInactive, Severity: Notice, Text: "inactive: the spouts are asked for no tuples until it is activated"}
}

// spoutSilent finds a spout that has not returned from a call for a long time, if nothing
// else moves.
func (s *Status) spoutSilent(v *View) *Diagnosis {
	for _, c := range v.Components {
		if c.Kind != "spout" {
			continue
		}
		for _, t := range s.layout.named(c.Name).liveTasks() {
			spout := t.now.Spout
			if spout.Command == "" || spout.CommandAge < silentAfter || t.now.State != worker.TaskRunning {
				continue
			}
			return &Diagnosis{Kind: SpoutSilent, Severity: Warning, Component: c.Name, Task: t.id,
				Text: fmt.Sprintf("%s[%d] has been in %s for %s", c.Name, t.id, method(spout.Command), seconds(spout.CommandAge))}
		}
	}
	return nil
}

// method is the method of streamparse's components that a command calls.
func method(command string) string {
	if command == "next" {
		return "next_tuple"
	}
	return command
}

func (c *component) liveTasks() (tasks []*task) {
	if c == nil {
		return nil
	}
	for _, t := range c.tasks {
		if t.now != nil {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// neverAcked finds a bolt that has had a tuple for a long time, and has answered none since:
// for longer than its tuples have taken so far, so that a slow bolt is not meant.
func (s *Status) neverAcked(v *View) *Diagnosis {
	var worst *ComponentView
	for i := range v.Components {
		c := &v.Components[i]
		if c.Kind != "bolt" || c.InFlight == 0 {
			continue
		}
		held := c.InFlight - int(c.Queued)
		longest := heldAfter.Seconds()
		place := s.layout.named(c.Name)
		if took := latencyOf(s.now.component(place.index).latency.process); took != nil { // over all time
			longest = max(longest, 3*took.P99/1000)
		}
		if held <= 0 || c.Oldest < longest {
			continue
		}
		answered := s.history.quiet(place.index, func(p Point) bool { return p.Acked+p.Failed > 0 })
		if answered.Seconds() < c.Oldest-2 { // the points are of whole seconds
			continue
		}
		if worst == nil || c.Oldest > worst.Oldest {
			worst = c
		}
	}
	if worst == nil {
		return nil
	}
	text := fmt.Sprintf("%s has had %s for up to %d s and acks none", worst.Name, terminal.Count(worst.InFlight, "tuple"), int(worst.Oldest))
	if limit, err := s.conf.Seconds(conf.TopologyMessageTimeout, 0); err == nil && limit > 0 {
		text += fmt.Sprintf("; trees time out after %s", terminal.Span(limit))
	}
	return &Diagnosis{Kind: NeverAcked, Severity: Warning, Component: worst.Name, Text: text}
}

// slowBolt starts at a waiting spout, and follows the bolts that wait to the one that
// does not wait.
func (s *Status) slowBolt(v *View) *Diagnosis {
	for i := range v.Components {
		spout := &v.Components[i]
		if spout.Kind != "spout" || spout.WaitsFor == "" {
			continue
		}
		bolt := v.Component(spout.WaitsFor)
		for seen := 0; bolt != nil && bolt.WaitsFor != "" && seen < len(v.Components); seen++ {
			bolt = v.Component(bolt.WaitsFor)
		}
		if bolt == nil || bolt.Down == bolt.Tasks {
			continue
		}
		if d := s.hotTask(bolt, spout); d != nil {
			return d
		}
		text := fmt.Sprintf("%s is the bottleneck: %s", bolt.Name, s.load(bolt))
		return &Diagnosis{Kind: SlowBolt, Severity: s.strain(), Component: bolt.Name, Text: text + fmt.Sprintf("; %s waits for it", spout.Name)}
	}
	return nil
}

// strain is how bad a bottleneck is. If spouts have unlimited data, some bolt always is
// the bottleneck; that is a fault only if trees time out.
func (s *Status) strain() Severity {
	var before uint64
	if begin := s.begin(Minute); begin != nil {
		before = begin.trees.Failed.Timeout
	}
	if s.now.trees.Failed.Timeout > before {
		return Warning
	}
	return Notice
}

// load describes how busy a bolt is.
func (s *Status) load(bolt *ComponentView) string {
	parts := []string{terminal.Count(bolt.Queued, "tuple") + " queued", fmt.Sprintf("busy %.0f %%", 100*bolt.Busy)}
	if bolt.Execute != nil {
		parts = append(parts, "execute p99 "+roughly(bolt.Execute.P99)+" ms")
	}
	parts = append(parts, terminal.Count(bolt.Tasks, "task"))
	return strings.Join(parts, ", ")
}

// roughly is a latency with few enough digits for a sentence.
func roughly(ms float64) string {
	if ms >= 10 {
		return terminal.Thousands(int(math.Round(ms)))
	}
	return strconv.FormatFloat(ms, 'g', 2, 64)
}

// hotTask reports whether one of several tasks of a bolt has nearly all the work.
func (s *Status) hotTask(bolt, spout *ComponentView) *Diagnosis {
	tasks := s.layout.named(bolt.Name).liveTasks()
	if len(tasks) < 2 {
		return nil
	}
	busy := make(map[*task]float64, len(tasks))
	sum := 0.0
	for _, t := range tasks {
		busy[t] = s.busy(t, Minute)
		sum += busy[t]
	}
	hot := slices.MaxFunc(tasks, func(a, b *task) int { return cmp.Compare(busy[a], busy[b]) })
	others := (sum - busy[hot]) / float64(len(tasks)-1)
	if busy[hot] < 0.5 || busy[hot] < 2*others || hot.now.Bolt.Queued == 0 {
		return nil
	}
	return &Diagnosis{Kind: HotTask, Severity: s.strain(), Component: bolt.Name, Task: hot.id,
		Text: fmt.Sprintf("%s[%d] is the bottleneck: it is busy for %.0f %% of the time, the other tasks for %.0f %%: its key has most of the tuples; %s waits for it",
			bolt.Name, hot.id, 100*busy[hot], 100*others, spout.Name)}
}

// maxPending finds a spout that has its maximum of pending trees, and the bolt that has
// most of their tuples.
func (s *Status) maxPending(v *View) *Diagnosis {
	for i := range v.Components {
		spout := &v.Components[i]
		if spout.Doing[worker.SpoutMaxPending] == 0 {
			continue
		}
		text := fmt.Sprintf("%s waits for acks: %s pending, as many as topology.max.spout.pending allows", spout.Name, terminal.Count(spout.Pending, "tree"))
		d := &Diagnosis{Kind: MaxPending, Severity: Notice, Component: spout.Name}
		var holder *ComponentView
		for j := range v.Components {
			if c := &v.Components[j]; c.Kind == "bolt" && c.InFlight > 0 && (holder == nil || c.InFlight > holder.InFlight) {
				holder = c
			}
		}
		if holder != nil {
			d.Component = holder.Name
			text += fmt.Sprintf("; %s has %s of theirs (busy %.0f %%)", holder.Name, terminal.Count(holder.InFlight, "tuple"), 100*holder.Busy)
			if holder.Busy > 0.8 {
				d.Severity = Warning
			}
		}
		d.Text = text
		return d
	}
	return nil
}

// noData reports whether no spout has anything to emit.
func (s *Status) noData(v *View) *Diagnosis {
	var names []string
	for _, c := range v.Components {
		if c.Kind != "spout" {
			continue
		}
		if c.Tasks == 0 || c.Now.Emitted > 0 || c.Pending > 0 || c.Doing[worker.SpoutNoData] < c.Tasks && !s.emitsNothing(&c) {
			return nil
		}
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return nil
	}
	verb := "has"
	if len(names) > 1 {
		verb = "have"
	}
	return &Diagnosis{Kind: NoData, Severity: Notice, Component: names[0],
		Text: fmt.Sprintf("%s %s no data: next_tuple emits nothing", terminal.Listed(names), verb)}
}

// emitsNothing reports whether a spout has answered its commands for some time and emitted
// nothing. Many spouts wait for their source in next_tuple for a moment.
func (s *Status) emitsNothing(c *ComponentView) bool {
	place := s.layout.named(c.Name)
	return place != nil && c.Doing[worker.SpoutNoData]+c.Doing[worker.SpoutEmitting] == c.Tasks &&
		s.history.quiet(place.index, func(p Point) bool { return p.Emitted > 0 }) >= emptyAfter
}

// running says how the topology does, and which bolt would be the next bottleneck.
func (s *Status) running(v *View) Diagnosis {
	d := Diagnosis{Kind: Running, Severity: Good, Text: "running"}
	var busiest *ComponentView
	for i := range v.Components {
		if c := &v.Components[i]; c.Kind == "bolt" && (busiest == nil || c.Busy > busiest.Busy) {
			busiest = c
		}
	}
	if busiest != nil && busiest.Busy > 0 {
		d.Component = busiest.Name
		d.Text = fmt.Sprintf("running; the busiest bolt is %s (%.0f %%)", busiest.Name, 100*busiest.Busy)
	}
	return d
}
