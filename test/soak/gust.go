package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// running is gust at work: a `gust run`, or several `gust worker`.
type running interface {
	// workers are the processes of several workers. There are none with one.
	workers() (pids []int)
	// pids are all processes that are gust's own.
	pids() []int
	// done is closed when gust has ended.
	done() <-chan struct{}
	// stop ends gust in order.
	stop(within time.Duration) error
	// kill kills gust. It does nothing if gust has ended.
	kill()
	// logs are the files that gust logs to.
	logs() []string
	// leftovers are the processes and files of the run that gust did not remove.
	leftovers() error
}

// gust is the `gust run` under test.
type gust struct {
	cmd   *exec.Cmd
	dir   string
	ended chan struct{} // closed when it has ended; err is set then
	err   error
}

// The files that gust writes to, in the run's folder.
const (
	gustLog    = "gust.log"
	gustReport = "gust.json"
	gustTemp   = "tmp"
	// gustRuntime has a folder in which the run is found while it lasts.
	gustRuntime = "runtime"
)

func startGust(binary, dir, topology string, workers int) (*gust, error) {
	stdout, err := os.Create(filepath.Join(dir, gustReport))
	if err != nil {
		return nil, err
	}
	defer stdout.Close()
	stderr, err := os.Create(filepath.Join(dir, gustLog))
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	g := &gust{dir: dir, ended: make(chan struct{})}
	g.cmd = exec.Command(binary, "run", "--json", "-w", strconv.Itoa(workers), topology)
	g.cmd.Stdout, g.cmd.Stderr = stdout, stderr
	isolate(g.cmd, dir)
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		g.err = g.cmd.Wait()
		close(g.ended)
	}()
	return g, nil
}

// isolate keeps gust's files in the run's folder, and marks all its processes.
func isolate(cmd *exec.Cmd, dir string) {
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), mark(dir), "TMPDIR="+filepath.Join(dir, gustTemp),
		"XDG_RUNTIME_DIR="+filepath.Join(dir, gustRuntime), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	// Ctrl-C on a terminal is for the driver, which ends gust in its own time.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// mark is a variable of gust's environment, which all its descendants inherit.
func mark(dir string) string { return "SOAK_RUN=" + dir }

func (g *gust) done() <-chan struct{} { return g.ended }

func (g *gust) logs() []string { return []string{filepath.Join(g.dir, gustLog)} }

func (g *gust) leftovers() error { return leftovers(g.dir) }

func (g *gust) pid() int { return g.cmd.Process.Pid }

func (g *gust) workers() (pids []int) {
	for _, pid := range children(g.pid()) {
		if words := arguments(pid); len(words) == 2 && words[1] == "__worker" {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (g *gust) pids() []int { return append(g.workers(), g.pid()) }

// measureAll adds up all processes of gust's.
func measureAll(g running) (sum resources, err error) {
	for _, pid := range g.pids() {
		r, err := measure(pid)
		if err != nil {
			return sum, err
		}
		sum.RSS += r.RSS
		sum.Descriptors += r.Descriptors
		sum.Children += r.Children
	}
	return sum, nil
}

// cpuOf adds up the CPU time of the processes of gust's that live.
func cpuOf(g running) (sum float64) {
	for _, pid := range g.pids() {
		own, _ := cpuSeconds(pid)
		sum += own
	}
	return sum
}

// stop ends gust as Ctrl-C does.
func (g *gust) stop(within time.Duration) error {
	g.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-g.ended:
		return g.err
	case <-time.After(within):
		return fmt.Errorf("gust still runs %v after SIGINT", within)
	}
}

func (g *gust) kill() {
	g.cmd.Process.Kill()
	<-g.ended
}

// report is the part of gust's --json that is compared with the books.
type report struct {
	Components []struct {
		Name     string `json:"name"`
		Restarts int    `json:"restarts"`
	} `json:"components"`
	Trees trees `json:"trees"`
}

// trees is gust's count of the tuple trees.
type trees struct {
	Emitted int     `json:"emitted"`
	Acked   int     `json:"acked"`
	Pending int     `json:"pending"`
	Failed  reasons `json:"failed"`
}

type reasons struct {
	Bolt     int `json:"bolt"`
	Timeout  int `json:"timeout"`
	Died     int `json:"died"`
	Shutdown int `json:"shutdown"`
}

func (r reasons) sum() int { return r.Bolt + r.Timeout + r.Died + r.Shutdown }

func (r *report) restarts() (n int) {
	for _, c := range r.Components {
		n += c.Restarts
	}
	return n
}

// report reads gust's --json. gust must have ended.
func (g *gust) report() (*report, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, gustReport))
	if err != nil {
		return nil, err
	}
	r := &report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("gust's --json is not a JSON object: %w", err)
	}
	return r, nil
}

func leftovers(dir string) error {
	var errs []error
	pids, err := bearers(mark(dir))
	errs = append(errs, err)
	if len(pids) > 0 {
		errs = append(errs, fmt.Errorf("gust has left processes behind: %v", pids))
	}
	for _, folder := range []string{gustTemp, filepath.Join(gustRuntime, "gust")} {
		files, err := os.ReadDir(filepath.Join(dir, folder))
		errs = append(errs, err)
		if len(files) > 0 {
			errs = append(errs, fmt.Errorf("gust has left files behind in %s: %v", folder, files))
		}
	}
	return errors.Join(errs...)
}
