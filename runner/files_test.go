package runner_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gust/internal/testenv"
	"gust/runner"
)

const module = "-m"

// entryOf is the path of the Python program in a laid out folder.
func entryOf(t *testing.T, files *runner.Files) string {
	t.Helper()
	command, err := files.Command(runner.Auto, []string{"/usr/bin/python3", module, "streamparse.run", "a.B"})
	if err != nil {
		t.Fatal(err)
	}
	return command[1]
}

func TestLayKeepsToTheCache(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	files, err := runner.Lay()
	if err != nil {
		t.Fatal(err)
	}
	entry := entryOf(t, files)
	if !strings.HasPrefix(entry, cache+"/") {
		t.Fatalf("%s is not in the cache, %s", entry, cache)
	}
	written, err := os.Stat(entry)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a second run writes nothing", func(t *testing.T) {
		again, err := runner.Lay()
		if err != nil {
			t.Fatal(err)
		}
		if got := entryOf(t, again); got != entry {
			t.Errorf("it uses %s, want %s", got, entry)
		}
		if now, err := os.Stat(entry); err != nil || !os.SameFile(now, written) {
			t.Errorf("the file is another one now: %v", err)
		}
	})
	t.Run("a changed file is replaced", func(t *testing.T) {
		start := filepath.Join(filepath.Dir(entry), "gust_runner", "start.py")
		want, err := os.ReadFile(start)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(start, want[:10], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := runner.Lay(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(start); err != nil || string(got) != string(want) {
			t.Errorf("start.py has %d bytes, want %d: %v", len(got), len(want), err)
		}
	})
	t.Run("Close leaves it", func(t *testing.T) {
		if err := files.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(entry); err != nil {
			t.Error(err)
		}
	})
}

func TestLayAtTheSameTime(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := runner.Lay(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	leftovers, err := filepath.Glob(filepath.Join(cache, "*", "*", "*", ".new-*"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("temporary files are left: %v %v", leftovers, err)
	}
}

func TestLayWithoutACache(t *testing.T) {
	// A file in place of the folder stops every user, also root.
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, home := range map[string]string{"no home": "", "a home that cannot be written to": blocked} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", home)
			t.Setenv("HOME", home)
			t.Setenv("TMPDIR", temporary)
			files, err := runner.Lay()
			if err != nil {
				t.Fatal(err)
			}
			entry := entryOf(t, files)
			if !strings.HasPrefix(entry, temporary+"/") {
				t.Errorf("%s is not in %s", entry, temporary)
			}
			if _, err := os.Stat(entry); err != nil {
				t.Error(err)
			}
			if err := files.Close(); err != nil {
				t.Fatal(err)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("Close left %v %v", left, err)
			}
		})
	}
}

func TestCommand(t *testing.T) {
	files := laid(t)
	entry := entryOf(t, files)
	dir := t.TempDir()
	script := func(name, first string) string {
		name = filepath.Join(name, "streamparse_run")
		testenv.Write(t, dir, map[string]string{name + "*": first + "\nimport sys\n"})
		return filepath.Join(dir, name)
	}
	plain := script("plain", "#!/opt/venv/bin/python3.12")
	options := script("options", "#! /usr/bin/python3 -sP")
	wrapped := script("wrapped", "#!/bin/sh")
	if err := os.WriteFile(filepath.Join(dir, "wrapped", "python3"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		command, want []string
	}{
		{"a script", []string{plain, "-s json a.B"}, []string{"/opt/venv/bin/python3.12", entry, "auto", plain, "-s json a.B"}},
		{"words", []string{plain, "-s", "json", "a.B"}, []string{"/opt/venv/bin/python3.12", entry, "auto", plain, "-s", "json", "a.B"}},
		{"the interpreter's options", []string{options, "a.B"}, []string{"/usr/bin/python3", "-sP", entry, "auto", options, "a.B"}},
		{"a shell in between", []string{wrapped, "a.B"}, []string{filepath.Join(dir, "wrapped", "python3"), entry, "auto", wrapped, "a.B"}},
		{"a module", []string{"python3", "-m", "streamparse.run", "a.B"}, []string{"python3", entry, "auto", "-m", "a.B"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			given := slices.Clone(c.command)
			got, err := files.Command(runner.Auto, c.command)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
			if !slices.Equal(given, c.command) {
				t.Errorf("the command given became %q", c.command)
			}
		})
	}
	for name, command := range map[string][]string{
		"another program":       {"/bin/node", "x.js"},
		"no script":             {plain},
		"no such program":       {filepath.Join(dir, "streamparse_run"), "a.B"},
		"a script of something": {script("ruby", "#!/usr/bin/ruby"), "a.B"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := files.Command(runner.Auto, command); err == nil {
				t.Errorf("%q became %q", command, got)
			}
		})
	}
}
