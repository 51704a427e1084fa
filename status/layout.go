package status

import (
	"cmp"
	"time"

	"gust/topology"
	"gust/worker"
)

// layout maps tasks and streams to rows of a moment. It only grows: when a reload removes
// something, its rows remain.
type layout struct {
	components []*component
	byKey      map[componentKey]*component
	rows       int
}

type componentKey struct {
	kind topology.Kind
	name string
}

// component is a component's place in the layout.
type component struct {
	componentKey
	index   int // in moments
	tasks   []*task
	byID    map[int]*task
	outputs []string           // its streams in the current topology
	inputs  []worker.InputName // the same
	gone    bool               // the topology as it is now does not have it
	// waitsFor is the bolt without room that the component last waited for, at waitedAt.
	waitsFor string
	waitedAt time.Time
}

// task is a task's place in the layout.
type task struct {
	id      int
	outputs map[string]int           // rows, by stream
	inputs  map[worker.InputName]int // rows, by input
	now     *worker.TaskSnapshot     // the last one; nil if the topology no longer has it
}

func newLayout() *layout { return &layout{byKey: map[componentKey]*component{}} }

// component finds or adds a component.
func (l *layout) component(s *worker.ComponentSnapshot) *component {
	key := componentKey{s.Kind, s.Name}
	c := l.byKey[key]
	if c == nil {
		c = &component{componentKey: key, index: len(l.components), byID: map[int]*task{}}
		l.components = append(l.components, c)
		l.byKey[key] = c
	}
	c.outputs, c.inputs, c.gone = s.Outputs, s.Inputs, false
	return c
}

// waits notes the bolt that the component waits for, if there is one.
func (c *component) waits(from *worker.ComponentSnapshot, now time.Time) {
	bolt := from.WaitsFor
	for i := range from.Tasks {
		bolt = cmp.Or(bolt, from.Tasks[i].UnreadFor)
	}
	if bolt != "" {
		c.waitsFor, c.waitedAt = bolt, now
	}
}

// named is the component of that name that the topology has now, or nil.
func (l *layout) named(name string) *component {
	for _, kind := range []topology.Kind{topology.Spout, topology.Bolt} {
		if c := l.byKey[componentKey{kind, name}]; c != nil && !c.gone {
			return c
		}
	}
	return nil
}

// task finds or adds a task of the component.
func (c *component) task(id int) *task {
	t := c.byID[id]
	if t == nil {
		t = &task{id: id, outputs: map[string]int{}, inputs: map[worker.InputName]int{}}
		c.byID[id] = t
		c.tasks = append(c.tasks, t)
	}
	return t
}

// rowOf finds or adds the row of a stream.
func rowOf[K comparable](l *layout, rows map[K]int, key K) int {
	row, ok := rows[key]
	if !ok {
		row = l.rows
		l.rows++
		rows[key] = row
	}
	return row
}

// forget marks everything as gone. The next snapshot shows what still exists.
func (l *layout) forget() {
	for _, c := range l.components {
		c.gone = true
		for _, t := range c.tasks {
			t.now = nil
		}
	}
}
