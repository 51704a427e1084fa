package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"gust/storm/stormtest"
)

// clusterHost is a Storm cluster on this machine: ZooKeeper, Nimbus, a supervisor and the
// topology's workers, each a JVM. Only the workers count as the host.
type clusterHost struct{ env *env }

func (clusterHost) name() string { return "storm" }

// clusterCommand is the argument that makes the program a Storm cluster with a topology.
const clusterCommand = "storm-cluster"

func (h clusterHost) command(file, dir string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", clusterCommand, h.env.storm, h.env.jar, file)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // it is killed, and leaves its files
	return cmd
}

// workerClass is the class of Storm's workers.
const workerClass = "org.apache.storm.daemon.worker.Worker"

func (clusterHost) own(arguments []string) bool {
	return slices.Contains(arguments, workerClass) && !slices.Contains(arguments, "org.apache.storm.LogWriter")
}

// fastWorkers are settings of a cluster whose Java workers are as fast as Storm's local mode: what
// the tests set makes JVMs that start quickly.
var fastWorkers = map[string]string{
	"worker.childopts": `"-Xmx1g"`, "worker.heap.memory.mb": "1024", "executor.metrics.frequency.secs": "60",
}

// clusterMain is `bench storm-cluster LIB JAR FILE`: a cluster that runs the topology of a
// file until it is killed.
func clusterMain(lib, jar, file string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flux := fluxJar(lib)
	c, err := stormtest.Start(ctx, stormtest.Options{
		Settings: fastWorkers,
		Prepare: func(home string) error {
			extra := filepath.Join(home, "extlib") // of the workers
			return errors.Join(os.Mkdir(extra, 0o755), os.Symlink(flux, filepath.Join(extra, filepath.Base(flux))))
		},
	}, "java", filepath.Dir(lib))
	if err != nil {
		return err
	}
	defer c.Stop()
	submit := exec.CommandContext(ctx, "java", "-Dstorm.jar="+jar, "-Dstorm.home="+c.Home(),
		"-cp", filepath.Join(c.Home(), "conf")+":"+jar+":"+filepath.Join(lib, "*"), "org.apache.storm.flux.Flux", "--remote", file)
	submit.Stdout, submit.Stderr = os.Stderr, os.Stderr
	if err := submit.Run(); err != nil {
		return fmt.Errorf("cannot submit the topology: %w", err)
	}
	<-ctx.Done()
	return nil
}

// fluxJar is the jar of Flux, empty if it is not there.
func fluxJar(lib string) string {
	jars, _ := filepath.Glob(filepath.Join(lib, "flux-core-*.jar"))
	if jars == nil {
		return ""
	}
	return jars[0]
}

// clusterMissing says why no Storm cluster can be started; it is "" if one can.
func (e *env) clusterMissing() string {
	if missing := e.stormMissing(); missing != "" {
		return missing
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(e.storm), "lib-worker")); err != nil {
		return "the jars of Storm's workers are missing: `make bench-deps` downloads them"
	}
	return ""
}
