package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The misdeeds of a component: because the driver has ordered one, between or in the
// middle of other work, or at random.

// obey carries out an order of the driver's.
func (c *component) obey(order string) {
	verb, number, _ := strings.Cut(order, " ")
	n, _ := strconv.Atoi(number)
	switch verb {
	case "finish":
		c.finishing.Store(true)
	case "mischief":
		c.mischief.Store(true)
	case "exit":
		os.Exit(n)
	case "half":
		c.wire.raw(`{"command": "emit", "tuple": ["the rest of this is never wr`)
		os.Exit(1)
	case "unborn":
		os.WriteFile(unbornFile(c.dir, c.name, c.task), []byte(unbornWays[n]), 0o644)
		os.Exit(1)
	case "stray":
		c.wire.raw(strayLines[n])
	case "break":
		c.wire.raw(brokenLines[n])
	case "forge":
		c.forge()
	case "slow":
		c.slowUntil.Store(time.Now().Add(3 * time.Second).UnixNano())
	case "stick":
		c.stuck.Store(true)
	case "mute":
		c.wire.mute()
	case "close":
		c.wire.mute() // a write to the closed pipe would be the end, and that is another fault
		os.Stdout.Close()
	case "flood":
		fmt.Fprintln(os.Stderr, strings.Repeat("all work and no play ", 12<<10))
	}
}

// strayLines are printed to stdout, between two messages, and are harmless. The last ones
// have no line feed: the next message follows on the same line, and can be distinguished
// from them.
var strayLines = []string{
	"DEBUG here\n",
	"\n\r\n\n",
	"\x00\x01\x02\xff\xfe\x80\n",
	"{'a': 1}\n",
	"]}\"\n",
	"end\n",
	"Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\nValueError: nothing\n",
	"loading... ",
	"{'a': 1} ",
	"{\"progress\": 0.5} ",
	"[\"a\", ",
	"\"",
}

// brokenLines are damaged messages. gust cannot know what they would have done: no tuple
// may be lost, but anything else may happen.
var brokenLines = []string{
	"{\"command\": \"emit\", \"tuple\": [\n",
	"{\"command\"\nend\n",
}

// forge sends well-formed but false messages.
func (c *component) forge() {
	lies := []any{
		map[string]any{"command": "ack", "id": "987654321987654321"},
		map[string]any{"command": "fail", "id": "nonsense"},
		map[string]any{"command": "ack"},
		map[string]any{"command": "juggle"},
		map[string]any{"no": "command"},
		map[string]any{"pid": os.Getpid()},
		emission{Command: "emit", Stream: "nowhere", Tuple: []any{1}},
		emission{Command: "emit", Stream: "nowhere", Tuple: []any{1}, Task: 999},
		// In full: in the short form that a pack has, a spout's anchors would be an id.
		map[string]any{
			"command": "emit", "tuple": []any{"too", "many", "or", "too", "few", "values", "these", "are"},
			"anchors": []string{"123456789"}, "need_task_ids": false,
		},
	}
	if last, ok := c.lastAck.Load().(string); ok {
		lies = append(lies,
			map[string]any{"command": "ack", "id": last},
			map[string]any{"command": "fail", "id": last})
	}
	for _, lie := range lies {
		c.wire.send(lie)
	}
}

// How a process may end before it has sent its pid.
var unbornWays = []string{"exit", "half", "silent"}

func unbornFile(dir, component string, task int) string {
	return filepath.Join(dir, fmt.Sprintf("unborn-%s-%d", component, task))
}

// dieUnborn ends the process during the handshake, if its predecessor was ordered to.
func (c *component) dieUnborn() {
	file := unbornFile(c.dir, c.name, c.task)
	way, err := os.ReadFile(file)
	if err != nil {
		return
	}
	os.Remove(file)
	switch string(way) {
	case "half":
		c.wire.raw(`{"pi`)
	case "silent":
		io.Copy(io.Discard, os.Stdin) // until it is killed, or the run ends
	}
	os.Exit(3)
}

// misdeeds is the book of the tuples that a bolt has failed or forgotten on
// purpose, with the number of trees that it cost at most.
const (
	misdeeds = "misdeeds"
	failed   = "fail"
	forgot   = "forget"
)

// unlucky is true for one tuple out of oneIn, at random.
func unlucky(dice *rand.Rand, oneIn int) bool { return oneIn > 0 && dice.IntN(oneIn) == 0 }
