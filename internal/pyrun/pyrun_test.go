package pyrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
)

func TestAsk(t *testing.T) {
	python := testenv.Program(t, "python3")
	dir := testenv.Shadows(t, ".")
	ask := func(program string, value any) (answer any, printed string, err error) {
		var out bytes.Buffer
		err = Ask(t.Context(), python, Question{Program: program, Value: value, Dir: dir, Stdout: &out, Stderr: &out}, &answer)
		return answer, out.String(), err
	}
	for _, tt := range []struct {
		name, program string
		value         any
		want          any
		printed       string
	}{
		{"the answer", "def answer(n): return n + 1", 1, 2.0, ""},
		{"beyond ASCII", "def answer(text): return text + '\u00e9'", "größe", "größeé", ""},
		{"output of the modules stays out of it", "import sys\nprint(1)\ndef answer(_): print(2, file=sys.stderr); return 3", nil, 3.0, "1\n2\n"},
		{"the standard library is Python's", "import ast, json, logging, tokenize, types, typing\ndef answer(_): return typing.__name__", nil, "typing", ""},
		{"a thread of a module", "import threading, time\nthreading.Thread(target=time.sleep, args=[600]).start()\ndef answer(_): return 1", nil, 1.0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, printed, err := ask(tt.program, tt.value)
			if err != nil || got != tt.want || printed != tt.printed {
				t.Errorf("got %v and %q, %v, want %v and %q", got, printed, err, tt.want, tt.printed)
			}
		})
	}
	t.Run("an exception", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "users.py"), []byte("def fail():\n    raise KeyError('lost')\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := ask("import sys\ndef answer(_):\n    sys.path.append('.')\n    import users\n    users.fail()", nil)
		raised, ok := errors.AsType[*RaisedError](err)
		if !ok || strings.Count(raised.Traceback, "  File ") != 1 || !strings.HasSuffix(raised.Traceback, "KeyError: 'lost'\n") {
			t.Errorf("got %v, want the user's frame alone", err)
		}
	})
	t.Run("an end without an answer", func(t *testing.T) {
		_, _, err := ask("import os\ndef answer(_): os._exit(3)", nil)
		if err == nil || err.Error() != "exit status 3" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no interpreter", func(t *testing.T) {
		var answer int
		if err := Ask(t.Context(), filepath.Join(dir, "python"), Question{}, &answer); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

// A program that stays waits for its threads.
func TestStay(t *testing.T) {
	python := testenv.Program(t, "python3")
	dir := t.TempDir()
	const program = `
import threading, time
def late():
    time.sleep(0.2)
    open("done", "w").close()
def answer(_):
    threading.Thread(target=late).start()
`
	var answer any
	if err := Ask(t.Context(), python, Question{Program: program, Dir: dir, Stay: true}, &answer); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "done")); err != nil {
		t.Error(err)
	}
}

func TestAskCancelled(t *testing.T) {
	python := testenv.Program(t, "python3")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var answer any
	err := Ask(ctx, python, Question{Program: "import time\ntime.sleep(600)"}, &answer)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// An interpreter that is too old reports that: it can at least parse ask.py.
func TestTooOld(t *testing.T) {
	python := testenv.Python27(t)
	var answer any
	err := Ask(t.Context(), python, Question{Program: "def answer(): pass"}, &answer)
	if err == nil || err.Error() != "Python 2.7 is too old: 3.6 or newer is needed" {
		t.Errorf("got %v", err)
	}

	// Some programs run there, too.
	err = Ask(t.Context(), python, Question{Program: "def answer(x): return [x, sys.version_info[0]]\nimport sys", Python2: true, Value: "é"}, &answer)
	if err != nil || fmt.Sprint(answer) != "[é 2]" {
		t.Errorf("got %v, %v", answer, err)
	}
	err = Ask(t.Context(), python, Question{Program: "def answer(x): return x.y", Python2: true, Value: 1}, &answer)
	if raised, ok := errors.AsType[*RaisedError](err); !ok || !strings.Contains(raised.Traceback, "AttributeError") || strings.Contains(raised.Traceback, "exec(") {
		t.Errorf("got %v", err)
	}
	if !Has(t.Context(), python, "json") || Has(t.Context(), python, "no_such_module") {
		t.Error("Python 2 has json, and no no_such_module")
	}
}

func TestModule(t *testing.T) {
	python := testenv.Program(t, "python3")
	command := Module(python, "json.tool", "--compact")
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdin = testenv.Shadows(t, "."), strings.NewReader("[1, 2]")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "[1,2]" {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestCodeHint(t *testing.T) {
	project := testenv.Files(t, map[string]string{"src/bolts/count.py": "", "lib/text.py": "", "alone.py": "", "topologies/helper.py": ""})
	for line, want := range map[string]string{
		"ModuleNotFoundError: No module named 'src'":                                    "from bolts import ..., not from src.bolts import ...",
		"ModuleNotFoundError: No module named 'bolts.cuont'":                            "bolts is in src, but has no cuont",
		"ModuleNotFoundError: No module named 'lib.text'; 'lib' is not a package":       "lib is beside src",
		"ModuleNotFoundError: No module named 'alone'":                                  "alone is beside src",
		"ImportError: No module named helper":                                           "helper is in topologies, where components do not see it",
		"ModuleNotFoundError: No module named 'redis'":                                  "",
		"ModuleNotFoundError: No module named 'urllib2'":                                "the code is for Python 2",
		"SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?": "the code is for Python 2",
		"NameError: name 'unicode' is not defined":                                      "the code is for Python 2",
		"ValueError: x": "",
	} {
		got := CodeHint(line, filepath.Join(project, "src"))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// The hints know Python's words for code of Python 2.
func TestPython2Hint(t *testing.T) {
	python := testenv.Program(t, "python3")
	for _, code := range []string{
		"print 'a'", "exec 'a'", "x = 0777", "import urllib2", "from itertools import izip", "unicode('a')", "{}.iteritems()",
		"if 1:\n\tx = 1\n        y = 2",
	} {
		out, err := exec.Command(python, "-c", code).CombinedOutput()
		if err == nil || !strings.HasPrefix(Hint(string(out), t.TempDir()), "the code is for Python 2") {
			t.Errorf("%s: no hint after\n%s", code, out)
		}
	}
}

func TestHas(t *testing.T) {
	python := testenv.Program(t, "python3")
	t.Chdir(testenv.Shadows(t, "."))
	if !Has(t.Context(), python, "json") || Has(t.Context(), python, "no_such_module") {
		t.Error("json is there, and no_such_module is not")
	}
	if Has(t.Context(), filepath.Join(t.TempDir(), "python"), "json") {
		t.Error("an interpreter that is not there has json")
	}
}
