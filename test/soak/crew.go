package main

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// crew is the workers of the run, if there are several, and the faults that they get.
type crew struct {
	gust    running
	roster  *roster
	links   *links        // nil with one worker
	silence time.Duration // gust.peer.silence.secs
	killed  int           // workers
}

// crewFault is something that can be done to a worker, or to what connects two. commit
// returns its victim, and nothing if there is none.
type crewFault struct {
	name   string
	commit func(c *chaos) (victim string)
}

// The faults of several workers. All that last may take longer than the time after which
// a worker that says nothing is lost.
var crewFaults = []crewFault{
	{workerKill, (*chaos).killWorker},
	{workerStop, (*chaos).pauseWorker},
	{"connection reset", (*chaos).reset},
	{"connection cut one way", (*chaos).cutOneWay},
	{"connection cut both ways", (*chaos).cutBothWays},
}

const (
	workerKill = "worker SIGKILL"
	workerStop = "worker SIGSTOP"
)

// crewShare is how many faults there are for each of several workers' faults.
const crewShare = 4

// pickOfCrew picks a fault of the workers, if it is the turn of one.
func (c *chaos) pickOfCrew() (f crewFault, ok bool) {
	if c.crew.links == nil {
		return f, false
	}
	for _, f := range crewFaults {
		if f.name == c.only {
			return f, true
		}
	}
	if c.only != "" || c.dice.IntN(crewShare) > 0 {
		return f, false
	}
	return one(c.dice, crewFaults)
}

// kill kills a worker.
func (w *crew) kill(pid int) {
	w.roster.fell(pid)
	w.killed++
	syscall.Kill(pid, syscall.SIGKILL)
}

func (w *crew) close() {
	if w.links != nil {
		w.links.close()
	}
}

// one is one of the items, at random.
func one[T any](dice *rand.Rand, items []T) (it T, ok bool) {
	if len(items) == 0 {
		return it, false
	}
	return items[dice.IntN(len(items))], true
}

func (c *chaos) killWorker() (victim string) {
	pid, ok := one(c.dice, c.crew.gust.workers())
	if !ok {
		return ""
	}
	c.crew.kill(pid)
	return fmt.Sprint("worker pid ", pid)
}

// while is how long a fault of the workers lasts: up to twice the time after which a silent
// one is lost.
func (c *chaos) while() time.Duration {
	return 100*time.Millisecond + time.Duration(c.dice.Float64()*2*float64(c.crew.silence))
}

func (c *chaos) pauseWorker() (victim string) {
	pid, ok := one(c.dice, c.crew.gust.workers())
	if !ok {
		return ""
	}
	d := c.while()
	syscall.Kill(pid, syscall.SIGSTOP)
	c.resumes.Go(func() {
		time.Sleep(d)
		syscall.Kill(pid, syscall.SIGCONT)
	})
	return fmt.Sprintf("worker pid %d, for %v", pid, d)
}

func (c *chaos) reset() (victim string) {
	k, ok := one(c.dice, c.crew.links.standing())
	if !ok {
		return ""
	}
	k.reset()
	return k.String()
}

func (c *chaos) cutOneWay() (victim string) { return c.cut(false) }

func (c *chaos) cutBothWays() (victim string) { return c.cut(true) }

func (c *chaos) cut(both bool) (victim string) {
	k, ok := one(c.dice, c.crew.links.standing())
	if !ok {
		return ""
	}
	r, d := k.route, c.while()
	if r.back = c.dice.IntN(2) == 0; both {
		c.resumes.Go(func() { c.crew.links.cut(r.reverse(), d) })
	}
	c.resumes.Go(func() { c.crew.links.cut(r, d) })
	return fmt.Sprintf("%v, for %v", k, d)
}
