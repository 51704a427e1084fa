package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gust/internal/testenv"
)

// TestNewcomer walks the way from nothing to a topology that runs.
func TestNewcomer(t *testing.T) { runWithPython(t, "testdata/newcomer") }

// TestComponents runs what components say and do through the whole of gust.
func TestComponents(t *testing.T) { runWithPython(t, "testdata/components") }

// runWithPython runs a directory's scripts, in which STREAMPARSE_PYTHON has streamparse.
func runWithPython(t *testing.T, dir string) {
	t.Helper()
	t.Parallel()
	python := testenv.Python(t)
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("STREAMPARSE_PYTHON", python)
			if cache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
				env.Setenv("GO_CACHE", strings.TrimSpace(string(cache)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exec-code": execCode},
	})
}

func TestAskForEnvironment(t *testing.T) {
	for _, tt := range []struct {
		answer string
		want   bool
	}{
		{"\n", true}, {"y\n", true}, {" YES \n", true}, {"n\n", false}, {"no\n", false}, {"what?\n", false}, {"", false},
	} {
		var said bytes.Buffer
		c := newCLI("gust", nil, &said)
		got, err := consent{ask: strings.NewReader(tt.answer)}.agree(t.Context(), c, "Create it now?")
		if err != nil || got != tt.want {
			t.Errorf("the answer %q: %v, %v; want %v", tt.answer, got, err, tt.want)
		}
		if want := "gust: Create it now? [Y/n] "; !strings.Contains(said.String(), want) {
			t.Errorf("the question is %q, want %q in it", said.String(), want)
		}
	}
	if got, err := (consent{}).agree(t.Context(), newCLI("gust", nil, io.Discard), ""); got || err != nil {
		t.Errorf("with nobody to ask: %v, %v", got, err)
	}
}
