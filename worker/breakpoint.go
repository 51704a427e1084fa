package worker

import (
	"encoding/json"
	"fmt"
	"time"

	"gust/conf"
	"gust/internal/program"
	"gust/multilang"
)

// A process that has stopped at a breakpoint does nothing until the user continues. So
// gust offers each process a way to say so (docs/debugging.md): the conf of its handshake
// has gust.breakpoints, a directory for the debugger's socket. The process sends
//
//	gust.breakpoint  when it stops, with the place in "params"
//	gust.step        when it continues, perhaps only to the next line
//	gust.resumed     when it continues
//
// Between the first and the last, gust does not kill it for its silence and sends it no
// heartbeats and no ticks, and no tree or tuple of the topology times out: the tuples
// elsewhere wait for the stopped task, too. After a step, gust itself finds out whether
// the process works again, since not every debugger knows: a sync comes only from the
// component's own loop.
const (
	breakpointCommand = "gust.breakpoint"
	stepCommand       = "gust.step"
	resumedCommand    = "gust.resumed"
)

// Breakpoint is where a process has stopped for a debugger.
type Breakpoint struct {
	File     string    `json:"file"` // relative to the component's directory if it is below it
	Line     int       `json:"line"`
	Function string    `json:"function"`
	Since    time.Time `json:"since"` // when it first stopped; steps do not count
	// Socket is the Unix socket at which it waits for a terminal. It is empty if another
	// debugger than gust's has stopped it.
	Socket string `json:"socket,omitempty"`
	// Address is where another debugger listens, HOST:PORT, if it is known.
	Address string `json:"address,omitempty"`
}

// Place is "bolts/count.py:12".
func (b *Breakpoint) Place() string { return fmt.Sprintf("%s:%d", b.File, b.Line) }

// Wants says what the process waits for: the command that brings its debugger to a terminal,
// or who else has to go on.
func (b *Breakpoint) Wants(component string, task int) string {
	switch {
	case b.Socket != "":
		return fmt.Sprintf("%s attach %s:%d", program.Name, component, task)
	case b.Address != "":
		return "attach a debugger to " + b.Address
	}
	return "continue in the debugger that PYTHONBREAKPOINT names"
}

// stopped is what a task knows of the breakpoint that its process has stopped at.
type stopped struct {
	at       *Breakpoint // nil if it has not
	stepping bool        // it has gone on, perhaps to the next line only
}

// offersBreakpoints says whether the process may stop at breakpoints. A recording has only
// what every host knows.
func (t *task) offersBreakpoints() bool {
	return t.loop.breakpoints && t.comp.set.breakpoints && t.tap == nil
}

// offerBreakpoints puts the offer into the handshake, in place of what the user has set.
func (t *task) offerBreakpoints(h *multilang.Handshake) {
	delete(h.Conf, conf.GustBreakpoints)
	if t.offersBreakpoints() {
		h.Conf[conf.GustBreakpoints] = h.PIDDir
	}
}

// debugs handles a message about a breakpoint. It returns false if the message is not one.
func (t *task) debugs(m *multilang.Message) bool {
	if !t.offersBreakpoints() {
		return false
	}
	switch string(m.Name) {
	case breakpointCommand:
		t.stopAt(m.Params)
	case stepCommand:
		t.stopped.stepping = t.stopped.at != nil
	case resumedCommand:
		t.goOn()
	default:
		return false
	}
	return true
}

// stopAt notes that the process has stopped, or is now at another line.
func (t *task) stopAt(params []byte) {
	const most = 64 << 10
	at := new(Breakpoint)
	if err := json.Unmarshal(t.comp.codec.AppendText(nil, params, most), at); err != nil {
		t.offend("wrong commands", "%s without its place: %s", breakpointCommand, t.show(params))
		return
	}
	before := t.stopped.at
	t.stopped = stopped{at: at}
	if before != nil {
		at.Since = before.Since
		return
	}
	at.Since = t.loop.kernel.Time()
	t.loop.freezeOwn(1)
	t.happened(EventBreakpoint, at.Place()+" in "+at.Function)
	t.log.Info().Msgf("stopped at %s (breakpoint): %s", at.Place(), at.Wants(t.comp.name(), int(t.id)))
}

// goOn notes that the process works again, if it was stopped.
func (t *task) goOn() {
	if t.stopped.at == nil {
		return
	}
	t.log.Info().Msgf("goes on after the breakpoint at %s", t.stopped.at.Place())
	t.happened(EventResumed, "")
	t.forgetBreakpoint()
	t.heard = t.loop.now
}

// forgetBreakpoint is called when the process works again, or has ended.
func (t *task) forgetBreakpoint() {
	if t.stopped.at != nil {
		t.loop.freezeOwn(-1)
	}
	t.stopped = stopped{}
}

// frozen counts the tasks at breakpoints. While there are any, no tree and no tuple times
// out.
type frozen struct {
	tasks int   // on all workers
	own   int   // on this one
	until int64 // the ages of trees and tuples are right up to then
}

// freezeOwn notes that a task of this worker has stopped, or goes on, and tells the others.
func (l *loop) freezeOwn(n int) {
	if n > 0 {
		l.freeze()
	} else {
		l.thaw()
	}
	l.frozen.own += n
	if l.peers != nil {
		l.peers.frozenChanged()
	}
}

func (l *loop) freeze() {
	l.holdAges(l.now)
	l.frozen.tasks++
	l.frozen.until = l.now
}

func (l *loop) thaw() {
	l.holdAges(l.now)
	l.frozen.tasks--
}

// holdAges makes all trees and tuples younger by the time since the last call, if a process
// was stopped meanwhile. It walks through all of them ten times a second, but only while
// the user debugs.
func (l *loop) holdAges(now int64) {
	if l.frozen.tasks == 0 {
		return
	}
	by := now - l.frozen.until
	l.frozen.until = now
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			l.acker.rejuvenate(t.spout.list, by, now)
			continue
		}
		t.bolt.flight.rejuvenate(by, now)
		if t.stopped.at != nil { // it does not become slow either
			t.bolt.lastAnswer = min(t.bolt.lastAnswer+by, now)
			t.bolt.window.since = min(t.bolt.window.since+by, now)
		}
	}
	for _, t := range l.plan.stubs {
		if t.bolt != nil {
			t.bolt.flight.rejuvenate(by, now)
		}
	}
}
