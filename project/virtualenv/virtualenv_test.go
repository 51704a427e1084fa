package virtualenv

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/internal/pyrun"
	"gust/internal/testenv"
)

// fakePython notes how it is called, and makes an environment with itself in it.
const fakePython = `#!/bin/sh
case "$*" in
*find_spec*) # is there a module pip?
	echo "python has pip?" >> "$CALLS"
	[ -n "$NO_PIP" ] && echo '{"answer": false}' >&3 || echo '{"answer": true}' >&3
	exit ;;
esac
echo "python $*" >> "$CALLS"
case "$*" in
*" -m venv "*)
	[ -n "$BROKEN" ] && echo "ensurepip is not available" && exit 1
	[ -n "$HANGS" ] && echo started > "$HANGS" && exec sleep 600
	for dir; do :; done
	mkdir -p "$dir/bin"
	echo "home = x" > "$dir/pyvenv.cfg"
	cp "$0" "$dir/bin/python" ;;
*"pip install"*)
	echo "Collecting streamparse" ;;
esac
`

// fakeUV notes how it is called, and makes an environment.
const fakeUV = `#!/bin/sh
echo "uv $*" >> "$CALLS"
if [ "$1" = venv ]; then
	for dir; do :; done
	mkdir -p "$dir/bin"
	echo "home = x" > "$dir/pyvenv.cfg"
	echo "#!/bin/sh" > "$dir/bin/python"
	chmod 755 "$dir/bin/python"
fi
`

// tools puts programs onto a PATH with the system's, but without another Python or uv,
// and returns a function with the calls recorded so far.
func tools(t *testing.T, programs map[string]string) (calls func() []string) {
	t.Helper()
	bin, log := t.TempDir(), filepath.Join(t.TempDir(), "calls")
	for _, name := range []string{"sh", "mkdir", "cp", "chmod", "echo", "sleep"} {
		if err := os.Symlink(testenv.Program(t, name), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("CALLS", log)
	return func() []string {
		text, _ := os.ReadFile(log)
		os.Remove(log)
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

func TestMake(t *testing.T) {
	for _, tt := range []struct {
		name     string
		programs map[string]string
		tool     string
		made     []string // the calls of the first time
		updated  []string // and of the second
	}{
		{"pip", map[string]string{"python3": fakePython}, "pip", []string{
			"python -I -m venv DIR",
			"python has pip?",
			"python -I -m pip install --no-input --disable-pip-version-check --progress-bar off -r a.txt streamparse",
		}, []string{
			"python has pip?",
			"python -I -m pip install --no-input --disable-pip-version-check --progress-bar off --upgrade -r a.txt streamparse",
		}},
		{"uv", map[string]string{"python3": fakePython, "uv": fakeUV}, "uv", []string{
			"uv venv --quiet --python PYTHON DIR",
			"uv pip install --python DIR/bin/python -r a.txt streamparse",
		}, []string{
			"uv pip install --python DIR/bin/python --upgrade -r a.txt streamparse",
		}},
		{"uv without a Python", map[string]string{"uv": fakeUV}, "uv", []string{
			"uv venv --quiet DIR",
			"uv pip install --python DIR/bin/python -r a.txt streamparse",
		}, []string{
			"uv pip install --python DIR/bin/python --upgrade -r a.txt streamparse",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := tools(t, tt.programs)
			dir := filepath.Join(t.TempDir(), ".venv")
			var steps []string
			o := Options{
				Dir: dir, Requirements: []string{"a.txt"}, Packages: []string{"streamparse"},
				Step: func(text string) { steps = append(steps, text) },
			}
			check := func(made bool, want []string) {
				t.Helper()
				env, err := Make(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if env.Made != made || env.Tool != tt.tool || env.Dir != dir || env.Python != filepath.Join(dir, "bin", "python") {
					t.Errorf("got %+v", env)
				}
				got := strings.Join(calls(), "\n")
				got = strings.ReplaceAll(got, dir, "DIR")
				got = strings.ReplaceAll(got, os.Getenv("PATH")+"/python3", "PYTHON")
				if got != strings.Join(want, "\n") {
					t.Errorf("the calls were\n%s\nwant\n%s", got, strings.Join(want, "\n"))
				}
			}
			check(true, tt.made)
			o.Upgrade = true
			check(false, tt.updated)
			o.Upgrade, o.Clear = false, true
			check(true, tt.made)
			if !slices.Contains(steps, "removing the old "+dir) {
				t.Errorf("the steps were %q", steps)
			}
		})
	}
}

// An environment whose interpreter is gone, as after an upgrade of the system, is made
// again.
func TestMakeAfterTheInterpreterIsGone(t *testing.T) {
	tools(t, map[string]string{"python3": fakePython})
	dir := filepath.Join(t.TempDir(), ".venv")
	o := Options{Dir: dir, Packages: []string{"streamparse"}}
	if _, err := Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(pyrun.OfVirtualenv(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("no-such-python", pyrun.OfVirtualenv(dir)); err != nil {
		t.Fatal(err)
	}
	env, err := Make(t.Context(), o)
	if err != nil || !env.Made {
		t.Errorf("%+v, %v", env, err)
	}
}

// An environment that uv made has no pip, which is needed without uv.
func TestMissingPipIsAdded(t *testing.T) {
	calls := tools(t, map[string]string{"python3": fakePython})
	t.Setenv("NO_PIP", "1")
	if _, err := Make(t.Context(), Options{Dir: filepath.Join(t.TempDir(), ".venv"), Packages: []string{"streamparse"}}); err != nil {
		t.Fatal(err)
	}
	if got := calls(); !slices.Contains(got, "python -I -m ensurepip") {
		t.Errorf("the calls were %q", got)
	}
}

func TestFailures(t *testing.T) {
	t.Run("no Python", func(t *testing.T) {
		tools(t, nil)
		_, err := Make(t.Context(), Options{Dir: filepath.Join(t.TempDir(), ".venv")})
		if err == nil || !strings.Contains(err.Error(), "install Python 3, or uv") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no such Python", func(t *testing.T) {
		tools(t, map[string]string{"python3": fakePython})
		_, err := Make(t.Context(), Options{Dir: filepath.Join(t.TempDir(), ".venv"), Python: "python9"})
		if err == nil || !strings.Contains(err.Error(), "no Python python9") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no virtualenv", func(t *testing.T) {
		tools(t, map[string]string{"python3": fakePython})
		dir := t.TempDir()
		_, err := Make(t.Context(), Options{Dir: dir, Clear: true})
		if err == nil || !strings.Contains(err.Error(), "is not a virtualenv: move it away") {
			t.Errorf("error %v", err)
		}
		if _, err := os.Stat(dir); err != nil {
			t.Error("it was removed")
		}
	})
	t.Run("a tool that fails", func(t *testing.T) {
		tools(t, map[string]string{"python3": fakePython})
		t.Setenv("BROKEN", "1")
		var out bytes.Buffer
		_, err := Make(t.Context(), Options{Dir: filepath.Join(t.TempDir(), ".venv"), Output: &out})
		failed, ok := errors.AsType[*ToolError](err)
		if !ok || failed.Output != "ensurepip is not available" || !strings.Contains(err.Error(), "hint: install your system's package") {
			t.Errorf("error %v", err)
		}
		if out.String() != "ensurepip is not available\n" {
			t.Errorf("the output was %q", out.String())
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		tools(t, map[string]string{"python3": fakePython})
		started := filepath.Join(t.TempDir(), "started")
		t.Setenv("HANGS", started)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			_, err := Make(ctx, Options{Dir: filepath.Join(t.TempDir(), ".venv")})
			ended <- err
		}()
		for _, err := os.Stat(started); err != nil; _, err = os.Stat(started) {
			select {
			case err := <-ended:
				t.Fatalf("it ended before the tool ran: %v", err)
			case <-time.After(time.Millisecond): // the next look
			}
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// pip, and the search for it, run in the project's directory, whose files may have names
// of the standard library.
func TestShadowedStandardLibrary(t *testing.T) {
	python := testenv.Python(t)
	t.Setenv("PATH", t.TempDir()) // no uv
	t.Chdir(testenv.Shadows(t, "."))
	env, err := Make(t.Context(), Options{Dir: ".venv", Python: python, Packages: []string{"pip"}})
	if err != nil {
		t.Fatal(err)
	}
	if !env.Made || env.Tool != "pip" {
		t.Errorf("got %+v", env)
	}
}
