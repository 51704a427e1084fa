package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gust/conf"
	"gust/internal/testenv"
)

// writeScript writes a file that may be run.
func writeScript(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

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
		{name: "a helper beside it", files: map[string]string{"tasks.py": "from helper import pre_submit\n", "helper.py": "def pre_submit(name, env, settings, options):\n    options['b'] = 2\n"},
			want: conf.Conf{"a": int64(1), "b": int64(2)}},
		{name: "files called as modules of the standard library", files: map[string]string{
			"tasks.py": "import json, logging\ndef pre_submit(name, env, settings, options):\n    options['b'] = json.loads('2')\n",
			"json.py":  "", "token.py": "", "types.py": "", "logging.py": "", "traceback.py": ""},
			want: conf.Conf{"a": int64(1), "b": int64(2)}},
		{name: "module that is missing", files: map[string]string{"fabfile.py": "import no_such_module\ndef pre_submit(*args): pass\n"},
			want: conf.Conf{"a": int64(1)}, says: "warning: pre_submit of fabfile.py was not run: No module named 'no_such_module'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				writeScript(t, filepath.Join(dir, name), text)
			}
			var said bytes.Buffer
			h := &hooks{cli: newCLI("gust", nil, &said), environment: &conf.Environment{Name: "prod", Settings: test.settings},
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

func TestForgetOld(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"w-1-1700000001", "w-2-1700000002", "w-10-1700000003", "w-4-1700000004", "w-5-1700000005", "w-6-1700000006", "w-x-1-1600000000"} {
		writeScript(t, filepath.Join(dir, name+".zip"), "")
	}
	forgetOld(dir, "w")
	left, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 6 || filepath.Base(left[len(left)-1]) != "w-x-1-1600000000.zip" {
		t.Errorf("%q are left", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "w-1-1700000001.zip")); err == nil {
		t.Error("the oldest is still there")
	}
}
