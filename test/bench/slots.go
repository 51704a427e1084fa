package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"gust/storm/stormtest"
)

// slotHost is a worker in a slot of a Storm cluster's supervisor: gust's, or Storm's own with
// the JVM that starts it.
type slotHost struct {
	env     *env
	cluster *stormtest.Cluster
	flags   []string // of gust submit, which select the worker
}

func (h slotHost) name() string {
	if h.flags == nil {
		return "storm"
	}
	return "gust"
}

// own is true for what the supervisor starts: gust keeps the command line for which it stands in.
func (slotHost) own(arguments []string) bool { return slices.Contains(arguments, workerClass) }

// command submits the topology in a file.
func (h slotHost) command(file, dir string) *exec.Cmd {
	return h.gust(append([]string{"submit", file, "-N", filepath.Base(dir), "-w", "1", "-a", "1", "--resources", h.env.resources}, h.flags...)...)
}

func (h slotHost) gust(args ...string) *exec.Cmd {
	cmd := exec.Command(h.env.gust, args...)
	cmd.Env = append(os.Environ(), "STREAMPARSE_NIMBUS="+h.cluster.Nimbus())
	return cmd
}

// startSlots starts a cluster with gust's workers, for both.
func startSlots(ctx context.Context, e *env) (*stormtest.Cluster, error) {
	return stormtest.Start(ctx, stormtest.Options{
		Settings: fastWorkers,
		Prepare: func(home string) error {
			install := exec.CommandContext(ctx, e.gust, "storm-workers", "install", "--storm", home)
			install.Stderr = os.Stderr
			lines, err := install.Output()
			if err != nil {
				return fmt.Errorf("cannot install gust's workers: %w", err)
			}
			file := filepath.Join(home, "conf", "storm.yaml")
			text, err := os.ReadFile(file)
			return errors.Join(err, os.WriteFile(file, append(text, lines...), 0o644))
		},
	}, "java", filepath.Dir(e.storm))
}

// measureSlots runs topologies on one cluster, on gust's workers and on Storm's in turn.
func measureSlots(ctx context.Context, m *measurer, rounds int, r *report) (err error) {
	cluster, err := startSlots(ctx, m.env)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	hosts := []slotHost{{m.env, cluster, []string{"--gust-workers"}}, {m.env, cluster, nil}}
	m = m.patient()
	for round := range rounds {
		for _, part := range []struct {
			name string
			flux *flux
		}{
			{"acked", cAcked(m.env)},
			{"wordcount-fast", wordCount("json", "auto", usual)(m.env)},
		} {
			if part.flux == nil {
				continue
			}
			name := "in Storm's slots: " + part.name
			for turn := range hosts {
				h := hosts[(turn+round)%len(hosts)] // a machine that becomes slower favours neither
				say("round %d of %d, %s: %s", round+1, rounds, name, h.name())
				got, err := m.runInSlot(ctx, h, part.flux)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", name, h.name(), err)
				}
				r.addWorkers(name, h.name(), got, got.per(spoutAcks))
				r.addOf(name, h.name(), "submission to first tuple, s", got.first.Seconds(), less)
			}
		}
	}
	return nil
}

// runInSlot runs a topology on the cluster, and measures its worker.
func (m *measurer) runInSlot(ctx context.Context, h slotHost, f *flux) (got *measured, err error) {
	dir, err := os.MkdirTemp("", "gust-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	placed := *f
	placed.Config = maps.Clone(f.Config)
	placed.Config["topology.environment"] = map[string]string{countsVariable: countsIn(dir)}
	submission, err := m.start(h, &placed, dir)
	if err != nil {
		return nil, err
	}
	p := &process{began: submission.began, counts: submission.counts, host: h}
	defer func() { err = errors.Join(err, submission.kill(), h.end(p, filepath.Base(dir))) }()
	got = &measured{}
	if got.first, err = p.awaitTuple(ctx); err == nil {
		p.pid, err = h.worker()
	}
	if err == nil {
		err = p.sleep(ctx, m.warm)
	}
	if err == nil {
		err = m.watch(ctx, p, got)
	}
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, submission.lastWords())
	}
	return got, nil
}

// worker finds the process that the supervisor has started for the topology. Those of earlier ones have ended.
func (h slotHost) worker() (int, error) {
	all, err := processTree(os.Getpid())
	if err != nil {
		return 0, err
	}
	workers := all.of(h)
	if len(workers) == 0 {
		return 0, errors.New("the topology has no worker")
	}
	return workers[0], nil
}

// end kills the topology, and waits until its worker has ended.
func (h slotHost) end(p *process, topology string) error {
	if out, err := h.gust("kill", topology, "--wait", "0").CombinedOutput(); err != nil {
		return fmt.Errorf("cannot kill the topology: %w\n%s", err, out)
	}
	for end := time.Now().Add(time.Minute); p.pid > 0; time.Sleep(50 * time.Millisecond) {
		if _, err := processStat(p.pid); err != nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the worker of a killed topology, pid %d, does not end", p.pid)
		}
	}
	return nil
}
