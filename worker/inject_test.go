package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/multilang"
	"gust/topology"
)

// toC is an injection into the last bolt of chain.
func toC(ticket uint64, values string) *Injection {
	return &Injection{Ticket: ticket, Bolt: "c", From: InputName{"b", "default"}, Values: []byte(values), Serializer: "json"}
}

func TestInject(t *testing.T) {
	s := journaled(t, chain(), conf.Conf{conf.TopologyMessageTimeout: int64(5)})
	b, c := s.task("b", 0), s.task("c", 0)
	inject := func(i *Injection) {
		t.Helper()
		if err := s.inject(i); err != nil {
			t.Fatal(err)
		}
	}
	end := func(want string) {
		t.Helper()
		var got []string
		for _, e := range s.snapshot().Journal.Injected {
			got = append(got, fmt.Sprintf("%d acked=%v %s %s[%d] %s", e.Ticket, e.Acked, e.Reason, e.Bolt, e.Task, e.Error))
		}
		if all := strings.Join(got, ", "); all != want {
			t.Errorf("the ends are %q, want %q", all, want)
		}
	}
	inject(toC(1, `["x"]`))
	s.ack(c, s.tuples(c)...)
	end("1 acked=true  [0] ")

	inject(toC(2, `["x"]`))
	s.say(c, `{"command":"error","msg":"ValueError: x"}`)
	s.fail(c, s.tuples(c)[0])
	end("2 acked=false bolt c[3] ValueError: x")

	// What the bolt emits belongs to the tree.
	inject(&Injection{Ticket: 3, Bolt: "b", From: InputName{"s", "default"}, Values: []byte(`["x"]`), Serializer: "json"})
	ids := s.tuples(b)
	s.anchored(b, ids...)
	s.ack(b, ids...)
	end("")
	s.ack(c, s.tuples(c)...)
	end("3 acked=true  [0] ")

	inject(toC(4, `["x"]`))
	s.now += int64(6 * time.Second)
	s.sweep(s.now)
	end("4 acked=false timeout c[3] ")

	// The end of a run waits for it, as for a spout's tree.
	s.tuples(c)
	inject(toC(5, `["x"]`))
	held := s.tuples(c)
	s.starts(c)
	s.startDraining()
	if s.phase != draining {
		t.Error("the run ends although a tuple is in flight")
	}
	if err := s.inject(toC(6, `["x"]`)); err != errEnding {
		t.Errorf("while the run drains: %v", err)
	}
	s.ack(c, held...)
	end("5 acked=true  [0] ")
	if n := s.acker.stats; n.Emitted != 0 || n.Acked != 0 || n.Pending != 0 || n.Failed.Sum() != 0 || s.injections.n != 0 {
		t.Errorf("the stats of trees are %+v, and %d are in flight", n, s.injections.n)
	}
}

func TestInjectRefuses(t *testing.T) {
	s := journaled(t, chain())
	c := s.task("c", 0)
	for _, one := range []struct {
		i    Injection
		want string
	}{
		{Injection{Bolt: "nobody"}, `no bolt "nobody"`},
		{Injection{Bolt: "s"}, `no bolt "s"`},
		{Injection{Bolt: "c", From: InputName{"s", "default"}}, `does not subscribe to stream "default" of "s"`},
		{Injection{Bolt: "c", From: InputName{"__system", "__tick"}}, `does not subscribe`},
		{*toC(1, ``), "not a list"},
		{*toC(1, `"x"`), "not a list"},
		{*toC(1, `["x"`), "not a list"},
		{*toC(1, `["x"],"tuple":["y"]`), "not a list"},
		{*toC(1, `["x"],"command":"ack"`), "not a list"},
		{*toC(1, `["x"],"id":"1"`), "not a list"},
		{*toC(1, "[\"x\"]}\nend\n{\"command\":\"ack\",\"id\":\"1\""), "not a list"},
		{*toC(1, "[\"x\"]}\nend\n"), "not a list"},
		{*toC(1, `["x","y"]`), `has 1 fields ["v"], and the tuple has 2 values`},
		{*toC(1, `[`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)+`]`), "may be unable to read it"},
		{Injection{Bolt: "c", From: InputName{"b", "default"}, Values: []byte("\x91\xc4\x01x"), Serializer: "msgpack"}, "cannot read the tuple, since it uses json"},
		{Injection{Bolt: "c", From: InputName{"b", "default"}, Values: []byte("\x91\xa1x\x91\xa1y"), Serializer: "msgpack"}, "not a list"},
		{Injection{Bolt: "c", From: InputName{"b", "default"}, Values: []byte("\xdd\xff\xff\xff\xff"), Serializer: "msgpack"}, "larger than the limit"},
		{Injection{Bolt: "c", From: InputName{"b", "default"}, Values: []byte(`["x"]`), Serializer: "xml"}, "unknown serializer"},
	} {
		if err := s.inject(&one.i); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%+v: %v, want an error with %q", one.i, err, one.want)
		}
	}
	if told := s.told(c); len(told) != 0 {
		t.Errorf("the bolt got %q", told)
	}
	if err := s.inject(&Injection{Bolt: "c", From: InputName{"b", "default"}, Values: []byte("\x91\xa1x"), Serializer: "msgpack"}); err != nil {
		t.Error(err)
	}
	for n := range uint64(mostInjected) {
		if err := s.inject(toC(n, `["x"]`)); (err != nil) != (n == mostInjected-1) {
			t.Fatalf("number %d: %v", n, err)
		}
	}
}

// A fields grouping sends an injected tuple where it sends others; of all and direct, the
// task is given.
func TestInjectPicksTheTask(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "v"), stream("odd", "v"))
	b.bolt("keyed", 5, inputs(from("s", topology.Fields, "v")))
	b.bolt("all", 3, inputs(from("s", topology.All)))
	s := journaled(t, b)
	source := InputName{"s", "default"}
	for n := range 20 {
		s.emit(s.task("s", 0), n)
		values := fmt.Sprintf(`["key %d"]`, n)
		s.say(s.task("s", 0), `{"command":"emit","id":1,"tuple":`+values+`}`)
		want := -1
		for i, task := range s.plan.byName["keyed"].tasks {
			if told := s.told(task); len(told) > 0 && strings.Contains(told[len(told)-1], values) {
				want = i
			}
		}
		if err := s.inject(&Injection{Bolt: "keyed", From: source, Values: []byte(values), Serializer: "json"}); err != nil {
			t.Fatal(err)
		}
		if got := s.told(s.task("keyed", want)); len(got) != 1 {
			t.Errorf("%s is sent elsewhere than to task %d", values, want)
		}
	}
	for _, task := range s.plan.byName["all"].tasks {
		s.told(task)
	}
	last := s.task("all", 2)
	if err := s.inject(&Injection{Bolt: "all", From: source, Task: int(last.id), Values: []byte(`["x"]`), Serializer: "json"}); err != nil {
		t.Fatal(err)
	}
	if len(s.told(last)) != 1 || len(s.told(s.task("all", 0))) != 0 {
		t.Error("another task of all got the tuple")
	}
	if err := s.inject(&Injection{Bolt: "all", From: source, Task: 99, Values: []byte(`["x"]`), Serializer: "json"}); err == nil {
		t.Error("a task that there is not got the tuple")
	}
}

// The values of a failure are exact, or it is known that they are not.
func TestValuesOfAFailure(t *testing.T) {
	s := journaled(t, chain())
	c := s.plan.byName["b"]
	values := func(codec multilang.Codec, raw string) Values {
		c.codec = codec
		return c.valuesOf(s.loop, s.kept.keep([]byte(raw)))
	}
	large := strings.Repeat("x", 50<<20)
	for _, one := range []struct {
		name        string
		codec       multilang.Codec
		raw         string
		text        string // or its beginning
		whole, raw2 bool
	}{
		{"json", multilang.JSON, `["é", 1.0, NaN]`, `["é", 1.0, NaN]`, true, false},
		{"json, 10 KiB", multilang.JSON, `["` + large[:10<<10] + `"]`, `["xxx`, true, false},
		{"json, not UTF-8", multilang.JSON, "[\"\xff\"]", "", false, true},
		{"json, 50 MB", multilang.JSON, `["` + large + `"]`, `["xxx`, false, false},
		{"msgpack", multilang.Msgpack, "\x92\xa1x\x01", `["x",1]`, true, false},
		{"msgpack, bytes", multilang.Msgpack, "\x91\xc4\x02\x00\xff", `[b"\x00\xff"]`, false, true},
		{"msgpack, a float32", multilang.Msgpack, "\x91\xca\x3f\xc0\x00\x00", `[1.5]`, false, true},
		{"msgpack, 50 MB", multilang.Msgpack, "\x91\xdb\x03\x20\x00\x00" + large, `["xxx`, false, false},
	} {
		got := values(one.codec, one.raw)
		if !strings.HasPrefix(got.Text, one.text) || got.Whole != one.whole || (got.Raw != nil) != one.raw2 || got.Size != len(one.raw) {
			t.Errorf("%s: %.100q, %d bytes, whole %v, raw %q", one.name, got.Text, got.Size, got.Whole, got.Raw)
		}
		if got.Raw != nil && (string(got.Raw) != one.raw || got.Serializer != one.codec.Name()) {
			t.Errorf("%s: raw is %q in %s", one.name, got.Raw, got.Serializer)
		}
		if !one.whole && len(got.Text) > shownMost+len("…") {
			t.Errorf("%s: %d bytes are shown", one.name, len(got.Text))
		}
	}
}

// An injected tuple of a real run is acked, and fails when the process that has it dies.
func TestInjectIntoARun(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.journal = true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 2, inputs(from("s", topology.Fields, "key")))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 0}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Wire: "msgpack", Deeds: []fakecomponent.Deed{{After: 2, Do: "exit", Once: true}}})
	r := b.run(t)
	var ends []InjectedEnd
	await := func(n int) {
		t.Helper()
		r.until("the ends", func(Stats) bool {
			ends = append(ends, r.worker.Snapshot().Journal.Injected...)
			return len(ends) == n
		})
	}
	for n, values := range []struct{ raw, serializer string }{{`["key", 1]`, "json"}, {"\x92\xa3key\xc4\x03\x00\xff\n", "msgpack"}, {`["key", "\u001b<script>"]`, "json"}} {
		err := r.worker.Inject(Injection{Ticket: uint64(n), Bolt: "b", From: InputName{"s", "default"}, Values: []byte(values.raw), Serializer: values.serializer})
		if err != nil {
			t.Fatal(err)
		}
		await(n + 1)
	}
	var acks, deaths int
	for _, e := range ends {
		switch {
		case e.Acked:
			acks++
		case e.Reason == FailedByDeath && e.Bolt == "b" && e.Error != "":
			deaths++
		}
	}
	if acks != 2 || deaths != 1 {
		t.Errorf("the ends are %+v", ends)
	}
	stats, _ := r.end()
	if stats.Trees.Emitted != 0 || stats.component("b").Acked != 2 {
		t.Errorf("stats: %+v", stats)
	}
	if err := r.worker.Inject(Injection{}); err == nil {
		t.Error("a run that has ended takes a tuple")
	}
}
