package main

import (
	"bytes"
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/fakecomponent"
	"gust/internal/hint"
)

// TestMain lets the test binary be gust, and sparse, in the scripts, and a component of a
// topology.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	// The scripts wait most of the time, so that more of them fit than there are processors. An
	// explicit -parallel is set later, and overrides this.
	if err := flag.Set("test.parallel", strconv.Itoa(max(3, runtime.GOMAXPROCS(0)))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"gust": main, "sparse": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			// Under the race detector each gust would sleep for a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exec-code": execCode},
	})
}

// execCode is the scripts' exec for a program that must fail with a certain
// exit code: exec-code 2 gust run -x.
func execCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exec-code CODE PROGRAM [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	failed, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		ts.Fatalf("%s ended with %v, not with exit code %s", args[1], err, args[0])
	}
	if code := strconv.Itoa(failed.ExitCode()); code != args[0] {
		ts.Fatalf("%s ended with exit code %s, not %s", args[1], code, args[0])
	}
}

// TestFlags walks all commands: none is without help, examples and exit codes,
// and no flag is without help.
func TestFlags(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			if cmd.Short == "" || cmd.Long == "" {
				t.Error("no help")
			}
			if !strings.Contains(cmd.Example, cmd.CommandPath()) {
				t.Error("no example")
			}
			if !cmd.Hidden && !strings.Contains(cmd.Long, "EXIT STATUS") {
				t.Error("the help does not tell the exit codes")
			}
			for line := range strings.Lines(cmd.Long) {
				if len(line) > 90 && !cmd.Hidden {
					t.Errorf("a line of the help is %d bytes long: %s", len(line), line)
				}
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Usage == "" {
					t.Errorf("--%s has no help", f.Name)
				}
			})
		})
	}
	root := newRootCommand(newCLI("gust", nil, nil))
	root.InitDefaultHelpCmd()
	walk(root)
}

func TestReport(t *testing.T) {
	plain := errString("cannot read it")
	tests := []struct {
		name string
		err  error
		code int
		want string
	}{
		{"nothing", nil, 0, ""},
		{"one line", plain, 1, "gust: cannot read it\n"},
		{"details and hints", errString("bolt \"count\" died\nTraceback:\n\n  File \"x\"\nhint: mend it\n"), 1,
			"gust: bolt \"count\" died\n    Traceback:\n\n      File \"x\"\nhint: mend it\n"},
		{"details with a margin", errString("bolt \"count\" died\n    Traceback:\n      File \"x\"\n    hint: mend it"), 1,
			"gust: bolt \"count\" died\n    Traceback:\n      File \"x\"\nhint: mend it\n"},
		{"escapes from elsewhere", errString("cannot read \x1b]0;title\a\x9b2J\u009b: \x1b[31mred\x1b[0m"), 1, `gust: cannot read \x1b]0;title\a\x9b2J\u009b: red` + "\n"},
		{"our hint", hint.With(plain, "write it"), 1, "gust: cannot read it\nhint: write it\n"},
		{"wrong usage", &usageError{plain, "gust run [TOPOLOGY]", "gust run"}, 2,
			"gust: cannot read it\nusage: gust run [TOPOLOGY]\nhint: see `gust run --help`\n"},
		{"wrong usage that usage does not mend", &usageError{err: plain}, 2, "gust: cannot read it\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			c := newCLI("gust", nil, &out)
			if code := c.report(tt.err); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if out.String() != tt.want {
				t.Errorf("got  %q\nwant %q", out.String(), tt.want)
			}
		})
	}
}

type errString string

func (e errString) Error() string { return string(e) }

func TestVersionText(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "v1.2.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-01-31T12:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got, want := versionText(info), "gust v1.2.0 (commit 0123456789ab, 2026-01-31T12:00:00Z, changed) go1.26 "; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q...", got, want)
	}
	if got := versionText(&debug.BuildInfo{GoVersion: "go1.26"}); !strings.HasPrefix(got, "gust development go1.26 ") {
		t.Errorf("got %q", got)
	}
}
