package worker

import "time"

// clock is the topology's time, in nanoseconds. It stops while gust itself does not
// run, after a Ctrl-Z or while the machine sleeps, so that nothing times out while
// nothing could happen.
type clock struct {
	kernel  kernel
	last    int64
	skipped int64
}

// stall is longer than any round takes while gust runs: timers end each wait within a
// second.
const stall = 5 * time.Second

func (c *clock) now() int64 {
	now := c.kernel.Now() - c.skipped
	if now-c.last > int64(stall) {
		c.skipped += now - c.last - int64(time.Second)
		now = c.last + int64(time.Second)
	}
	c.last = now
	return now
}
