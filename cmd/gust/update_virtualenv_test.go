package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// A machine makes a virtualenv with its own Python, and its pip fetches what is
// to be in it: nothing here is played.
func TestUpdateVirtualenvWithPip(t *testing.T) {
	python := basePython(t, testenv.Python(t))
	streamparse := "streamparse==99.0\n--find-links " + testenv.Wheel(t, "streamparse", "py3-none-any") + "\n"
	root := t.TempDir()
	r := newMachineRoom(t, fmt.Sprintf(`, "virtualenv_root": %q`, root))
	testenv.Write(t, r.sshd.Bin, map[string]string{"python3*": "#!/bin/sh\nexec " + python + " \"$@\"\n"})
	path := filepath.Join(root, "wordcount")
	installed := func() string {
		t.Helper()
		out, err := exec.Command(filepath.Join(path, "bin", "python"), "-c", "import msgpack, streamparse; print(*msgpack.version)").CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}

	// What was there goes.
	mark := filepath.Join(path, "mark")
	writeFile(t, mark, "")
	writeFile(t, "virtualenvs/wordcount.txt", streamparse+"msgpack==1.0.8\n")
	got := gust(t, "update_virtualenv", "wordcount", "--overwrite_virtualenv").ok(t)
	for _, want := range []string{"127.0.0.1: deleting " + path, "127.0.0.1: making " + path, path + " is ready on 1 machine"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing:\n%s", want, got.stderr)
		}
	}
	if exist(t, []string{mark}, false); installed() != "1 0 8" {
		t.Errorf("msgpack is %s:\n%s", installed(), got.stderr)
	}

	// What is there is completed.
	writeFile(t, mark, "")
	writeFile(t, "virtualenvs/wordcount.txt", streamparse+"msgpack==1.1.0\n")
	got = gust(t, "update_virtualenv", "wordcount").ok(t)
	if exist(t, []string{mark}, true); installed() != "1 1 0" {
		t.Errorf("msgpack is %s:\n%s", installed(), got.stderr)
	}

	// A package that there is not costs it nothing.
	writeFile(t, "virtualenvs/wordcount.txt", streamparse+"msgpack==98.0\n")
	gust(t, "update_virtualenv", "wordcount").refuses(t, exitFailed, path+" is not ready on 127.0.0.1: ",
		"    ERROR: No matching distribution found for msgpack==98.0\n", "hint: is msgpack==98.0 spelled correctly")
	if installed() != "1 1 0" {
		t.Errorf("msgpack is %s", installed())
	}
}

// Where a machine's tool fails it leaves nothing that looks like a virtualenv.
func TestUpdateVirtualenvThatIsNotMade(t *testing.T) {
	root := t.TempDir()
	r := newMachineRoom(t, fmt.Sprintf(`, "virtualenv_root": %q`, root))
	testenv.Write(t, r.sshd.Bin, map[string]string{"virtualenv*": "#!/bin/sh\nmkdir -p \"$2/bin\"\necho no space left on device\nexit 1\n"})
	writeFile(t, "virtualenvs/wordcount.txt", "streamparse\n")
	path := filepath.Join(root, "wordcount")
	gust(t, "update_virtualenv", "wordcount").refuses(t, exitFailed,
		"127.0.0.1: no space left on device\n", path+" is not ready on 127.0.0.1: ", "cannot make a virtualenv with virtualenv\n")
	exist(t, []string{path}, false)

	// Nor is one that has lost its Python, with the system's, repaired in silence.
	writeFile(t, filepath.Join(path, "mine"), "")
	gust(t, "update_virtualenv", "wordcount").refuses(t, exitFailed, path+" has no bin/python", "--overwrite_virtualenv recreates it")
	exist(t, []string{filepath.Join(path, "mine")}, true)
}
