package worker

import (
	"slices"
	"time"
)

// limiter keeps a component's repeated complaints from filling the log. It has Storm's
// rule for errors (topology.max.error.report.per.interval and
// topology.error.throttle.interval.secs): it shows a few of each kind per interval, and
// counts the others. A kind is a plural noun such as "wrong ids".
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

// maxKinds bounds the kinds, which may be a component's own words.
const maxKinds = 1000

// allow says whether to show a complaint of a kind now, and how many of that kind were
// hidden since the last one that was shown.
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

// isNew is allow for a complaint that is logged in any case, only shorter if it is not
// new. It does not count as hidden.
func (l *limiter) isNew(kind string, now int64) bool {
	show, _ := l.allow(kind, now)
	if !show {
		l.kinds[kind].hidden--
	}
	return show
}

// calm reports how many complaints were hidden, for each kind whose interval is over,
// and forgets them.
func (l *limiter) calm(now int64, report func(kind string, hidden uint64)) {
	var due []string
	for kind, c := range l.kinds {
		if c.hidden > 0 && now-c.began >= int64(l.interval) {
			due = append(due, kind)
		}
	}
	slices.Sort(due) // so that a log is the same each time
	for _, kind := range due {
		c := l.kinds[kind]
		report(kind, c.hidden)
		c.hidden = 0
	}
}
