package worker

import (
	"fmt"
	"strings"
	"time"
)

// A run that waits logs what it waits for: first when the user begins to wonder, then at
// intervals that do not fill the screen.
const (
	waitFirst = 3 * time.Second
	waitAgain = 10 * time.Second
)

// awaited is what the run waits for a task to do.
type awaited uint8

const (
	awaitsNothing awaited = iota
	awaitsHandshake
	awaitsHeartbeat
	awaitsCommand
	awaitsTuples
	awaitsExit
)

// awaits returns what the run waits for the task to do, and since when.
func (t *task) awaits() (awaited, int64) {
	phase, entered := t.loop.phase, t.loop.entered
	switch {
	case t.state == down, t.stub != nil:
	case phase == ending:
		// Otherwise the ladder has already named the processes that did not exit.
		if t.loop.exitWait > waitFirst {
			return awaitsExit, entered
		}
	case phase == draining && t.bolt != nil && t.bolt.flight.n > 0:
		return awaitsTuples, entered
	case phase == draining && t.spout != nil && !t.spout.commands.Idle():
		return awaitsCommand, entered
	case phase.stopping():
	case t.state == greeting:
		return awaitsHandshake, t.since
	case t.stopped.at != nil: // the log has said where
	case t.bolt != nil && t.state == running && !t.greeted:
		return awaitsHeartbeat, t.since
	}
	return awaitsNothing, 0
}

// reportWaits logs what the run waits for, a line for each component. It is
// called once a second, and logs a wait at the first look after it is due.
func (l *loop) reportWaits(now int64) {
	for _, c := range l.plan.components {
		for what := awaitsHandshake; what <= awaitsExit; what++ {
			var who []*task
			since := now
			for _, t := range c.tasks {
				if awaits, from := t.awaits(); awaits == what {
					who, since = append(who, t), min(since, from)
				}
			}
			if len(who) > 0 && waitDue(now-since, l.lookedAt-since) {
				l.log.Info().Msgf("waiting for %s %q (%s) to %s, %ds so far",
					c.spec.Kind, c.name(), taskList(who), what.wanted(who), (now-since)/int64(time.Second))
			}
		}
	}
	if l.peers != nil {
		l.peers.reportWaits(now)
	}
	l.lookedAt = now
}

// waitDue says whether to log a wait that has lasted so long, and had lasted before at
// the last look.
func waitDue(lasted, before int64) bool {
	lines := func(lasted int64) int64 {
		if lasted < int64(waitFirst) {
			return 0
		}
		return 1 + (lasted-int64(waitFirst))/int64(waitAgain)
	}
	return lines(lasted) > lines(before)
}

// wanted says what the tasks have to do.
func (a awaited) wanted(who []*task) string {
	switch a {
	case awaitsHandshake:
		return "answer the handshake"
	case awaitsHeartbeat:
		return "answer the first heartbeat"
	case awaitsCommand:
		return "answer a command"
	case awaitsTuples:
		n := 0
		for _, t := range who {
			n += t.bolt.flight.n
		}
		return fmt.Sprintf("finish %d tuples", n)
	}
	return "exit"
}

// taskList is the TaskList of tasks.
func taskList(tasks []*task) string {
	ids := make([]int, len(tasks))
	for i, t := range tasks {
		ids[i] = int(t.id)
	}
	return TaskList(ids)
}

// TaskList names tasks, for example "task 3" or "tasks 3, 4, 5 and 17 more".
func TaskList(ids []int) string {
	const most = 8
	if len(ids) == 1 {
		return fmt.Sprintf("task %d", ids[0])
	}
	var names []string
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, fmt.Sprint(id))
	}
	list := "tasks " + strings.Join(names, ", ")
	if more := len(ids) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
