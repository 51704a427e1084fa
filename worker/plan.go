package worker

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"gust/conf"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// component is a component with what the router and the stats need of it.
type component struct {
	spec    *topology.Component
	conf    conf.Conf // the topology's, with the component's own over it
	set     settings
	start   shell.Spec // of its processes, but for the task
	codec   multilang.Codec
	codecNo int // its place in codecs
	tasks   []*task
	outputs []*output
	inputs  []*input
	cycle   int // components on a common cycle share a number; others have one of their own

	traffic

	errors     uint64
	lastError  string
	metrics    map[string]*MetricStats
	complaints *limiter
	tracebacks *limiter // whose kinds are the tracebacks themselves
}

func (c *component) name() string { return c.spec.Name }

// output is an output stream of a component and who subscribes to it.
type output struct {
	*topology.Stream
	edges []*edge
	// misfit is set where nobody subscribes, and a tuple was not as the stream declares it.
	misfit bool
}

// edge is a subscription: from a stream to the tasks of a bolt.
type edge struct {
	to       *component
	grouping topology.GroupingType
	fields   []int  // the places of the grouping's fields in the stream's tuples
	in       int    // its place among the inputs of to
	given    uint64 // tuples that went over it
	cyclic   bool   // it lies on a cycle
	// perTuple is how many tuples go over it for one that its component takes, or,
	// of a spout, emits.
	perTuple ratio
}

// input is a stream that a bolt subscribes to.
type input struct {
	from   *component
	stream string
}

// String is the stream and where it comes from.
func (in *input) String() string { return fmt.Sprintf("%q from %q", in.stream, in.from.name()) }

// settings are the values of the conf that a component lives by, read once.
type settings struct {
	debug          bool
	messageTimeout time.Duration // 0: tuples do not time out
	silence        time.Duration // the longest silence of a child that is asked something
	start          time.Duration // the longest time until a child has answered for the first time
	tick           time.Duration // 0: no ticks
	maxPending     int           // 0: no bound
	maxAhead       int
	spoutWait      time.Duration
	activate       bool
	maxMessage     int
	queueBytes     int
	packs          bool
	refused        multilang.Refusals // what its program may not read
	crashCount     int
	crashWithin    time.Duration
	complaints     int
	complaintsPer  time.Duration
}

// codecs are the codecs that children may speak. The router keeps things by
// their place here.
var codecs = [...]multilang.Codec{multilang.JSON, multilang.Msgpack}

func readSettings(c conf.Conf) (settings, error) {
	r := reader{conf: c}
	s := settings{
		debug:          r.bool(conf.TopologyDebug),
		messageTimeout: r.seconds(conf.TopologyMessageTimeout),
		start:          r.seconds(conf.SupervisorWorkerStartTimeout),
		tick:           r.seconds(conf.TopologyTickTupleFreq),
		maxPending:     r.int(conf.TopologyMaxSpoutPending),
		maxAhead:       r.positive(conf.GustMaxNextAhead),
		spoutWait:      r.millis(conf.TopologySpoutWaitMillis),
		activate:       r.bool(conf.GustSpoutActivate),
		maxMessage:     r.positive(conf.GustMaxMessageBytes),
		queueBytes:     r.positive(conf.GustQueueBytes),
		packs:          r.int(conf.GustPacks) == multilang.PacksVersion,
		crashCount:     r.int(conf.GustCrashLoopCount),
		crashWithin:    r.seconds(conf.GustCrashLoopSecs),
		complaints:     r.int(conf.TopologyMaxErrorReport),
		complaintsPer:  r.seconds(conf.TopologyErrorThrottle),
	}
	if !r.bool(conf.TopologyEnableTimeouts) {
		s.messageTimeout = 0
	}
	s.silence = r.seconds(conf.TopologySubprocessTimeout)
	if s.silence == 0 {
		s.silence = r.seconds(conf.SupervisorWorkerTimeout)
	}
	return s, r.err
}

// reader reads values from a conf until one is wrong.
type reader struct {
	conf conf.Conf
	err  error
}

func read[T any](r *reader, get func(string, T) (T, error), key string, unset T) T {
	v, err := get(key, unset)
	if err != nil && r.err == nil {
		r.err = err
	}
	return v
}

func (r *reader) bool(key string) bool             { return read(r, r.conf.Bool, key, false) }
func (r *reader) int(key string) int               { return read(r, r.conf.Int, key, 0) }
func (r *reader) seconds(key string) time.Duration { return read(r, r.conf.Seconds, key, 0) }
func (r *reader) millis(key string) time.Duration  { return read(r, r.conf.Millis, key, 0) }

// positive reads a number that is never 0: null, which elsewhere takes a default
// away, leaves it.
func (r *reader) positive(key string) int {
	unset, _ := conf.Defaults().Int(key, 0)
	return read(r, r.conf.Int, key, unset)
}

// plan is a topology worked out: who is connected to whom, and how.
type plan struct {
	components []*component          // as declared
	byName     map[string]*component // the same
	tasks      []*task               // by rising id; ackers have none
	byID       []*task               // the same, at their ids
	assigned   topology.Tasks        // every task, ackers included
	ackers     int
}

// newPlan works out a topology that is valid.
func newPlan(top *topology.Topology, c conf.Conf) (*plan, error) {
	p := &plan{byName: map[string]*component{}}
	if err := c.Check(); err != nil {
		return nil, err
	}
	r := reader{conf: c}
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
	for _, assigned := range p.assigned {
		if comp := p.byName[assigned.Component]; comp != nil {
			t := newTask(comp, assigned.ID)
			comp.tasks = append(comp.tasks, t)
			p.tasks = append(p.tasks, t)
			p.byID[t.id] = t
		}
	}
	for _, comp := range p.components {
		comp.conf[conf.TopologyTasks] = int64(len(comp.tasks)) // which may be capped
	}
	return p, nil
}

func newComponent(spec *topology.Component, c conf.Conf) (*component, error) {
	comp := &component{spec: spec, conf: conf.Merge(c, spec.Config), codecNo: -1}
	for i, codec := range codecs {
		if codec.Name() == spec.Serializer {
			comp.codec, comp.codecNo = codec, i
		}
	}
	if comp.codec == nil {
		return nil, fmt.Errorf("unknown serializer %q (want json or msgpack)", spec.Serializer)
	}
	err := comp.conf.Check()
	if err != nil {
		return nil, err
	}
	if comp.set, err = readSettings(comp.conf); err != nil {
		return nil, err
	}
	if comp.set.refused, err = refusals(spec, comp.codec, comp.conf); err != nil {
		return nil, err
	}
	if comp.start, err = shell.NewSpec(spec, c); err != nil {
		return nil, err
	}
	comp.complaints = newLimiter(comp.set.complaints, comp.set.complaintsPer)
	comp.tracebacks = newLimiter(1, comp.set.complaintsPer)
	for i := range spec.Outputs {
		stream := &spec.Outputs[i]
		comp.outputs = append(comp.outputs, &output{Stream: stream})
	}
	return comp, nil
}

// connect makes the edges that end at a bolt.
func (p *plan) connect(to *component) {
	for _, in := range to.spec.Inputs {
		from := p.byName[in.Component]
		out := from.output([]byte(in.Stream))
		e := &edge{to: to, grouping: in.Grouping.Type, in: len(to.inputs)}
		to.inputs = append(to.inputs, &input{from: from, stream: in.Stream})
		for _, field := range in.Grouping.Fields {
			e.fields = append(e.fields, slices.Index(out.Fields, field))
		}
		out.edges = append(out.edges, e)
		to.keyed = to.keyed || !balances(e.grouping)
	}
}

// output returns the output stream of that name, or nil. Components have few
// streams, and the one that is meant is most often the first.
func (c *component) output(stream []byte) *output {
	for _, out := range c.outputs {
		if out.Name == string(stream) {
			return out
		}
	}
	return nil
}

// downstream calls visit with each component that reads a stream of c.
func (c *component) downstream(visit func(*component)) {
	for _, out := range c.outputs {
		for _, e := range out.edges {
			visit(e.to)
		}
	}
}

// findCycles numbers the cycles (Tarjan's strongly connected components).
func (p *plan) findCycles() {
	index, low := map[*component]int{}, map[*component]int{}
	onStack := map[*component]bool{}
	var stack []*component
	cycles := 0
	var visit func(c *component)
	visit = func(c *component) {
		index[c] = len(index) + 1
		low[c] = index[c]
		stack = append(stack, c)
		onStack[c] = true
		c.downstream(func(next *component) {
			if index[next] == 0 {
				visit(next)
				low[c] = min(low[c], low[next])
			} else if onStack[next] {
				low[c] = min(low[c], index[next])
			}
		})
		if low[c] != index[c] {
			return
		}
		for cycles++; ; {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[last] = false
			last.cycle = cycles
			if last == c {
				return
			}
		}
	}
	for _, c := range p.components {
		if index[c] == 0 {
			visit(c)
		}
	}
	for _, c := range p.components {
		for _, out := range c.outputs {
			for _, e := range out.edges {
				e.cyclic = c.cycle == e.to.cycle
			}
		}
	}
}

// findReaches tells each spout which bolts it feeds, over however many hops.
func (p *plan) findReaches() {
	for _, spout := range p.components {
		if spout.spec.Kind != topology.Spout {
			continue
		}
		seen := map[*component]bool{spout: true}
		var visit func(c *component)
		visit = func(c *component) {
			if seen[c] {
				return
			}
			seen[c] = true
			spout.reaches = append(spout.reaches, reach{to: c, per: 1})
			c.downstream(visit)
		}
		spout.downstream(visit)
	}
}

// handshake is what a task's process is told first.
func (p *plan) handshake(t *task, pidDir string) *multilang.Handshake {
	c := t.comp
	ctx := multilang.Context{
		TaskComponents: map[int32]string{},
		TaskID:         int32(t.id),
		ComponentID:    c.name(),
		OutputFields:   map[string][]string{},
		Targets:        map[string]map[string]multilang.Grouping{},
		Sources:        map[string]map[string]multilang.Grouping{},
		SourceFields:   map[string]map[string][]string{},
	}
	for _, task := range p.assigned {
		ctx.TaskComponents[int32(task.ID)] = task.Component
	}
	for _, out := range c.outputs {
		ctx.Streams = append(ctx.Streams, out.Name)
		ctx.OutputFields[out.Name] = out.Fields
		ctx.Targets[out.Name] = map[string]multilang.Grouping{}
		for _, e := range out.edges {
			ctx.Targets[out.Name][e.to.name()] = shownGrouping(e.grouping, pick(out.Fields, e.fields))
		}
	}
	for _, input := range c.spec.Inputs {
		if ctx.Sources[input.Component] == nil {
			ctx.Sources[input.Component] = map[string]multilang.Grouping{}
			ctx.SourceFields[input.Component] = map[string][]string{}
		}
		ctx.Sources[input.Component][input.Stream] = shownGrouping(input.Grouping.Type, input.Grouping.Fields)
		ctx.SourceFields[input.Component][input.Stream] = p.byName[input.Component].output([]byte(input.Stream)).Fields
	}
	return &multilang.Handshake{PIDDir: pidDir, Conf: maps.Clone(c.conf), Context: ctx, Packs: t.offersPacks()}
}

// shownGrouping is a grouping as Storm's context shows it: Thrift has no global
// grouping but a fields grouping without fields.
func shownGrouping(g topology.GroupingType, fields []string) multilang.Grouping {
	if g == topology.Global {
		return multilang.Grouping{Type: topology.Fields.String(), Fields: []string{}}
	}
	return multilang.Grouping{Type: g.String(), Fields: fields}
}

func pick(names []string, places []int) (picked []string) {
	for _, i := range places {
		picked = append(picked, names[i])
	}
	return picked
}

// known is the task of an id that somebody else names, or nil.
func (p *plan) known(id topology.TaskID) *task {
	if id < 1 || int(id) >= len(p.byID) {
		return nil
	}
	return p.byID[id]
}

// task is the task of an id, which must be that of a process.
func (p *plan) task(id uint64) *task { return p.byID[id] }
