package worker

import (
	"encoding/json"
	"errors"
	"math"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/mtls"
	"gust/internal/testenv"
	"gust/topology"
)

// builder makes topologies in a few words.
type builder struct {
	*topology.Topology
	scripts map[*topology.Component]fakecomponent.Script // see plays
	tap     func(*topology.Component, topology.TaskID, int) Tap
	journal bool

	breakpoints bool
	workers     int                          // that run it; 0 is one, without peers
	tls         *mtls.Credentials            // between them
	change      func(worker int, o *Options) // of a worker, if it is not nil
	listeners   map[int]net.Listener         // of workers that do not listen on a loopback address
	cuts        []*cuts                      // the network in front of each worker, if it may be harmed
}

func build(name string) *builder { return &builder{Topology: &topology.Topology{Name: name}} }

// stream is an output stream with fields.
func stream(name string, fields ...string) topology.Stream {
	return topology.Stream{Name: name, Fields: fields}
}

// from is an input: "component" or "component.stream".
func from(source string, grouping topology.GroupingType, fields ...string) topology.Input {
	component, name, ok := strings.Cut(source, ".")
	if !ok {
		name = topology.DefaultStream
	}
	return topology.Input{Component: component, Stream: name, Grouping: topology.Grouping{Type: grouping, Fields: fields}}
}

func (b *builder) component(kind topology.Kind, name string, tasks int) *topology.Component {
	c := &topology.Component{Name: name, Kind: kind, Parallelism: tasks, Serializer: "json", Command: []string{"none"}}
	b.Components = append(b.Components, c)
	return c
}

func (b *builder) spout(name string, tasks int, outputs ...topology.Stream) *topology.Component {
	c := b.component(topology.Spout, name, tasks)
	c.Outputs = outputs
	return c
}

func (b *builder) bolt(name string, tasks int, inputs []topology.Input, outputs ...topology.Stream) *topology.Component {
	c := b.component(topology.Bolt, name, tasks)
	c.Inputs, c.Outputs = inputs, outputs
	return c
}

func inputs(in ...topology.Input) []topology.Input { return in }

// plan works the topology out, with layers of conf over the defaults.
func (b *builder) plan(t *testing.T, layers ...conf.Conf) *plan {
	t.Helper()
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	p, err := newPlan(b.Topology, conf.Merge(append([]conf.Conf{conf.Defaults()}, layers...)...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The context of the bolt multi_bolt, as a Storm 2.8.3 wrote it.
func TestHandshakeIsStorms(t *testing.T) {
	b := build("ho_example")
	b.spout("value_spout", 1, stream("default", "word"))
	b.bolt("multi_bolt", 1, inputs(from("value_spout", topology.Shuffle)), stream("word", "value"), stream("number", "value"))
	b.bolt("two_bolt", 1, inputs(from("multi_bolt.number", topology.Shuffle)))
	b.bolt("one_bolt", 1, inputs(from("multi_bolt.word", topology.Shuffle)))
	p := b.plan(t, conf.Conf{"of.my.own": "kept"})

	h := p.handshake(p.byName["multi_bolt"].tasks[0], "/pids")
	if h.PIDDir != "/pids" || h.Conf["of.my.own"] != "kept" || h.Conf[conf.TopologyMessageTimeout] != int64(30) {
		t.Errorf("the pid directory is %q, the conf %v", h.PIDDir, h.Conf)
	}
	message, err := p.byName["multi_bolt"].codec.AppendHandshake(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Context any }
	if err := json.Unmarshal([]byte(strings.TrimSuffix(string(message), "end\n")), &got); err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile(testenv.Data(t, "handshake", "context-storm-2.8.3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(golden, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Context, want) {
		text, _ := json.MarshalIndent(got.Context, "", " ")
		t.Errorf("the context is\n%s\nand Storm's is\n%s", text, golden)
	}
}

func TestHandshakeShowsGroupings(t *testing.T) {
	for _, c := range []struct {
		grouping topology.GroupingType
		want     string
		fields   []string
	}{
		{topology.Shuffle, "SHUFFLE", nil},
		{topology.Fields, "FIELDS", []string{"b"}},
		{topology.All, "ALL", nil},
		{topology.Global, "FIELDS", []string{}}, // Thrift has no other word for it
		{topology.None, "NONE", nil},
		{topology.Direct, "DIRECT", nil},
		{topology.LocalOrShuffle, "LOCAL_OR_SHUFFLE", nil},
	} {
		t.Run(c.grouping.String(), func(t *testing.T) {
			b := build("t")
			s := stream("default", "a", "b")
			s.Direct = c.grouping == topology.Direct
			b.spout("s", 1, s)
			b.bolt("b", 1, inputs(from("s", c.grouping, slices.Clone(c.fields)...)))
			p := b.plan(t)
			source := p.handshake(p.byName["s"].tasks[0], "").Context.Targets["default"]["b"]
			target := p.handshake(p.byName["b"].tasks[0], "").Context.Sources["s"]["default"]
			for side, got := range map[string]struct {
				Type   string
				Fields []string
			}{"the spout": source, "the bolt": target} {
				if got.Type != c.want || !reflect.DeepEqual(got.Fields, c.fields) {
					t.Errorf("%s sees %s %#v, want %s %#v", side, got.Type, got.Fields, c.want, c.fields)
				}
			}
		})
	}
}

func TestHandshakeConfIsTheComponents(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	b.bolt("ticking", 2, inputs(from("s", topology.Shuffle))).Config = map[string]any{conf.TopologyTickTupleFreq: int64(1)}
	p := b.plan(t)
	for name, want := range map[string]any{"s": nil, "ticking": int64(1)} {
		if got := p.handshake(p.byName[name].tasks[0], "").Conf[conf.TopologyTickTupleFreq]; got != want {
			t.Errorf("%q sees a tick every %v s, want %v", name, got, want)
		}
	}
	h := p.handshake(p.byName["ticking"].tasks[0], "")
	h.Conf["changed"] = true
	if _, shared := p.handshake(p.byName["ticking"].tasks[1], "").Conf["changed"]; shared {
		t.Error("two tasks share one conf")
	}
}

// What a component is told of its tasks is how many there are: Storm, too, puts the
// capped number into its conf.
func TestHandshakeCountsTasks(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	b.bolt("plain", 5, inputs(from("s", topology.Shuffle)))
	b.bolt("own", 5, inputs(from("s", topology.Shuffle))).Config = map[string]any{conf.TopologyMaxTaskParallelism: int64(2)}
	b.bolt("tasks", 5, inputs(from("s", topology.Shuffle))).Tasks = 4
	p := b.plan(t, conf.Conf{conf.TopologyMaxTaskParallelism: int64(3)})
	for name, want := range map[string]int64{"s": 1, "plain": 3, "own": 2, "tasks": 3} {
		h := p.handshake(p.byName[name].tasks[0], "")
		if got := h.Conf[conf.TopologyTasks]; got != want {
			t.Errorf("%q is told of %v tasks, and has %d", name, got, want)
		}
	}
}

func TestTaskIDs(t *testing.T) {
	b := build("t")
	b.spout("words", 2, stream("default", "a"))
	b.bolt("count", 3, inputs(from("words", topology.Shuffle)))
	for _, c := range []struct {
		name   string
		conf   conf.Conf
		ackers int
		count  topology.TaskID // the id of its first task
	}{
		{"an acker per worker", nil, 1, 2},
		{"two workers", conf.Conf{conf.TopologyWorkers: int64(2)}, 2, 3},
		{"three ackers", conf.Conf{conf.TopologyAckerExecutors: int64(3)}, 3, 4},
		{"no ackers", conf.Conf{conf.TopologyAckerExecutors: int64(0)}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := b.plan(t, c.conf)
			if p.ackers != c.ackers || p.byName["count"].tasks[0].id != c.count {
				t.Errorf("%d ackers, first task of count %d; want %d, %d", p.ackers, p.byName["count"].tasks[0].id, c.ackers, c.count)
			}
			for _, task := range p.tasks {
				if p.task(uint64(task.id)) != task {
					t.Errorf("the task %v is not found at its id", task)
				}
			}
		})
	}
}

func TestCycles(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	b.bolt("in", 1, inputs(from("s", topology.Shuffle)), stream("default", "a"))
	b.bolt("x", 1, inputs(from("in", topology.Shuffle), from("z", topology.Shuffle)), stream("default", "a"))
	b.bolt("y", 1, inputs(from("x", topology.Shuffle)), stream("default", "a"))
	b.bolt("z", 1, inputs(from("y", topology.Shuffle)), stream("default", "a"))
	b.bolt("self", 1, inputs(from("z", topology.Shuffle), from("self", topology.Shuffle)), stream("default", "a"))
	b.bolt("out", 1, inputs(from("self", topology.Shuffle), from("in", topology.Shuffle)))
	p := b.plan(t)

	cyclic := map[string]bool{}
	for _, c := range p.components {
		for _, out := range c.outputs {
			for _, e := range out.edges {
				cyclic[c.name()+">"+e.to.name()] = e.cyclic
			}
		}
	}
	want := map[string]bool{
		"s>in": false, "in>x": false, "x>y": true, "y>z": true, "z>x": true,
		"z>self": false, "self>self": true, "self>out": false, "in>out": false,
	}
	if !reflect.DeepEqual(cyclic, want) {
		t.Errorf("edges on a cycle: %v, want %v", cyclic, want)
	}
}

func TestReaches(t *testing.T) {
	b := build("t")
	b.spout("s1", 1, stream("default", "a"))
	b.spout("s2", 1, stream("default", "a"))
	b.bolt("one", 1, inputs(from("s1", topology.Shuffle)), stream("default", "a"))
	b.bolt("both", 1, inputs(from("one", topology.Shuffle), from("s2", topology.Shuffle), from("after", topology.Shuffle)), stream("default", "a"))
	b.bolt("after", 1, inputs(from("both", topology.Shuffle), from("s1", topology.Shuffle)), stream("default", "a"))
	p := b.plan(t)
	for name, want := range map[string][]string{"s1": {"after", "both", "one"}, "s2": {"after", "both"}} {
		var got []string
		for _, r := range p.byName[name].reaches {
			got = append(got, r.to.name())
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q reaches %q, want %q", name, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	set := func(t *testing.T, c conf.Conf) settings { return b.plan(t, c).byName["s"].set }

	t.Run("silence is the subprocess's, else the worker's", func(t *testing.T) {
		if got := set(t, nil).maxSilence; got != 30*time.Second {
			t.Errorf("%v", got)
		}
		if got := set(t, conf.Conf{conf.TopologySubprocessTimeout: 1.5}).maxSilence; got != 1500*time.Millisecond {
			t.Errorf("%v", got)
		}
	})
	t.Run("time-outs can be off", func(t *testing.T) {
		if got := set(t, conf.Conf{conf.TopologyEnableTimeouts: false}).messageTimeout; got != 0 {
			t.Errorf("%v", got)
		}
	})
	t.Run("what cannot be 0 keeps its default", func(t *testing.T) {
		got := set(t, conf.Conf{conf.GustMaxNextAhead: nil, conf.GustMaxMessageBytes: nil, conf.GustQueueBytes: nil})
		if got.maxAhead != 256 || got.maxMessage != 256<<20 || got.queueBytes != 1<<20 {
			t.Errorf("%+v", got)
		}
	})
}

// What is wrong in a conf is told with its key, and with the component that it is wrong in.
func TestSettingsErrors(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
	}{
		{conf.TopologyMessageTimeout, "soon"},
		{conf.TopologyMessageTimeout, int64(-1)},
		{conf.TopologyTickTupleFreq, []any{}},
		{conf.TopologyMaxSpoutPending, 1.5},
		{conf.TopologyMaxSpoutPending, int64(-1)},
		{conf.GustMaxNextAhead, int64(0)},
		{conf.GustMaxMessageBytes, int64(0)},
		{conf.GustQueueBytes, int64(-1)},
		{conf.TopologyMessageTimeout, math.Inf(1)},
		{"my.own", math.NaN()},
		{conf.TopologyDebug, "maybe"},
		{conf.TopologyEnvironment, "A=1"},
		{conf.GustSpoutActivate, int64(1)},
		{conf.GustQueueBytes, "large"},
		{conf.GustCrashLoopSecs, true},
		{conf.TopologySpoutWaitMillis, "x"},
	} {
		t.Run(c.key, func(t *testing.T) {
			b := build("t")
			b.spout("words", 1, stream("default", "a"))
			b.bolt("count", 1, inputs(from("words", topology.Shuffle))).Config = map[string]any{c.key: c.value}
			_, err := newPlan(b.Topology, conf.Defaults(), nil)
			var key *conf.KeyError
			if !errors.As(err, &key) || key.Key != c.key || !strings.Contains(err.Error(), `bolt "count"`) {
				t.Errorf("the error is %v: it must name the key and the bolt", err)
			}
		})
	}
	for _, key := range []string{conf.TopologyWorkers, conf.TopologyAckerExecutors, conf.TopologyMaxTaskParallelism, conf.GustDrainSecs, conf.SupervisorWorkerShutdown} {
		t.Run("of the topology: "+key, func(t *testing.T) {
			b := build("t")
			b.spout("words", 1, stream("default", "a"))
			_, err := New(Options{Topology: b.Topology, Conf: conf.Merge(conf.Defaults(), conf.Conf{key: "many"})})
			var wrong *conf.KeyError
			if !errors.As(err, &wrong) || wrong.Key != key {
				t.Errorf("the error is %v: it must name the key", err)
			}
		})
	}
	t.Run("serializer", func(t *testing.T) {
		b := build("t")
		b.spout("words", 1, stream("default", "a")).Serializer = "xml"
		_, err := newPlan(b.Topology, conf.Defaults(), nil)
		if err == nil || !strings.Contains(err.Error(), `spout "words"`) || !strings.Contains(err.Error(), `"xml"`) {
			t.Errorf("the error is %v", err)
		}
	})
}
