package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// fanOut is a spout and one bolt of four tasks, which reads it by a grouping.
func fanOut(grouping topology.GroupingType, fields ...string) *builder {
	b := build("t")
	b.spout("s", 2, topology.Stream{Name: "default", Fields: []string{"a", "b"}, Direct: grouping == topology.Direct})
	b.bolt("b", 4, inputs(from("s", grouping, fields...)))
	return b
}

// spread counts the tuples in flight by task.
func spread(s *stage, bolt string) (counts []int) {
	for _, task := range s.plan.byName[bolt].tasks {
		counts = append(counts, int(task.bolt.window.older+task.bolt.window.given))
	}
	return counts
}

func TestGroupings(t *testing.T) {
	for _, c := range []struct {
		grouping topology.GroupingType
		want     string // tuples by task, after eight from each of two spout tasks
	}{
		{topology.Shuffle, "[4 4 4 4]"},
		{topology.LocalOrShuffle, "[4 4 4 4]"},
		{topology.None, "[4 4 4 4]"},
		{topology.All, "[16 16 16 16]"},
		{topology.Global, "[16 0 0 0]"},
	} {
		t.Run(c.grouping.String(), func(t *testing.T) {
			s := newStage(t, fanOut(c.grouping))
			for i := range 16 {
				s.say(s.task("s", i%2), `{"command":"emit","tuple":["x",1],"need_task_ids":false}`)
			}
			if got := fmt.Sprint(spread(s, "b")); got != c.want {
				t.Errorf("16 tuples went to the tasks as %s, want %s", got, c.want)
			}
		})
	}
}

func TestFieldsGroupingIsStable(t *testing.T) {
	b := build("t")
	b.spout("s", 2, stream("default", "key", "n"))
	b.spout("packed", 1, stream("default", "key", "n")).Serializer = "msgpack"
	b.bolt("b", 7, inputs(from("s", topology.Fields, "key"), from("packed", topology.Fields, "key")))
	s := newStage(t, b)

	home := func(from *task, m *multilang.Message) int {
		from.emit(m)
		if len(s.targets) != 1 {
			t.Fatalf("%d targets", len(s.targets))
		}
		return int(s.targets[0].task.id)
	}
	used := map[int]bool{}
	for n := range 200 {
		key := fmt.Sprintf("key %d é", n)
		want := 0
		for i, written := range []string{
			fmt.Sprintf(`["%s",%d]`, key, n),
			fmt.Sprintf(`[ "%s" , "other" ]`, key),
			fmt.Sprintf(`["%s",0]`, strings.ReplaceAll(strings.ReplaceAll(key, "é", `\u00e9`), "k", `\u006B`)),
		} {
			m := &multilang.Message{Command: multilang.Emit, Tuple: []byte(written), Values: 2}
			got := home(s.task("s", i%2), m)
			if want == 0 {
				want = got
			}
			if got != want {
				t.Fatalf("%s went to task %d, its like to %d", written, got, want)
			}
		}
		packed := append([]byte{0x92, 0xd9, byte(len(key))}, key...) // str 8, where fixstr would do
		packed = append(packed, 0xcd, byte(n>>8), byte(n))
		if got := home(s.task("packed", 0), &multilang.Message{Command: multilang.Emit, Tuple: packed, Values: 2}); got != want {
			t.Fatalf("%q went to task %d in JSON, and to %d in msgpack", key, want, got)
		}
		used[want] = true
	}
	if len(used) != 7 {
		t.Errorf("200 keys went to %d tasks of 7", len(used))
	}
}

func TestShuffleIsExactlyEvenWhenIdle(t *testing.T) {
	s := newStage(t, fanOut(topology.Shuffle))
	counts := map[topology.TaskID]int{}
	tasks := s.plan.byName["b"].tasks
	turn := uint32(3)
	for range 4000 {
		counts[shuffle(tasks, &turn).id]++
	}
	for id, n := range counts {
		if n != 1000 {
			t.Errorf("task %d got %d tuples of 4000", id, n)
		}
	}
}

func TestShufflePassesOver(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(slow *task)
	}{
		{"a task with much to do", func(slow *task) {
			for range slowWindow {
				slow.bolt.window.give(0)
			}
		}},
		{"a task that is down", func(slow *task) { slow.state = down }},
		{"a task that starts", func(slow *task) { slow.state = greeting }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, fanOut(topology.Shuffle))
			tasks := s.plan.byName["b"].tasks
			c.prepare(tasks[2])
			turn := uint32(0)
			for range 400 {
				if shuffle(tasks, &turn) == tasks[2] {
					t.Fatal("it was picked, although its neighbour is idle")
				}
			}
		})
	}
	// Whoever is down has few tuples in flight, and its neighbours many.
	for _, c := range []struct {
		down []int
		want string // tuples by task
	}{
		{[]int{1, 2}, "[200 0 0 200]"},
		{[]int{0, 1, 3}, "[0 0 400 0]"},
		{[]int{2}, "[133 133 0 134]"},
		{[]int{0, 1, 2, 3}, "[100 100 100 100]"}, // in turn: all wait for their next lives
	} {
		t.Run(fmt.Sprint("all that are down: ", c.down), func(t *testing.T) {
			s := newStage(t, fanOut(topology.Shuffle))
			tasks := s.plan.byName["b"].tasks
			for i, task := range tasks {
				task.state = running
				if slices.Contains(c.down, i) {
					task.state = down
				}
			}
			turn := uint32(3)
			for range 400 {
				shuffle(tasks, &turn).bolt.window.older++
			}
			if got := fmt.Sprint(spread(s, "b")); got != c.want {
				t.Errorf("400 tuples went to the tasks as %s, want %s", got, c.want)
			}
		})
	}
}

func TestDirect(t *testing.T) {
	for _, c := range []struct {
		name, emit, complaint string
		to                    int // which task of the bolt; -1 is none
	}{
		{"the second task", `"task":%d`, "", 1},
		{"an acker", `"task":1`, "that task has no direct grouping on the stream", -1},
		{"the spout itself", `"task":6`, "that task has no direct grouping on the stream", -1},
		{"beyond all", `"task":999`, "that task has no direct grouping on the stream", -1},
		{"negative", `"task":-2`, "that task has no direct grouping on the stream", -1},
		{"no number", `"task":"two"`, "that task has no direct grouping on the stream", -1},
		{"no task", `"task":null`, "emit to direct stream", -1},
		{"zero", `"task":0`, "emit to direct stream", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, fanOut(topology.Direct))
			task := c.emit
			if c.to >= 0 {
				task = fmt.Sprintf(c.emit, s.task("b", c.to).id)
			}
			s.say(s.task("s", 0), `{"command":"emit","id":5,"tuple":["x",1],"need_task_ids":false,`+task+`}`)
			want := []int{0, 0, 0, 0}
			wantVerdicts := []string{"fail 5"}
			if c.to >= 0 {
				want[c.to] = 1
				wantVerdicts = nil
			}
			if got := spread(s, "b"); !slices.Equal(got, want) {
				t.Errorf("the tuple went to the tasks as %v, want %v", got, want)
			}
			if got := s.verdicts(s.task("s", 0)); !slices.Equal(got, wantVerdicts) {
				t.Errorf("the spout is told %q, want %q", got, wantVerdicts)
			}
			if !strings.Contains(s.log.String(), c.complaint) {
				t.Errorf("the log says %s, want %q", s.log.String(), c.complaint)
			}
		})
	}
}

// A tuple that cannot go where it should costs its trees, and nothing else: who
// waits for a list of task ids gets an empty one.
func TestTuplesThatGoNowhereFail(t *testing.T) {
	for _, c := range []struct{ name, fields, complaint string }{
		{"undeclared stream", `"stream":"nope","tuple":["x"]`, `emitted to undeclared stream \"nope\" (declared: \"default\")`},
		{"too many values", `"tuple":["x","y"]`, "has 2 values, but the stream has 1 fields"},
		{"no values", `"tuple":[]`, "has 0 values"},
		{"no list", `"tuple":"x"`, "without a list of values"},
		{"no tuple", `"other":1`, "without a list of values"},
		{"not for msgpack", `"tuple":[123456789012345678901234567890]`, `cannot send field \"v\" of stream \"default\" to \"packed\", which uses msgpack`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := build("t")
			b.spout("s", 1, stream("default", "v"))
			b.bolt("plain", 1, inputs(from("s", topology.Shuffle)))
			b.bolt("packed", 1, inputs(from("s", topology.Shuffle))).Serializer = "msgpack"
			s := newStage(t, b)
			spout := s.task("s", 0)
			s.say(spout, `{"command":"emit","id":"i",`+c.fields+`}`)
			told := s.told(spout)
			if len(told) != 2 || told[0] != "[]" || !strings.Contains(told[1], `"fail"`) {
				t.Errorf("the spout is told %q, want an empty list and a fail", told)
			}
			if n := s.task("plain", 0).bolt.flight.n + s.task("packed", 0).bolt.flight.n; n != 0 {
				t.Errorf("%d tuples are in flight", n)
			}
			if got := s.acker.stats; got.Emitted != 1 || got.Failed.Bolt != 1 || got.Pending != 0 {
				t.Errorf("trees: %+v", got)
			}
			if s.plan.byName["s"].tasks[0].outs[0].count.emitted != 0 {
				t.Error("it counts as emitted")
			}
			if !strings.Contains(s.log.String(), c.complaint) {
				t.Errorf("the log says %s, want %q", s.log.String(), c.complaint)
			}
		})
	}
}

// A tuple that nobody subscribes to may have any values, as on Storm: that is told
// once, whatever task it comes from, and costs no tree.
func TestMisfitsThatNobodyReadsDoNoHarm(t *testing.T) {
	for _, c := range []struct{ name, fields, complaint string }{
		{"too many values", `"tuple":["x","y"]`, "has 2 values, but the stream has 1 fields"},
		{"no values", `"tuple":[]`, "has 0 values"},
		{"no task", `"stream":"aimed","tuple":["x"]`, `emit to direct stream \"aimed\"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := build("t")
			b.spout("s", 1, stream("default", "v"))
			b.bolt("b", 2, inputs(from("s", topology.Shuffle)), stream("default", "v"), topology.Stream{Name: "aimed", Fields: []string{"v"}, Direct: true})
			s := newStage(t, b)
			for n := range 10 {
				s.emit(s.task("s", 0), n)
			}
			for i := range 2 {
				task := s.task("b", i)
				for _, id := range s.tuples(task) {
					s.say(task, `{"command":"emit","anchors":["`+id+`"],`+c.fields+`}`)
					s.ack(task, id)
				}
				if got := s.told(task); !slices.Equal(got, []string{"[]", "[]", "[]", "[]", "[]"}) {
					t.Errorf("task %d is told %q, want five empty lists", i, got)
				}
			}
			if got := s.acker.stats; got.Acked != 10 {
				t.Errorf("trees: %+v", got)
			}
			if got := s.stats().component("b"); got.Emitted != 10 || got.Errors != 1 {
				t.Errorf("%d tuples were emitted, and %d errors counted; want 10, 1", got.Emitted, got.Errors)
			}
			if n := strings.Count(s.log.String(), c.complaint); n != 1 {
				t.Errorf("it was told %d times: %s", n, s.log.String())
			}
		})
	}
}

// A bolt's bad emit fails the trees of its anchors: acked, they would be lost.
func TestBadEmitFailsItsAnchors(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	s := newStage(t, b)
	for n := range 3 {
		s.emit(s.task("s", 0), n)
	}
	ids := s.tuples(s.task("b", 0))
	s.say(s.task("b", 0), fmt.Sprintf(`{"command":"emit","stream":"nope","anchors":["%s","%s"],"tuple":["x"]}`, ids[0], ids[2]))
	if got := s.verdicts(s.task("s", 0)); !slices.Equal(got, []string{"fail 0", "fail 2"}) {
		t.Errorf("the spout is told %q", got)
	}
	if got := s.told(s.task("b", 0)); !slices.Equal(got, []string{"[]"}) {
		t.Errorf("the bolt is told %q", got)
	}
}

func TestTaskIDLists(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "v"), stream("lonely", "v"), topology.Stream{Name: "direct", Fields: []string{"v"}, Direct: true})
	b.bolt("all", 3, inputs(from("s", topology.All)))
	b.bolt("one", 2, inputs(from("s", topology.Global), from("s.direct", topology.Direct)))
	s := newStage(t, b) // ids: 1 the acker, 2 to 4 all, 5 and 6 one, 7 s
	for _, c := range []struct{ name, emit, want string }{
		{"wanted", `"need_task_ids":true`, "[2,3,4,5]"},
		{"absent is wanted", `"x":1`, "[2,3,4,5]"},
		{"null is wanted", `"need_task_ids":null,"task":null,"stream":null`, "[2,3,4,5]"},
		{"task 0 is no task", `"need_task_ids":true,"task":0`, "[2,3,4,5]"},
		{"not wanted", `"need_task_ids":false`, ""},
		{"nobody subscribes", `"stream":"lonely"`, "[]"},
		{"direct", `"stream":"direct","task":6`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.say(s.task("s", 0), `{"command":"emit","tuple":["x"],`+c.emit+`}`)
			got := strings.ReplaceAll(strings.Join(s.told(s.task("s", 0)), "|"), " ", "")
			if got != c.want {
				t.Errorf("the list is %q, want %q", got, c.want)
			}
		})
	}
}

// Nothing may come between an emit and its list but what the spout is used to:
// with no ackers the verdict is ready first, and has to wait.
func TestTheListComesBeforeTheVerdict(t *testing.T) {
	for _, ackers := range []int64{0, 1} {
		t.Run(fmt.Sprint(ackers, " ackers"), func(t *testing.T) {
			b := build("t")
			b.spout("s", 1, stream("default", "v")) // nobody subscribes: its trees are done at once
			s := newStage(t, b, conf.Conf{conf.TopologyAckerExecutors: ackers})
			s.say(s.task("s", 0), `{"command":"emit","id":1,"tuple":["x"]}`)
			told := s.told(s.task("s", 0))
			if len(told) != 2 || told[0] != "[]" || !strings.Contains(told[1], "ack") {
				t.Errorf("the spout is told %q, want its list and then its ack", told)
			}
		})
	}
}

// A spout may emit while it initialises, before its pid, and waits for the list
// then; the verdict comes after the pid.
func TestEmitBeforeThePID(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	s := newStage(t, b)
	spout, bolt := s.task("s", 0), s.task("b", 0)
	spout.state, spout.spout.active = greeting, false

	s.say(spout, `{"command":"emit","id":1,"tuple":["x"]}`)
	if got := string(spout.hello.Buf); got != "[2]\nend\n" {
		t.Errorf("the spout, which has not sent its pid, is told %q", got)
	}
	s.say(bolt, fmt.Sprintf(`{"command":"ack","id":"%s"}`, s.tuples(bolt)[0]))
	s.say(spout, `{"pid":1}`)
	told := s.told(spout)
	if len(told) == 0 || !strings.Contains(told[0], `"ack"`) {
		t.Errorf("after its pid the spout is told %q, want its ack first", told)
	}
}

// The values of a tuple that no grouping looks into stay the same bytes.
func TestValuesPassUntouched(t *testing.T) {
	s := newStage(t, fanOut(topology.Global), conf.Conf{conf.GustOddValues: true})
	const values = `[ {"z":1.0, "a":NaN} ,"\ud83d\u00e9" ]`
	s.say(s.task("s", 0), `{"command":"emit","tuple":`+values+`,"need_task_ids":false}`)
	if got := string(s.task("b", 0).out.Buf); !strings.Contains(got, values) {
		t.Errorf("the bolt is told %s", got)
	}
}

func TestNothingIsDeliveredAfterTheEnd(t *testing.T) {
	s := newStage(t, fanOut(topology.Shuffle))
	s.enter(ending)
	s.say(s.task("s", 0), `{"command":"emit","id":1,"tuple":["x",1]}`)
	if got := fmt.Sprint(spread(s, "b")); got != "[0 0 0 0]" || s.acker.stats.Failed.Shutdown != 1 {
		t.Errorf("tuples %s, trees %+v", got, s.acker.stats)
	}
	s.wantTold(s.task("s", 0), "[]", `{"command":"fail","id":1}`)
}

// A bolt that waits for a list must not have to keep all the tuples that were
// queued before it: the list overtakes them, and breaks no pack.
func TestTaskIDsOvertakeTuples(t *testing.T) {
	for _, packs := range []bool{false, true} {
		t.Run(fmt.Sprint("packs: ", packs), func(t *testing.T) {
			s := newStage(t, chain())
			b := s.task("b", 0)
			if packs {
				b.dec = b.comp.codec.NewDecoder(1 << 20)
				b.takePacks()
			}
			for n := range 3 {
				s.emit(s.task("s", 0), n)
			}
			s.say(b, `{"command":"emit","tuple":["x"]}`)
			s.emit(s.task("s", 0), 3)
			s.say(b, `{"command":"emit","stream":"default","tuple":[]}`)
			b.endPack()
			told := s.told(b)
			if want := fmt.Sprintf("[%d]", s.task("c", 0).id); len(told) < 3 || told[0] != want || told[1] != "[]" {
				t.Fatalf("the bolt is told %q, want the lists first", told)
			}
			if n := len(told); packs != (n == 3) || !packs && n != 6 {
				t.Errorf("four tuples came in %d messages: %q", n-2, told[2:])
			}
		})
	}
}
