package runner_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/internal/testenv"
)

// A component's messages are never held back until more input comes, whether it is idle
// or busy. These talks never close the pipe: without the flush that each tests, they
// would not continue.

// live is a component that a test talks to.
type live struct {
	t      *testing.T
	talk   talk
	stdin  io.WriteCloser
	stdout io.Reader
	cmd    *exec.Cmd
	output []byte
}

// start starts a talk's component with the fast runner, and sends the handshake.
func start(t *testing.T, c talk) *live {
	t.Helper()
	return startWith(t, c, os.Stderr)
}

// startWith is start with a reader of stderr.
func startWith(t *testing.T, c talk, stderr io.Writer) *live {
	t.Helper()
	python := testenv.Python(t)
	c.serializer = "json"
	command := c.fast(t, laid(t), python)
	l := &live{t: t, talk: c, cmd: exec.Command(command[0], command[1:]...)}
	l.cmd.Dir = sources(t)
	var err error
	if l.stdin, err = l.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if l.stdout, err = l.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	l.cmd.Stderr = stderr
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(patience, func() { l.cmd.Process.Kill() })
	t.Cleanup(func() {
		watchdog.Stop()
		l.cmd.Process.Kill()
		l.cmd.Wait()
	})
	l.say(c.handshake(t.TempDir()))
	return l
}

func (l *live) say(message any) {
	l.t.Helper()
	if _, err := l.stdin.Write(l.talk.encode(l.t, message)); err != nil {
		l.t.Fatal(err)
	}
}

// hear waits until the component has sent a string, and returns all up to it.
func (l *live) hear(text string) string {
	l.t.Helper()
	chunk := make([]byte, 1<<16)
	for {
		if before, rest, ok := bytes.Cut(l.output, []byte(text)); ok {
			l.output = rest
			return string(before)
		}
		n, err := l.stdout.Read(chunk)
		l.output = append(l.output, chunk[:n]...)
		if err != nil && !bytes.Contains(l.output, []byte(text)) {
			l.t.Fatalf("it never says %q, but %s", text, l.output)
		}
	}
}

func TestALoneTupleIsAnsweredAtOnce(t *testing.T) {
	l := start(t, talk{class: "ScriptedBolt"})
	for i := range 5 {
		l.say(tuple(i, step{"emit", []any{i}}))
		l.hear(`"ack"`)
		l.say(heartbeat(i))
		l.hear(`"sync"`)
	}
}

func TestWhatInitializeSaysIsHeardAtOnce(t *testing.T) {
	l := start(t, talk{class: "WaitsInInitialize"})
	l.hear("initialises")
}

func TestALongProcessIsHeard(t *testing.T) {
	l := start(t, talk{class: "ScriptedBolt"})
	l.say(tuple(1, step{"emit", []any{"warm"}}))
	l.hear(`"ack"`)
	l.stdin.Write(append(
		l.talk.encode(t, tuple(2, step{"emit", []any{"first"}})),
		l.talk.encode(t, tuple(3, step{"emit", []any{"second"}}, step{"wait_for_ever"}))...))
	l.hear("second")
}

func TestAThreadIsHeardWhileTheComponentWaits(t *testing.T) {
	l := start(t, talk{class: "ScriptedBolt"})
	l.say(tuple(1, step{"thread_later", []any{step{"emit", []any{"late"}}, step{"logger", "info", "later"}}}))
	l.hear(`"ack"`)
	signal(t, l)
	l.hear("late")
	l.hear("later")
}

// signal lets a component's waiting thread continue.
func signal(t *testing.T, l *live) {
	t.Helper()
	if err := l.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
}

func TestALogFile(t *testing.T) {
	logs := t.TempDir()
	python, files := testenv.Python(t), laid(t)
	c := talk{
		class: "ScriptedBolt", serializer: "json",
		conf:  object{"pystorm.log.path": logs, "pystorm.log.file": "log"},
		input: []any{tuple(1, step{"logger", "info", "into the file"})},
	}
	heard := c.hold(t, c.fast(t, files, python))
	text, err := os.ReadFile(filepath.Join(logs, "log"))
	if err != nil || !strings.Contains(string(text), "into the file") || strings.Contains(heard.String(), "into the file") {
		t.Errorf("the file has %q, %v; the host heard\n%v", text, err, heard)
	}
}

func TestOwnTestSuites(t *testing.T) {
	python := testenv.Python(t, "msgpack")
	suites := filepath.Join(testenv.Top(t), ".deps", "suites")
	if _, err := os.Stat(filepath.Join(suites, "ready")); err != nil {
		if testenv.InCI() {
			t.Fatal(err)
		}
		t.Skip("pystorm's and streamparse's test-suites are not there: `make suites` fetches them")
	}
	python3, err := filepath.Abs("python")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pystorm", "streamparse"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(python, "testdata/suites/run.py", python3, filepath.Join(suites, name))
			cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(suites, "lib"), "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			t.Log(lines[len(lines)-1])
			if name == "pystorm" && strings.Contains(lines[len(lines)-1], "loop=0") {
				t.Errorf("nothing ran on the fast loops: %s", out)
			}
		})
	}
}

// A component's module can import the same, although less is imported before.
func TestTheSamePackages(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for _, class := range []string{"Plain", "Uses"} {
		c := talk{module: "plain", class: class, serializer: "json"}
		if got := compare(t, files, python, c); got.status != 0 {
			t.Errorf("%v\n%s", got, got.stderr)
		}
	}
}

func TestWrongArgumentsAreStreamparsesBusiness(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for _, script := range []string{"", "-s xml plain.Plain", "--help", "plain.Plain extra words", "nodots", "plain.Missing", "missing.Class"} {
		c := talk{module: "plain", class: "Plain", serializer: "json"}
		stock, fast := c.stock(python), c.fast(t, files, python)
		stock[len(stock)-1], fast[len(fast)-1] = script, script
		s, f := c.hold(t, stock), c.hold(t, fast)
		if s.String() != f.String() || s.status == 0 && script != "--help" {
			t.Errorf("%q: stock\n%v\nfast\n%v", script, s, f)
		}
		last := func(text string) string {
			lines := strings.Split(strings.TrimSpace(text), "\n")
			return lines[len(lines)-1]
		}
		if last(s.stderr) != last(f.stderr) {
			t.Errorf("%q: stock says %q, fast %q", script, last(s.stderr), last(f.stderr))
		}
	}
}
