package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gust/internal/testenv"
)

// preludes are what a page takes for granted, as lines of a script.
var preludes = map[string]string{
	"from-streamparse.md": "exec gust quickstart demo\ncd demo\n",
	"try.md":              demoWithEnv,
	"record.md":           demoWithEnv,
	"watch.md":            demoWithEnv,
	"serializers.md":      demoWithEnv,
	"failures.md":         demoWithEnv + demoThatFails,
}

// demoThatFails has the bolt raise an exception for one word in 11,001. What is kept of runs
// is the script's own.
const demoThatFails = `mkdir $WORK/run
env XDG_RUNTIME_DIR=$WORK/run
env XDG_STATE_HOME=$WORK/state
exec sed -i.old 's/kept its root".split()/& * 1000 + ["ro_ot"]/' src/spouts/words.py
exec sed -i.old -e 's/    outputs = \["word", "count"\]/    exit_on_exception = False; outputs = ["word", "count"]/' -e 's/self.total += 1/&; assert word.isalpha(), "not a word: " + word/' src/bolts/wordcount.py
`

const demoWithEnv = "exec gust quickstart demo\ncd demo\nexec gust env\n"

// TestDocs runs every command that the documentation shows in a console block,
// page by page, as a reader would who follows it from the top. What a block
// shows of a command's output must come, in that order.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(testenv.Top(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	python := testenv.Python(t)
	testenv.Program(t, "node")
	scripts, commands := t.TempDir(), 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		script, n := docScript(string(text))
		if n == 0 {
			continue
		}
		commands += n
		name := filepath.Base(page)
		script = "chmod 755 $WORK/bin/uv\nenv PATH=$WORK/bin:$PATH\n" + preludes[name] + script + fakeUV
		if err := os.WriteFile(filepath.Join(scripts, strings.TrimSuffix(name, ".md")+".txt"), []byte(script), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if commands < 15 {
		t.Errorf("only %d commands in the console blocks of %d pages", commands, len(pages))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 scripts,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("STREAMPARSE_PYTHON", python)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"says": says},
	})
}

// fakeUV makes environments of an interpreter that has streamparse already.
const fakeUV = `
-- bin/uv --
#!/bin/sh
if [ "$1" = venv ]; then
	for dir; do :; done
	mkdir -p "$dir/bin"
	echo "home = $dir" > "$dir/pyvenv.cfg"
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STREAMPARSE_PYTHON" > "$dir/bin/python"
	chmod 755 "$dir/bin/python"
fi
`

// docScript turns the console blocks of a page into a script: a line that begins
// with "$ " is a command, the others are what it prints.
func docScript(page string) (script string, commands int) {
	var b strings.Builder
	var want []string
	said := func() {
		if len(want) > 0 {
			b.WriteString("says " + strings.Join(want, " ") + "\n")
			want = nil
		}
	}
	for i, block := range strings.Split(page, "\n```console\n")[1:] {
		block, _, _ = strings.Cut(block, "\n```")
		fmt.Fprintf(&b, "# block %d\n", i+1)
		for line := range strings.Lines(block) {
			line = strings.TrimRight(line, "\n")
			command, isCommand := strings.CutPrefix(line, "$ ")
			dir, isCD := strings.CutPrefix(command, "cd ")
			switch {
			case isCommand && isCD:
				said()
				b.WriteString("cd " + scriptWord(dir) + "\n")
			case isCommand:
				said()
				commands++
				b.WriteString("exec sh -c " + scriptWord(command) + "\n")
			default:
				want = append(want, scriptWord(line))
			}
		}
		said()
	}
	return b.String(), commands
}

// scriptWord is a text as one word of a script.
func scriptWord(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// says checks that the last command printed all of these lines, in order. A line
// "..." stands for any lines, and ... within a line for any text. Whether a line
// went to stdout or to stderr is not for a page to show, so either is looked at;
// and the order is that within each.
func says(ts *testscript.TestScript, neg bool, lines []string) {
	if neg {
		ts.Fatalf("says cannot be negated")
	}
	rest := map[string][]string{}
	for _, stream := range []string{"stdout", "stderr"} {
		rest[stream] = strings.Split(ts.ReadFile(stream), "\n")
	}
	for _, line := range lines {
		if strings.TrimSpace(line) == "..." {
			continue
		}
		if !take(rest, "stdout", line) && !take(rest, "stderr", line) {
			ts.Fatalf("the page shows a line that is not printed: %s", line)
		}
	}
}

// take looks for a line in what is left of a stream, and takes it and all before it.
func take(rest map[string][]string, stream, line string) bool {
	for i, printed := range rest[stream] {
		if alike(printed, line) {
			rest[stream] = rest[stream][i+1:]
			return true
		}
	}
	return false
}

// alike compares a printed line with one of a page, in which ... is any text.
// Blanks only align.
func alike(printed, shown string) bool {
	printed, shown = strings.Join(strings.Fields(printed), " "), strings.Join(strings.Fields(shown), " ")
	parts := strings.Split(shown, "...")
	for i, part := range parts {
		part = strings.TrimSpace(part)
		at := strings.Index(printed, part)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		printed = printed[at+len(part):]
	}
	return len(parts) > 1 || printed == ""
}

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		printed, shown string
		want           bool
	}{
		{"a  b", "a b", true},
		{"a b c", "a b", false},
		{"a b", "a b c", false},
		{"12:00 INFO  gust  running after 0.3s", "... INFO gust ... running after ...s", true},
		{"component  kind  tasks", "component kind ...", true},
		{"a component", "component ...", false},
		{"", "...", true},
	} {
		if got := alike(tt.printed, tt.shown); got != tt.want {
			t.Errorf("alike(%q, %q) = %v", tt.printed, tt.shown, got)
		}
	}
}

// A test that never fails finds nothing: a wrong command, and a line that is not
// printed, become failing lines of the script.
func TestDocScript(t *testing.T) {
	page := "text\n```console\n$ gust version\ngust ...\n$ cd it's\n```\n```sh\n$ rm -rf\n```\n\n```console\n$ gust help | head -1\n```\n"
	want := "# block 1\nexec sh -c 'gust version'\nsays 'gust ...'\ncd 'it''s'\n# block 2\nexec sh -c 'gust help | head -1'\n"
	if got, n := docScript(page); got != want || n != 2 {
		t.Errorf("%d commands:\n%s\nwant\n%s", n, got, want)
	}
}
