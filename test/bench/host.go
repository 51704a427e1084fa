package main

import (
	"os/exec"
	"path/filepath"

	"gust/run"
)

// host is a program that runs a Flux topology.
type host interface {
	name() string
	// command runs the topology in a file until it is killed. dir is for its own files.
	command(file, dir string) *exec.Cmd
}

// owner is a host of several processes. The others have one, from which all others
// descend.
type owner interface {
	// own says whether a process is one of the host's, by its command line, and not a
	// component.
	own(arguments []string) bool
}

type gustHost struct{ env *env }

// own takes in the workers, but not the guard, which only waits.
func (gustHost) own(arguments []string) bool {
	return len(arguments) > 1 && (arguments[1] == "run" || arguments[1] == run.MemberCommand)
}

func (gustHost) name() string { return "gust" }

func (h gustHost) command(file, dir string) *exec.Cmd {
	return exec.Command(h.env.gust, "run", "--resources", h.env.resources, file)
}

// stormHost is Storm's local mode: Nimbus, supervisor and worker in one JVM,
// and tuples pass from task to task without a network, which is the best that
// Storm can do.
type stormHost struct{ env *env }

func (stormHost) name() string { return "storm" }

func (h stormHost) command(file, dir string) *exec.Cmd {
	return exec.Command("java", "-Xmx1g", "-Djava.io.tmpdir="+dir,
		"-Dstorm.jar="+h.env.jar, "-Dstorm.local.sleeptime=86400",
		"-cp", h.env.jar+":"+filepath.Join(h.env.storm, "*"),
		"org.apache.storm.LocalCluster", "org.apache.storm.flux.Flux", file)
}
