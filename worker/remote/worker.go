package remote

import (
	"errors"
	"io"
	"sync"
	"time"

	"gust/topology"
	"gust/worker"
)

// Worker is a worker in another process. Its methods are those of a *worker.Worker.
type Worker struct {
	conn  *Conn
	about About
	o     Options

	mu      sync.Mutex
	last    uint64 // id of a request
	waiting map[uint64]chan message

	gone  chan struct{} // closed when the connection has ended
	ended *ended        // how the worker has ended, nil if the connection broke; read it after gone
	err   error         // why the connection has ended
}

// Options are what a viewer wants to know.
type Options struct {
	// Log gets the lines of the worker's log; it may be nil. It must not block.
	Log io.Writer
	// Ready is called when the worker's spouts are active; it may be nil.
	Ready func()
	// Silence is how long the worker may take to answer before the connection counts as
	// broken; 0 is forever.
	Silence time.Duration
}

// RefusedError is why a worker could not begin.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// Refuse tells the viewer at the other end why there is no worker.
func Refuse(c *Conn, why error) error { return c.Send(message{Ended: &ended{Error: why.Error()}}) }

// aboutPatience is how long a worker may take to say which one it is.
const aboutPatience = 30 * time.Second

// Connect begins to view a worker. [Worker.Close], or the worker's end, ends it.
func Connect(c *Conn, o Options) (*Worker, error) {
	c.SetReadDeadline(time.Now().Add(aboutPatience))
	var first message
	if err := c.Receive(&first); err != nil {
		return nil, err
	}
	if first.Ended != nil {
		return nil, &RefusedError{first.Ended.Error}
	}
	if first.About == nil {
		return nil, errors.New("the worker does not say which one it is")
	}
	c.SetReadDeadline(time.Time{})
	w := &Worker{conn: c, about: *first.About, o: o, waiting: map[uint64]chan message{}, gone: make(chan struct{})}
	if o.Log != nil {
		w.order(request{Do: doLogs})
	}
	go w.read()
	return w, nil
}

// About says which worker it is.
func (w *Worker) About() About { return w.about }

// Gone is closed when the worker has ended, or the connection to it is lost.
func (w *Worker) Gone() <-chan struct{} { return w.gone }

// End of a worker: how it has ended, after Gone.
type End struct {
	Orderly bool   // the worker has said so itself
	Error   string // of its run, with hints; empty if it had none
	Lost    error  // why the connection has ended, if the worker has not said anything
}

// Ended says how the worker has ended. Call it after Gone.
func (w *Worker) Ended() End {
	if w.ended == nil {
		return End{Lost: w.err}
	}
	return End{Orderly: true, Error: w.ended.Error}
}

// Close ends the connection.
func (w *Worker) Close() error { return w.conn.Close() }

func (w *Worker) read() {
	defer w.conn.Close()
	defer close(w.gone)
	for {
		var m message
		if err := w.conn.Receive(&m); err != nil {
			w.err = err
			return
		}
		switch {
		case m.Log != nil:
			if w.o.Log != nil {
				_, _ = w.o.Log.Write(append(m.Log, '\n'))
			}
		case m.Ready:
			if w.o.Ready != nil {
				w.o.Ready()
			}
		case m.Ended != nil:
			w.ended = m.Ended
			return
		case m.Answer != 0:
			w.mu.Lock()
			answer := w.waiting[m.Answer]
			delete(w.waiting, m.Answer)
			w.mu.Unlock()
			if answer != nil {
				answer <- m
			}
		}
	}
}

// order requests what has no answer. If the connection is broken, its reader finds out.
func (w *Worker) order(r request) { _ = w.conn.Send(r) }

var errGone = errors.New("the worker is gone")

// ask requests, and waits for the answer.
func (w *Worker) ask(r request) (message, error) {
	answer := make(chan message, 1)
	w.mu.Lock()
	w.last++
	r.ID = w.last
	w.waiting[r.ID] = answer
	w.mu.Unlock()
	if w.o.Silence > 0 {
		silent := time.AfterFunc(w.o.Silence, func() { w.conn.Close() })
		defer silent.Stop()
	}
	if err := w.conn.Send(r); err != nil {
		return message{}, errGone
	}
	select {
	case m := <-answer:
		if m.Error != "" {
			return m, errors.New(m.Error)
		}
		return m, nil
	case <-w.gone:
		return message{}, errGone
	}
}

// Snapshot is [worker.Worker.Snapshot]. It is nil if the connection is lost.
func (w *Worker) Snapshot() *worker.Snapshot {
	requested := time.Now()
	m, err := w.ask(request{Do: doSnapshot})
	if err == nil && m.Snapshot != nil {
		m.Snapshot.Requested = requested
		return m.Snapshot
	}
	select {
	case <-w.gone:
	default:
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended == nil || w.ended.Snapshot == nil {
		return nil
	}
	s := *w.ended.Snapshot
	w.ended.Snapshot.Journal = worker.Journal{}
	return &s
}

// Activate is [worker.Worker.Activate].
func (w *Worker) Activate() { w.order(request{Do: doActivate}) }

// Deactivate is [worker.Worker.Deactivate].
func (w *Worker) Deactivate() { w.order(request{Do: doDeactivate}) }

// Restart is [worker.Worker.Restart].
func (w *Worker) Restart(component string) {
	w.order(request{Do: doRestart, Component: component})
}

// RestartTask is [worker.Worker.RestartTask].
func (w *Worker) RestartTask(id topology.TaskID) {
	w.order(request{Do: doRestartTask, Task: int(id)})
}

// SetDebug is [worker.Worker.SetDebug].
func (w *Worker) SetDebug(component string, on bool) {
	w.order(request{Do: doDebug, Component: component, On: on})
}

// SetSampling is [worker.Worker.SetSampling].
func (w *Worker) SetSampling(spout string, percent float64) {
	w.order(request{Do: doSampling, Component: spout, Percent: percent})
}

// SetLevel sets the lowest level that the worker logs.
func (w *Worker) SetLevel(level string) { w.order(request{Do: doLevel, Level: level}) }

// Inject is [worker.Worker.Inject].
func (w *Worker) Inject(i worker.Injection) error {
	_, err := w.ask(request{Do: doInject, Injection: &i})
	return err
}

// Forsake is [worker.Worker.Forsake].
func (w *Worker) Forsake(worker int) { w.order(request{Do: doForsake, Worker: worker}) }

// Stop stops the worker in order, and does not wait.
func (w *Worker) Stop() { w.order(request{Do: doStop}) }

// End is [worker.Worker.End].
func (w *Worker) End() { w.order(request{Do: doEnd}) }

// Abort is [worker.Worker.Abort].
func (w *Worker) Abort() { w.order(request{Do: doAbort}) }
