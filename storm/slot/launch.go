package slot

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Launch is what a supervisor's command says about the worker that it starts.
type Launch struct {
	Topology string // the id
	Node     string // the id of the supervisor, or of its NUMA zone
	Port     int    // of the slot
	Worker   string // the id
	// Supervisor is the port of the supervisor itself, 0 for one of Storm 1.x.
	Supervisor int

	LocalDir  string // storm.local.dir
	Artifacts string // storm.workers.artifacts.dir
	Home      string // storm.home
}

// The classes of workers in a supervisor's command. Five arguments follow the first one, four the second.
const (
	workerClass2 = "org.apache.storm.daemon.worker.Worker" // 2.x
	workerClass1 = "org.apache.storm.daemon.worker"        // 1.x
)

var errNoWorker = errors.New("the command does not start a worker of Storm's")

// ParseLaunch reads a supervisor's command. The worker's own command is at its end: before it
// is the one of LogWriter, which starts it.
func ParseLaunch(command []string) (*Launch, error) {
	l := &Launch{}
	switch n := len(command); {
	case n > 6 && command[n-6] == workerClass2:
		var err error
		if l.Supervisor, err = strconv.Atoi(command[n-3]); err != nil {
			return nil, fmt.Errorf("%w: the supervisor's port is %q", errNoWorker, command[n-3])
		}
		return l.read(command[:n-6], command[n-5], command[n-4], command[n-2], command[n-1])
	case n > 5 && command[n-5] == workerClass1:
		return l.read(command[:n-5], command[n-4], command[n-3], command[n-2], command[n-1])
	}
	return nil, errNoWorker
}

func (l *Launch) read(options []string, topology, node, port, worker string) (*Launch, error) {
	var err error
	if l.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("%w: its port is %q", errNoWorker, port)
	}
	l.Topology, l.Node, l.Worker = topology, node, worker
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "-Dstorm.local.dir":
			l.LocalDir = value
		case "-Dworkers.artifacts":
			l.Artifacts = value
		case "-Dstorm.home":
			l.Home = value
		}
	}
	if l.LocalDir == "" || l.Artifacts == "" {
		return nil, fmt.Errorf("%w: it lacks -Dstorm.local.dir or -Dworkers.artifacts", errNoWorker)
	}
	if !filepath.IsAbs(l.LocalDir) { // ConfigUtils.absoluteStormLocalDir
		l.LocalDir = filepath.Join(l.Home, l.LocalDir)
	}
	return l, nil
}

// code is the directory of the topology's code and conf, and resources that of its programs.
func (l *Launch) code() string {
	return filepath.Join(l.LocalDir, "supervisor", "stormdist", urlEncoded(l.Topology))
}

func (l *Launch) resources() string { return filepath.Join(l.code(), "resources") }

// dir is the worker's own directory.
func (l *Launch) dir(parts ...string) string {
	return filepath.Join(append([]string{l.LocalDir, "workers", l.Worker}, parts...)...)
}

// artifacts is a file in the directory that the logviewer shows.
func (l *Launch) artifacts(file string) string {
	return filepath.Join(l.Artifacts, l.Topology, strconv.Itoa(l.Port), file)
}

// urlEncoded writes a string as Java's URLEncoder does, which leaves other characters alone than
// Go's.
func urlEncoded(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}
