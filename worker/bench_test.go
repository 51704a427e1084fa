package worker

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// treadmill is a loop without processes that goes round: its spout emits a
// batch, each bolt answers what it was given, until all trees are done. What
// the children would say is written without allocations, so that all that are
// measured are the loop's.
type treadmill struct {
	*loop
	spout *task
	batch []byte // what the spout says in a round
	said  []byte // scratch: what a bolt says
	pipe  []byte // what the child that is being read has said
}

// batchSize is how many trees a treadmill plants in a round.
const batchSize = 100

func newTreadmill(tb testing.TB, b *builder) *treadmill {
	tb.Helper()
	if err := b.Validate(); err != nil {
		tb.Fatal(err)
	}
	w, err := New(Options{Topology: b.Topology, Conf: conf.Defaults(), Log: zerolog.Nop()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { w.loop.kernel.Release() })
	m := &treadmill{loop: w.loop}
	m.enter(working)
	for _, t := range m.plan.tasks {
		t.state, t.greeted = running, true
		t.stdoutReader = func(p []byte) (int, error) {
			n := copy(p, m.pipe)
			m.pipe = m.pipe[n:]
			return n, nil
		}
		t.dec = t.comp.codec.NewDecoder(1 << 20)
		if t.bolt != nil {
			t.bolt.window = wideOpen()
		}
		if t.spout != nil {
			m.spout = t
			t.spout.active = true
		}
	}
	for n := range batchSize {
		m.batch = appendSaid(m.batch, m.spout.comp.codec, fmt.Sprintf(`{"command":"emit","id":"%d","tuple":["word %d",%d],"need_task_ids":false}`, 1e9+n, n, n))
	}
	m.batch = appendSaid(m.batch, m.spout.comp.codec, `{"command":"sync"}`)
	return m
}

// appendSaid appends a child's message, given as JSON, in the codec's bytes.
func appendSaid(dst []byte, codec multilang.Codec, message string) []byte {
	if codec == multilang.JSON {
		return append(append(dst, message...), "\nend\n"...)
	}
	// A message in JSON is a tuple's value, too.
	dst, err := multilang.Transcode(dst, []byte(message), multilang.JSON, codec)
	if err != nil {
		panic(err)
	}
	return dst
}

// hears lets the loop read what a child said.
func (m *treadmill) hears(t *task, said []byte) {
	for m.pipe = said; len(m.pipe) > 0; {
		t.receive()
	}
}

// round takes a batch through the topology.
func (m *treadmill) round() {
	m.spout.spout.pump()
	m.askSpouts()
	m.hears(m.spout, m.batch)
	for again := true; again; {
		again = false
		for _, t := range m.plan.tasks {
			t.out.Reset() // written
			t.dirty = false
			if t.bolt != nil && t.bolt.flight.n > 0 {
				m.hears(t, m.answers(t))
				again = true
			}
		}
		m.dirty = m.dirty[:0]
	}
	for m.spout.spout.commands.Outstanding() > 0 {
		m.spout.spout.synced()
	}
}

// answers is what a bolt says to all tuples that it was given: it emits one
// anchored to each, where it has a stream for that, and acks.
func (m *treadmill) answers(t *task) []byte {
	said, inJSON := m.said[:0], t.comp.codec == multilang.JSON
	f := t.bolt.flight
	for i := f.oldest(); i != 0; i = f.slots[i].next {
		id := f.slots[i].gen<<slotBits | uint64(i)
		if len(t.outs) > 0 {
			if inJSON {
				said = append(said, `{"command":"emit","anchors":["`...)
				said = strconv.AppendUint(said, id, 10)
				said = append(said, `"],"tuple":["word",1],"need_task_ids":false}`+"\nend\n"...)
			} else {
				said = append(said, "\x84\xa7command\xa4emit\xa7anchors\x91"...)
				said = appendID(said, id)
				said = append(said, "\xa5tuple\x92\xa4word\x01\xadneed_task_ids\xc2"...)
			}
		}
		if inJSON {
			said = append(said, `{"command":"ack","id":"`...)
			said = strconv.AppendUint(said, id, 10)
			said = append(said, "\"}\nend\n"...)
		} else {
			said = append(said, "\x82\xa7command\xa3ack\xa2id"...)
			said = appendID(said, id)
		}
	}
	m.said = said
	return said
}

// appendID appends an id as a msgpack text.
func appendID(dst []byte, id uint64) []byte {
	var digits [20]byte
	text := strconv.AppendUint(digits[:0], id, 10)
	return append(append(dst, 0xa0|byte(len(text))), text...)
}

// paths are the ways that a tuple takes through a topology, in one serializer or two.
var paths = []struct {
	name string
	// build makes the topology: from is the spout's serializer, to the bolts'.
	build func(from, to string) *builder
}{
	{"shuffle", func(from, to string) *builder { return spoutAndBolt(from, to, 1, topology.Shuffle) }},
	{"shuffle-4", func(from, to string) *builder { return spoutAndBolt(from, to, 4, topology.Shuffle) }},
	{"fields-4", func(from, to string) *builder { return spoutAndBolt(from, to, 4, topology.Fields, "word", "n") }},
	{"all-8", func(from, to string) *builder { return spoutAndBolt(from, to, 8, topology.All) }},
	{"chain-4", func(wire, to string) *builder {
		b := build("bench")
		b.spout("spout", 1, stream("default", "word", "n")).Serializer = wire
		source := "spout"
		for i := range 4 {
			name := fmt.Sprint("bolt", i)
			var outputs []topology.Stream
			if i < 3 {
				outputs = []topology.Stream{stream("default", "word", "n")}
			}
			b.bolt(name, 1, inputs(from(source, topology.Shuffle)), outputs...).Serializer = to
			source = name
		}
		return b
	}},
}

func spoutAndBolt(wire, to string, tasks int, grouping topology.GroupingType, fields ...string) *builder {
	b := build("bench")
	b.spout("spout", 1, stream("default", "word", "n")).Serializer = wire
	b.bolt("bolt", tasks, inputs(from("spout", grouping, fields...))).Serializer = to
	return b
}

// eachPath calls visit with every path in every pair of serializers.
func eachPath(visit func(name string, b func() *builder)) {
	for _, p := range paths {
		for _, wire := range [][2]string{{"json", "json"}, {"msgpack", "msgpack"}, {"json", "msgpack"}, {"msgpack", "json"}} {
			name := p.name + "/" + wire[0]
			if wire[0] != wire[1] {
				name += "-to-" + wire[1]
			}
			visit(name, func() *builder { return p.build(wire[0], wire[1]) })
		}
	}
}

// A tuple's whole way: emit, grouping, delivery, the bolts' answers, the
// verdict. An op is one tree. What is not in it are the system calls.
func BenchmarkTuple(b *testing.B) {
	eachPath(func(name string, topology func() *builder) {
		b.Run(name, func(b *testing.B) {
			m := newTreadmill(b, topology())
			m.round()
			b.ReportAllocs()
			for done := 0; b.Loop(); done++ {
				if done%batchSize == 0 {
					m.round()
				}
			}
		})
	})
}

// allocCeiling is how many allocations a tree may cost in the steady state, on
// whatever way. What is allocated is collected, by a collector that takes a
// core from the children while it is at it.
const allocCeiling = 0

func TestTuplesDoNotAllocate(t *testing.T) {
	eachPath(func(name string, topology func() *builder) {
		t.Run(name, func(t *testing.T) {
			m := newTreadmill(t, topology())
			for range 20 { // the tables and the outboxes grow to their size
				m.round()
			}
			before := m.acker.stats.Acked
			const rounds = 20
			perRound := testing.AllocsPerRun(rounds, m.round)
			if got, want := m.acker.stats.Acked-before, uint64((rounds+1)*batchSize); got != want {
				t.Fatalf("%d trees were acked, want %d: the treadmill does not turn", got, want)
			}
			if perTree := perRound / batchSize; perTree > allocCeiling {
				t.Errorf("a tree costs %.2f allocations, and may cost %d", perTree, allocCeiling)
			}
		})
	})
}

func BenchmarkAcker(b *testing.B) {
	for _, pending := range []int{1, 1000, 100_000} {
		b.Run(fmt.Sprint("pending-", pending), func(b *testing.B) {
			a := newAcker()
			a.onEnd = func(*tree, treeRef, verdict) {}
			list := a.list()
			id := []byte("1000000001")
			refs := make([]treeRef, pending)
			for i := range refs {
				refs[i] = a.plant(list, nil, nil, id, kept{}, 0)
				a.grow(refs[i])
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ref := &refs[i%pending]
				a.done(*ref)
				a.done(*ref)
				*ref = a.plant(list, nil, nil, id, kept{}, 0)
				a.grow(*ref)
			}
		})
	}
}

func BenchmarkFlight(b *testing.B) {
	for _, n := range []int{1, 1000, 100_000} {
		b.Run(fmt.Sprint("in-flight-", n), func(b *testing.B) {
			f := newFlight()
			in := &inputCount{}
			trees := []treeRef{{1, 1}}
			ids := make([]multilang.TupleID, n)
			for i := range ids {
				ids[i] = f.open(0, 0, in, kept{}, trees)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				id := &ids[i%n]
				slot, held, _ := f.find(*id)
				if !held {
					b.Fatal("a tuple in flight is not found")
				}
				f.close(slot, slotAcked)
				*id = f.open(0, 0, in, kept{}, trees)
			}
		})
	}
}

func BenchmarkRoute(b *testing.B) {
	for _, tasks := range []int{1, 8, 64} {
		for _, grouping := range []topology.GroupingType{topology.Shuffle, topology.Fields, topology.All} {
			b.Run(fmt.Sprint(grouping, "-", tasks), func(b *testing.B) {
				var fields []string
				if grouping == topology.Fields {
					fields = []string{"word"}
				}
				m := newTreadmill(b, spoutAndBolt("json", "json", tasks, grouping, fields...))
				message := &multilang.Message{Command: multilang.Emit, Tuple: []byte(`["word",17]`), Values: 2}
				out := &m.spout.outs[0]
				b.ReportAllocs()
				for b.Loop() {
					m.targets = m.targets[:0]
					if !m.spout.route(out, message) {
						b.Fatal("not routed")
					}
				}
			})
		}
	}
}
