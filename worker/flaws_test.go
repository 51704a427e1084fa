package worker

import (
	"fmt"
	"strings"
	"testing"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// A value that would break the program that reads it fails at its emitter, which
// the log names. Whom it would break is known by the program, or by gust.odd.values.
func TestFlawedValuesFailAtTheirEmitter(t *testing.T) {
	const (
		utf8   = "\x93\x01\xa1\xff\x01"
		nan    = "\x93\x01\xca\x7f\xc0\x00\x00\x01"
		oddKey = "\x93\x01\x81\x01\x02\x01"
		ext    = "\x93\x01\xd4\xfe\x00\x01"
	)
	deep := strings.Repeat("\x91", 10_000) + "\x01"
	brackets := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	digits := strings.Repeat("7", 5000)
	python, node := []string{"/usr/bin/python3.11", "b.py"}, []string{"node", "b.js"}
	for _, c := range []struct {
		name, from, tuple string // the emitter's serializer, and what it emits
		to                string // the reader's serializer
		command           []string
		odd               any    // its gust.odd.values
		complaint         string // "" if the tuple is delivered
	}{
		{"invalid UTF-8", "msgpack", utf8, "msgpack", python, true, "a string that is not valid UTF-8, which would break"},
		{"invalid UTF-8", "msgpack", utf8, "json", node, nil, "a string that is not valid UTF-8"},
		{"deep", "msgpack", "\x93\x01" + deep + "\x01", "msgpack", python, true, "nested more than 512 deep"},
		{"deep", "json", `[1,` + brackets + `,1]`, "json", node, true, "nested more than 512 deep"},
		{"reserved ext", "msgpack", ext, "msgpack", node, true, "a msgpack ext of a reserved type"},
		{"NaN", "json", `[1,NaN,1]`, "json", python, nil, ""},
		{"NaN", "json", `[1,{"a":[-Infinity]},1]`, "json", node, nil, `NaN or an infinity, which JSON does not have, and \"b\" may be unable to read it`},
		{"NaN", "json", `[1,NaN,1]`, "json", python, false, `set gust.odd.values to true in the config of \"b\"`},
		{"NaN", "json", `[1,NaN,1]`, "json", node, "true", ""},
		{"NaN", "json", `[1,NaN,1]`, "msgpack", node, nil, ""},
		{"NaN", "msgpack", nan, "json", python, nil, ""},
		{"NaN", "msgpack", nan, "json", node, nil, "NaN or an infinity"},
		{"NaN", "msgpack", nan, "msgpack", node, false, ""},
		{"digits", "json", `[1,` + digits + `,1]`, "json", node, nil, ""},
		{"digits", "json", `[1,` + digits + `,1]`, "json", python, nil, "an integer of more than 4300 digits"},
		{"odd key", "msgpack", oddKey, "msgpack", python, nil, "a map with a key that is not a string"},
		{"odd key", "msgpack", oddKey, "msgpack", node, nil, ""},
		{"odd key", "msgpack", oddKey, "json", python, nil, ""},
	} {
		t.Run(fmt.Sprintf("%s from %s to %s, %s, %v", c.name, c.from, c.to, c.command[0], c.odd), func(t *testing.T) {
			b := build("t")
			b.spout("s", 1, stream("default", "before", "value", "after")).Serializer = c.from
			reader := b.bolt("b", 1, inputs(from("s", topology.Fields, "value")))
			reader.Serializer, reader.Command, reader.Config = c.to, c.command, map[string]any{conf.GustOddValues: c.odd}
			s := newStage(t, b)
			spout := s.task("s", 0)
			text := `{"command":"emit","id":7,"need_task_ids":false,"tuple":` + c.tuple + "}\nend\n"
			if c.from == "msgpack" {
				text = "\x84\xa7command\xa4emit\xa2id\x07\xadneed_task_ids\xc2\xa5tuple" + c.tuple
			}
			decode(t, spout.comp.codec, []byte(text), spout.handle)
			want := 1
			if c.complaint != "" {
				want = 0
			}
			if n := s.task("b", 0).bolt.flight.n; n != want {
				t.Errorf("%d tuples are in flight, want %d", n, want)
			}
			if got := s.acker.stats; got.Emitted != 1 || got.Failed.Bolt != uint64(1-want) {
				t.Errorf("trees: %+v", got)
			}
			if log := s.log.String(); !strings.Contains(log, c.complaint) || c.complaint != "" && !strings.Contains(log, `field \"value\" of stream \"default\" contains`) {
				t.Errorf("the log says %s, want %q", log, c.complaint)
			}
			if n := s.plan.byName["s"].errors; n != uint64(1-want) {
				t.Errorf("the emitter has %d errors", n)
			}
		})
	}
}

// What does not say whether it is odd is told to be of the wrong type.
func TestOddValuesIsABool(t *testing.T) {
	b := build("t")
	b.spout("s", 1).Config = map[string]any{conf.GustOddValues: 3}
	_, err := newPlan(b.Topology, conf.Defaults(), nil)
	if err == nil || !strings.Contains(err.Error(), `spout "s": gust.odd.values must be true or false`) {
		t.Errorf("got %v", err)
	}
}

func TestIsPython(t *testing.T) {
	for command, want := range map[string]bool{
		"/venv/bin/streamparse_run|-s json bolts.Count": true,
		"/usr/bin/env|python3|count.py":                 true,
		"python3.11|-m|streamparse.run|bolts.Count":     true,
		"bash|-c|cd src && exec pypy3 count":            true,
		"./count.py":                                    true,
		"uv|run|count.py":                               true,
		"node|count.js":                                 false,
		"./python/count":                                false,
		"ruby|count.rb":                                 false,
	} {
		if got := isPython(strings.Split(command, "|")); got != want {
			t.Errorf("%s: got %v", command, got)
		}
	}
}

// A bolt's flawed values cost themselves alone. The bolt behind, which would have
// died of them, gets all the others.
func TestBoltThatEmitsFlawedValues(t *testing.T) {
	for wire, flaws := range map[string][]multilang.Flaw{
		"json":    {multilang.NaN, multilang.TooDeep},
		"msgpack": {multilang.BadString, multilang.TooDeep},
	} {
		t.Run(wire, func(t *testing.T) {
			t.Parallel()
			b := victim("flawed values", 20)
			for _, name := range []string{"b", "behind"} {
				script := b.scripts[b.Component(name)]
				script.Wire = wire
				b.plays(name, script)
			}
			r := b.run(t)
			r.until("all acks", acks(200))
			stats, entries := r.end()
			if b := stats.component("b"); b.Restarts != 0 || b.Errors != 3 || b.Emitted != 200 {
				t.Errorf("the emitter: %d restarts, %d errors, %d emits; want 0, 3, 200", b.Restarts, b.Errors, b.Emitted)
			}
			if behind := stats.component("behind"); behind.Restarts != 0 || count(entries, "behind", "tuple") != 200 {
				t.Errorf("the bolt behind: %d restarts, %d tuples; want 0, 200", behind.Restarts, count(entries, "behind", "tuple"))
			}
			for _, flaw := range flaws {
				if !strings.Contains(r.log.String(), flaw.String()) {
					t.Errorf("the log does not say %q", flaw)
				}
			}
		})
	}
}

// What comes in msgpack, and is no message or half of one, reaches nobody either.
func TestHostileMsgpack(t *testing.T) {
	for deed, restarts := range map[string]uint64{"half a message": 1, "endless line": 1, "print": 0, "prints": 0, "binary": 0} {
		t.Run(deed, func(t *testing.T) {
			t.Parallel()
			b := victim(deed, 20)
			for _, name := range []string{"b", "behind"} {
				script := b.scripts[b.Component(name)]
				script.Wire = "msgpack"
				b.plays(name, script)
			}
			r := b.run(t, impatient)
			r.until("all acks", acks(200))
			stats, _ := r.end()
			if deed == "endless line" && !strings.Contains(r.log.String(), "sent nothing for") {
				t.Error("a bolt that prints for ever is not taken to hang")
			}
			if n := stats.component("b").Restarts; n != restarts {
				t.Errorf("the bolt was started again %d times, want %d", n, restarts)
			}
			if behind := stats.component("behind"); behind.Restarts != 0 || behind.Errors != 0 {
				t.Errorf("the bolt behind: %d restarts, %d errors", behind.Restarts, behind.Errors)
			}
		})
	}
}
