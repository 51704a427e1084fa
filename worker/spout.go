package worker

import (
	"time"

	"gust/internal/histogram"
	"gust/multilang"
	"gust/shell"
)

// spoutTask is what a task of a spout has beyond a task: the commands that its process
// has to answer, and its trees.
type spoutTask struct {
	task     *task
	loop     *loop      // the task's
	comp     *component // the task's
	commands *shell.Commands
	list     uint32 // of its trees, in the acker
	pending  int    // how many trees that is
	complete histogram.Histogram
	attempts attempts
	spent    [len(spoutDoings)]int64 // nanoseconds, by what it does
	active   bool                    // it has been activated, and not deactivated since

	queued       []queuedCommand
	lockStepOver bool  // at the end of the run, gust no longer waits for its syncs
	emptyWait    timer // runs after the spout had nothing to emit
	syncWait     timer // runs while a sync may never come

	pumping bool       // it is on the loop's list of spouts to ask
	grant   int        // tuples that gust may read before it looks for room
	awaits  *component // the bolt that has no room, so that gust does not read the spout; nil if there is none
}

// queuedCommand is a command that waits, in lock step, for the sync of the previous one.
type queuedCommand struct {
	command multilang.SpoutCommand
	id      []byte
}

// syncGrace is how long gust waits for a sync that may never come
// ([shell.Commands.Forgive]), once the spout has read its commands: a spout that
// initializes for a minute has read none, and will answer all.
const syncGrace = 500 * time.Millisecond

func newSpoutTask(t *task) *spoutTask {
	s := &spoutTask{task: t, loop: t.loop, comp: t.comp, commands: shell.NewCommands(t.comp.set.maxAhead), attempts: attempts{most: t.comp.set.maxAttempts}}
	s.emptyWait.fire = func(int64) { s.pump() }
	s.syncWait.fire = s.forgive
	return s
}

// ready is called when the process has sent its pid.
func (s *spoutTask) ready() {
	if s.loop.phase == working {
		s.activate()
	}
}

// activate lets the spout emit.
func (s *spoutTask) activate() {
	if s.task.state != running || s.active || s.loop.inactive {
		return
	}
	s.active = true
	if s.loop.activeAt == 0 {
		s.loop.activeAt = s.loop.now
		s.loop.happened(EventActivated)
		s.loop.ready()
	}
	if s.comp.set.activate {
		s.send(multilang.Activate, nil)
	}
	s.pump()
}

// doubt limits the time of the next sync, if it may never come.
func (s *spoutTask) doubt() {
	if s.commands.Unsure() {
		s.loop.timers.arm(&s.syncWait, s.loop.now+int64(syncGrace))
	}
}

// forgive goes on without a sync, unless the spout has not read its commands yet.
func (s *spoutTask) forgive(int64) {
	if s.task.proc != nil && (s.task.out.Len() > 0 || s.task.proc.Unread()) {
		s.doubt()
		return
	}
	if s.commands.Forgive(s.loop.now) {
		s.task.log.Debug().Msg("missing sync: sending the next command without it")
		s.proceed()
	}
}

// deactivate stops asking the spout. Acks and fails still follow.
func (s *spoutTask) deactivate() {
	if !s.active {
		return
	}
	s.active = false
	s.loop.timers.disarm(&s.emptyWait)
	if s.comp.set.activate {
		s.send(multilang.Deactivate, nil)
	}
}

// send sends the spout a command, now or, in lock step, when it is its turn.
func (s *spoutTask) send(command multilang.SpoutCommand, id []byte) {
	if s.commands.LockStep() && (!s.commands.Idle() || len(s.queued) > 0) {
		s.queued = append(s.queued, queuedCommand{command, append([]byte(nil), id...)})
		return
	}
	s.put(command, id)
}

func (s *spoutTask) put(command multilang.SpoutCommand, id []byte) {
	s.task.out.Buf = s.task.enc.AppendCommand(s.task.out.Buf, command, id)
	s.commands.Sent(command, s.loop.now)
	s.doubt()
	s.task.touch()
}

// synced handles the answer to the oldest command.
func (s *spoutTask) synced() {
	command, emits, ok := s.commands.Synced(s.loop.now)
	if !ok {
		return // to no command: some clients begin with one
	}
	s.doubt()
	s.loop.stop.progress = s.loop.now // at the end of a run, it reads its acks and fails
	if command == multilang.Next {
		s.comp.nexts++
	}
	if command == multilang.Next && emits == 0 && s.active && !s.emptyWait.armed() {
		s.loop.timers.arm(&s.emptyWait, s.loop.now+int64(s.comp.set.spoutWait))
	}
	s.proceed()
}

// proceed goes on after the spout has answered a command, or will not.
func (s *spoutTask) proceed() {
	if len(s.queued) > 0 && s.commands.Idle() {
		next := s.queued[0]
		s.queued = s.queued[1:]
		s.put(next.command, next.id)
		return
	}
	if s.task.state == leaving {
		s.task.touch() // its input may end now
	}
	s.pump()
}

// pump puts the spout on the list of those that gust asks at the end of the round.
func (s *spoutTask) pump() {
	s.loop.moved = true
	if s.active && !s.pumping {
		s.pumping = true
		s.loop.pumps = append(s.loop.pumps, s)
	}
}

// wants is how many `next` gust may send to the spout: at most what [shell.Commands]
// allows, and so many that the pending trees stay below topology.max.spout.pending.
//
// Storm asks while fewer trees than that are pending, so that the last `next` may
// exceed it by all but one of the trees that it opens. Asking ahead keeps that limit,
// as long as no `next` opens more trees than any of the last thousand did: each
// outstanding `next` counts as that many trees.
func (s *spoutTask) wants() int {
	if !s.active || s.emptyWait.armed() || len(s.queued) > 0 {
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

// plant begins the tree of a tuple with an id. out is nil if the tree is to fail at once.
func (s *spoutTask) plant(out *taskOutput, id []byte, values kept) treeRef {
	var count *outputCount
	if out != nil {
		count = &out.count
	}
	s.pending++
	return s.loop.acker.plant(s.list, s, count, id, values, s.loop.now)
}

// judge tells the spout the verdict on one of its trees.
func (s *spoutTask) judge(t *tree, v verdict) {
	s.pending--
	took := s.loop.now - t.emitted
	dead := false
	if t.trace != nil {
		s.traced(t, v)
	}
	if v == acked {
		s.complete.Add(took)
		s.attempts.forget(t.id)
	} else {
		dead = s.failed(t, v)
	}
	switch {
	case t.stream == nil: // it was emitted to a stream that there is not
	case v == acked:
		t.stream.acked++
		t.stream.completed += took
	default:
		t.stream.failed++
	}
	// If the process is gone, its successor gets no verdict: it never emitted these
	// tuples, and may use the same ids for others. A process that emits before it sends
	// its pid gets the verdict afterwards.
	if s.task.state == down {
		return
	}
	if v == acked || dead {
		s.send(multilang.AckTuple, t.id)
	} else {
		s.send(multilang.FailTuple, t.id)
	}
	s.pump()
}

// died fails the trees of the process that ended.
func (s *spoutTask) died() {
	s.loop.culprit = culprit{task: s.task}
	s.failAll(childDied)
	s.loop.culprit = culprit{}
	s.loop.timers.disarm(&s.emptyWait)
	s.loop.timers.disarm(&s.syncWait)
	s.loop.moved = true // the tuples that it was asked for will not come
	s.commands = shell.NewCommands(s.comp.set.maxAhead)
	s.queued = nil
	s.active, s.lockStepOver = false, false
}

// tooLate handles a tuple that is emitted after the end of the run. It fails at once, as
// the others have, unless the spout replays it in `fail`, which would never end.
func (s *spoutTask) tooLate(out *taskOutput, id []byte) {
	if command, _, ok := s.commands.Oldest(); id == nil || s.task.stdin == stdinClosed || ok && command == multilang.FailTuple {
		return
	}
	if out != nil {
		out.count.emitted++ // as its tree does
	}
	s.loop.acker.fail(s.plant(out, id, kept{}), shutDown)
}

// mayEnd says whether gust may close the spout's stdin, at the end of the run. The spout
// has to answer all commands first: in the middle of one, it may emit a tuple that
// still has to fail, or wait for a list of task ids.
func (s *spoutTask) mayEnd() bool {
	return s.lockStepOver || s.task.eof || s.commands.Idle() && len(s.queued) == 0
}

// sendQueued sends the commands that wait in lock step, if the spout takes too long for
// them: gust closes its stdin after them, and the spout may still read as far as that.
func (s *spoutTask) sendQueued() {
	for _, next := range s.queued {
		s.put(next.command, next.id)
	}
	s.queued = nil
	s.lockStepOver = true
	s.task.touch()
}

func (s *spoutTask) failAll(v verdict) { s.loop.acker.failAll(s.list, v) }
