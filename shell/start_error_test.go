package shell

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// files makes files, "name" or "name*" for an executable one, in a directory.
func files(t *testing.T, contents map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range contents {
		mode := os.FileMode(0o644)
		if plain, ok := strings.CutSuffix(name, "*"); ok {
			name, mode = plain, 0o755
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A program is looked for with the child's eyes: its PATH, its directory.
func TestLookProgram(t *testing.T) {
	dir := files(t, map[string]string{
		"here*": "", "a/tool*": "", "b/tool*": "", "b/other*": "", "a/other": "", "c/tool/x": "", "a/plain": "",
	})
	t.Setenv("PATH", filepath.Join(dir, "b")) // gust's own does not count
	tests := []struct {
		name, program string
		env           []string
		want          string // relative to dir if it is absolute
		err           error
	}{
		{"first of PATH", "tool", []string{"PATH=" + dir + "/a:" + dir + "/b"}, dir + "/a/tool", nil},
		{"a relative directory", "tool", []string{"PATH=b"}, "b/tool", nil},
		{"an empty directory is the working directory", "here", []string{"PATH=b:"}, "./here", nil},
		{"only the working directory", "here", []string{"PATH="}, "", fs.ErrNotExist},
		{"not executable, but found later", "other", []string{"PATH=a:b"}, "b/other", nil},
		{"not executable", "plain", []string{"PATH=a:b"}, "", fs.ErrPermission},
		{"a directory", "tool", []string{"PATH=c"}, "", fs.ErrPermission},
		{"a directory, but found later", "tool", []string{"PATH=c:a"}, "a/tool", nil},
		{"the last PATH", "tool", []string{"PATH=b", "PATH=a"}, "a/tool", nil},
		{"no PATH", "sh", nil, "/bin/sh", nil},
		{"a missing directory in PATH", "tool", []string{"PATH=nowhere:here:a"}, "a/tool", nil},
		{"in none", "tool", []string{"PATH=nowhere"}, "", fs.ErrNotExist},
		{"with a slash", "a/tool", []string{"PATH=b"}, "a/tool", nil},
		{"with a slash, absolute", dir + "/a/tool", nil, dir + "/a/tool", nil},
		{"with a slash, not there", "a/nothing", nil, "", fs.ErrNotExist},
		{"with a slash, below a file", "here/nothing", nil, "", fs.ErrNotExist},
		{"with a slash, not executable", "./a/plain", nil, "", fs.ErrPermission},
		{"empty", "", nil, "", ErrNoProgram},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := lookProgram(Spec{Args: []string{test.program}, Dir: dir, Env: test.env})
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestStartError(t *testing.T) {
	dir := files(t, map[string]string{
		"plain":      "#!/bin/sh\n",
		"moved*":     "#!/old/venv/bin/python -u\n",
		"dos*":       "#!/bin/sh\r\necho\r\n",
		"loader*":    "\x7fELF",
		"sub/empty*": "",
	})
	const path = "PATH=/one:/two"
	tests := []struct {
		name string
		spec Spec
		want string // DIR is dir
		is   error
	}{
		{"not in PATH", Spec{Args: []string{"storm-thing", "-s json x.Y", ""}, Env: []string{path}},
			`cannot start bolt "count" (task 7): storm-thing is not on PATH: /one:/two
command: storm-thing "-s json x.Y" ""
hint: install it, or add its directory to PATH (bin/ of a virtualenv)`, fs.ErrNotExist},
		{"streamparse", Spec{Args: []string{"streamparse_run", "x.Y"}, Env: []string{path}},
			`cannot start bolt "count" (task 7): streamparse_run is not on PATH: /one:/two
command: streamparse_run x.Y
hint: install streamparse into the environment that the components run in: python3 -m pip install streamparse`, fs.ErrNotExist},
		{"relative", Spec{Args: []string{"./run.sh"}, Dir: dir},
			`cannot start bolt "count" (task 7): no ./run.sh in the working directory DIR
command: ./run.sh
hint: fix the component's command, or add the program`, fs.ErrNotExist},
		{"absolute", Spec{Args: []string{"/no/where"}, Dir: dir},
			`cannot start bolt "count" (task 7): /no/where does not exist
command: /no/where
hint: fix the component's command, or add the program`, fs.ErrNotExist},
		{"not executable", Spec{Args: []string{"./plain"}, Dir: dir},
			`cannot start bolt "count" (task 7): exec DIR/plain: permission denied
command: ./plain
hint: make it executable: chmod +x DIR/plain (and its file system must not be mounted with noexec)`, fs.ErrPermission},
		{"interpreter", Spec{Args: []string{"./moved"}, Dir: dir},
			`cannot start bolt "count" (task 7): exec DIR/moved: no such file or directory
command: ./moved
hint: its first line names /old/venv/bin/python -u, which does not exist: fix the line (a moved virtualenv must be recreated)`, fs.ErrNotExist},
		{"carriage return", Spec{Args: []string{"./dos"}, Dir: dir},
			`cannot start bolt "count" (task 7): exec DIR/dos: no such file or directory
command: ./dos
hint: its first line has a DOS line ending: remove the carriage returns from DIR/dos`, fs.ErrNotExist},
		{"no directory", Spec{Args: []string{"true"}, Dir: dir + "/gone"},
			`cannot start bolt "count" (task 7): chdir DIR/gone: no such file or directory
command: true
hint: the working directory must hold the component's sources: check that it exists`, fs.ErrNotExist},
		{"directory is a file", Spec{Args: []string{"true"}, Dir: dir + "/plain"},
			`cannot start bolt "count" (task 7): chdir DIR/plain: not a directory
command: true
hint: the working directory must hold the component's sources: check that it exists`, syscall.ENOTDIR},
		{"no command", Spec{},
			`cannot start bolt "count" (task 7): its command is empty`, ErrNoProgram},
		{"zero byte", Spec{Args: []string{"/bin/sh", "a\x00b"}},
			"cannot start bolt \"count\" (task 7): exec /bin/sh: invalid argument\ncommand: /bin/sh \"a\\x00b\"\nhint: an argument or an environment variable contains a NUL byte", syscall.EINVAL},
	}
	l := launcher(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Kind, test.spec.Component, test.spec.Task = "bolt", "count", 7
			_, err := l.Start(test.spec)
			var start *StartError
			if !errors.As(err, &start) {
				t.Fatalf("got %#v", err)
			}
			if got := strings.ReplaceAll(err.Error(), dir, "DIR"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

// A program that is only text is run by the shell, as execvp does it, with its arguments.
func TestScriptWithoutInterpreter(t *testing.T) {
	dir := files(t, map[string]string{"bin/hello*": "echo \"$0 $*\"\n"})
	l := launcher(t, nil)
	p, err := l.Start(Spec{Component: "c", Args: []string{"hello", "a b", "c"}, Dir: dir, Env: []string{"PATH=bin:/bin"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.CloseOutputs()
	defer p.CloseStdin()
	if got := rest(t, p.Stdout()); got != "bin/hello a b c\n" {
		t.Errorf("got %q", got)
	}
	p.Wait()
}

// The remedies of what cannot be brought about in a test.
func TestStartErrorHints(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		syscall.EAGAIN: "ulimit -u",
		syscall.ENOMEM: "lower the parallelism",
		syscall.E2BIG:  "too long",
		syscall.ENFILE: "fs.file-max",
	} {
		for _, err := range []error{errno, &fs.PathError{Op: "exec", Path: "/bin/x", Err: errno}} {
			start := &StartError{Component: "c", Err: err}
			if !strings.Contains(start.Hint(), want) {
				t.Errorf("%v: got %q, want %q in it", err, start.Hint(), want)
			}
		}
	}
	if hint := (&StartError{Err: syscall.EACCES}).Hint(); hint != "" {
		t.Errorf("got %q for an error without a path", hint)
	}
}
