package shell

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExitError(t *testing.T) {
	tests := []struct {
		name string
		err  ExitError
		want string
	}{
		{"status", ExitError{Exit: Exit{Code: 1}},
			`bolt "count" (task 7, pid 123) died: exit status 1`},
		{"last words and hint", ExitError{Exit: Exit{Code: 1}, LastWords: []string{"Traceback (most recent call last):", "  import redis", "ModuleNotFoundError: No module named 'redis'"}},
			`bolt "count" (task 7, pid 123) died: exit status 1
    Traceback (most recent call last):
      import redis
    ModuleNotFoundError: No module named 'redis'
hint: install it into the environment that the components run in: python3 -m pip install redis; a module of the project itself belongs in src/`},
		{"in peace", ExitError{Exit: Exit{}},
			`bolt "count" (task 7, pid 123) died: exit status 0
hint: a component must run until its stdin ends: check that its script ends with run()`},
		{"killed", ExitError{Exit: Exit{Code: -1, Signal: syscall.SIGKILL}},
			`bolt "count" (task 7, pid 123) died: signal: killed
hint: gust did not kill it: the kernel may have, because memory ran out (see dmesg)`},
		{"hung", ExitError{Exit: Exit{Code: -1, Signal: syscall.SIGKILL}, Cause: &HungError{Silence: 30 * time.Second}, LastWords: []string{"working"}},
			`bolt "count" (task 7, pid 123) was killed: it sent nothing for 30s and did not answer heartbeats
    working
hint: if a tuple may take this long, raise topology.subprocess.timeout.secs`},
		{"no handshake", ExitError{Exit: Exit{Code: -1, Signal: syscall.SIGKILL}, Cause: &HandshakeError{30 * time.Second}},
			`bolt "count" (task 7, pid 123) was killed: it did not answer the handshake within 30s
hint: its command must start a multilang component, which reads the handshake on stdin and answers it on stdout`},
		{"in a debugger", ExitError{Exit: Exit{Code: -1, Signal: syscall.SIGKILL}, Cause: errors.New("it sent nothing for 30s"),
			LastWords: []string{"> /p/src/count.py(12)process()", "-> breakpoint()", "(Pdb) *** NameError: name 'null' is not defined"}},
			`bolt "count" (task 7, pid 123) was killed: it is waiting in a debugger at /p/src/count.py:12 in process: it sent nothing for 30s
    > /p/src/count.py(12)process()
    -> breakpoint()
    (Pdb) *** NameError: name 'null' is not defined
hint: stdin is reserved for the protocol: remove the breakpoint, or set PYTHONBREAKPOINT to a remote debugger such as remote_pdb.set_trace`},
		{"protocol", ExitError{Exit: Exit{Code: -1, Signal: syscall.SIGKILL}, Cause: errors.New("message is too large")},
			`bolt "count" (task 7, pid 123) was killed: message is too large`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.err
			err.Kind, err.Component, err.Task, err.PID = "bolt", "count", 7, 123
			if got := err.Error(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if !errors.Is(&err, test.err.Cause) && test.err.Cause != nil {
				t.Error("the cause is hidden")
			}
		})
	}
}

// A module of the project's own is not to be installed.
func TestHintForOwnModule(t *testing.T) {
	project := t.TempDir()
	for _, dir := range []string{"src", "lib"} {
		if err := os.Mkdir(filepath.Join(project, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	died := ExitError{Exit: Exit{Code: 1}, Dir: filepath.Join(project, "src"), LastWords: []string{"ModuleNotFoundError: No module named 'lib'"}}
	if hint := died.Hint(); !strings.HasPrefix(hint, "lib is beside src, ") {
		t.Errorf("got %q", hint)
	}
}

// What programs and shells really say, and what helps.
func TestHints(t *testing.T) {
	tests := []struct{ words, want string }{
		{"ModuleNotFoundError: No module named 'streamparse'", "pip install streamparse"},
		{"ModuleNotFoundError: No module named 'pystorm.bolt'", "pip install streamparse"},
		{"ModuleNotFoundError: No module named 'redis.asyncio'", "pip install redis;"},
		{"ImportError: No module named redis", "pip install redis;"},
		{"ModuleNotFoundError: No module named 'yaml'", "pip install PyYAML;"},
		{"bash: line 1: streamparse_run: command not found", "pip install streamparse"},
		{"sh: 1: streamparse_run: not found", "pip install streamparse"},
		{"/usr/bin/env: ‘streamparse_run’: No such file or directory", "pip install streamparse"},
		{"/usr/bin/env: ‘python’: No such file or directory", "names python: install it"},
		{"env: python: No such file or directory", "names python: install it"},
		{"env: can't execute 'python': No such file or directory", ""},
		{"/usr/bin/env: ‘python3\\r’: No such file or directory", "carriage returns"},
		{"bash: line 1: node: command not found", "install node, or"},
		{"python3: can't open file '/p/src/count.py': [Errno 2] No such file or directory", "/p/src/count.py does not exist"},
		{"sh: 1: ./count.py: Permission denied", "chmod +rx ./count.py"},
		{"MemoryError", "lower the parallelism"},
		{"FATAL ERROR: JavaScript heap out of memory", "lower the parallelism"},
		{"ModuleNotFoundError: No module named 'redis'\nand more\nbye", "pip install redis;"},
		{"ModuleNotFoundError: No module named 'redis'\nMemoryError", "lower the parallelism"},
		{"ValueError: x", ""},
		{"KeyError: user: not found", ""},
		{"/data: Permission denied", ""},
		{"./run.sh: 3: ./count.py: Permission denied", "chmod +rx ./count.py"},
		{"", ""},
	}
	for _, test := range tests {
		t.Run(test.words, func(t *testing.T) {
			err := &ExitError{Exit: Exit{Code: 1}, LastWords: strings.Split(test.words, "\n")}
			got := err.Hint()
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
			// A process that never answered the handshake says why in the same words.
			err.Cause = &HandshakeError{time.Second}
			if test.want != "" && err.Hint() != got {
				t.Errorf("without a handshake: got %q, want %q", err.Hint(), got)
			}
		})
	}
}

func TestReason(t *testing.T) {
	for _, test := range []struct {
		words []string
		cause error
		want  string
	}{
		{nil, nil, `bolt "count" (task 7, pid 123) died: exit status 1`},
		{[]string{"Traceback (most recent call last):", "  import redis", "ImportError: No module named redis"}, nil,
			`bolt "count" (task 7, pid 123) died: exit status 1: ImportError: No module named redis`},
		{[]string{"Error: boom", "    at count.js:3:1"}, nil, `bolt "count" (task 7, pid 123) died: exit status 1: Error: boom`},
		{[]string{"  only indented"}, nil, `bolt "count" (task 7, pid 123) died: exit status 1: only indented`},
		{[]string{"working"}, errors.New("it hung"), `bolt "count" (task 7, pid 123) was killed: it hung`},
	} {
		err := &ExitError{Kind: "bolt", Component: "count", Task: 7, PID: 123, Exit: Exit{Code: 1}, LastWords: test.words, Cause: test.cause}
		if got := err.Reason(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
