package solo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/component/record"
	"gust/internal/fakecomponent"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// fake is a program that plays a script.
func fake(t *testing.T, kind topology.Kind, codec multilang.Codec, s fakecomponent.Script) Program {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.Wire = codec.Name()
	env := os.Environ()
	for name, value := range s.Env() {
		env = append(env, name+"="+value)
	}
	return Program{Name: "fake", Kind: kind, Command: []string{program}, Env: env, Codec: codec}
}

// steps reads an input.
func steps(t *testing.T, input string) []Step {
	t.Helper()
	s, err := ReadSteps(strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// patience is the time for a step in a test.
const patience = 30 * time.Second

// try tries a program, and returns its data events, line by line.
func try(t *testing.T, o Options) (lines string, unanswered int, err error) {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	var b strings.Builder
	o.Said = func(e Event) {
		if e.Data() {
			b.WriteString(e.String() + "\n")
		}
	}
	unanswered, err = Try(t.Context(), o)
	return b.String(), unanswered, err
}

var codecs = []multilang.Codec{multilang.JSON, multilang.Msgpack}

func TestTryBolt(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			lines, unanswered, err := try(t, Options{
				Program: fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1, TaskIDs: true}}),
				Steps:   steps(t, `["a", 1]`+"\n"+`{"tick": 2.5}`+"\n"+`["ä", 12345678901]`),
			})
			want := `{"command":"emit","stream":"default","anchors":["1"],"tuple":["a",1]}
{"command":"ack","id":"1"}
`
			if err != nil || unanswered != 0 || !strings.HasPrefix(lines, want) {
				t.Errorf("got %s, %d unanswered, %v", lines, unanswered, err)
			}
			if !strings.Contains(lines, `"anchors":["3"],"tuple":["ä",12345678901]`) {
				t.Errorf("the last tuple did not come back: %s", lines)
			}
		})
	}
}

// A batch is answered when it is full; tuples in a batch that is not full are counted.
func TestTryWaitsForAnswers(t *testing.T) {
	lines, unanswered, err := try(t, Options{
		Program: fake(t, topology.Bolt, multilang.JSON, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Answer: "never"}}),
		Steps:   steps(t, `["a"]`+"\n"+`["b"]`),
	})
	if err != nil || unanswered != 2 || lines != "" {
		t.Errorf("got %q, %d unanswered, %v", lines, unanswered, err)
	}
}

func TestTrySpout(t *testing.T) {
	for _, codec := range codecs {
		for _, silent := range []bool{false, true} {
			lines, _, err := try(t, Options{
				Program: fake(t, topology.Spout, codec, fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 2, IDs: "text", Replay: true, SilentActivate: silent}}),
				Steps:   steps(t, `{"command": "next", "times": 3}`+"\n"+`{"command": "fail", "id": "0"}`+"\n"+`{"command": "next"}`),
			})
			if n := strings.Count(lines, `"command":"emit"`); err != nil || n < 2 || !strings.Contains(lines, `"id":"1"`) {
				t.Errorf("%s, silent %t: got %s, %v", codec.Name(), silent, lines, err)
			}
		}
	}
}

func TestTryReportsDeaths(t *testing.T) {
	for _, tt := range []struct {
		name, deed string
		timeout    time.Duration
		want       string
		exit       string
	}{
		{name: "exit", deed: "exit 1", want: "died: exit status 1", exit: `{"exit":"exit status 1"}`},
		{name: "hang", deed: "mute", timeout: time.Second, want: "was killed: it did not finish line 3 of the input within 1s"},
		{name: "print", deed: "print"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, _, err := try(t, Options{
				Program: fake(t, topology.Bolt, multilang.JSON, fakecomponent.Script{
					Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 1, Do: tt.deed}},
				}),
				Steps: steps(t, "# one\n"+`["a"]`+"\n"+`["b"]`), Timeout: tt.timeout,
			})
			died, ok := errors.AsType[*shell.ExitError](err)
			switch {
			case tt.want == "":
				if err != nil || !strings.Contains(lines, `{"stray":"Hello from a print"}`) {
					t.Errorf("got %s, %v", lines, err)
				}
			case !ok || !strings.Contains(err.Error(), tt.want) || !strings.Contains(lines, tt.exit):
				t.Errorf("got %s, %v", lines, err)
			case tt.deed == "exit 1" && !slices.Contains(died.LastWords, "ValueError: the last words"):
				t.Errorf("the last words are %q", died.LastWords)
			}
		})
	}
}

func TestTryIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ledger := filepath.Join(t.TempDir(), "ledger")
	o := Options{
		Program: fake(t, topology.Bolt, multilang.JSON, fakecomponent.Script{
			Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{Do: "mute"}}, Ledger: ledger,
		}),
		Steps: steps(t, `["a"]`), Timeout: time.Hour,
		Said: func(Event) {},
	}
	ended := make(chan error, 1)
	go func() {
		_, err := Try(ctx, o)
		ended <- err
	}()
	for begun := false; !begun; {
		select {
		case err := <-ended:
			t.Fatalf("it ended before the program ran: %v", err)
		case <-time.After(time.Millisecond): // the next look
		}
		entries, err := fakecomponent.ReadLedger(ledger)
		begun = err == nil && len(entries) > 0
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWrongSteps(t *testing.T) {
	for input, want := range map[string]string{
		`["a"`:                              "line 1 of the input: [\"a\" is not a JSON list",
		"\n\n{\"tupel\": []}":               `line 3 of the input: unknown field "tupel"`,
		`{"tuple": {}}`:                     "must be a list",
		`{"tick": 0}`:                       "a tick takes a number of seconds",
		`{"wait": -1}`:                      "a wait takes a number of seconds",
		`{"command": "jump"}`:               `unknown spout command "jump"`,
		`{"command": "ack"}`:                `needs the id`,
		`{"command": "next", "times": 0}`:   "times must be 1 or more",
		`{}`:                                "want a tuple",
		`{"tick": 1} {"tick": 2}`:           "want one object on a line",
		`word`:                              "invalid character",
		`{"command": "next", "times": "x"}`: "cannot unmarshal",
	} {
		if _, err := ReadSteps(strings.NewReader(input)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", input, err, want)
		}
	}
	for input, want := range map[string]string{
		"[1]\n[1, 2]":                         "line 2 of the input: wrong number of values in the tuple: 2 ",
		`{"tuple": [1], "fields": ["a","b"]}`: "wrong number of values in the tuple: 1 (want 2, the fields of input/default: a, b)",
	} {
		_, _, err := try(t, Options{Program: Program{Codec: multilang.JSON, Command: []string{"never-started"}}, Steps: steps(t, input)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", input, err, want)
		}
	}
	huge := steps(t, `[123456789012345678901234567890]`)
	_, _, err := try(t, Options{Program: fake(t, topology.Bolt, multilang.Msgpack, fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}), Steps: huge})
	if err == nil || !strings.Contains(err.Error(), "line 1 of the input") {
		t.Errorf("a number that msgpack has not: %v", err)
	}
}

// A tuple is of the input that its line names, or that it fits.
func TestInputs(t *testing.T) {
	inputs := []Input{
		{"words", "default", []string{"word"}},
		{"users", "default", []string{"name", "age"}},
		{"users", "gone", []string{"name", "reason"}},
		{"more", "words", []string{"word"}},
	}
	for _, tt := range []struct {
		input  string
		inputs []Input
		fields []string // of the command line
		want   string   // the stream and its fields, or the error
	}{
		{`["dog"]`, inputs[:1], nil, "words/default word"},
		{`["dog"]`, inputs[3:], nil, "more/words word"},
		{`["dog"]`, inputs, nil, "words/default word"}, // alike
		{`["ann", 41]`, inputs[:2], nil, "users/default name,age"},
		{`["ann", 41]`, inputs, nil, `line 1 of the input: the tuple fits several inputs, users/default (name, age) or users/gone (name, reason): choose one, as in {"tuple": ["ann", 41], "comp": "users", "stream": "default"}`},
		{`{"tuple": ["ann", 41], "stream": "gone"}`, inputs, nil, "users/gone name,reason"},
		{`{"tuple": ["ann"], "comp": "words", "fields": ["w"]}`, inputs, nil, "words/default w"},
		{`{"command": "emit", "stream": "default", "tuple": ["dog"]}`, inputs, nil, "words/default word"},
		{`["dog", 1]`, inputs[:1], nil, "line 1 of the input: wrong number of values in the tuple: 2 (want 1, the fields of words/default: word)"},
		{`[1, 2, 3]`, inputs, nil, "line 1 of the input: the tuple has 3 values, which fits no input: words/default (word) or users/"},
		{`["dog", 1]`, inputs, []string{"a", "b"}, "input/default a,b"},
		{`{"tuple": [1], "comp": "others"}`, inputs, nil, "others/default value"},
		{`["dog"]`, nil, nil, "input/default value"},
	} {
		o := Options{Program: Program{Codec: multilang.JSON}, Inputs: tt.inputs, Fields: tt.fields, Steps: steps(t, tt.input)}
		sources, err := o.sources()
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = sources[0].component + "/" + sources[0].stream + " " + strings.Join(sources[0].fields, ",")
		}
		if err == nil && got != tt.want || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s of %d inputs: got %q, want %q", tt.input, len(tt.inputs), got, tt.want)
		}
	}
}

// tape records a try: the program's input and output.
func tape(t *testing.T, p Program, input ...[]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rec")
	r, err := record.New(record.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	recorded := r.Tape(record.Header{Component: "fake", Kind: "bolt", Task: 1, Serializer: p.Codec.Name(), Command: p.Command})
	proc, err := start(&p)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{process: proc, ctx: t.Context()}
	var said []Event
	s.handle = func(e Event) {
		if counts(&e) || e.Command == "sync" {
			said = append(said, e)
			recorded.Stdout(wire(p.Codec, e))
		}
	}
	for i, message := range input {
		before := len(said)
		recorded.Stdin(message)
		s.send(message)
		if s.await(patience, func() bool { return len(said) > before }) == late {
			t.Fatalf("no answer to message %d", i)
		}
	}
	s.leave()
	recorded.End(&shell.ExitError{Exit: proc.exit}, proc.exit.Success())
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "fake-task1-life001-part001.rec")
}

// wire is an event as the component may have written it.
func wire(codec multilang.Codec, e Event) []byte {
	value, err := fromJSON(codec, e.AppendJSON(nil))
	if err != nil {
		panic(err)
	}
	if codec == multilang.JSON {
		value = append(value, "\nend\n"...)
	}
	return value
}

// conversationOf is a handshake and tuples.
func conversationOf(t *testing.T, codec multilang.Codec, tuples ...string) [][]byte {
	t.Helper()
	hello, err := codec.AppendHandshake(nil, &multilang.Handshake{PIDDir: t.TempDir(), Context: multilang.Context{ComponentID: "fake", TaskID: 1}})
	if err != nil {
		t.Fatal(err)
	}
	messages := [][]byte{hello}
	for i, tuple := range tuples {
		values, err := fromJSON(codec, []byte(tuple))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, codec.AppendTuple(nil, multilang.TupleID(i+1), codec.NewOrigin("s", "default", 2), values))
	}
	return messages
}

func TestReplay(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			same := fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}})
			path := tape(t, same, conversationOf(t, codec, `["a",1]`, `["b",2]`, `["c",3]`)...)
			life, err := record.ReadLife(path)
			if err != nil {
				t.Fatal(err)
			}
			replay := func(p Program, timeout time.Duration) (*Replayed, []Difference, bool) {
				t.Helper()
				r, err := Replay(t.Context(), ReplayOptions{Life: life, Program: p, Timeout: timeout})
				if err != nil {
					t.Fatal(err)
				}
				lines, equal := Compare(r.Recorded, r.Now)
				return r, lines, equal
			}
			r, lines, equal := replay(same, patience)
			if !equal || r.Stalled != "" || len(r.Now) != 6 {
				t.Errorf("the same program differs: %q, %s", r.Stalled, Unified(lines))
			}
			fails := fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1, FailEvery: 2}})
			r, lines, equal = replay(fails, patience)
			if equal || r.Stalled != "" || !strings.Contains(Unified(lines), "-{\"command\":\"ack\",\"id\":\"2\"}\n") {
				t.Errorf("one that fails does not differ as it should: %q, %s", r.Stalled, Unified(lines))
			}
			dies := fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}, Deeds: []fakecomponent.Deed{{After: 2, Do: "exit 1"}}})
			_, lines, equal = replay(dies, patience)
			if equal || !strings.Contains(Unified(lines), "+{\"exit\":\"exit status 1\"}\n") {
				t.Errorf("one that dies does not differ as it should: %s", Unified(lines))
			}
			silent := fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1, Answer: "never"}})
			r, lines, _ = replay(silent, patience)
			if r.Stalled != "" || strings.Count(Unified(lines), "\n-") != 3 {
				t.Errorf("one that does not answer: %q, %s", r.Stalled, Unified(lines))
			}
			mute := fake(t, topology.Bolt, codec, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}, Deeds: []fakecomponent.Deed{{After: 1, Do: "stop"}}})
			r, _, equal = replay(mute, 500*time.Millisecond)
			if equal || !strings.Contains(r.Stalled, "it did not ") {
				t.Errorf("one that hangs: %q", r.Stalled)
			}
		})
	}
}

// If the recorded process died and the replayed one does, too, that is no difference.
func TestReplayOfADeath(t *testing.T) {
	dies := fake(t, topology.Bolt, multilang.JSON, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}, Deeds: []fakecomponent.Deed{{After: 1, Do: "exit 1"}}})
	life, err := record.ReadLife(tape(t, dies, conversationOf(t, multilang.JSON, `["a",1]`, `["b",2]`)...))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Replay(t.Context(), ReplayOptions{Life: life, Program: dies, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	if lines, equal := Compare(r.Recorded, r.Now); !equal || r.Exit != "exit status 1" {
		t.Errorf("%s, %s", r.Exit, Unified(lines))
	}
	alive := fake(t, topology.Bolt, multilang.JSON, fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	r, err = Replay(t.Context(), ReplayOptions{Life: life, Program: alive, Timeout: 500 * time.Millisecond})
	if err != nil || !strings.Contains(r.Stalled, "it keeps running, but the recorded process had ended: exit status 1") {
		t.Errorf("one that lives on: %+v, %v", r, err)
	}
}
