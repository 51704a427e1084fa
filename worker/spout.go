package worker

import (
	"gust/internal/histogram"
	"time"

	"gust/multilang"
	"gust/shell"
)

// spoutTask is what a task of a spout has beyond a task: the commands that its
// process has to answer, and its trees.
type spoutTask struct {
	*task
	commands *shell.Commands
	list     uint32 // of its trees, in the acker
	pending  int    // how many those are
	complete histogram.Histogram
	active   bool // it has been activated, and not deactivated since
	queued   []queuedCommand
	hurried  bool                    // at the end of the run, its time for lock step is over
	wait     timer                   // runs while the spout had nothing to emit
	grace    timer                   // runs while a sync may never come
	pumping  bool                    // it is on the loop's list of spouts to ask
	spent    [len(spoutDoings)]int64 // nanoseconds, by what it does
	grant    int                     // tuples that may be read before room is looked for
}

// queuedCommand is a command that waits, in lock step, for the sync of the one before.
type queuedCommand struct {
	command multilang.SpoutCommand
	id      []byte
}

// syncGrace is how long a sync that may never come is waited for
// ([shell.Commands.Forgive]), from when the spout has read its commands: one that
// initialises for a minute reads none, and answers all.
const syncGrace = 500 * time.Millisecond

func newSpoutTask(t *task) *spoutTask {
	s := &spoutTask{task: t, commands: shell.NewCommands(t.comp.set.maxAhead)}
	s.wait.fire = func(int64) { s.pump() }
	s.grace.fire = s.forgive
	return s
}

// ready follows the process' pid.
func (s *spoutTask) ready() {
	if s.w.started {
		s.activate()
	}
}

// activate lets the spout emit.
func (s *spoutTask) activate() {
	if s.state != running || s.active || s.w.stopping || s.w.inactive {
		return
	}
	s.active = true
	if s.w.activeAt == 0 {
		s.w.activeAt = s.w.now
		s.w.happened(EventActivated)
		s.w.ready()
	}
	if s.comp.set.activate {
		s.send(multilang.Activate, nil)
	}
	s.pump()
}

// doubt gives the sync that comes next a time, where it may never come.
func (s *spoutTask) doubt() {
	if s.commands.Unsure() {
		s.w.timers.arm(&s.grace, s.w.now+int64(syncGrace))
	}
}

// forgive goes on without a sync.
func (s *spoutTask) forgive(int64) {
	if s.proc != nil && (s.out.Len() > 0 || s.proc.Unread()) {
		s.doubt()
		return
	}
	if s.commands.Forgive(s.w.now) {
		s.log.Debug().Msg("missing sync: sending the next command without it")
		s.proceed()
	}
}

// deactivate ends the asking. Acks and fails still follow.
func (s *spoutTask) deactivate() {
	if !s.active {
		return
	}
	s.active = false
	s.w.timers.disarm(&s.wait)
	if s.comp.set.activate {
		s.send(multilang.Deactivate, nil)
	}
}

// send gives the spout a command, now or, in lock step, when its turn has come.
func (s *spoutTask) send(command multilang.SpoutCommand, id []byte) {
	if s.commands.LockStep() && (!s.commands.Idle() || len(s.queued) > 0) {
		s.queued = append(s.queued, queuedCommand{command, append([]byte(nil), id...)})
		return
	}
	s.put(command, id)
}

func (s *spoutTask) put(command multilang.SpoutCommand, id []byte) {
	s.out.Buf = s.enc.AppendCommand(s.out.Buf, command, id)
	s.commands.Sent(command, s.w.now)
	s.doubt()
	s.touch()
}

// synced takes the answer to the oldest command.
func (s *spoutTask) synced() {
	command, emits, ok := s.commands.Synced(s.w.now)
	if !ok {
		return // nobody asked: some clients begin with one
	}
	s.doubt()
	s.w.stop.progress = s.w.now // at the end of a run, it takes its verdicts
	if command == multilang.Next {
		s.comp.nexts++
	}
	if command == multilang.Next && emits == 0 && s.active && !s.wait.armed() {
		s.w.timers.arm(&s.wait, s.w.now+int64(s.comp.set.spoutWait))
	}
	s.proceed()
}

// proceed goes on after a command is off the books.
func (s *spoutTask) proceed() {
	if len(s.queued) > 0 && s.commands.Idle() {
		next := s.queued[0]
		s.queued = s.queued[1:]
		s.put(next.command, next.id)
		return
	}
	if s.state == leaving {
		s.touch() // its input may end now
	}
	s.pump()
}

// pump puts the spout on the list of those that are asked at the end of the round.
func (s *spoutTask) pump() {
	s.w.moved = true
	if s.active && !s.pumping {
		s.pumping = true
		s.w.pumps = append(s.w.pumps, s)
	}
}

// wants is how many `next` the spout may be sent: no more than the conversation
// bears, and so many that the trees pending stay below topology.max.spout.pending.
//
// Storm asks while fewer than that are pending, so that the last `next` may
// overshoot by as many trees as it opens, less one. Asking ahead keeps the same
// bound, as long as no `next` opens more trees than any of the last thousand
// did: each one that is under way is counted with that many trees.
func (s *spoutTask) wants() int {
	if !s.active || s.wait.armed() || len(s.queued) > 0 {
		return 0
	}
	n := s.commands.MayAsk()
	if most := s.comp.set.maxPending; most > 0 {
		each := s.commands.TreesPerNext()
		left := most - s.pending - s.commands.Nexts()*each
		n = min(n, max(0, (left+each-1)/each))
	}
	return n
}

// plant begins the tree of a tuple with an id. out may be nil: the tree then
// fails at once.
func (s *spoutTask) plant(out *taskOutput, id []byte, values kept) treeRef {
	var count *outputCount
	if out != nil {
		count = &out.count
	}
	s.pending++
	return s.w.acker.plant(s.list, s.task, count, id, values, s.w.now)
}

// judged tells the spout the verdict on one of its trees.
func (s *spoutTask) judged(t *tree, v verdict) {
	s.pending--
	took := s.w.now - t.emitted
	if v == acked {
		s.complete.Add(took)
	} else {
		s.failed(t, v)
	}
	switch {
	case t.stream == nil: // it was emitted to a stream that there is not
	case v == acked:
		t.stream.acked++
		t.stream.completed += took
	default:
		t.stream.failed++
	}
	// A process that is gone is told nothing, and its successor neither: it
	// never emitted these tuples, and may use the same ids for others. One that
	// emits before it sends its pid is told after it.
	if s.state == down {
		return
	}
	if v == acked {
		s.send(multilang.AckTuple, t.id)
	} else {
		s.send(multilang.FailTuple, t.id)
	}
	s.pump()
}

// died ends the trees of the process that ended.
func (s *spoutTask) died() {
	s.w.culprit = culprit{task: s.task}
	s.failAll(childDied)
	s.w.culprit = culprit{}
	s.w.timers.disarm(&s.wait)
	s.w.timers.disarm(&s.grace)
	s.w.moved = true // what it was asked for does not come
	s.commands = shell.NewCommands(s.comp.set.maxAhead)
	s.queued = nil
	s.active, s.hurried = false, false
}

// tooLate takes a tuple that is emitted after the end of the run. It fails at once,
// as the others have, unless the spout replays it in `fail`: there is no end to that.
func (s *spoutTask) tooLate(out *taskOutput, id []byte) {
	if command, _, ok := s.commands.Oldest(); id == nil || s.brokenPipe || ok && command == multilang.FailTuple {
		return
	}
	if out != nil {
		out.count.emitted++ // as its tree does
	}
	s.w.acker.fail(s.plant(out, id, kept{}), shutDown)
}

// mayEnd says whether the spout's input may end, at the end of the run. It has to
// answer all commands first: in the midst of each it may emit a tuple that is still
// to be failed, or wait for a list of task ids.
func (s *spoutTask) mayEnd() bool {
	return s.hurried || s.eof || s.commands.Idle() && len(s.queued) == 0
}

// hurry sends the commands that wait in lock step, where the spout takes too long
// for them: the end of the input follows, and a spout may read as far as that.
func (s *spoutTask) hurry() {
	for _, next := range s.queued {
		s.put(next.command, next.id)
	}
	s.queued = nil
	s.hurried = true
	s.touch()
}

func (s *spoutTask) failAll(v verdict) {
	for ref, _ := s.w.acker.oldest(s.list); !ref.none(); ref, _ = s.w.acker.oldest(s.list) {
		s.w.acker.fail(ref, v)
	}
}
