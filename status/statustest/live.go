// Package statustest runs small topologies of fake components, so that tests have real
// data to show. A test binary that uses it calls fakecomponent.Main first in its
// TestMain.
package statustest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/worker"
)

// Component is a component of a topology to run.
type Component struct {
	Name  string
	Tasks int // 0 is 1
	// From names the components whose default streams a bolt reads, each with a grouping.
	From   map[string]topology.Grouping
	Script fakecomponent.Script
	Conf   conf.Conf
}

// Live is a topology that runs.
type Live struct {
	served.Served
	Worker *worker.Worker
	Ended  <-chan struct{} // closed when the run is over
}

// Start runs a topology until the test ends. Its status is updated several times a
// second.
func Start(t testing.TB, name string, components []Component, layers ...conf.Conf) *Live {
	t.Helper()
	top := build(t, name, components)
	merged := conf.Merge(append([]conf.Conf{conf.Defaults(), {
		conf.SupervisorWorkerShutdown: int64(3), conf.GustDrainSecs: int64(2),
	}}, layers...)...)
	live := &Live{Served: served.Served{Status: status.New(top, merged, time.Now())}}
	w, err := worker.New(worker.Options{
		Topology: top, Conf: merged, Log: zerolog.New(live.Logs()).With().Timestamp().Logger(), Journal: true, KeepValues: true, Breakpoints: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	live.Worker = w
	ctx, stop := context.WithCancel(context.Background())
	live.Control = &control{w, stop, top, live.Status}
	ended := make(chan struct{})
	live.Ended = ended
	go func() {
		defer close(ended)
		reason := ""
		if err := w.Run(ctx); err != nil {
			reason = err.Error()
		}
		live.Update(w.Snapshot())
		live.End(reason)
	}()
	go func() {
		for {
			select {
			case <-time.After(200 * time.Millisecond):
				live.Update(w.Snapshot())
			case <-ended:
				return
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		w.Abort()
		<-ended
	})
	return live
}

func build(t testing.TB, name string, components []Component) *topology.Topology {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	top := &topology.Topology{Name: name, Source: name + ".toml", Config: map[string]any{}}
	for _, c := range components {
		spec := &topology.Component{
			Name: c.Name, Kind: topology.Spout, Command: []string{program}, Env: c.Script.Env(), Serializer: "json",
			Parallelism: max(1, c.Tasks), Config: c.Conf,
			Outputs: []topology.Stream{{Name: topology.DefaultStream, Fields: []string{"key", "n"}}},
		}
		if c.Script.Wire != "" {
			spec.Serializer = c.Script.Wire
		}
		if c.Script.Bolt != nil {
			spec.Kind = topology.Bolt
		}
		for _, from := range components { // in a fixed order
			if g, reads := c.From[from.Name]; reads {
				spec.Inputs = append(spec.Inputs, topology.Input{Component: from.Name, Stream: topology.DefaultStream, Grouping: g})
			}
		}
		top.Components = append(top.Components, spec)
	}
	if err := top.Validate(); err != nil {
		t.Fatal(err)
	}
	return top
}

// Shuffle and Key are groupings.
var (
	Shuffle = topology.Grouping{Type: topology.Shuffle}
	Key     = topology.Grouping{Type: topology.Fields, Fields: []string{"key"}}
)

// WordCount are the components of a word count: for each tuple of words, split emits two,
// which count counts.
func WordCount() []Component {
	return []Component{
		{Name: "words", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 20, Pause: time.Millisecond}}},
		{Name: "split", Tasks: 2, From: map[string]topology.Grouping{"words": Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 2}}},
		{Name: "count", Tasks: 2, From: map[string]topology.Grouping{"split": Key}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}},
	}
}

// Until waits until a view of the topology over all time fulfils a condition, and returns
// it.
func (l *Live) Until(t testing.TB, what string, enough func(*status.View) bool) *status.View {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		changed := l.Changed()
		v := l.View(status.AllTime)
		if enough(v) {
			return v
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s does not come: %+v", what, v)
		}
	}
}

// control implements the operations with a worker.
type control struct {
	*worker.Worker
	stop     context.CancelFunc
	topology *topology.Topology
	status   *status.Status
}

func (c *control) Activate() error {
	c.Worker.Activate()
	return nil
}

func (c *control) Deactivate() error {
	c.Worker.Deactivate()
	return nil
}

func (c *control) Kill(wait time.Duration) error {
	c.status.Announce(status.Killed, time.Now().Add(wait))
	c.Worker.Deactivate()
	time.AfterFunc(wait, c.stop)
	return nil
}

func (c *control) RestartTask(task int) error {
	c.Worker.RestartTask(topology.TaskID(task))
	return nil
}

func (c *control) RestartComponent(name string) error {
	if c.topology.Component(name) == nil {
		return fmt.Errorf("no component %q", name)
	}
	c.Worker.Restart(name)
	return nil
}

func (c *control) SetSampling(spout string, percent float64) error {
	c.Worker.SetSampling(spout, percent)
	return nil
}

func (c *control) Rebalance(map[string]int, time.Duration) error {
	return errors.New("cannot rebalance in a test")
}

func (c *control) Replay(of status.DeadLetter) (*status.Replay, error) {
	return c.status.StartReplay(of, c.Inject)
}

func (c *control) Park(number uint64) error {
	c.status.Park(number)
	return nil
}

func (c *control) Discard(number uint64) error {
	c.status.Discard(number)
	return nil
}

func (c *control) SetLogLevel(string) error { return nil }

func (c *control) SetDebug(component string, on bool) error {
	c.Worker.SetDebug(component, on)
	return nil
}
