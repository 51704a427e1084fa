package submit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/terminal"
	"gust/internal/testenv"
)

func TestHooks(t *testing.T) {
	const told = "#!/bin/sh\necho \"$GUST_HOOK $GUST_TOPOLOGY $GUST_ENVIRONMENT\"\ncat\n"
	python := testenv.Program(t, "python3")
	tests := []struct {
		name     string
		files    map[string]string
		settings conf.Conf
		want     conf.Conf
		says     string
		err      string
	}{
		{name: "none", want: conf.Conf{"a": int64(1)}},
		{name: "program", files: map[string]string{"hooks/told": told}, settings: conf.Conf{"pre_submit": "hooks/told"},
			want: conf.Conf{"a": int64(1)}, says: "pre_submit words prod\n{\"environment\":\"prod\""},
		{name: "programs", files: map[string]string{"./a": told, "./b": "#!/bin/sh\nexit 3\n"}, settings: conf.Conf{"pre_submit": []any{"./a", "./b"}},
			err: "the hook pre_submit of config.json, ./b, failed: exit status 3"},
		{name: "no program", settings: conf.Conf{"pre_submit": int64(3)}, err: "pre_submit must be a program, or a list of programs"},
		{name: "function", files: map[string]string{"tasks.py": "def pre_submit(name, env, settings, options):\n    print('called', name, env)\n    options['b'] = 1.0\n    del options['a']\n"},
			want: conf.Conf{"b": 1.0}, says: "called words prod\n"},
		{name: "both files", files: map[string]string{
			"tasks.py":   "def pre_submit(name, env, settings, options):\n    options['order'] = ['tasks']\n",
			"fabfile.py": "def pre_submit(name, env, settings, options):\n    options['order'].append('fabfile')\n"},
			want: conf.Conf{"a": int64(1), "order": []any{"tasks", "fabfile"}}},
		{name: "another moment", files: map[string]string{"tasks.py": "raise SystemExit('not to be imported')\n"}, want: conf.Conf{"a": int64(1)}},
		{name: "exception", files: map[string]string{"tasks.py": "def pre_submit(*args):\n    raise ValueError('no')\n"}, err: "ValueError: no"},
		{name: "a module in the same directory", files: map[string]string{"tasks.py": "from helper import pre_submit\n", "helper.py": "def pre_submit(name, env, settings, options):\n    options['b'] = 2\n"},
			want: conf.Conf{"a": int64(1), "b": int64(2)}},
		{name: "files called as modules of the standard library", files: map[string]string{
			"tasks.py": "import json, logging\ndef pre_submit(name, env, settings, options):\n    options['b'] = json.loads('2')\n",
			"json.py":  "", "token.py": "", "types.py": "", "logging.py": "", "traceback.py": ""},
			want: conf.Conf{"a": int64(1), "b": int64(2)}},
		{name: "missing module", files: map[string]string{"fabfile.py": "import no_such_module\ndef pre_submit(*args): pass\n"},
			want: conf.Conf{"a": int64(1)}, says: "warning: pre_submit of fabfile.py was not run: No module named 'no_such_module'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				testenv.Write(t, dir, map[string]string{name + "*": text})
			}
			var said bytes.Buffer
			h := &hooks{voice: terminal.NewVoice("gust", &said), stderr: &said, environment: &conf.Environment{Name: "prod", Settings: test.settings},
				dir: dir, python: python, topology: "words"}
			got, err := h.run(t.Context(), preSubmit, conf.Conf{"a": int64(1)})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want ...%s", err, test.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
			if !strings.Contains(said.String(), test.says) {
				t.Errorf("said %q, want ...%q", said.String(), test.says)
			}
		})
	}
}

// lingering is a hook whose job ignores Ctrl-C, and keeps what it has inherited.
const lingering = "#!/bin/sh\nsleep 1000 &\necho \"job $!\"\nwait\n"

// Programs that a hook leaves behind block nobody, and end with a hook that is stopped.
func TestHookIsStopped(t *testing.T) {
	python := testenv.Program(t, "python3")
	const job = "import os, subprocess, sys\ndef pre_submit(name, env, settings, options):\n    p = subprocess.Popen(['sleep', '1000'], pass_fds=[3])\n    sys.stderr.write('job %d\\n' % p.pid)\n"
	for _, tt := range []struct {
		name, file, text string
		settings         conf.Conf
		stop             bool
	}{
		{"program", "hook", lingering, conf.Conf{"pre_submit": "./hook"}, true},
		{"program that has ended", "hook", strings.TrimSuffix(lingering, "wait\n"), conf.Conf{"pre_submit": "./hook"}, false},
		{"function", "tasks.py", job + "    p.wait()\n", nil, true},
		{"function that has ended", "tasks.py", job, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			testenv.Write(t, dir, map[string]string{tt.file + "*": tt.text})
			said, stderr := io.Pipe()
			h := &hooks{voice: terminal.NewVoice("gust", stderr), stderr: stderr, environment: &conf.Environment{Name: "prod", Settings: tt.settings}, dir: dir, python: python}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() {
				_, err := h.run(ctx, preSubmit, conf.Conf{})
				ended <- err
			}()
			var pid int
			if _, err := fmt.Fscanf(said, "job %d\n", &pid); err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, said)
			process, err := os.FindProcess(pid)
			if err != nil {
				t.Fatal(err)
			}
			defer process.Kill()
			if tt.stop {
				stop()
			}
			select {
			case err := <-ended:
				if stopped := err != nil && err.Error() == "stopped in the hook pre_submit"; stopped != tt.stop {
					t.Errorf("ended with %v", err)
				}
			case <-time.After(time.Minute):
				t.Fatal("it has not ended")
			}
			for end := time.Now().Add(time.Minute); tt.stop && runs(pid); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the job runs on")
				}
			}
			if !tt.stop && !runs(pid) {
				t.Error("the job was ended, too")
			}
		})
	}
}

// runs reports whether there is such a process. It may be a zombie if nobody reaps it.
func runs(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && runtime.GOOS != "linux"
	}
	_, state, _ := strings.Cut(string(status), ") ")
	return !strings.HasPrefix(state, "Z")
}
