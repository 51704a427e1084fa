package worker

import (
	"fmt"
	"maps"
	"slices"

	"gust/conf"
	"gust/topology"
	"gust/worker/peer"
)

// plan is a topology worked out: its components, how they are connected, and its tasks.
type plan struct {
	components []*component          // as declared
	byName     map[string]*component // the same
	tasks      []*task               // that this worker runs, by id; ackers have none
	stubs      []*task               // those of other workers, likewise
	byID       []*task               // the same, indexed by id
	assigned   topology.Tasks        // every task, ackers included
	ackers     int
	maxTuple   int // the most bytes of a tuple of any component
}

// newPlan works out a valid topology. Without peers, this worker runs all of it.
func newPlan(top *topology.Topology, c conf.Conf, peers *Peers) (*plan, error) {
	p := &plan{byName: map[string]*component{}}
	if err := c.Check(); err != nil {
		return nil, err
	}
	r := getter{conf: c}
	workers, most := r.positive(conf.TopologyWorkers), r.int(conf.TopologyMaxTaskParallelism)
	p.ackers = workers
	if c[conf.TopologyAckerExecutors] != nil {
		p.ackers = r.int(conf.TopologyAckerExecutors)
	}
	if r.err != nil {
		return nil, r.err
	}
	for _, spec := range top.Components {
		comp, err := newComponent(spec, c)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", spec.Kind, spec.Name, err)
		}
		p.components = append(p.components, comp)
		p.byName[spec.Name] = comp
	}
	for _, comp := range p.components {
		p.connect(comp)
	}
	p.findCycles()
	p.findReaches()
	p.assigned, _ = top.AssignTasks(p.ackers, most)
	p.byID = make([]*task, len(p.assigned)+1)
	if peers != nil {
		if err := peers.check(p.assigned); err != nil {
			return nil, err
		}
	}
	self, workerOf := 0, make([]int, len(p.byID))
	if peers != nil {
		self, workerOf = peers.Worker, peers.Placement.WorkerOf(p.assigned)
	}
	for _, assigned := range p.assigned {
		if comp := p.byName[assigned.Component]; comp != nil {
			t := newTask(comp, assigned.ID, workerOf[assigned.ID])
			comp.tasks = append(comp.tasks, t)
			p.byID[t.id] = t
			if t.worker == self {
				p.tasks = append(p.tasks, t)
				comp.own = append(comp.own, t)
			} else {
				p.stubs = append(p.stubs, t)
			}
		}
	}
	p.findSenders(self)
	for _, comp := range p.components {
		comp.conf[conf.TopologyTasks] = int64(len(comp.tasks)) // which may be capped
	}
	return p, nil
}

// connect makes the edges that lead to a bolt.
func (p *plan) connect(to *component) {
	for _, in := range to.spec.Inputs {
		from := p.byName[in.Component]
		out := from.output([]byte(in.Stream))
		e := &edge{to: to, grouping: in.Grouping.Type, in: len(to.inputs)}
		to.inputs = append(to.inputs, &input{from: from, stream: in.Stream, out: slices.Index(from.outputs, out)})
		for _, field := range in.Grouping.Fields {
			e.fields = append(e.fields, slices.Index(out.Fields, field))
		}
		out.edges = append(out.edges, e)
		to.keyed = to.keyed || !balances(e.grouping)
		to.local = to.local || e.grouping == topology.LocalOrShuffle
	}
}

// findSenders finds which workers send tuples to each component, and which have spouts upstream.
func (p *plan) findSenders(self int) {
	for _, c := range p.components {
		c.askers = nil
		senders := map[int]bool{}
		for _, in := range c.inputs {
			for _, t := range in.from.tasks {
				senders[t.worker] = true
			}
		}
		c.senders = slices.Sorted(maps.Keys(senders))
		c.shareBytes = peer.Window(c.set.queueBytes, len(c.senders))
		p.maxTuple = max(p.maxTuple, c.set.maxMessage)
	}
	for _, spout := range p.components {
		for _, t := range spout.tasks {
			for _, r := range spout.reaches {
				if t.worker != self && !slices.Contains(r.to.askers, t.worker) {
					r.to.askers = append(r.to.askers, t.worker)
				}
			}
		}
	}
}

// edge is the subscription of a bolt to a stream, and the stream as the first task of its
// component emits to it. It is nil if there is none.
func (p *plan) edge(from InputName, to *component) (*edge, *taskOutput) {
	source := p.byName[from.Component]
	if source == nil {
		return nil, nil
	}
	for i := range source.tasks[0].outs {
		out := &source.tasks[0].outs[i]
		for _, e := range out.edges {
			if out.Name == from.Stream && e.to == to {
				return e, out
			}
		}
	}
	return nil, nil
}

// known returns the task with an id that a caller of the package names, or nil.
func (p *plan) known(id topology.TaskID) *task {
	if id < 1 || int(id) >= len(p.byID) {
		return nil
	}
	return p.byID[id]
}

// task returns the task with an id, which must not be an acker's.
func (p *plan) task(id uint64) *task { return p.byID[id] }
