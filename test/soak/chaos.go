package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"
)

// chaos harms the components, and the workers if there are several, one at a time, at
// random.
type chaos struct {
	roster *roster
	crew   *crew
	dice   *rand.Rand
	mean   time.Duration // between two faults
	only   string        // the name of the one fault to commit; empty for all
	log    io.Writer     // a fault and its victim
	began  time.Time

	unborn  int            // successors that were ordered to die before their pid
	resumes sync.WaitGroup // of those that are paused

	mu     sync.Mutex     // guards the rest, and the members' frozen
	counts map[string]int // of faults
}

// fault is something that can be done to a component.
type fault struct {
	name   string
	weight int
	end    ending
	commit func(c *chaos, m *member)
}

// ending reports whether a fault kills its victim.
type ending uint8

const (
	lives ending = iota
	mayDie
	dies
)

// The faults. misdeeds.go explains the names of commands.
var faults = []fault{
	{"SIGKILL", 20, dies, deliver(syscall.SIGKILL)},
	{"SIGTERM", 8, dies, deliver(syscall.SIGTERM)},
	{"exit", 10, dies, choice("exit", 4)},
	{"half a message", 6, dies, order("half")},
	{"death in the handshake", 6, dies, (*chaos).unbear},
	{"SIGSTOP for good", 4, dies, (*chaos).freeze},
	{"reads nothing", 2, dies, order("stick")},
	{"says nothing", 2, dies, order("mute")},
	{"closes stdout", 2, dies, order("close")},
	{"SIGSTOP for a while", 12, lives, (*chaos).pause},
	{"stray output", 16, lives, choice("stray", len(strayLines))},
	{"wrong ids and commands", 8, lives, order("forge")},
	{"slow", 6, lives, order("slow")},
	{"stderr flood", 2, lives, order("flood")},
	{brokenMessage, 6, mayDie, choice("break", len(brokenLines))},
}

// brokenMessage is a fault that has consequences beyond its victim.
const brokenMessage = "broken message"

func deliver(s syscall.Signal) func(*chaos, *member) {
	return func(_ *chaos, m *member) { syscall.Kill(m.pid, s) }
}

func order(text string) func(*chaos, *member) {
	return func(_ *chaos, m *member) { m.tell(text) }
}

// choice is an order with one of n numbers.
func choice(verb string, n int) func(*chaos, *member) {
	return func(c *chaos, m *member) { m.tell(fmt.Sprint(verb, " ", c.dice.IntN(n))) }
}

// freeze stops a process for good.
func (c *chaos) freeze(m *member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.frozen = true
	syscall.Kill(m.pid, syscall.SIGSTOP)
}

// pause stops a process, for less time than a hang.
func (c *chaos) pause(m *member) {
	pause := time.Duration(50+c.dice.IntN(1500)) * time.Millisecond
	syscall.Kill(m.pid, syscall.SIGSTOP)
	c.resumes.Go(func() {
		time.Sleep(pause)
		c.mu.Lock()
		defer c.mu.Unlock()
		if !m.frozen {
			syscall.Kill(m.pid, syscall.SIGCONT)
		}
	})
}

// unbear ends a process, and its successor during the handshake.
func (c *chaos) unbear(m *member) {
	c.unborn++
	choice("unborn", len(unbornWays))(c, m)
}

// run commits faults until ctx is done, and returns when all paused processes continue.
func (c *chaos) run(ctx context.Context) {
	defer c.resumes.Wait()
	for {
		wait := time.Duration(c.dice.ExpFloat64() * float64(c.mean))
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(wait, 5*c.mean)):
		}
		c.strike()
	}
}

// faultNames are the names of the faults.
func faultNames() (names []string) {
	for _, f := range faults {
		names = append(names, f.name)
	}
	for _, f := range crewFaults {
		names = append(names, f.name)
	}
	return names
}

// strike picks a victim and its fault.
func (c *chaos) strike() {
	if f, ok := c.pickOfCrew(); ok {
		if victim := f.commit(c); victim != "" {
			c.note(f.name, victim)
		}
		return
	}
	f := c.pick()
	living := c.roster.living()
	if len(living) == 0 {
		return
	}
	m := living[c.dice.IntN(len(living))]
	if !c.roster.strike(m, f.end) {
		return
	}
	c.note(f.name, m.String())
	f.commit(c, m)
}

// note writes down a fault.
func (c *chaos) note(fault, victim string) {
	fmt.Fprintf(c.log, "%9.3f %s: %s\n", time.Since(c.began).Seconds(), victim, fault)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[fault]++
}

// committed is the number of faults so far, and how many of them were SIGKILL or
// SIGTERM. Any goroutine may call it.
func (c *chaos) committed() (all, kills int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.counts {
		all += n
	}
	return all, c.counts["SIGKILL"] + c.counts["SIGTERM"]
}

func (c *chaos) pick() fault {
	sum := 0
	for _, f := range faults {
		if f.name == c.only {
			return f
		}
		sum += f.weight
	}
	n := c.dice.IntN(sum)
	for _, f := range faults {
		if n -= f.weight; n < 0 {
			return f
		}
	}
	panic("unreachable: n is less than the sum of the weights")
}
