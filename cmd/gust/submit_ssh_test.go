package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// A submission makes the virtualenv on the cluster's machines, as sparse does,
// and has the components run in it.
func TestSubmitInstallsVirtualenv(t *testing.T) {
	python := testenv.Python(t)
	root := t.TempDir()
	r := newMachineRoom(t, fmt.Sprintf(`, "virtualenv_root": %q`, root))
	if err := os.WriteFile(filepath.Join(r.sshd.Bin, "virtualenv"), []byte(fakeVirtualenv), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "virtualenvs/words.txt", "streamparse\n")
	writeFile(t, "src/spouts.py", "from streamparse import Spout\n\nclass Words(Spout):\n    outputs = ['word']\n")
	writeFile(t, "topologies/words.py", "from streamparse import Topology\nfrom spouts import Words\n\nclass WordCount(Topology):\n    words = Words.spec()\n")
	submit := func(args ...string) result {
		return gust(t, append([]string{"submit", "-n", "words", "--python", python, "--no-wait"}, args...)...)
	}
	runsIn := func(name, virtualenv string) {
		t.Helper()
		topology := r.fake.Submitted(name)
		if topology == nil {
			t.Fatalf("no topology %q was submitted", name)
		}
		want := filepath.Join(root, virtualenv, "bin", "streamparse_run")
		if got := topology.Spouts["words"].SpoutObject.Shell.ExecutionCommand; got != want {
			t.Errorf("%s runs %s, want %s", name, got, want)
		}
	}
	installed := func(virtualenv string) string {
		text, _ := os.ReadFile(filepath.Join(root, virtualenv, "installed"))
		return string(text)
	}

	got := submit().ok(t)
	ready := strings.Index(got.stderr, filepath.Join(root, "words")+" is ready on 1 machine")
	if submitted := strings.Index(got.stderr, "submitted words to "); ready < 0 || submitted < ready {
		t.Errorf("it was not ready when the topology was submitted:\n%s", got.stderr)
	}
	if installed("words") != "streamparse\n" {
		t.Errorf("installed %q", installed("words"))
	}
	runsIn("words", "words")

	// Under another name it has another virtualenv, with the same packages.
	submit("-N", "canary").ok(t)
	if installed("canary") != "streamparse\n" {
		t.Errorf("installed %q", installed("canary"))
	}
	runsIn("canary", "canary")

	// The one that is there is kept, unless it is to be made new.
	old := filepath.Join(root, "canary", "old")
	writeFile(t, old, "")
	submit("-N", "second", "-o", "virtualenv_name=canary").ok(t)
	exist(t, []string{old}, true)
	submit("-N", "third", "-o", "virtualenv_name=canary", "--overwrite_virtualenv").ok(t)
	exist(t, []string{old}, false)
	runsIn("third", "canary")

	submit("-N", "as-is", "-o", "install_virtualenv=false").ok(t)
	exist(t, []string{filepath.Join(root, "as-is")}, false)
	runsIn("as-is", "as-is")

	// Where a machine is not ready nothing is sent.
	uploads := r.fake.Calls()["beginFileUpload"]
	writeFile(t, "virtualenvs/words.txt", "streamparse\nbroken\n")
	submit("-N", "broken").refuses(t, exitFailed, filepath.Join(root, "broken")+" is not ready on 127.0.0.1", "exit status 3", "hint: use --bundle to put the packages into the jar instead")
	if r.fake.Calls()["beginFileUpload"] != uploads || r.fake.Submitted("broken") != nil {
		t.Error("the topology was sent all the same")
	}
}
