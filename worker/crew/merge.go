package crew

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gust/worker"
)

// merged is the topology as its members' last snapshots show it.
func (c *Crew) merged() *worker.Snapshot {
	now := time.Now()
	s := &worker.Snapshot{Time: now, Phase: c.phase()}
	s.Active = c.activeFor(now, s.Phase)
	for i, m := range c.members {
		one := m.now()
		for j := range one.Components {
			for k := range one.Components[j].Tasks {
				t := &one.Components[j].Tasks[k]
				t.Worker = i
				if m.worker == nil {
					t.Since = now.Sub(m.since)
				}
			}
		}
		if i == 0 {
			s.Topology, s.Components, s.Trees = one.Topology, one.Components, one.Trees
		} else {
			s.Trees = s.Trees.Plus(one.Trees)
			join(s.Components, one.Components)
		}
		s.Workers = append(s.Workers, m.shown(i, c.placement.Workers[i].Address, now))
	}
	for i := range s.Components {
		comp := &s.Components[i]
		comp.LastError = cmp.Or(c.words[comp.Name], comp.LastError)
		for j := range comp.Metrics {
			metric := &comp.Metrics[j]
			metric.Last = cmp.Or(c.words[comp.Name+"\x00"+metric.Name], metric.Last)
		}
		slices.SortFunc(comp.Tasks, func(a, b worker.TaskSnapshot) int { return a.Task - b.Task })
	}
	return s
}

// activeFor is for how long the topology has been at work, although its workers have been
// for shorter times. What its processes take to exit does not count.
func (c *Crew) activeFor(now time.Time, phase worker.Phase) time.Duration {
	switch {
	case c.active.since.IsZero():
		return 0
	case phase != worker.Ending:
		c.active.took = now.Sub(c.active.since)
		return c.active.took
	}
	for _, m := range c.members {
		last := m.last
		if last == nil {
			last = m.base
		}
		c.active.took = max(c.active.took, last.Active)
	}
	return c.active.took
}

// phases are all phases, from the first.
var phases = []worker.Phase{worker.Starting, worker.Active, worker.Inactive, worker.Draining, worker.Ending}

// phase is that of the worker that is the least far. A worker that starts when the others
// are at work does not count, as a task that starts does not.
func (c *Crew) phase() worker.Phase {
	least := len(phases)
	for _, m := range c.members {
		if m.worker == nil || m.last == nil {
			continue
		}
		at := slices.Index(phases, m.last.Phase)
		if at > 0 && m.last.Active > 0 {
			c.started = true
		}
		if at > 0 || !c.started {
			least = min(least, at)
		}
	}
	switch {
	case least < len(phases):
		return phases[least]
	case c.closed:
		return worker.Ending
	case c.started:
		return worker.Active // all of its workers are being restarted
	}
	return worker.Starting
}

// listen keeps the last words of components: the errors and metrics of the worker that has
// spoken last.
func (c *Crew) listen(before, now *worker.Snapshot) {
	for i := range now.Components {
		comp := &now.Components[i]
		var was worker.ComponentSnapshot
		if before != nil && i < len(before.Components) {
			was = before.Components[i]
		}
		if comp.Errors != was.Errors {
			c.words[comp.Name] = comp.LastError
		}
		for _, m := range comp.Metrics {
			if at := slices.IndexFunc(was.Metrics, func(w worker.MetricStats) bool { return w.Name == m.Name }); at < 0 || was.Metrics[at].Reports != m.Reports {
				c.words[comp.Name+"\x00"+m.Name] = m.Last
			}
		}
	}
}

// join adds another worker's components, which have other tasks.
func join(to, from []worker.ComponentSnapshot) {
	for i := range from {
		a, b := &to[i], &from[i]
		if len(a.Outputs) == 0 {
			a.Outputs = b.Outputs
		}
		if len(a.Inputs) == 0 {
			a.Inputs = b.Inputs
		}
		a.Errors += b.Errors
		a.LastError = cmp.Or(a.LastError, b.LastError)
		a.Debug = a.Debug || b.Debug
		a.Sampling = max(a.Sampling, b.Sampling)
		a.Metrics = plusMetrics(a.Metrics, b.Metrics)
		a.WaitsFor = cmp.Or(a.WaitsFor, b.WaitsFor)
		a.Tasks = append(a.Tasks, b.Tasks...)
	}
}

// copied is a copy of which everything that a crew changes is its own.
func copied(s *worker.Snapshot) *worker.Snapshot {
	one := *s
	one.Components = slices.Clone(s.Components)
	for i := range one.Components {
		c := &one.Components[i]
		c.Tasks, c.Metrics = slices.Clone(c.Tasks), slices.Clone(c.Metrics)
	}
	return &one
}

// after is a later process of a worker, with the counts of the earlier ones.
func after(base, now *worker.Snapshot) *worker.Snapshot {
	sum := copied(now)
	sum.Trees = base.Trees.Plus(now.Trees)
	for i := range sum.Components {
		c := &sum.Components[i]
		was := component(base, c.Name)
		if was == nil {
			continue
		}
		c.Errors += was.Errors
		c.Metrics = plusMetrics(was.Metrics, c.Metrics)
		for j := range c.Tasks {
			if at := slices.IndexFunc(was.Tasks, func(t worker.TaskSnapshot) bool { return t.Task == c.Tasks[j].Task }); at >= 0 {
				addTask(&c.Tasks[j], &was.Tasks[at])
			}
		}
	}
	return sum
}

func component(s *worker.Snapshot, name string) *worker.ComponentSnapshot {
	for i := range s.Components {
		if s.Components[i].Name == name {
			return &s.Components[i]
		}
	}
	return nil
}

// addTask adds the counts of the task's earlier processes.
func addTask(t, was *worker.TaskSnapshot) {
	t.CameUp = t.CameUp || was.CameUp
	t.Restarts += was.Restarts
	t.Death = cmp.Or(t.Death, was.Death)
	t.Outputs, t.Inputs = slices.Clone(t.Outputs), slices.Clone(t.Inputs)
	for i := range min(len(t.Outputs), len(was.Outputs)) {
		a, b := &t.Outputs[i], was.Outputs[i]
		a.Emitted += b.Emitted
		a.Transferred += b.Transferred
		a.Acked += b.Acked
		a.Failed += b.Failed
		a.Completed += b.Completed
	}
	for i := range min(len(t.Inputs), len(was.Inputs)) {
		a, b := &t.Inputs[i], was.Inputs[i]
		a.Executed += b.Executed
		a.Acked += b.Acked
		a.Failed += b.Failed
		a.Executing += b.Executing
		a.Processing += b.Processing
	}
	t.Execute, t.Process, t.Complete = was.Execute.Plus(t.Execute), was.Process.Plus(t.Process), was.Complete.Plus(t.Complete)
	if t.Spout != nil && was.Spout != nil {
		state := *t.Spout
		state.Spent = maps.Clone(was.Spout.Spent)
		if state.Spent == nil {
			state.Spent = map[worker.SpoutDoing]time.Duration{}
		}
		for doing, took := range t.Spout.Spent {
			state.Spent[doing] += took
		}
		t.Spout = &state
	}
}

// plusMetrics adds two lists, each sorted by name. The last values are those of b.
func plusMetrics(a, b []worker.MetricStats) []worker.MetricStats {
	sum := slices.Clone(b)
	for _, m := range a {
		at, found := slices.BinarySearchFunc(sum, m.Name, func(s worker.MetricStats, name string) int { return cmp.Compare(s.Name, name) })
		if found {
			sum[at].Reports += m.Reports
			sum[at].Last = cmp.Or(sum[at].Last, m.Last)
		} else {
			sum = slices.Insert(sum, at, m)
		}
	}
	return sum
}
