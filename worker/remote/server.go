package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"gust/internal/hint"
	"gust/internal/spool"
	"gust/topology"
)

// Server lets viewers see and control a worker over connections.
type Server struct {
	hub   *Hub
	about About
	o     ServerOptions

	mu       sync.Mutex
	sessions map[*session]bool
	ready    bool
	ended    bool
	err      error // of the worker
}

// ServerOptions are what viewers can do besides the methods of a worker.
type ServerOptions struct {
	// Stop stops the worker in order; it does not wait.
	Stop func()
	// Level sets the lowest level that is logged.
	Level func(string) error
}

// NewServer is a server for the worker of a hub.
func NewServer(h *Hub, about About, o ServerOptions) *Server {
	return &Server{hub: h, about: about, o: o, sessions: map[*session]bool{}}
}

// session is one viewer's connection.
type session struct {
	*Conn
	server *Server
	viewer *Viewer

	mu   sync.Mutex
	logs *spool.Spool // nil if it does not want any
}

// logPatience is how long the last lines of the log may take.
const logPatience = 2 * time.Second

// Serve answers a viewer until the connection ends, which the error says: [io.EOF] if the
// viewer has closed it.
func (s *Server) Serve(c *Conn) error {
	one := &session{Conn: c, server: s, viewer: s.hub.Viewer()}
	defer c.Close()
	defer one.viewer.Close()
	if err := c.Send(message{About: &s.about}); err != nil {
		return err
	}
	s.mu.Lock()
	ended, ready := s.ended, s.ready
	if !ended {
		s.sessions[one] = true
	}
	s.mu.Unlock()
	if ready {
		if err := c.Send(message{Ready: true}); err != nil {
			return err
		}
	}
	if ended {
		return one.end(s.err)
	}
	defer func() {
		s.mu.Lock()
		delete(s.sessions, one)
		s.mu.Unlock()
		one.endLogs()
	}()
	for {
		var r request
		if err := c.Receive(&r); err != nil {
			return err
		}
		if r.Do == doInject {
			go one.inject(r)
			continue
		}
		if err := one.do(&r); err != nil {
			return err
		}
	}
}

// do does what a viewer requests, and answers. The error is the connection's.
func (s *session) do(r *request) error {
	v := s.viewer
	var failed error
	switch r.Do {
	case doSnapshot:
		return s.Send(message{Answer: r.ID, Snapshot: v.Snapshot()})
	case doLogs:
		s.startLogs()
	case doActivate:
		v.Activate()
	case doDeactivate:
		v.Deactivate()
	case doRestart:
		v.Restart(r.Component)
	case doRestartTask:
		v.RestartTask(topology.TaskID(r.Task))
	case doDebug:
		v.SetDebug(r.Component, r.On)
	case doSampling:
		v.SetSampling(r.Component, r.Percent)
	case doLevel:
		failed = s.server.o.Level(r.Level)
	case doForsake:
		v.Forsake(r.Worker)
	case doStop:
		s.server.o.Stop()
	case doEnd:
		v.End()
	case doAbort:
		v.Abort()
	default:
		failed = fmt.Errorf("unknown request %q", r.Do)
	}
	s.answer(r.ID, failed)
	return nil
}

// answer answers a request, if it wants an answer. What is wrong with the connection, the
// reader of the requests finds out.
func (s *session) answer(id uint64, err error) {
	if id == 0 {
		return
	}
	m := message{Answer: id}
	if err != nil {
		m.Error = hint.Text(err)
	}
	_ = s.Send(m)
}

// inject waits for the loop, and for room in its socket.
func (s *session) inject(r request) {
	if r.Injection == nil {
		s.answer(r.ID, errors.New("no tuple to inject"))
		return
	}
	s.answer(r.ID, s.viewer.Inject(*r.Injection))
}

func (s *session) startLogs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logs == nil {
		s.logs = spool.New(logSender{s.Conn}, spool.Options{Missing: missing})
	}
}

func (s *session) endLogs() {
	s.mu.Lock()
	logs := s.logs
	s.mu.Unlock()
	if logs != nil {
		_ = logs.Close(logPatience)
	}
}

// end says how the worker has ended.
func (s *session) end(err error) error {
	s.endLogs()
	e := &ended{Snapshot: s.viewer.Snapshot()}
	if err != nil {
		e.Error = err.Error()
	}
	return s.Send(message{Ended: e})
}

// logSender sends each line of a log.
type logSender struct{ conn *Conn }

func (l logSender) Write(p []byte) (int, error) {
	sent := 0
	for line := range bytes.Lines(p) {
		m := message{Log: bytes.TrimRight(line, "\n")}
		if !json.Valid(m.Log) {
			m.Log, _ = json.Marshal(map[string]string{"level": "info", "message": string(m.Log)})
		}
		if err := l.conn.Send(m); err != nil {
			return sent, err
		}
		sent += len(line)
	}
	return sent, nil
}

func missing(lines uint64) []byte {
	return fmt.Appendf(nil, `{"level":"warn","message":"%d lines of the log dropped: they came faster than they could be sent"}`+"\n", lines)
}

// Write sends lines of the log to the viewers that want them. It never blocks and never
// fails.
func (s *Server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.sessions {
		one.mu.Lock()
		if one.logs != nil {
			_, _ = one.logs.Write(p)
		}
		one.mu.Unlock()
	}
	return len(p), nil
}

// Ready tells the viewers that the spouts are active.
func (s *Server) Ready() {
	s.mu.Lock()
	s.ready = true
	sessions := s.list()
	s.mu.Unlock()
	for _, one := range sessions {
		go one.Send(message{Ready: true})
	}
}

func (s *Server) list() (sessions []*session) {
	for one := range s.sessions {
		sessions = append(sessions, one)
	}
	return sessions
}

// endPatience is how long a viewer may take to read the last snapshot.
const endPatience = 5 * time.Second

// End tells the viewers that the worker has ended, and how. It returns when they know, or
// are too slow; their connections are closed then.
func (s *Server) End(err error) {
	s.mu.Lock()
	s.ended, s.err = true, err
	sessions := s.list()
	s.mu.Unlock()
	var told sync.WaitGroup
	for _, one := range sessions {
		told.Go(func() {
			one.SetWriteDeadline(time.Now().Add(endPatience))
			_ = one.end(err)
			one.Close()
		})
	}
	told.Wait()
}
