package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gust/internal/testenv"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
	"gust/storm/remote/remotetest"
	"gust/storm/stormtest"
)

// The scripts of testdata/cluster run with a real Storm cluster, whose workers
// have Python on their PATH and no streamparse. Each has a project of its own in
// $WORK/words, whose virtualenv is on the workers. A cluster of Storm 1.x runs
// those that it could make a difference to, and has some of its own.
func TestCluster(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t, "msgpack")
	for _, test := range []struct {
		release stormtest.Release
		scripts []string // names below testdata, or patterns
	}{
		{stormtest.Storm2, []string{"cluster/*"}},
		{stormtest.Storm1, []string{"cluster/submit", "cluster/errors", "cluster/operate", "cluster1/*"}},
	} {
		t.Run(string(test.release), func(t *testing.T) {
			t.Parallel()
			cluster := stormtest.New(t, stormtest.Options{Release: test.release, Env: workerEnvironment(t, python)})
			run := clusterScripts(t, cluster, python)
			for _, name := range test.scripts {
				files, err := filepath.Glob(filepath.Join("testdata", name+".txt"))
				if err != nil || files == nil {
					t.Fatalf("no script %s: %v", name, err)
				}
				run.Files = append(run.Files, files...)
			}
			testscript.Run(t, run)
		})
	}
}

// clusterScripts is what the scripts need to run with a cluster.
func clusterScripts(t *testing.T, cluster *stormtest.Cluster, python string) testscript.Params {
	base := basePython(t, python)
	version, platform := pythonOf(t, base)
	sshd := remotetest.Start(t)
	return testscript.Params{
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("STREAMPARSE_NIMBUS", cluster.Nimbus())
			env.Setenv("PYTHON", python)
			env.Setenv("WORKER_PYTHON", base)
			env.Setenv("WORKER_VERSION", version)
			env.Setenv("WORKER_PLATFORM", platform)
			env.Setenv("SSH_HOME", sshd.Home)
			env.Setenv("SSH_PORT", strconv.Itoa(sshd.Port))
			// What pip has installed once is there for the next run of the tests.
			env.Setenv("XDG_CACHE_HOME", filepath.Join(testenv.Top(t), ".deps", "cache"))
			return clusterProject(env.WorkDir, python)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exec-code": execCode,
			"kill-topology": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: kill-topology NAME")
				}
				ts.Check(killTopology(t, cluster, args[0]))
			},
			"await-workers": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: await-workers NAME")
				}
				ts.Check(awaitWorkers(t, cluster, args[0]))
			},
		},
	}
}

// workerEnvironment is that of the tests without the virtualenv's programs.
func workerEnvironment(t *testing.T, python string) []string {
	t.Helper()
	var path []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "streamparse_run")); err != nil {
			path = append(path, dir)
		}
	}
	var environment []string
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); name != "PATH" && name != "VIRTUAL_ENV" && name != "PYTHONPATH" {
			environment = append(environment, variable)
		}
	}
	return append(environment, "PATH="+strings.Join(path, string(filepath.ListSeparator)), "PYTHONNOUSERSITE=1")
}

// basePython is the interpreter that a virtualenv was made with.
func basePython(t *testing.T, python string) string {
	t.Helper()
	out, err := exec.Command(python, "-c", "import sys; print(sys._base_executable)").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// pythonOf is an interpreter's release, and pip's name for the machine: what
// wheels for it are asked for by.
func pythonOf(t *testing.T, python string) (version, platform string) {
	t.Helper()
	const tell = `import platform, sys; print("%d.%d" % sys.version_info[:2], platform.machine())`
	out, err := exec.Command(python, "-c", tell).Output()
	version, machine, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || !ok {
		t.Fatalf("%s tells %q of itself: %v", python, out, err)
	}
	if runtime.GOOS == "darwin" {
		return version, "macosx_11_0_" + machine
	}
	return version, "manylinux_2_28_" + machine
}

func killTopology(t *testing.T, cluster *stormtest.Cluster, name string) error {
	client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}, Timeout: time.Minute})
	if err != nil {
		return err
	}
	defer client.Close()
	return operate.Kill(t.Context(), client, name, 0)
}

// awaitWorkers waits until a topology's workers have reported themselves. To
// kill it before costs the cluster its supervisor, which does not bear that the
// jar that it is just downloading is deleted.
func awaitWorkers(t *testing.T, cluster *stormtest.Cluster, name string) error {
	client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}, Timeout: time.Minute})
	if err != nil {
		return err
	}
	defer client.Close()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		summary, err := client.ClusterInfo(t.Context())
		if err != nil {
			return err
		}
		for _, topology := range summary.Topologies {
			if topology.Name != name {
				continue
			}
			info, err := client.TopologyInfo(t.Context(), topology.ID)
			if err != nil {
				return err
			}
			if len(info.Executors) > 0 && !slices.ContainsFunc(info.Executors, silent) {
				return nil
			}
		}
	}
	return fmt.Errorf("the workers of %q do not come", name)
}

func silent(e *generated.ExecutorSummary) bool { return e.Stats == nil }

// clusterProject makes the project of a script. Its spout is slow, so that the
// tests of other packages get their turn.
func clusterProject(dir, python string) error {
	virtualenvs := filepath.Join(dir, "virtualenvs-of-workers")
	files := map[string]string{
		"config.json": fmt.Sprintf(`{"topology_specs": "topologies/", "virtualenv_specs": "virtualenvs/",
			"envs": {"prod": {"virtualenv_root": %q, "virtualenv_name": "shared", "install_virtualenv": false, "options": {"topology.stats.sample.rate": 1.0}}}}`, virtualenvs),
		"virtualenvs/words.txt": "streamparse==5.0.1\n",
		"src/spouts.py": `import time
from streamparse import Spout

class Words(Spout):
    outputs = ["word"]

    def next_tuple(self):
        time.sleep(0.02)
        self.emit(["dog"], tup_id=str(time.time()))
`,
		"src/bolts.py": `from streamparse import Bolt

class Count(Bolt):
    outputs = ["word", "n"]
    n = 0

    def process(self, tup):
        self.n += 1
        self.emit([tup.values[0], self.n])
`,
		"topologies/words.py": `from streamparse import Grouping, Topology
from bolts import Count
from spouts import Words

class WordCount(Topology):
    words = Words.spec()
    count = Count.spec(inputs={words: Grouping.fields("word")}, par=2)
`,
	}
	for name, text := range files {
		file := filepath.Join(dir, "words", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.Mkdir(virtualenvs, 0o755); err != nil {
		return err
	}
	return os.Symlink(filepath.Dir(filepath.Dir(python)), filepath.Join(virtualenvs, "shared"))
}
