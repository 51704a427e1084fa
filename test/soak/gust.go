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

// gust is the `gust run` under test.
type gust struct {
	cmd   *exec.Cmd
	dir   string
	mark  string        // a variable of its environment, which all its descendants inherit
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
	g := &gust{dir: dir, ended: make(chan struct{}), mark: "SOAK_RUN=" + dir}
	g.cmd = exec.Command(binary, "run", "--json", "-w", strconv.Itoa(workers), topology)
	g.cmd.Dir = dir
	g.cmd.Stdout, g.cmd.Stderr = stdout, stderr
	g.cmd.Env = append(os.Environ(), g.mark, "TMPDIR="+filepath.Join(dir, gustTemp),
		"XDG_RUNTIME_DIR="+filepath.Join(dir, gustRuntime), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	// Ctrl-C on a terminal is for the driver, which ends gust in its own time.
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		g.err = g.cmd.Wait()
		close(g.ended)
	}()
	return g, nil
}

func (g *gust) pid() int { return g.cmd.Process.Pid }

// workers are the processes of the run's workers. There are none if it has only one.
func (g *gust) workers() (pids []int) {
	for _, pid := range children(g.pid()) {
		if words := arguments(pid); len(words) == 2 && words[1] == "__worker" {
			pids = append(pids, pid)
		}
	}
	return pids
}

// measure adds up gust and its workers.
func (g *gust) measure() (sum resources, err error) {
	for _, pid := range append(g.workers(), g.pid()) {
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

// cpuSeconds adds up the CPU time of gust and of the workers that live.
func (g *gust) cpuSeconds() (sum float64) {
	for _, pid := range append(g.workers(), g.pid()) {
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

// kill kills gust. It does nothing if gust has ended.
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

// leftovers are the processes and files of the run that gust did not remove.
func (g *gust) leftovers() error {
	var errs []error
	pids, err := bearers(g.mark)
	errs = append(errs, err)
	if len(pids) > 0 {
		errs = append(errs, fmt.Errorf("gust has left processes behind: %v", pids))
	}
	for _, folder := range []string{gustTemp, filepath.Join(gustRuntime, "gust")} {
		files, err := os.ReadDir(filepath.Join(g.dir, folder))
		errs = append(errs, err)
		if len(files) > 0 {
			errs = append(errs, fmt.Errorf("gust has left files behind in %s: %v", folder, files))
		}
	}
	return errors.Join(errs...)
}
