package worker

import "time"

// limiter keeps one component's repeated complaints from drowning the log, by
// Storm's rule for errors (topology.max.error.report.per.interval and
// topology.error.throttle.interval.secs): of each kind, a few per interval are
// shown, and the others are counted. A kind is named by a plural noun, such as
// "wrong ids".
type limiter struct {
	kinds    map[string]*complaint
	most     int
	interval time.Duration
}

type complaint struct {
	began  int64 // of this interval
	shown  int
	hidden uint64
}

func newLimiter(most int, interval time.Duration) *limiter {
	return &limiter{kinds: map[string]*complaint{}, most: most, interval: interval}
}

// maxKinds bounds the kinds, which a component's own words may be.
const maxKinds = 1000

// allow says whether to show a complaint of a kind at a time, and how many of
// that kind were hidden since one was shown last.
func (l *limiter) allow(kind string, now int64) (show bool, hidden uint64) {
	c := l.kinds[kind]
	if c == nil {
		if len(l.kinds) >= maxKinds {
			clear(l.kinds)
		}
		c = &complaint{began: now}
		l.kinds[kind] = c
	}
	if now-c.began >= int64(l.interval) {
		c.began, c.shown = now, 0
	}
	if c.shown >= l.most {
		c.hidden++
		return false, 0
	}
	c.shown++
	hidden, c.hidden = c.hidden, 0
	return true, hidden
}

// isNew is allow for a complaint that is told in any case, in few words where it is
// not new: it is not counted as hidden.
func (l *limiter) isNew(kind string, now int64) bool {
	show, _ := l.allow(kind, now)
	if !show {
		l.kinds[kind].hidden--
	}
	return show
}

// calm reports, of each kind whose interval is over, what is hidden and was not
// told yet, and forgets it.
func (l *limiter) calm(now int64, report func(kind string, hidden uint64)) {
	for kind, c := range l.kinds {
		if c.hidden > 0 && now-c.began >= int64(l.interval) {
			report(kind, c.hidden)
			c.hidden = 0
		}
	}
}
