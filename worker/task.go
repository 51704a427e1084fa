package worker

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// task is one task: its process, or the gap until the next one starts, and the
// conversation with it. What only a spout or only a bolt needs is in spout and
// bolt; one of the two is nil.
//
//	        attach            pid             stdin closed
//	down ----------> greeting -----> running --------------> leaving
//	 ^                  |               |                       |
//	 +------------------+---------------+-----------------------+
//	                          detach (the process ended)
type task struct {
	loop *loop
	id   topology.TaskID
	comp *component
	log  zerolog.Logger

	spout *spoutTask
	bolt  *boltTask

	worker    int   // that runs it
	stub      *stub // of a bolt's or a spout's task on another worker; nil if this one runs it
	announced bool  // the other workers know that its process works

	outs []taskOutput // as comp.outputs

	state        taskState
	since        int64   // when the state was entered
	proc         process // nil if there is none
	dec          multilang.Decoder
	enc          multilang.Encoder         // the codec, or a Packer if the process takes packs
	stdoutReader func([]byte) (int, error) // readStdout: a new function for each read would allocate
	stdinWriter  func([]byte) (int, error) // writeStdin
	pid          int                       // as the process reports it
	tap          Tap                       // nil if nobody listens
	life

	// hello holds what is written to the process before its pid has come, out what
	// follows. out outlives the process: tuples wait there for the next one.
	hello, out shell.Outbox
	dirty      bool // it is on the loop's list of outboxes to write
	overMark   bool // out is over gust.queue.bytes, so that the spouts upstream wait

	// behind is the edge whose target's outbox is so long that gust does not read
	// this task's output, nil if there is none; waiters are the tasks that are
	// behind an edge to this one.
	behind  *edge
	waiters []*task

	launches uint64        // processes started so far
	hurry    chan struct{} // ends the wait for the next process; holds one token
	cameUp   bool          // a process of it has answered the handshake, and if it is a bolt, a heartbeat or tuple
	death    string        // how the last process that died did, such as "died: exit status 1"
	fate     string        // the same with its last error, while what the process held fails
}

// life is what a task knows of its current process, or of the last one.
type life struct {
	attached     int64  // when it was started
	heard        int64  // when the last message came
	greeted      bool   // a message has come since the pid
	heartbeatOut bool   // a heartbeat was sent, and nothing has come since
	excused      bool   // what may have been the answer to it could not be read
	suspectRound uint64 // the round in which its silence became too long; 0 if it is not

	stdin  stdinState
	eof    bool  // stdout has ended
	eofAt  int64 // when
	exited bool  // the process has ended, and gust reads what it left in its pipes
	cause  error // why gust kills the process

	lines   *shell.Lines // of stderr
	words   *shell.LastWords
	printed printout
	// lastError is the process's last error: "" if it has since acked, or, as a
	// spout, emitted a tuple. reported says that the process has reported it itself.
	lastError string
	reported  bool

	stopped stopped // at a breakpoint
}

type taskState uint8

const (
	down taskState = iota
	greeting
	running
	leaving
)

// stdinState says whether the process's stdin can be written to.
type stdinState uint8

const (
	stdinOpen   stdinState = iota
	stdinFull              // not until the poller says that the pipe has room
	stdinClosed            // no more: gust or the process has closed it
)

func newTask(c *component, id topology.TaskID, worker int) *task {
	t := &task{id: id, worker: worker, comp: c, enc: c.codec, hurry: make(chan struct{}, 1)}
	t.stdoutReader, t.stdinWriter = t.readStdout, t.writeStdin
	for _, out := range c.outputs {
		t.outs = append(t.outs, newTaskOutput(out, id))
	}
	return t
}

// String is "word_spout[4]".
func (t *task) String() string { return fmt.Sprintf("%s[%d]", t.comp.name(), t.id) }

// restarts is how many processes followed the first one.
func (t *task) restarts() uint64 { return max(t.launches, 1) - 1 }

// attach begins the conversation with a process that was just started.
func (t *task) attach(proc process) {
	t.proc = proc
	t.pid = proc.PID()
	t.life = life{
		attached: t.loop.now,
		words:    shell.NewLastWords(shell.LastWordsLines),
		lines:    shell.NewLines(func(line []byte) { t.print(line, "stderr") }),
	}
	t.enter(greeting)
	t.dec = t.comp.codec.NewDecoder(t.comp.set.maxMessage)
	t.launches++
	t.happened(EventStarted, "")
	t.listen()
	t.log.Debug().Int("pid", t.pid).Msg("started")
	if err := t.watchOutputs(); err != nil {
		t.end(err)
		return
	}
	handshake := t.loop.plan.handshake(t, t.loop.pidDir)
	t.offerBreakpoints(handshake)
	hello, err := t.comp.codec.AppendHandshake(t.hello.Buf[:0], handshake)
	if err != nil {
		t.end(fmt.Errorf("cannot send the conf: %w", err))
		return
	}
	t.hello.Buf = hello
	t.touch()
	if t.loop.phase == ending {
		t.leave()
	}
	if t.loop.stop.killing {
		t.proc.Kill() // it was just being started when the others were killed
	}
}

func (t *task) enter(s taskState) {
	t.state = s
	t.since = t.loop.now
	t.heard = t.loop.now
	if t.loop.peers != nil {
		t.loop.peers.taskChanged(t)
	}
}

// give puts a tuple that a task has emitted over an edge into the queue of this task.
func (t *task) give(e *edge, from topology.TaskID, origin multilang.Origin, values []byte, place kept, trees []treeRef) {
	if t.stub != nil {
		t.stub.give(e, from, values, place, trees)
		return
	}
	t.bolt.give(e.in, origin, values, place, trees)
}

// load is how many bytes wait for the task.
func (t *task) load() int {
	if t.stub != nil {
		return t.stub.load()
	}
	return t.out.Len()
}

// end kills the process, for a reason that its ExitError will give.
func (t *task) end(cause error) {
	if t.proc == nil || t.cause != nil {
		return
	}
	t.cause = cause
	t.proc.Kill()
}

// detach ends the conversation after the process has ended. It still reads what
// the process wrote last, and fails what it held. It returns why it ended.
func (t *task) detach(exit shell.Exit) error {
	t.drain()
	t.closePipes()
	died := t.exitError(exit)
	t.hangUp(died)
	t.fate = died.Reason()
	t.forgetBreakpoint()
	t.proc, t.dec, t.pid = nil, nil, 0
	t.enter(down)
	t.hello.Reset()
	t.out.Reset()
	t.enc = t.comp.codec
	t.unpause()
	if t.spout != nil {
		t.spout.died()
	} else {
		t.bolt.died()
	}
	t.loop.checkQueue(t)
	return died
}

// exitError is the error of a process that has ended, and counts it unless gust
// asked for the end, or the process has reported the reason itself.
func (t *task) exitError(exit shell.Exit) *shell.ExitError {
	if t.cause == errNoStdout && exit.Signal != unix.SIGKILL {
		t.cause = nil // it was ending by itself, on a busy machine
	}
	died := &shell.ExitError{
		Kind: t.comp.spec.Kind.String(), Component: t.comp.name(), Task: int(t.id), PID: t.pid, Dir: t.comp.spec.Dir,
		Exit: exit, LastWords: t.words.Lines(), Cause: t.cause,
	}
	explained := t.lastError != "" && t.reported
	if t.lastError != "" && (explained || len(died.LastWords) == 0) {
		died.LastWords = append(died.LastWords, strings.Split(strings.TrimRight(t.lastError, "\n"), "\n")...)
	}
	switch {
	case t.cause == errRestart:
		t.happened(EventRestarted, "")
	case t.state != leaving:
		if !explained {
			t.comp.errors++
			t.comp.lastError = died.Reason()
			t.erred(t.comp.lastError)
		}
		t.death = died.Fate()
		t.happened(EventDied, t.death)
	}
	return died
}

// leave lets the process end: gust writes what is still in the outbox, and then
// closes the process's stdin. The ladder follows (stop.go).
func (t *task) leave() {
	if t.state == leaving {
		return
	}
	if t.bolt != nil {
		t.endPack()
		t.out.Reset() // these tuples have failed
		t.touch()     // the tasks that wait for this outbox are read again, even if no process will come
	}
	if t.proc != nil {
		t.enter(leaving)
		if t.bolt != nil {
			t.cut()
		}
		t.touch()
	}
}
