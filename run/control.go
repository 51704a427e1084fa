package run

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/status"
	"gust/topology"
)

// control implements status/served.Control for a run. Each operation is an event of the
// status and a line of the log.
type control struct{ *Session }

var errNotRunning = errors.New("the topology does not run")

// current is the generation that runs.
func (c control) current() (*generations, *generation, error) {
	c.mu.Lock()
	running := c.running
	c.mu.Unlock()
	if running == nil {
		return nil, nil, errNotRunning
	}
	select {
	case <-running.ended:
		return nil, nil, errNotRunning
	default:
		return running, running.now(), nil
	}
}

func (c control) operated(format string, args ...any) {
	c.status.Note(status.EventOperated, fmt.Sprintf(format, args...))
}

// Activate lets the spouts emit tuples again.
func (c control) Activate() error { return c.setActive("activate", true) }

// Deactivate stops the spouts from emitting tuples.
func (c control) Deactivate() error { return c.setActive("deactivate", false) }

func (c control) setActive(operation string, active bool) error {
	running, err := c.unkilled()
	if err != nil {
		return err
	}
	c.operated("%s", operation)
	running.set(func(s *settings, w workers) {
		if s.inactive = !active; active {
			w.Activate()
		} else {
			w.Deactivate()
		}
	})
	return nil
}

// unkilled are the generations of a run that is not to end soon.
func (c control) unkilled() (*generations, error) {
	running, _, err := c.current()
	if err == nil && c.status.Announced() == status.Killed {
		err = errors.New("the topology has been killed, and is about to end")
	}
	return running, err
}

// Kill deactivates the topology and ends the run after wait, or at once if wait is
// negative.
func (c control) Kill(wait time.Duration) error {
	running, _, err := c.current()
	if err != nil {
		return err
	}
	wait = max(0, wait)
	c.operated("kill, after %s", terminal.Span(wait))
	c.status.Announce(status.Killed, time.Now().Add(wait))
	running.set(func(s *settings, w workers) {
		s.inactive = true
		w.Deactivate()
	})
	time.AfterFunc(wait, func() { c.Stop(errKilled) })
	return nil
}

// RestartTask restarts the process of a task.
func (c control) RestartTask(task int) error {
	_, g, err := c.current()
	if err != nil {
		return err
	}
	component := ""
	for _, t := range c.processesNow(g) {
		if int(t.ID) == task {
			component = t.Component
		}
	}
	if component == "" {
		return fmt.Errorf("no task %d has a process here", task)
	}
	c.operated("restart %s[%d]", component, task)
	g.worker.RestartTask(topology.TaskID(task))
	return nil
}

func (c control) processesNow(g *generation) topology.Tasks {
	o := Options{Topology: g.topology, Conf: g.conf, Warn: func(string) {}}
	tasks, err := o.processes()
	if err != nil {
		return nil // then it would not run
	}
	return tasks
}

// RestartComponent restarts the processes of all tasks of a component.
func (c control) RestartComponent(name string) error {
	_, g, err := c.current()
	if err != nil {
		return err
	}
	if err := has(g.topology, name); err != nil {
		return err
	}
	c.operated("restart %s", name)
	g.worker.Restart(name)
	return nil
}

// has returns an error if the topology has no such component.
func has(t *topology.Topology, name string) error {
	if t.Component(name) != nil {
		return nil
	}
	var names []string
	for _, c := range t.Components {
		names = append(names, c.Name)
	}
	return topology.UnknownComponent(t.Name, name, names)
}

// Rebalance changes the number of tasks of components, after a wait in which the topology is
// inactive. A task is a process, so gust restarts the topology with the new numbers when its
// tuples in flight have finished.
func (c control) Rebalance(tasks map[string]int, wait time.Duration) error {
	if c.o.ByHand != nil {
		return hint.New("the workers were started by hand, and each would have to know the new numbers of tasks",
			"stop all workers, change the topology, and start them")
	}
	running, err := c.unkilled()
	if err != nil {
		return err
	}
	g := running.now()
	next, err := rebalanced(g.topology, g.conf, tasks)
	if err != nil || next == nil {
		return err
	}
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		changes = append(changes, fmt.Sprintf("%s=%d", name, tasks[name]))
	}
	text := "rebalance " + strings.Join(changes, " ")
	if wait <= 0 {
		if err := c.follow(running, tasks); err != nil {
			return err
		}
		c.operated("%s", text)
		return nil
	}
	c.operated("%s, after %s", text, terminal.Span(wait))
	c.status.Announce(status.Rebalancing, time.Now().Add(wait))
	g.worker.Deactivate() // no setting: the next generation is as active as this one was
	time.AfterFunc(wait, func() {
		if c.status.Announced() == status.Killed {
			return
		}
		if err := c.follow(running, tasks); err != nil {
			c.operated("%s: %v", text, err)
			c.status.Announce(status.Staying, time.Time{})
			running.set(func(s *settings, w workers) {
				if !s.inactive {
					w.Activate()
				}
			})
		}
	})
	return nil
}

// follow has a generation with other numbers of tasks follow the current one.
func (c control) follow(running *generations, tasks map[string]int) error {
	g := running.now()
	next, err := rebalanced(g.topology, g.conf, tasks)
	if err != nil {
		return err
	}
	if next == nil {
		next = g.topology // a reload has changed them meanwhile, and the topology is to be activated again
	}
	follow, err := c.open(next, g.conf)
	if err != nil {
		return err
	}
	c.status.Announce(status.Rebalancing, time.Now())
	go running.replace(follow)
	return nil
}

// rebalanced is the topology with other numbers of tasks, or nil if they do not change.
func rebalanced(t *topology.Topology, merged conf.Conf, tasks map[string]int) (*topology.Topology, error) {
	next := *t
	next.Components = slices.Clone(t.Components)
	changed := false
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		n := tasks[name]
		if err := has(t, name); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(next.Components, func(c *topology.Component) bool { return c.Name == name })
		c := *next.Components[i]
		switch {
		case n < 1:
			return nil, fmt.Errorf("%s cannot have %s: want 1 or more", name, terminal.Count(n, "task"))
		case n > maxTasks:
			return nil, fmt.Errorf("%s cannot have %s: a run has at most %d of a component", name, terminal.Count(n, "task"), maxTasks)
		case c.Tasks > 0 && n != c.Tasks:
			return nil, fmt.Errorf("%s keeps its %s: its topology.tasks says so, and gust runs each task in a process of its own", name, terminal.Count(c.Tasks, "task"))
		}
		if most, err := conf.Merge(merged, c.Config).Int(conf.TopologyMaxTaskParallelism, 0); err == nil && most > 0 && n > most {
			return nil, fmt.Errorf("%s cannot have %s: topology.max.task.parallelism is %d", name, terminal.Count(n, "task"), most)
		}
		changed = changed || n != c.NumTasks()
		c.Parallelism = n
		next.Components[i] = &c
	}
	if !changed {
		return nil, nil
	}
	return &next, nil
}

// Replay sends the tuple that caused a failure to the bolt again. That is no event: its
// failure shows it, and there may be thousands of them.
func (c control) Replay(of status.DeadLetter) (*status.Replay, error) {
	_, g, err := c.current()
	if err != nil {
		return nil, err
	}
	return c.status.StartReplay(of, g.worker.Inject)
}

// Discard forgets a failure, and removes it from the dead letters.
func (c control) Discard(number uint64) error {
	running, _, err := c.current()
	if err != nil {
		return err
	}
	f := c.status.Discard(number)
	if f == nil {
		return fmt.Errorf("failure %d is not kept", number)
	}
	if f.Dead {
		running.letters.remove([]status.LetterKey{{Topology: c.status.ID(), Number: number}})
	}
	return nil
}

// Park keeps a failure as a dead letter.
func (c control) Park(number uint64) error {
	running, _, err := c.current()
	if err != nil {
		return err
	}
	f := c.status.Failure(number)
	switch {
	case f == nil:
		return fmt.Errorf("failure %d is not kept", number)
	case f.Dead:
		return nil
	}
	if err := running.letters.park(f); err != nil {
		return err
	}
	c.status.Park(number)
	return nil
}

// maxTasks limits the harm of a mistyped number.
const maxTasks = 1000

// SetLogLevel sets the lowest level that is logged; "" is that of the conf.
func (c control) SetLogLevel(level string) error {
	if err := c.settings.setLevel(level); err != nil {
		return err
	}
	c.operated("log level %s", cmp.Or(level, "of the conf"))
	return nil
}

// SetSampling sets the percentage of tuple trees to trace, of a spout or, if the name is
// empty, of all.
func (c control) SetSampling(spout string, percent float64) error {
	running, g, err := c.current()
	if err != nil {
		return err
	}
	if !(percent >= 0 && percent <= 100) {
		return fmt.Errorf("%v is not a percentage", percent)
	}
	whose := "all spouts"
	if spout != "" {
		if err := has(g.topology, spout); err != nil {
			return err
		}
		if g.topology.Component(spout).Kind != topology.Spout {
			return fmt.Errorf("%q is a bolt: gust samples the tuples of spouts, with all that follow from them", spout)
		}
		whose = spout
	}
	c.operated("trace %v%% of the tuples of %s", percent, whose)
	running.set(func(s *settings, w workers) {
		s.setSampling(spout, percent)
		w.SetSampling(spout, percent)
	})
	return nil
}

// SetDebug logs the tuples that a component emits, or those of all components if the name
// is empty. The log level is debug as long as those of any component are logged.
func (c control) SetDebug(component string, on bool) error {
	running, g, err := c.current()
	if err != nil {
		return err
	}
	if component != "" {
		if err := has(g.topology, component); err != nil {
			return err
		}
	}
	c.operated("debug %s: %v", component, on)
	running.set(func(s *settings, w workers) {
		s.setDebug(component, on)
		w.SetDebug(component, on)
	})
	return nil
}
