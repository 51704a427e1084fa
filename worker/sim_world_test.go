package worker

import (
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"gust/topology"
)

// simWorld is a simulation: workers with their loops, the children of their tasks, and time.
// All of it runs in one goroutine, and all that happens, happens in an event, drawn from one
// seed. So the same seed gives the same world again, step by step.
type simWorld struct {
	rand      *rand.Rand
	now       int64
	events    simEvents
	count     uint64     // of events so far
	nodes     []*simNode // by number
	net       *simNetwork
	truth     simTruth
	source    map[topology.TaskID]*simSource // of each task of a spout
	pids      int
	calm      bool        // no faults from here on
	thorough  bool        // the books of connections are checked each time
	single    bool        // no bolt anchors a tuple to several
	gently    bool        // workers leave and come again, and nothing else goes wrong
	timeouts  bool        // trees and tuples time out
	planted   *simPlanted // a bug that is to be planted, or nil
	mayFilter bool        // it may filter what is sent

	stream  []byte // likewise: see traffic
	scratch [64 << 10]byte
	trace   io.Writer // nil, unless the run is traced
	digest  uint64    // of all steps so far
}

func newSimWorld(seed uint64, trace io.Writer) *simWorld {
	w := &simWorld{rand: rand.New(rand.NewPCG(seed, 42)), trace: trace, source: map[topology.TaskID]*simSource{}}
	w.truth = newSimTruth(w)
	w.net = newSimNetwork(w)
	return w
}

// simEvent happens at its time. Those of one time happen in the order in which they were
// scheduled.
type simEvent struct {
	when   int64
	number uint64
	what   string
	who    fmt.Stringer
	do     func()
}

type simEvents []simEvent

func (e simEvents) Len() int { return len(e) }
func (e simEvents) Less(i, j int) bool {
	return e[i].when < e[j].when || e[i].when == e[j].when && e[i].number < e[j].number
}
func (e simEvents) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *simEvents) Push(x any)   { *e = append(*e, x.(simEvent)) }
func (e *simEvents) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = simEvent{}
	*e = (*e)[:last]
	return x
}

// after schedules an event.
func (w *simWorld) after(d time.Duration, what string, who fmt.Stringer, do func()) {
	w.count++
	heap.Push(&w.events, simEvent{w.now + int64(d), w.count, what, who, do})
}

// step has the next event happen.
func (w *simWorld) step() {
	if len(w.events) == 0 {
		w.violate("nothing will ever happen again")
	}
	e := heap.Pop(&w.events).(simEvent)
	w.now = max(w.now, e.when)
	w.digest = (w.digest ^ uint64(w.now) ^ e.number<<40 ^ uint64(len(e.what))) * 1099511628211
	if w.trace != nil {
		w.tracef("%s %v", e.what, e.who)
	}
	e.do()
}

// tracef adds a line to the trace, if there is one.
func (w *simWorld) tracef(format string, args ...any) {
	if w.trace != nil {
		fmt.Fprintf(w.trace, "%12.6f "+format+"\n", append([]any{time.Duration(w.now).Seconds()}, args...)...)
	}
}

// simViolation is something that must not happen, and did.
type simViolation struct {
	text string
	at   time.Duration
}

// Error is what happened, and when.
func (v *simViolation) Error() string { return fmt.Sprintf("after %v: %s", v.at, v.text) }

// violate ends the simulation.
func (w *simWorld) violate(format string, args ...any) {
	panic(&simViolation{fmt.Sprintf(format, args...), time.Duration(w.now)})
}

// catch runs a part of the simulation. A panic of the loop is a violation like others.
func (w *simWorld) catch(run func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *simViolation:
			err = r
		default:
			err = &simViolation{fmt.Sprintf("panic: %v\n%s", r, debug.Stack()), time.Duration(w.now)}
		}
		if err != nil {
			w.tracef("VIOLATION %v", err)
		}
	}()
	run()
	return nil
}

// until runs the world until something is true, which must be so within a time.
func (w *simWorld) until(what string, within time.Duration, true func() bool) {
	deadline := w.now + int64(within)
	for !true() {
		if w.now > deadline {
			w.violate("not within %v: %s\n%s", within, what, w.describe())
		}
		w.step()
	}
}

// chance is true once in n times.
func (w *simWorld) chance(n int) bool { return w.rand.IntN(n) == 0 }

// upTo is a random duration.
func (w *simWorld) upTo(d time.Duration) time.Duration {
	return time.Duration(w.rand.Int64N(int64(d) + 1))
}

// part is n, or something between 1 and n.
func (w *simWorld) part(n int) int {
	if n > 1 && w.chance(5) {
		return 1 + w.rand.IntN(n)
	}
	return n
}

// simPick is one of several.
func simPick[T any](w *simWorld, of ...T) T { return of[w.rand.IntN(len(of))] }

// log is the log of a worker: it goes into the trace.
func (w *simWorld) log(n *simNode) zerolog.Logger {
	if w.trace == nil {
		return zerolog.Nop()
	}
	return zerolog.New(simLog{w}).Level(zerolog.DebugLevel).With().Int("worker", n.number).Logger()
}

type simLog struct{ *simWorld }

func (l simLog) Write(line []byte) (int, error) {
	l.tracef("  log %s", line[:max(0, len(line)-1)])
	return len(line), nil
}
