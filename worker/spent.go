package worker

import "math"

// The numbers of what a spout does, as spoutDoings has them.
const (
	doingLoading = iota
	doingEmitting
	doingNoData
	doingMaxPending
	doingBackpressure
	doingInactive
)

// doing is what the spout does at this moment, or waits for. Where gust does not ask
// it for more, that comes first: it may still be at work on what it was asked before.
func (s *spoutTask) doing() int {
	switch {
	case s.task.state != running:
		return doingLoading
	case !s.active:
		return doingInactive
	case s.task.paused():
		return doingBackpressure
	case s.emptyWait.armed():
		return doingNoData
	case s.commands.Idle() && s.comp.set.maxPending > 0 && s.pending >= s.comp.set.maxPending:
		return doingMaxPending
	case s.commands.Idle() && s.pumping:
		return doingBackpressure
	}
	return doingEmitting
}

// spend counts the time since the last sweep for what each spout does.
func (l *loop) spend(now int64) {
	passed := now - l.spentAt
	l.spentAt = now
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			t.spout.spent[t.spout.doing()] += passed
		}
	}
}

// tightest is, of all bolts downstream of a spout, the one with the least room by
// the last survey; nil if all have some.
func (c *component) tightest() (bolt *component) {
	least := math.Inf(1)
	for _, r := range c.reaches {
		if r.per == 0 {
			continue
		}
		if room := (r.to.room - r.to.asked) / r.per; room < least {
			bolt, least = r.to, room
		}
	}
	return bolt
}
