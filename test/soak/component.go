package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"
)

// component is one process of the topology: a task's spout or bolt, until it dies.
type component struct {
	settings
	dir   string
	name  string
	task  int
	tasks map[int]string
	wire  *wire
	dice  *rand.Rand
	line  *line

	stuck     atomic.Bool  // it reads nothing more
	slowUntil atomic.Int64 // until then it is slow, in Unix nanoseconds
	lastAck   atomic.Value // string: the id that a bolt acked last
	finishing atomic.Bool  // a spout emits no new tuples
	mischief  atomic.Bool  // a bolt fails and forgets tuples on purpose
}

// componentMain is `soak component DIR`. It returns the exit code.
func componentMain(dir string) int {
	c := &component{dir: dir, wire: newWire(os.Stdin, os.Stdout)}
	err := c.run()
	if err == nil || err == io.EOF {
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s[%d]: %v\n", c.name, c.task, err)
	return 1
}

func (c *component) run() error {
	raw, err := c.wire.read()
	if err != nil {
		return err
	}
	var h hello
	if err := json.Unmarshal(raw, &h); err != nil {
		return fmt.Errorf("malformed handshake of the host: %q: %w", raw, err)
	}
	c.name, c.task, c.tasks = h.Context.ComponentID, h.Context.TaskID, h.Context.Tasks
	if c.settings, err = readSettings(c.dir); err != nil {
		return err
	}
	c.dice = rand.New(rand.NewPCG(c.Seed, uint64(os.Getpid())))
	c.dieUnborn()
	if err := os.WriteFile(fmt.Sprintf("%s/%d", h.PIDDir, os.Getpid()), nil, 0o644); err != nil {
		return err
	}
	greeting := map[string]int{"pid": os.Getpid()}
	if h.Conf[offer] == float64(packsVersion) && c.dice.IntN(2) == 0 {
		greeting["packs"] = packsVersion
	}
	if err := c.wire.send(greeting); err != nil {
		return err
	}
	c.wire.packs = greeting["packs"] != 0
	if c.line, err = dialDriver(c); err != nil {
		return err
	}
	if newBolt, ok := bolts[c.name]; ok {
		return c.runBolt(newBolt)
	}
	return c.runSpout()
}

// pause slows the component, if a fault has ordered it.
func (c *component) pause() {
	if c.stuck.Load() {
		select {}
	}
	if time.Now().UnixNano() < c.slowUntil.Load() {
		time.Sleep(20 * time.Millisecond)
	}
}

// violation reports to the driver what the host must not do.
func (c *component) violation(format string, args ...any) {
	c.line.say("violation %s[%d]: %s", c.name, c.task, fmt.Sprintf(format, args...))
}
