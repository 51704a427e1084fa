package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"gust/internal/guard"
	"gust/internal/spool"
	"gust/worker"
	"gust/worker/remote"
)

// MemberCommand is the word after the program's name that makes it a member: main then
// calls [MemberMain].
const MemberCommand = "__worker"

// memberFD is the descriptor of the connection to the parent.
const memberFD = 3

// MemberMain is the process of one worker of a run that has several. It returns the exit
// status.
//
// Its parent shows and controls it over the socket that it has inherited. The end of that
// socket is the end of the parent: then the worker ends at once, with its components. If it
// is killed itself, its own guard ends them.
func MemberMain() int {
	conn, err := inheritedConn()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s is started by gust itself: do not run it by hand\n", MemberCommand)
		return 2
	}
	var spec memberSpec
	if err := conn.Receive(&spec); err != nil {
		fmt.Fprintf(os.Stderr, "cannot read what to run: %v\n", err)
		return 1
	}
	// Signals to all processes of a terminal are the parent's. The components would
	// inherit it if they were ignored.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGHUP)
	if err := runMember(conn, &spec); err != nil {
		return 1 // the parent knows why
	}
	return 0
}

// inheritedConn is the connection to the parent.
func inheritedConn() (*remote.Conn, error) {
	syscall.CloseOnExec(memberFD)
	file := os.NewFile(memberFD, "parent")
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return remote.NewConn(c), nil
}

// runMember runs a worker until it has ended, and tells the parent how.
func runMember(conn *remote.Conn, spec *memberSpec) error {
	defer conn.Close()
	m := &member{spec: spec, threshold: &threshold{}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	m.stop = stop
	closed, err := m.open()
	if err != nil {
		return errors.Join(err, remote.Refuse(conn, err))
	}
	defer closed()
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	defer signal.Stop(terminated)
	go func() {
		select {
		case <-terminated: // not by the parent, which restarts it
			m.worker.Leave()
		case <-ctx.Done():
		}
	}()
	go func() {
		defer m.worker.Abort() // nobody sees it any more
		_ = m.server.Serve(conn)
	}()
	err = m.worker.Run(ctx)
	m.flush()
	m.server.End(err)
	return err
}

// member is a worker, and what it needs.
type member struct {
	spec      *memberSpec
	stop      func()
	threshold *threshold
	worker    *worker.Worker
	server    *remote.Server
	log       late
	flush     func() // writes the last lines of the log
}

// late is a writer whose destination is known later.
type late struct {
	mu sync.Mutex
	to io.Writer
}

// follow sets the destination.
func (l *late) follow(to io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = to
}

func (l *late) Write(p []byte) (int, error) {
	l.mu.Lock()
	to := l.to
	l.mu.Unlock()
	if to == nil {
		return len(p), nil
	}
	return to.Write(p)
}

// setLevel sets the lowest level that is logged.
func (m *member) setLevel(name string) error {
	level, err := parseLevel(name)
	if err == nil {
		m.threshold.set(level)
	}
	return err
}

// open makes the worker. closed closes everything else when it has ended.
func (m *member) open() (closed func(), err error) {
	var opened []func()
	closed = func() {
		for i := range opened {
			opened[len(opened)-1-i]()
		}
	}
	defer func() {
		if err != nil {
			closed()
		}
	}()
	spec := m.spec
	if err := m.setLevel(spec.Level); err != nil {
		return nil, err
	}
	merged, err := spec.confs()
	if err != nil {
		return nil, err
	}
	lines := spool.New(&m.log, spool.Options{Missing: missingLines})
	m.flush = func() { _ = lines.Close(logPatience) }
	opened = append(opened, m.flush)
	log := newLogger(lines, m.threshold).With().Int("worker", spec.Worker).Logger()

	watchdog, unguard := guard.Own(func(text string) { log.Warn().Msg(text) })
	opened = append(opened, unguard)
	recorded, err := spec.Record.share(spec.Topology, merged, log)
	if err != nil {
		return nil, err
	}
	opened = append(opened, recorded.close)
	address := spec.Placement.Workers[spec.Worker].Address
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) { // of a killed one
		return nil, err
	}
	listener, err := net.Listen("unix", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for the other workers: %w", err)
	}
	opened = append(opened, func() { listener.Close() })
	m.worker, err = worker.New(worker.Options{
		Topology: spec.Topology, Conf: merged, Log: log, Guard: watchdog, Tap: recorded.tap(),
		Journal: true, KeepValues: spec.KeepValues, Breakpoints: true,
		Ready: func() { m.server.Ready() },
		Peers: &worker.Peers{
			Placement: spec.Placement, Worker: spec.Worker, Incarnation: spec.Incarnation, Secret: spec.Secret, Listener: listener,
		},
	})
	if err != nil {
		return nil, err
	}
	about := remote.About{Topology: spec.Topology.Name, Worker: spec.Worker, Incarnation: spec.Incarnation, PID: os.Getpid(), Started: time.Now()}
	m.server = remote.NewServer(remote.NewHub(m.worker), about, remote.ServerOptions{Stop: m.stop, Level: m.setLevel})
	m.log.follow(m.server)
	return closed, nil
}
