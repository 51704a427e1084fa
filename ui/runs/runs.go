// Package runs finds the runs of a user on this machine, and keeps the reports of those
// that have ended. Each run has a Unix socket, on which it serves its status, and a file
// that describes it, in a directory of the user.
package runs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Run describes a run.
type Run struct {
	PID     int       `json:"pid"`
	Name    string    `json:"name"` // of the topology
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	Dir     string    `json:"dir"`               // the directory in which it was started
	Address string    `json:"address,omitempty"` // HOST:PORT, where it serves over TCP, too
	// Socket is the path of its Unix socket. It is not part of the file.
	Socket string `json:"-"`
}

// API is the address of the run's API, in the form of ui/client.
func (r *Run) API() string { return "unix:" + r.Socket }

// The extensions of a run's files; the name before them is its pid.
const (
	socketSuffix = ".sock"
	fileSuffix   = ".json"
)

// Published is a run that other commands can find, until it is closed.
type Published struct {
	// Listener accepts the connections to the run's socket.
	Listener net.Listener

	mu   sync.Mutex // a reload may describe the run again while it ends
	file string
	done bool
}

// Publish opens the socket of this process's run, and describes the run to commands that
// look for it. The caller serves on the listener, and closes the result.
func Publish(run Run) (*Published, error) {
	dir, err := ownDir()
	if err != nil {
		return nil, err
	}
	sweep(dir)
	base := filepath.Join(dir, strconv.Itoa(run.PID))
	// A file with this pid belongs to a process that is gone.
	if err := os.Remove(base + socketSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", base+socketSuffix)
	if err != nil {
		return nil, err
	}
	p := &Published{Listener: listener, file: base + fileSuffix}
	err = os.Chmod(base+socketSuffix, 0o600)
	if err == nil {
		err = p.Describe(run)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Describe replaces the description of the run.
func (p *Published) Describe(run Run) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil
	}
	text, err := json.Marshal(run)
	if err != nil {
		return err
	}
	// Readers never see half a file.
	part := p.file + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(part, p.file)
}

// Close closes the listener and removes the run's files. It may be called again.
func (p *Published) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil
	}
	p.done = true
	err := p.Listener.Close() // which removes the socket
	if removed := os.Remove(p.file); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// List returns the runs that accept connections, the newest first. It removes the files
// of runs that are gone.
func List() ([]Run, error) {
	list := []Run{}
	var unsafe error
	safe := 0
	for _, dir := range dirs() {
		err := check(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			unsafe = errors.Join(unsafe, err)
			continue
		}
		safe++
		sweep(dir)
		files, err := filepath.Glob(filepath.Join(dir, "*"+fileSuffix))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if run, ok := read(file); ok && answers(run.Socket) == nil {
				list = append(list, run)
			}
		}
	}
	// A directory that someone else has made in the temporary directory is no reason to
	// hide the runs in the user's own.
	if safe == 0 && unsafe != nil {
		return nil, unsafe
	}
	slices.SortFunc(list, func(a, b Run) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.PID, b.PID)) })
	return list, nil
}

// read reads a run's file. A file that is something else, or is just being removed, is ignored.
func read(file string) (run Run, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &run) != nil || run.PID <= 0 {
		return run, false
	}
	run.Socket = strings.TrimSuffix(file, fileSuffix) + socketSuffix
	return run, true
}

// answers reports whether a socket accepts connections.
func answers(socket string) error {
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	return c.Close()
}

// sweep removes the files of runs whose socket refuses connections and whose process is
// gone. Both conditions are needed: a pid in another container with the same directory
// means nothing here, and the socket of a run that is just starting does not accept yet.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		base, _, _ := strings.Cut(entry.Name(), ".")
		pid, err := strconv.Atoi(base)
		if err != nil || pid <= 0 || !gone(pid) {
			continue
		}
		socket := filepath.Join(dir, base+socketSuffix)
		if err := answers(socket); errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // another process may sweep, too
		}
	}
}

// gone reports whether no process has the pid.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// dirs are the directories with runs, the preferred one first. A run and the command that
// looks for it may have different environments, so that both are searched.
func dirs() []string {
	var list []string
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		list = append(list, filepath.Join(runtime, "gust"))
	}
	return append(list, filepath.Join(os.TempDir(), fmt.Sprintf("gust-%d", os.Getuid())))
}

// mostSocketPath is the maximum length of a socket's path, by the lowest limit of the
// systems.
const mostSocketPath = 103

// ownDir makes the directory of this user's runs: the first safe one.
func ownDir() (string, error) {
	var all error
	for _, dir := range dirs() {
		if longest := filepath.Join(dir, "4194304"+socketSuffix); len(longest) > mostSocketPath {
			all = errors.Join(all, fmt.Errorf("%s is too long a path for a socket", dir))
			continue
		}
		err := os.Mkdir(dir, 0o700)
		if err == nil || errors.Is(err, fs.ErrExist) {
			err = check(dir)
		}
		if err == nil {
			return dir, nil
		}
		all = errors.Join(all, err)
	}
	return "", all
}

// check is an error unless a directory belongs to the user, and nobody else can use it:
// gust sends commands to the sockets in it, and trusts what they answer.
func check(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case !ok || int(owner.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to another user", dir)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s is open to other users: its mode is %04o, not 0700", dir, info.Mode().Perm())
	}
	return nil
}
