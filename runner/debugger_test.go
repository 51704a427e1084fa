package runner_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// debugged starts a component of debugged.py, to which breakpoints are offered.
func debugged(t *testing.T, class string, packed bool) *live {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	conf := object{"gust.breakpoints": dir}
	if packed {
		conf["gust.packs"] = 1
	}
	return start(t, talk{module: "debugged", class: class, conf: conf})
}

// number is a tuple of a number.
func number(id, n int) object { return tupleOf(id, "source", "default", n) }

// stop is where a component says that it has stopped.
type stop struct {
	File, Function, Socket string
	Line                   int
}

// stops waits until the component says that it has stopped.
func (l *live) stops() (at stop) {
	l.t.Helper()
	l.hear(`"gust.breakpoint", "params": `)
	for {
		if err := json.NewDecoder(bytes.NewReader(l.output)).Decode(&at); err == nil {
			return at
		}
		chunk := make([]byte, 1<<16)
		n, err := l.stdout.Read(chunk)
		l.output = append(l.output, chunk[:n]...)
		if err != nil {
			l.t.Fatalf("it ends with %s", l.output)
		}
	}
}

// terminal is the other end of a debugger's conversation.
type terminal struct {
	t    *testing.T
	conn net.Conn
}

func attach(t *testing.T, socket string) *terminal {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	return newTerminal(t, conn)
}

func newTerminal(t *testing.T, conn net.Conn) *terminal {
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &terminal{t, conn}
}

// What a prompt and the end of a stop are on the wire.
const (
	asks   = "(Pdb) \x05"
	goesOn = "\x04"
)

// shows waits for the end of what is shown, and says what that is.
func (x *terminal) shows(end string) string {
	x.t.Helper()
	var text []byte
	for b := make([]byte, 1); !bytes.HasSuffix(text, []byte(end)); {
		if _, err := x.conn.Read(b); err != nil {
			x.t.Fatalf("it shows %q, and then: %v", text, err)
		}
		text = append(text, b...)
	}
	return strings.TrimSuffix(string(text), end)
}

func (x *terminal) types(line string) {
	x.t.Helper()
	if _, err := x.conn.Write([]byte(line + "\n")); err != nil {
		x.t.Fatal(err)
	}
}

// wants waits for a prompt after a command, and checks what was shown.
func (x *terminal) wants(line, pattern string) {
	x.t.Helper()
	x.types(line)
	if got := x.shows(asks); !regexp.MustCompile(pattern).MatchString(got) {
		x.t.Errorf("%s shows %q, want %s", line, got, pattern)
	}
}

// ends waits until the component has hung up.
func (x *terminal) ends() {
	x.t.Helper()
	if n, err := x.conn.Read(make([]byte, 1)); err == nil || n > 0 {
		x.t.Errorf("the conversation goes on: %v", err)
	}
}

func TestDebugger(t *testing.T) {
	for name, packed := range map[string]bool{"plain": false, "packed": true} {
		t.Run(name, func(t *testing.T) {
			l := debugged(t, "Debugged", packed)
			l.say(number(1, 7))
			at := l.stops()
			if at.File != "debugged.py" || at.Line < 18 || at.Line > 19 || at.Function != "process" {
				t.Errorf("it stops at %+v", at)
			}
			if mode := fileMode(t, at.Socket); mode != 0o600 {
				t.Errorf("the socket's mode is %o", mode)
			}
			x := attach(t, at.Socket)
			if got := x.shows(asks); !strings.Contains(got, "debugged.py") {
				t.Errorf("at first it shows %q", got)
			}
			if _, err := net.Dial("unix", at.Socket); err == nil {
				t.Error("two terminals are attached")
			}
			x.wants("p number", "^7\n$")
			x.wants("p tup.id, self.auto_ack", "^\\('1', True\\)\n$")
			x.wants("whatever", "NameError")
			x.wants("p 'ä\\ud800'", `ä\\ud800`)
			x.wants("until 20", "-> self.emit")
			l.hear("gust.step")
			if at := l.stops(); at.Line != 20 {
				t.Errorf("after a step it stops at %+v", at)
			}
			x.wants("p double", "14\n")
			x.types("c")
			x.shows(goesOn)
			l.hear("gust.resumed")
			l.hear("14")

			// The terminal stays for the next stop. One that is lost leaves it where it is.
			l.say(number(2, 8))
			l.stops()
			x.shows(asks)
			x.wants("p number", "8\n")
			x.conn.Close()
			x = attachAgain(t, at.Socket)
			if got := x.shows(asks); !strings.Contains(got, "process()") {
				t.Errorf("who attaches again sees %q", got)
			}
			x.wants("run", "cannot be restarted")
			x.wants("interact", "keyboard")
			x.types("q")
			x.ends()
			l.hear("gust.resumed")
			l.hear("16")

			// From there on it is left alone.
			for i := range 3 {
				l.say(number(3+i, 100+i))
				l.hear(fmt.Sprint(200 + 2*i))
			}
		})
	}
}

func fileMode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// attachAgain attaches when the component has noticed that the last terminal is gone.
func attachAgain(t *testing.T, socket string) *terminal {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("unix", socket); err == nil {
			return newTerminal(t, conn)
		}
	}
	t.Fatal("it no longer waits for a terminal")
	return nil
}

// Steps stay in the component's code: at the end of a tuple the next stop is in the next.
func TestStepsSkipTheLibraries(t *testing.T) {
	l := debugged(t, "Debugged", true)
	l.say(number(1, 7))
	x := attach(t, l.stops().Socket)
	x.shows(asks)
	x.wants("tbreak doubled", "Breakpoint 1")
	x.types("c")
	x.shows(goesOn)
	if got := x.shows(asks); !strings.Contains(got, "-> result = 2 * number") {
		t.Errorf("at pdb's own breakpoint it shows %q", got)
	}
	x.wants("r", "--Return--")
	x.wants("n", "-> self.emit")
	x.wants("s", "--Return--(.|\n)*process")
	l.say(number(2, 8))
	x.types("s")
	l.hear(`14`)
	if got := x.shows(asks); !strings.Contains(got, "--Call--") || !strings.Contains(got, "def process") {
		t.Errorf("a step out of a tuple shows %q", got)
	}
	x.types("q")
	l.hear("16")
}

func TestPdbSetTrace(t *testing.T) {
	l := debugged(t, "DebuggedByPdb", false)
	l.say(tuple(1, "a"))
	x := attach(t, l.stops().Socket)
	x.shows(asks)
	x.wants("p tup.values", "a")
	x.types("detach")
	l.hear(`"ack"`)
}

func TestBreakpointInInitialize(t *testing.T) {
	l := debugged(t, "DebuggedAtStart", false)
	at := l.stops()
	if at.Function != "initialize" {
		t.Errorf("it stops at %+v", at)
	}
	x := attach(t, at.Socket)
	x.shows(asks)
	x.wants("p conf['topology.name']", "test")
	x.types("c")
	l.hear("initialized")
}

// A thread stops by itself: the component answers meanwhile.
func TestBreakpointInAThread(t *testing.T) {
	l := debugged(t, "DebuggedInThread", false)
	l.say(tuple(1, "a"))
	at := l.stops()
	l.say(heartbeat(2))
	l.hear(`"sync"`)
	x := attach(t, at.Socket)
	x.shows(asks)
	x.types("c")
	l.hear("worked")
}

// It stops in a component, too, that pystorm runs as it is.
func TestBreakpointOfStock(t *testing.T) {
	l := debugged(t, "HasOwnStreams", false)
	l.say(number(1, 7))
	x := attach(t, l.stops().Socket)
	x.shows(asks)
	x.wants("p number", "7\n")
	x.types("c")
	l.hear("14")
}

// Before the component has read the handshake, the runner reads it, and the host sees one answer.
func TestBreakpointBeforeTheHandshake(t *testing.T) {
	for _, c := range []struct{ module, class, function, known string }{
		{"debugged", "DebuggedWhenMade", "__init__", "type(self).__name__"},
		{"debugged_module", "DebuggedModule", "<module>", "factor"},
		{"debugged_module", "UnchangedModule", "<module>", "factor"},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s packed=%v", c.class, packed), func(t *testing.T) {
				dir, err := os.MkdirTemp("/tmp", "gust") // a socket's path must be short
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.RemoveAll(dir) })
				conf := object{"gust.breakpoints": dir}
				if packed {
					conf["gust.packs"] = 1
				}
				l := start(t, talk{module: c.module, class: c.class, conf: conf})
				at := l.stops()
				if at.Function != c.function {
					t.Errorf("it stops in %s", at.Function)
				}
				x := attach(t, at.Socket)
				x.shows(asks)
				x.wants("p "+c.known, "2|DebuggedWhenMade")
				x.types("c")
				l.say(number(1, 7))
				if heard := l.hear("14") + l.hear(`"ack"`); strings.Contains(heard, `"pid"`) || strings.Contains(heard, `"pack`) {
					t.Errorf("it answers the handshake once more, or sends packs: %s", heard)
				}
			})
		}
	}
}

// A component whose directory is gone goes on, and says why.
func TestNowhereToWait(t *testing.T) {
	l := start(t, talk{module: "debugged", class: "Debugged", conf: object{"gust.breakpoints": filepath.Join(t.TempDir(), "none")}})
	l.say(number(1, 7))
	l.hear("cannot wait for a debugger at ")
	l.hear("14")
}
