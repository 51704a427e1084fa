package run

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/mtls"
	"gust/internal/terminal"
	"gust/topology"
	"gust/worker"
	"gust/worker/crew"
	"gust/worker/remote"
)

// ByHand makes a session one of several workers of a topology, which somebody else starts:
// systemd, Kubernetes, or a user on several machines.
type ByHand struct {
	Placement topology.Placement
	Worker    int // which one
	Secret    []byte
	Listener  net.Listener      // where the others reach it
	TLS       *mtls.Credentials // of this worker; nil without TLS
	// Health is the address on which to answer /healthz and /readyz; if it is empty, only
	// the address of the page does.
	Health string
}

// Place is the placement of a topology on the workers with these addresses. Each worker
// computes the same.
func Place(t *topology.Topology, merged conf.Conf, addresses []string) (topology.Placement, error) {
	tasks, err := allTasks(t, merged, nil)
	if err != nil {
		return topology.Placement{}, err
	}
	if n := len(withProcess(tasks)); n < len(addresses) {
		return topology.Placement{}, hint.New(fmt.Sprintf("%s has %s, not enough for %s", t.Name, terminal.Count(n, "task"), terminal.Count(len(addresses), "worker")),
			"start fewer workers, or give components more tasks")
	}
	return topology.Place(tasks, addresses), nil
}

// errKilled ends all workers of a topology, and not only this one.
var errKilled = errors.New("killed")

// byHand is this worker, as one of all that the session shows. If it does not show the
// others, the crew is nil.
type byHand struct {
	viewer
	o     ByHand
	local *worker.Worker
	hub   *remote.Hub
	crew  *crew.Crew
	about remote.About

	refusals  refusals
	made      chan struct{} // closed when all of this is there: the others may come before
	server    *remote.Server
	log       zerolog.Logger
	threshold *threshold
	shown     io.Writer // takes the log lines of the others
}

// newByHand makes the worker. It shows all of the topology if whole is set.
func newByHand(o ByHand, w worker.Options, whole bool, tasks topology.Tasks, log *runLog, t *threshold) (*byHand, error) {
	h := &byHand{o: o, log: w.Log, threshold: t, shown: log.keeping, made: make(chan struct{})}
	if o.TLS != nil {
		o.TLS.LogTo(w.Log)
	}
	incarnation := uint64(time.Now().UnixMicro())
	w.Peers = &worker.Peers{
		Placement: o.Placement, Worker: o.Worker, Incarnation: incarnation, Secret: o.Secret,
		Listener: remote.Split(o.Listener, remote.SplitOptions{Control: h.control, TLS: o.TLS, Refused: h.refused}),
		TLS:      o.TLS,
	}
	ready := w.Ready
	w.Ready = func() {
		ready()
		h.server.Ready()
	}
	var err error
	if h.local, err = worker.New(w); err != nil {
		return nil, err
	}
	h.hub = remote.NewHub(h.local)
	host, _ := os.Hostname() // it only helps people
	h.about = remote.About{Topology: w.Topology.Name, Worker: o.Worker, Incarnation: incarnation, Host: host, PID: os.Getpid(), Started: time.Now()}
	h.server = remote.NewServer(h.hub, h.about, remote.ServerOptions{Stop: h.local.Leave, Level: h.setOwnLevel})
	defer close(h.made)
	if !whole {
		h.viewer = h.hub.Viewer()
		return h, nil
	}
	h.crew = crew.New(w.Topology, tasks, o.Placement)
	h.viewer = h.crew
	return h, nil
}

// Run runs the worker, and returns when it has ended: alone after ctx, with all others if
// ctx has ended because of [errKilled], or one of them has said so.
func (h *byHand) Run(ctx context.Context) error {
	all, kill := context.WithCancel(context.Background())
	defer kill()
	defer context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), errKilled) {
			kill()
			return
		}
		h.local.Leave()
	})()
	h.threshold.follow(h, true)
	defer h.threshold.follow(h, false)
	var others sync.WaitGroup
	looking, stop := context.WithCancel(context.Background())
	others.Go(func() { h.resolve(looking) })
	if h.crew != nil {
		h.crew.Join(h.o.Worker, h.hub.Viewer(), info(h.about, ""))
		for i := range h.o.Placement.Workers {
			if i != h.o.Worker {
				others.Go(func() { h.follow(looking, i) })
			}
		}
	}
	err := h.local.Run(all)
	h.server.End(err)
	if h.crew != nil {
		h.crew.Leave(h.o.Worker, "")
	}
	stop()
	others.Wait()
	return err
}

// Abort kills the components of this worker.
func (h *byHand) Abort() { h.local.Abort() }

// control answers another worker that shows this one.
func (h *byHand) control(c net.Conn) {
	conn, err := remote.Accept(c, h.o.Secret)
	if err != nil {
		if h.refusals.isNew(c.RemoteAddr(), err) {
			h.log.Warn().Msgf("refused to be shown to %s: %v", c.RemoteAddr(), err)
		}
		return
	}
	<-h.made
	_ = h.server.Serve(conn) // it has gone
}

// refused logs that there is no TLS connection from another worker.
func (h *byHand) refused(from net.Addr, why *mtls.Fault) {
	if h.refusals.isNew(from, why) {
		h.log.Warn().Msgf("no connection from %s: %v", from, why)
	}
}

// setLevel has the others log at the same level.
func (h *byHand) setLevel(level zerolog.Level) {
	if h.crew == nil {
		return
	}
	h.crew.Each(func(w crew.Worker) {
		if other, is := w.(*remote.Worker); is {
			other.SetLevel(level.String())
		}
	})
}

// setOwnLevel sets the level as another worker wants it.
func (h *byHand) setOwnLevel(name string) error {
	level, err := parseLevel(name)
	if err == nil {
		h.threshold.level.Store(int32(level))
	}
	return err
}

func info(a remote.About, host string) crew.Info {
	return crew.Info{Host: host, PID: a.PID, Incarnation: a.Incarnation, Started: a.Started}
}

// How often another worker is tried, and how long it may take to answer.
const (
	lookFirst   = 100 * time.Millisecond
	lookMost    = 3 * time.Second
	lookTimeout = 5 * time.Second
	lookSilence = 10 * time.Second
)

// follow keeps a connection to another worker, to show it.
func (h *byHand) follow(ctx context.Context, i int) {
	wait := lookFirst
	for ctx.Err() == nil {
		w, err := h.reach(ctx, i)
		if err == nil {
			wait = lookFirst
			h.crew.Join(i, w, info(w.About(), w.About().Host))
			select {
			case <-w.Gone():
			case <-ctx.Done():
				w.Close()
				<-w.Gone()
			}
			if end := w.Ended(); end.Orderly {
				h.crew.Leave(i, "ended")
			} else {
				h.crew.Lose(i, fmt.Sprintf("cannot be reached: %v", end.Lost))
			}
		} else {
			h.crew.Failed(i, fmt.Sprintf("cannot be reached: %v", err))
		}
		select {
		case <-time.After(wait):
			wait = min(2*wait, lookMost)
		case <-ctx.Done():
		}
	}
}

// reach connects to another worker.
func (h *byHand) reach(ctx context.Context, i int) (*remote.Worker, error) {
	address := h.o.Placement.Workers[i].Address
	c, err := h.dial(ctx, address)
	if err != nil {
		return nil, h.explain(err)
	}
	conn, err := remote.Prove(c, h.o.Secret)
	if err != nil {
		return nil, h.explain(err)
	}
	w, err := remote.Connect(conn, remote.Options{Log: h.shown, Silence: lookSilence})
	if err != nil {
		conn.Close()
		return nil, err
	}
	if a := w.About(); a.Worker != i || a.Topology != h.about.Topology {
		w.Close()
		return nil, fmt.Errorf("%s is worker %d of %s", address, a.Worker, a.Topology)
	}
	return w, nil
}

// dial makes a connection to another worker.
func (h *byHand) dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: lookTimeout}
	switch {
	case strings.HasPrefix(address, "/"):
		return dialer.DialContext(ctx, "unix", address)
	case h.o.TLS != nil:
		return (&tls.Dialer{NetDialer: dialer, Config: h.o.TLS.Client(mtls.Control)}).DialContext(ctx, "tcp", address)
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// explain is an error of dial and what follows, in the words of TLS if it is one of TLS. The page
// shows it in a line, without the remedy.
func (h *byHand) explain(err error) error {
	if h.o.TLS == nil {
		return err
	}
	if fault, is := errors.AsType[*mtls.Fault](h.o.TLS.Explain(err)); is {
		return errors.New(fault.Text)
	}
	return err
}

// resolve logs which workers have no address, which their start does not say.
func (h *byHand) resolve(ctx context.Context) {
	for i, w := range h.o.Placement.Workers {
		host, _, err := net.SplitHostPort(w.Address)
		if err != nil || i == h.o.Worker {
			continue
		}
		within, cancel := context.WithTimeout(ctx, lookTimeout)
		_, err = net.DefaultResolver.LookupHost(within, host)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.log.Warn().Msgf("cannot resolve worker %d (%s), and keep trying: %v\nhint: check --peers; in Kubernetes the name needs a headless Service with publishNotReadyAddresses", i, w.Address, err)
		}
	}
}

// alive is an error if the worker does not answer. The others do not matter: a restart would
// not help if one of them is away.
func (h *byHand) alive() error {
	_, err := h.look()
	return err
}

// isReady is an error unless this worker's bolts have answered.
func (h *byHand) isReady() error {
	s, err := h.look()
	if err != nil {
		return err
	}
	return ready(s)
}

// aliveWithin is how long the worker may take to answer.
const aliveWithin = 5 * time.Second

func (h *byHand) look() (*worker.Snapshot, error) {
	answer := make(chan *worker.Snapshot, 1)
	go func() { answer <- h.hub.Look() }()
	select {
	case s := <-answer:
		return s, nil
	case <-time.After(aliveWithin):
		return nil, fmt.Errorf("the worker has not answered for %v", aliveWithin)
	}
}

// ready is an error unless all bolts of the worker have answered, and it is not about to end.
func ready(s *worker.Snapshot) error {
	if s.Phase == worker.Draining || s.Phase == worker.Ending {
		return fmt.Errorf("the worker is %s", s.Phase)
	}
	for _, c := range s.Components {
		for _, t := range c.Tasks {
			if c.Kind == topology.Bolt && !t.CameUp {
				return fmt.Errorf("%s[%d] has not come up", c.Name, t.Task)
			}
		}
	}
	return nil
}
