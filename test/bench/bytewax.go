package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

// bytewaxHost runs a dataflow of bytewax/flow.py, which counts the same words: what a
// Python program can do without Storm's protocol and its acks.
type bytewaxHost struct {
	env *env
	run []string // the module that runs it, with its words, and the dataflow's name
}

func (bytewaxHost) name() string { return "bytewax" }

func (h bytewaxHost) command(file, dir string) *exec.Cmd {
	flow := filepath.Join(h.env.root, "test", "bench", "bytewax", "flow.py") + ":" + h.run[len(h.run)-1]
	cmd := exec.Command(h.env.bytewax, append(append([]string{"-m"}, h.run[:len(h.run)-1]...), flow)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+h.env.resources) // where tally.py is
	return cmd
}

// bytewax is a workload that bytewax runs, to compare with gust's run of another one.
func bytewax(name, rival string, run ...string) *workload {
	return &workload{name: name, rival: rival, on: "bytewax", measure: func(ctx context.Context, m *measurer, _ host, r *report) error {
		h := bytewaxHost{m.env, run}
		got, err := m.run(ctx, h, newFlux(pendingPython)) // it has a dataflow, and reads no topology
		if err != nil {
			return err
		}
		tuples := got.per(boltTuples("count"))
		r.add(name, h, "tuples per second", tuples/got.seconds, more)
		r.add(name, h, "CPU s per million, all processes", got.treeCPU/tuples*1e6, less)
		r.add(name, h, "memory of all processes, MB", got.treePSS/1e6, less)
		r.add(name, h, "start to first tuple, s", got.first.Seconds(), less)
		return nil
	}}
}
