package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// measurer runs topologies and measures them from outside: by the children's counts and
// /proc. It does not ask the hosts, so that all are measured in the same way.
type measurer struct {
	env    *env
	warm   time.Duration // from the first tuple to the beginning of the window
	window time.Duration // the length of a measurement

	capacity map[string]float64 // of each host: tuples per second for the latency part
}

// measured is the figures of a run in its window.
type measured struct {
	seconds  float64
	before   counts
	after    counts
	first    time.Duration // from the start to the first tuple at a bolt
	hostCPU  float64       // seconds
	treeCPU  float64
	hostPSS  float64 // bytes, at the window's end
	treePSS  float64
	switches float64 // of the host
	tasks    int     // processes below the host
}

// per is by how much a count grew.
func (m *measured) per(count func(counts) float64) float64 {
	return max(1, count(m.after)-count(m.before))
}

// startTimeout is how long a host may take until its first tuple.
const startTimeout = 2 * time.Minute

// run runs a topology for the measurer's time and ends it.
func (m *measurer) run(ctx context.Context, h host, f *flux) (got *measured, err error) {
	dir, err := os.MkdirTemp("", "gust-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	p, err := m.start(h, f, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.kill()) }()
	got = &measured{}
	if got.first, err = p.awaitTuple(ctx); err == nil {
		err = p.sleep(ctx, m.warm)
	}
	if err == nil {
		err = m.watch(ctx, p, got)
	}
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, p.lastWords())
	}
	return got, nil
}

// watch measures for the window.
func (m *measurer) watch(ctx context.Context, p *process, got *measured) error {
	all, err := processTree(p.pid)
	if err != nil {
		return err
	}
	host := all.of(p.host)
	got.tasks = len(all) - 1
	began := time.Now()
	if got.before, err = readCounts(p.counts); err != nil {
		return err
	}
	hostCPU, treeCPU, switches := host.cpu(), all.cpu(), host.switches()
	if err := p.sleep(ctx, m.window); err != nil {
		return err
	}
	got.seconds = time.Since(began).Seconds()
	if got.after, err = readCounts(p.counts); err != nil {
		return err
	}
	got.hostCPU, got.treeCPU, got.switches = host.cpu()-hostCPU, all.cpu()-treeCPU, host.switches()-switches
	got.hostPSS, got.treePSS = host.pss(), all.pss()
	return nil
}

// process is a host at work.
type process struct {
	pid    int
	began  time.Time
	counts string // the directory of the children's counts
	log    string
	host   host          // nil for a component
	ended  chan struct{} // closed when it has ended
}

func (m *measurer) start(h host, f *flux, dir string) (*process, error) {
	topology := filepath.Join(dir, "topology.yaml")
	if err := os.WriteFile(topology, f.text(), 0o644); err != nil {
		return nil, err
	}
	cmd := h.command(topology, dir)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C goes only to the benchmark
	p, err := startProcess(cmd, dir)
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", h.name(), err)
	}
	p.host = h
	return p, nil
}

// countsVariable names the environment variable with the directory of the children's counts.
const countsVariable = "BENCH_DIR"

// countsIn is that directory of a run.
func countsIn(dir string) string { return filepath.Join(dir, "counts") }

// startProcess starts a host or a component. Its counts and its log are in dir; the
// log has stdout too, unless the command sends it elsewhere.
func startProcess(cmd *exec.Cmd, dir string) (*process, error) {
	p := &process{counts: countsIn(dir), log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	if err := os.Mkdir(p.counts, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	cmd.Env = append(cmd.Environ(), countsVariable+"="+p.counts)
	p.began = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	go p.wait(cmd)
	return p, nil
}

func (p *process) wait(cmd *exec.Cmd) {
	_ = cmd.Wait() // the exit status of a killed host does not matter
	close(p.ended)
}

var errEnded = errors.New("the host ended early")

func (p *process) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.ended:
		return errEnded
	}
}

// awaitTuple waits until a bolt has acked a tuple.
func (p *process) awaitTuple(ctx context.Context) (time.Duration, error) {
	for {
		c, err := readCounts(p.counts)
		if err != nil {
			return 0, err
		}
		for component, t := range c {
			if component != "spout" && t.tuples > 0 {
				return time.Since(p.began), nil
			}
		}
		if time.Since(p.began) > startTimeout {
			return 0, fmt.Errorf("no tuple in %v", startTimeout)
		}
		if err := p.sleep(ctx, 5*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// kill kills the host and all its children, without a graceful stop: the measurement is
// complete, and Storm would take ten seconds.
func (p *process) kill() error {
	select {
	case <-p.ended: // and its children with it; their numbers may be others' by now
		return nil
	default:
	}
	all, err := processTree(p.pid)
	for _, pid := range all {
		_ = syscall.Kill(pid, syscall.SIGKILL) // those that have just ended do not matter
	}
	<-p.ended
	return err
}

// lastWords is the end of the host's log.
func (p *process) lastWords() string {
	raw, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
