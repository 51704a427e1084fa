package worker

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/topology"
)

// lines are the lines of the log that have a text in them.
func (l *logBook) lines(text string) (lines []string) {
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// withShell is a topology in which a bolt is a script of the shell, and the spout is idle.
func withShell(tasks int, script string) *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", tasks, inputs(from("s", topology.Shuffle))).Command = []string{"sh", "-c", script}
	b.plays("s", fakecomponent.Script{Spout: &fakecomponent.Spout{}})
	return b
}

// answers has a script of the shell answer the handshake and all else with a sync.
const answers = `while read -r line; do
	case $line in
	*pidDir*) printf '{"pid": %d}\nend\n' $$ ;;
	end) ;;
	*) printf '{"command": "sync"}\nend\n' ;;
	esac
done
`

// What is printed is output, and shows though no message follows it; it is no error.
func TestPrintsAreOutput(t *testing.T) {
	for _, wire := range []string{"json", "msgpack"} {
		t.Run(wire, func(t *testing.T) {
			t.Parallel()
			b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 10}})
			b.plays("b", script{Wire: wire, Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 3, Do: "print and hang"}}})
			r := b.run(t)
			for _, want := range []string{"Hello from a print", "{'a': 1}"} {
				line := fmt.Sprintf(`{"level":"info","component":"b","task":2,"from":"stdout","message":%q}`, want)
				r.until(line, func(Stats) bool { return len(r.log.lines(line)) == 1 })
			}
			if b := r.worker.Stats().component("b"); b.Errors != 0 || b.LastError != "" {
				t.Errorf("a print is an error: %+v", b)
			}
			r.worker.Abort()
		})
	}
}

// Who prints more than anybody can read is cut short, and gust says by how much.
func TestTooManyPrints(t *testing.T) {
	t.Parallel()
	b := victim("endless lines", 20)
	r := b.run(t, impatient)
	r.until("all acks", acks(200))
	r.end()
	if len(r.log.lines("lines of output dropped")) == 0 {
		t.Error("the log does not say that lines are missing")
	}
}

func TestDebuggerThatTakesStdin(t *testing.T) {
	t.Parallel()
	b := victim("prompt", 20)
	r := b.run(t, impatient)
	r.until("all acks", acks(200))
	r.end()
	for _, want := range []string{
		`"level":"warn","component":"b","task":2,"message":"waiting in a debugger at /p/count.py:12 in process, which reads gust's messages on stdin\nhint: `,
		`was killed: it is waiting in a debugger at /p/count.py:12 in process: it sent nothing for `,
	} {
		if len(r.log.lines(want)) != 1 {
			t.Errorf("the log does not say %s", want)
		}
	}
}

// A traceback comes in one piece, once for all tasks that print it, and a death is
// an error of the component.
func TestTracebacks(t *testing.T) {
	t.Parallel()
	const traceback = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'a'\n\n" +
		"During handling of the above exception, another exception occurred:\n\n" +
		"Traceback (most recent call last):\n  File \"count.py\", line 3, in <module>\n    import redis\nModuleNotFoundError: No module named 'redis'"
	r := withShell(3, "cat >&2 <<'-'\nstarting\n\n"+traceback+"\n-\nexit 1\n").run(t, conf.Conf{conf.GustCrashLoopCount: int64(3)})
	r.await(r.ended, "the end")
	if r.err == nil || !strings.Contains(r.err.Error(), "No module named 'redis'\nhint: install it") {
		t.Errorf("the run ends with %v", r.err)
	}
	got := r.log.lines("Traceback")
	if len(got) != 1 || !strings.Contains(got[0], `"level":"error"`) || !strings.Contains(got[0], fmt.Sprintf("%q", traceback)[1:20]) {
		t.Fatalf("the tracebacks are %q", got)
	}
	var line struct{ Message string }
	if err := json.Unmarshal([]byte(got[0]), &line); err != nil || line.Message != traceback {
		t.Errorf("the traceback is %q (%v)", line.Message, err)
	}
	for task := 2; task <= 4; task++ {
		if len(r.log.lines(fmt.Sprintf(`"task":%d,"message":"bolt \"b\" (task %d, pid `, task, task))) == 0 {
			t.Errorf("the log does not say that task %d has died", task)
		}
	}
	if len(r.log.lines("died: exit status 1: ModuleNotFoundError: No module named 'redis'; restarts")) < 3 {
		t.Error("the deaths do not say why")
	}
	if blank := r.log.lines(`"message":""`); len(blank) > 0 {
		t.Errorf("blank lines are logged: %q", blank)
	}
	if b := r.worker.Stats().component("b"); b.Errors < 3 || !strings.HasSuffix(b.LastError, "exit status 1: ModuleNotFoundError: No module named 'redis'") {
		t.Errorf("%d errors, the last one %q", b.Errors, b.LastError)
	}
}

// pystorm logs an exception, and then reports it: its traceback is shown once, with
// what each of the two says, and nothing of that is counted as hidden.
func TestTracebacksInMessages(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	const traceback = "\nTraceback (most recent call last):\n  File \"count.py\", line 3, in process\nKeyError: 'a'"
	for range 2 {
		s.say(b, fmt.Sprintf(`{"command":"log","level":4,"msg":%q}`, "Exception in Count.run()"+traceback))
		s.say(b, fmt.Sprintf(`{"command":"error","msg":%q}`, "KeyError raised while processing 1"+traceback+"\n"))
	}
	s.say(b, fmt.Sprintf(`{"command":"error","msg":%q}`, "Another"+strings.Replace(traceback, "line 3", "line 4", 1)))
	log := s.log.String()
	for text, want := range map[string]int{"line 3": 1, "line 4": 1, "Exception in Count.run()": 2, "raised while processing 1\\n(its traceback is above)": 2} {
		if got := strings.Count(log, text); got != want {
			t.Errorf("the log has %q %d times, want %d: %s", text, got, want, log)
		}
	}
	s.loop.now = math.MaxInt64
	s.loop.reportHidden(math.MaxInt64)
	if strings.Contains(s.log.String(), "not shown") {
		t.Errorf("something is counted as hidden: %s", s.log.String())
	}
	if got := b.comp.lastError; !strings.HasPrefix(got, "Another\nTraceback") {
		t.Errorf("the last error is %q", got)
	}
}

// An exception that the component has reported itself is not counted again when it dies of it.
func TestReportedDeathsCountOnce(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Start: fakecomponent.Start{
		After: []map[string]any{{"command": "error", "msg": "Traceback\nValueError: its error"}},
	}, Deeds: []fakecomponent.Deed{{Do: "exit 0"}}})
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 10, Replay: true}})
	r := b.run(t, conf.Conf{conf.GustCrashLoopCount: int64(1)})
	r.await(r.ended, "the verdict")
	if b := r.worker.Stats().component("b"); b.Errors != 1 || b.LastError != "Traceback\nValueError: its error" {
		t.Errorf("%d errors, the last one %q", b.Errors, b.LastError)
	}
}

// A child that goes on forever at the end of its input says so once.
func TestSpinAtTheEndOfTheInput(t *testing.T) {
	for name, spin := range map[string]struct{ script, want string }{
		"a line":   {"echo no input >&2", "last line repeated "},
		"lines":    {"printf 'no input\\n\\n  at line 7\\n' >&2", "last lines repeated, "},
		"a print":  {"echo no input", "last line repeated "},
		"messages": {`printf '{"command": "log", "msg": "no input"}\nend\n'`, "last line repeated "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := withShell(1, answers+"while :; do "+spin.script+"; done").run(t)
			r.await(r.ready, "the start")
			r.end()
			if got := r.log.lines("no input"); len(got) != 1 {
				t.Errorf("it is told %d times that there is no input", len(got))
			}
			if got := r.log.lines(spin.want); len(got) != 1 {
				t.Errorf("%q is told %d times", spin.want, len(got))
			}
		})
	}
}

func TestLogMessages(t *testing.T) {
	c := &component{spec: &topology.Component{Name: "count_bolt"}}
	for said, want := range map[string]string{
		"2026-11-29 03:54:13,578 - pystorm.component.count_bolt - counted": "counted",
		"2026-11-29 03:54:13,578 - urllib3.connectionpool - retries\nmore": "urllib3.connectionpool - retries\nmore",
		"2026-11-29 03:54:13,578 - pystorm.component.count_bolt2 - x":      "pystorm.component.count_bolt2 - x",
		"2026-11-29 03:54:13,578 - pystorm.component.count_bolt - ":        "",
		"2026-13-29 03:54:13,578 - x":                                      "2026-13-29 03:54:13,578 - x",
		"2026-11-29 03:54:13,578":                                          "2026-11-29 03:54:13,578",
		"counted\n":                                                        "counted",
		"":                                                                 "",
	} {
		if got := string(c.message([]byte(said))); got != want {
			t.Errorf("%q is logged as %q, want %q", said, got, want)
		}
	}
	one := &task{comp: c}
	for said, want := range map[string]zerolog.Level{
		"pystorm StormHandler logging enabled, so all messages at levels greater than": zerolog.DebugLevel,
		"anything else": zerolog.InfoLevel,
	} {
		if got := one.level([]byte(said), zerolog.InfoLevel); got != want {
			t.Errorf("%q is logged at %v, want %v", said, got, want)
		}
	}
}
