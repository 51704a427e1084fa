package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// byHand is several `gust worker` that talk to each other over TCP. The soak restarts those
// that die, as systemd or Kubernetes would.
type byHand struct {
	dir   string
	ended chan struct{} // closed when all have ended, after stop

	mu       sync.Mutex
	now      []*exec.Cmd // by worker; nil while it is down
	stopping bool
	errs     []error
}

// restartPause is from the death of a worker to its restart.
const restartPause = 200 * time.Millisecond

func startByHand(binary, dir, topology string, l *links) (*byHand, error) {
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("known to all workers of the soak, and to nobody else"), 0o600); err != nil {
		return nil, err
	}
	b := &byHand{dir: dir, ended: make(chan struct{}), now: make([]*exec.Cmd, len(l.tcp))}
	var peers []string
	for _, t := range l.tcp {
		peers = append(peers, t.peer)
	}
	var all sync.WaitGroup
	for i, t := range l.tcp {
		log, err := os.Create(b.log(i))
		if err != nil {
			return nil, err
		}
		all.Go(func() {
			defer log.Close()
			for b.run(i, log, exec.Command(binary, "worker", topology, "--workers", strconv.Itoa(len(l.tcp)), "--index", strconv.Itoa(i),
				"--peers", strings.Join(peers, ","), "--listen", t.listen, "--secret", secret)) {
				time.Sleep(restartPause)
			}
		})
	}
	go func() {
		all.Wait()
		close(b.ended)
	}()
	return b, nil
}

// run runs a worker once, and says whether to restart it.
func (b *byHand) run(i int, log *os.File, cmd *exec.Cmd) bool {
	cmd.Stdout, cmd.Stderr = log, log
	isolate(cmd, b.dir)
	b.mu.Lock()
	if b.stopping {
		b.mu.Unlock()
		return false
	}
	err := cmd.Start()
	b.now[i] = cmd
	b.mu.Unlock()
	if err == nil {
		err = cmd.Wait()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now[i] = nil
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return !b.stopping
	}
	if err == nil && !b.stopping {
		err = errors.New("it has ended, and nobody has asked it to")
	}
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("worker %d: %w", i, err))
	}
	return !b.stopping
}

func (b *byHand) log(i int) string { return filepath.Join(b.dir, fmt.Sprintf("gust-%d.log", i)) }

func (b *byHand) logs() (paths []string) {
	for i := range b.now {
		paths = append(paths, b.log(i))
	}
	return paths
}

func (b *byHand) workers() (pids []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, cmd := range b.now {
		if cmd != nil && cmd.Process != nil {
			pids = append(pids, cmd.Process.Pid)
		}
	}
	return pids
}

func (b *byHand) pids() []int { return b.workers() }

func (b *byHand) done() <-chan struct{} { return b.ended }

func (b *byHand) signal(s syscall.Signal) {
	b.mu.Lock()
	b.stopping = true
	b.mu.Unlock()
	for _, pid := range b.workers() {
		syscall.Kill(pid, s)
	}
}

func (b *byHand) stop(within time.Duration) error {
	b.signal(syscall.SIGTERM)
	select {
	case <-b.ended:
		return errors.Join(b.errs...)
	case <-time.After(within):
		return fmt.Errorf("workers still run %v after SIGTERM", within)
	}
}

func (b *byHand) kill() {
	b.signal(syscall.SIGKILL)
	<-b.ended
}

func (b *byHand) leftovers() error { return leftovers(b.dir) }
