package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"gust/conf"
	"gust/internal/poll"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// task is one task: the process that does its work, or the gap until the next
// one does, and the conversation with it. What only a spout or only a bolt
// needs is in spout and bolt, of which one is nil.
//
//	        attach            pid             stdin closed
//	down ----------> greeting -----> running --------------> leaving
//	 ^                  |               |                       |
//	 +------------------+---------------+-----------------------+
//	                          detach (the process ended)
type task struct {
	w    *loop
	id   topology.TaskID
	comp *component
	log  zerolog.Logger

	spout *spoutTask
	bolt  *boltTask
	outs  []taskOutput // as comp.outputs

	state taskState
	proc  *shell.Process
	dec   multilang.Decoder
	enc   multilang.Encoder         // the codec, or packer
	read  func([]byte) (int, error) // readStdout: a new function for each read would be an allocation
	lines *shell.Lines              // of stderr
	tap   Tap                       // nil where nobody listens

	// hello is what goes to the process before its pid has come, out what
	// follows. out outlives the process: tuples wait there for the next one.
	hello, out shell.Outbox
	packer     *multilang.Packer // nil where the process takes no packs
	dirty      bool              // it is on the loop's list of outboxes to write
	blocked    bool              // the pipe is full: written when the poller says so
	brokenPipe bool              // the process reads no more
	exited     bool              // the process has ended: what it has said is read to its end

	// over says that out is over its mark, which the spouts upstream see.
	over bool
	// holding is set while this task's output is not read, because what it
	// emits has nowhere to go; waiters are the tasks that are held for this one.
	holding hold
	waiters []*task
	// unreadFor is the component that this task's output is left unread for.
	unreadFor *component
	attached  int64 // when the process was attached

	since   int64  // when the state was entered
	heard   int64  // when the last message came
	greeted bool   // a message has come since the pid
	beating bool   // a heartbeat was sent, and nothing was heard since
	suspect uint64 // the round in which its silence became too long; 0 is none
	excused bool   // what may have been the answer could not be read
	eof     bool   // stdout has ended
	eofAt   int64  // when
	cause   error  // why the host ends the process
	pid     int
	words   *shell.LastWords
	printed printout
	// lastError is this process's last error: "" where it has since acked, or, as a
	// spout, emitted a tuple. reported says that the process has reported it itself.
	lastError string
	reported  bool
	launched  bool          // once at least
	hurry     chan struct{} // ends the wait for the next life; holds one token
	restarts  uint64
	cameUp    bool   // a process of it has answered: the handshake, a bolt its first heartbeat, too
	death     string // how the last process that died did, such as "died: exit status 1"
	fate      string // the same while what the process held fails, with its last error
}

// lastWords is how many lines of stderr the message about a death shows.
const lastWords = 20

type taskState uint8

const (
	down taskState = iota
	greeting
	running
	leaving
)

// taskOutput is an output stream as one task emits to it.
type taskOutput struct {
	*output
	count outputCount
	// origins are the tuples' envelopes, by codec.
	origins [len(codecs)]multilang.Origin
	// turns are where each edge's shuffle goes on.
	turns []uint32
}

func newTask(c *component, id topology.TaskID) *task {
	t := &task{id: id, comp: c, enc: c.codec, hurry: make(chan struct{}, 1)}
	t.read = t.readStdout
	for _, out := range c.outputs {
		to := taskOutput{output: out, count: outputCount{name: out.Name}, turns: make([]uint32, len(out.edges))}
		for i, codec := range codecs {
			to.origins[i] = codec.NewOrigin(c.name(), out.Name, int32(id))
		}
		for i := range to.turns {
			// Each emitter begins with another target, so that many emitters
			// of few tuples do not all send them to the first.
			to.turns[i] = uint32(id)
		}
		t.outs = append(t.outs, to)
	}
	return t
}

// String is "word_spout[4]".
func (t *task) String() string { return fmt.Sprintf("%s[%d]", t.comp.name(), t.id) }

// which of a process' pipes a poller's token means
const (
	stdin = iota
	stdout
	stderr
)

func (t *task) token(pipe uint64) uint64 { return uint64(t.id)<<2 | pipe }

// attach begins the conversation with a process that was just started.
func (t *task) attach(proc *shell.Process) {
	t.proc = proc
	t.pid = proc.PID()
	t.enter(greeting)
	t.dec = t.comp.codec.NewDecoder(t.comp.set.maxMessage)
	t.cause, t.eof, t.greeted, t.beating, t.excused, t.brokenPipe, t.blocked, t.exited = nil, false, false, false, false, false, false, false
	t.lastError, t.reported = "", false
	t.suspect = 0
	t.words, t.lines = shell.NewLastWords(lastWords), shell.NewLines(func(line []byte) { t.print(line, "stderr") })
	if t.launched {
		t.restarts++
	}
	t.launched = true
	t.attached = t.w.now
	t.happened(EventStarted, "")
	t.listen()
	t.log.Debug().Int("pid", t.pid).Msg("started")
	for pipe, fd := range map[uint64]int{stdout: proc.Stdout(), stderr: proc.Stderr()} {
		if err := t.w.poller.Add(fd, t.token(pipe), poll.Read); err != nil {
			t.end(err)
			return
		}
	}
	hello, err := t.comp.codec.AppendHandshake(t.hello.Buf[:0], t.w.plan.handshake(t, t.w.pidDir))
	if err != nil {
		t.end(fmt.Errorf("cannot send the conf: %w", err))
		return
	}
	t.hello.Buf = hello
	t.touch()
	if t.w.stop.phase == leavingAll {
		t.leave()
	}
	if t.w.stop.killing {
		t.proc.Kill() // it was just being started when the others were killed
	}
}

func (t *task) enter(s taskState) {
	t.state = s
	t.since = t.w.now
	t.heard = t.w.now
}

// end ends the process, for a reason that its ExitError will tell.
func (t *task) end(cause error) {
	if t.proc == nil || t.cause != nil {
		return
	}
	t.cause = cause
	t.proc.Kill()
}

// detach ends the conversation after the process has ended: what it wrote last
// is still read, and what it held fails. It returns the reason of the end.
func (t *task) detach(exit shell.Exit) error {
	t.drain()
	for _, fd := range []int{t.proc.Stdout(), t.proc.Stderr()} {
		t.w.poller.Remove(fd)
	}
	if t.blocked {
		t.w.poller.Remove(t.proc.Stdin())
	}
	t.proc.CloseStdin()
	t.proc.CloseOutputs()
	if t.cause == errNoStdout && exit.Signal != unix.SIGKILL {
		t.cause = nil // it was ending by itself, on a machine that is busy
	}
	died := &shell.ExitError{
		Kind: t.comp.spec.Kind.String(), Component: t.comp.name(), Task: int(t.id), PID: t.pid, Dir: t.comp.spec.Dir,
		Exit: exit, LastWords: t.words.Lines(), Cause: t.cause,
	}
	explained := t.lastError != "" && t.reported
	if t.lastError != "" && (explained || len(died.LastWords) == 0) {
		died.LastWords = append(died.LastWords, strings.Split(strings.TrimRight(t.lastError, "\n"), "\n")...)
	}
	if !explained && t.state != leaving && t.cause != errRestart {
		t.comp.errors++
		t.comp.lastError = died.Reason()
		t.erred(died.Reason())
	}
	t.hangUp(died)
	switch {
	case t.cause == errRestart:
		t.happened(EventRestarted, "")
	case t.state != leaving:
		t.death = died.Fate()
		t.happened(EventDied, t.death)
	}
	t.fate = died.Reason()
	t.proc, t.dec, t.pid = nil, nil, 0
	t.enter(down)
	t.hello.Reset()
	t.out.Reset()
	t.packer, t.enc = nil, t.comp.codec
	t.holding = free
	if t.spout != nil {
		t.spout.died()
	} else {
		t.bolt.died()
	}
	t.w.mark(t)
	return died
}

// drain reads what an ended process has left in its pipes. A grandchild that
// holds them open may go on writing: what one pipe holds is read, and no more.
func (t *task) drain() {
	const most = 4 << 20
	t.exited = true
	if t.holding != free {
		t.holding = free
		t.handleRead()
	}
	for read := 0; read < most && !t.eof; {
		n := t.receive()
		if n <= 0 {
			break
		}
		read += n
	}
	for read := 0; read < most; {
		n := t.receiveStderr()
		if n <= 0 {
			break
		}
		read += n
	}
	t.endOutput()
}

// readStdout reads once from stdout.
func (t *task) readStdout(p []byte) (int, error) {
	n, err := unix.Read(t.proc.Stdout(), p)
	n = max(n, 0) // the system call returns -1 with an error
	if t.tap != nil {
		t.tap.Stdout(p[:n])
	}
	return n, err
}

// receive reads once from stdout and handles what came. It returns what read returned.
func (t *task) receive() int {
	n, err := t.dec.Fill(t.w.chunk, t.read)
	if n <= 0 {
		t.dec.Keep()
		if err == unix.EAGAIN || err == unix.EINTR {
			return n
		}
		t.endOfOutput()
		return n
	}
	t.w.now = t.w.clock.now()
	t.handleRead()
	return n
}

// handleRead handles the messages that have been read: all of them, unless a spout
// is to be left unread in their midst.
func (t *task) handleRead() {
	if t.spout != nil {
		t.spout.grant = 0
	}
	m := &t.w.message
	for t.spout == nil || t.holding == free {
		ok, err := t.dec.Next(m)
		if err != nil {
			if t.garbled(err) {
				continue
			}
			return
		}
		if !ok {
			break
		}
		t.w.messages++
		t.handle(m)
		if m.Command == multilang.Emit && t.spout != nil && t.holding == free && !t.spout.mayGoOn() {
			t.spout.holdForRoom()
		}
	}
	t.dec.Keep()
	if t.bolt != nil {
		t.bolt.settle()
	}
}

// garbled deals with bytes that are no message. It is false where no message
// can follow. (It stands apart from receive, where its variable would be an
// allocation for each message.)
func (t *task) garbled(err error) bool {
	var stray *multilang.StrayError
	if errors.As(err, &stray) {
		t.stray(stray)
		return true
	}
	t.end(fmt.Errorf("%w of %d bytes (%s), or its line \"end\" is missing", err, t.comp.set.maxMessage, conf.GustMaxMessageBytes))
	t.endOfOutput()
	return false
}

// endOfOutput stops reading stdout: it has ended, or makes no sense any more.
// A process that goes on without it is of no use.
func (t *task) endOfOutput() {
	t.eof = true
	t.eofAt = t.w.now // most often the process is ending; if it is not, check ends it
	t.w.poller.Remove(t.proc.Stdout())
	t.touch() // where it leaves, its input need not wait for answers any more
}

// receiveStderr reads once from stderr. It returns what read returned.
func (t *task) receiveStderr() int {
	n, err := unix.Read(t.proc.Stderr(), t.w.chunk)
	if n > 0 {
		if t.tap != nil {
			t.tap.Stderr(t.w.chunk[:n])
		}
		t.lines.Write(t.w.chunk[:n])
		return n
	}
	if err != unix.EAGAIN && err != unix.EINTR {
		t.w.poller.Remove(t.proc.Stderr())
	}
	return n
}

// touch puts the task on the list of those whose outbox is written at the end of the round.
func (t *task) touch() {
	if !t.dirty {
		t.dirty = true
		t.w.dirty = append(t.w.dirty, t)
	}
}

// flush writes what waits, as far as the pipe takes it.
func (t *task) flush() {
	if t.proc == nil || t.blocked || t.brokenPipe || t.state == down {
		return
	}
	left, err := t.hello.WriteTo(t.proc.Stdin())
	if !left && err == nil && t.state != greeting {
		t.hello.Release() // a large topology has large handshakes
		t.endPack()
		left, err = t.out.WriteTo(t.proc.Stdin())
	}
	switch {
	case err != nil:
		// The process has closed its stdin, or has ended. Its end will tell.
		t.brokenPipe = true
	case left:
		t.blocked = true
		if err := t.w.poller.Add(t.proc.Stdin(), t.token(stdin), poll.Write); err != nil {
			t.end(err)
		}
	case t.state == leaving && (t.spout == nil || t.spout.mayEnd()):
		t.proc.CloseStdin()
		t.brokenPipe = true
	}
}

// writable goes on writing.
func (t *task) writable() {
	if !t.blocked {
		return
	}
	t.blocked = false
	t.w.poller.Remove(t.proc.Stdin())
	t.touch()
}

// leave lets the process end: it gets what is still to be told, and then the
// end of its input. The stop's ladder follows (stop.go).
func (t *task) leave() {
	if t.state == leaving {
		return
	}
	if t.bolt != nil {
		t.endPack()
		t.out.Reset() // tuples that have been given up
		t.touch()     // whoever is held for them is read again, also where no process will come
	}
	if t.proc != nil {
		t.enter(leaving)
		t.touch()
	}
}

// check looks after a process that may hang, once a second.
func (t *task) check(now int64) {
	if t.proc != nil {
		t.settleOutput()
	}
	set := &t.comp.set
	silent := time.Duration(now - t.heard)
	switch {
	case t.proc == nil, t.state == leaving:
	case t.eof && now-t.eofAt > int64(eofGrace):
		t.end(errNoStdout)
	case t.state == greeting:
		if set.start > 0 && time.Duration(now-t.since) > set.start {
			t.end(&shell.HandshakeError{Within: set.start})
		}
	case t.holding == heldByQueue, t.holding == heldByFlow:
		// It may be blocked on a stdout that is not read: that is no silence.
		t.heard = now
	case t.spout != nil:
		if cmd, since, ok := t.spout.commands.Oldest(); ok && !t.spout.commands.Idle() && set.silence > 0 && min(silent, time.Duration(now-since)) > t.patience() && t.isSilent() {
			t.end(&shell.HungError{Silence: t.patience(), Command: cmd.String(), Streamparse: t.comp.spec.Script != "", Spoke: t.heard > since})
		}
	default:
		// Only who was asked can be silent: the answer to the last heartbeat is
		// about a second old when the next one is due.
		if t.beating && set.silence > 0 && silent > t.patience() {
			if t.isSilent() {
				t.end(&shell.HungError{Silence: t.patience()})
			}
			return
		}
		t.bolt.beat()
	}
}

// isSilent says whether the process is still silent when its output has been looked
// at once more: on a loaded machine one round of the loop may take so long that the
// answer came in the midst of it. The next round asks again.
func (t *task) isSilent() bool {
	if t.suspect == 0 {
		t.suspect = t.w.rounds
		t.w.timers.arm(&t.w.beater, t.w.now)
	}
	return t.w.rounds > t.suspect
}

// patience is how long the process may be silent. One that loads its models
// first is given the time of a start.
func (t *task) patience() time.Duration {
	if !t.greeted {
		return max(t.comp.set.silence, t.comp.set.start)
	}
	return t.comp.set.silence
}

// eofGrace is the time between the end of a process' stdout and its own end
// that is not held against it.
const eofGrace = time.Second

// errNoStdout is why a process is killed whose stdout has ended and which goes on.
var errNoStdout = errors.New("it closed stdout but kept running")
