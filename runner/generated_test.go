package runner_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gust/runner"
)

// generator makes random components, and messages of a host to them.
type generator struct {
	*rand.Rand
	serializer string
}

// pick takes one of the choices.
func pick[T any](g generator, choices ...T) T { return choices[g.IntN(len(choices))] }

// talk is a bolt or a spout with random attributes, and a random input for it.
func (g generator) talk() talk {
	c := talk{serializer: g.serializer, attributes: object{"exit_on_exception": g.IntN(5) == 0}}
	switch g.IntN(4) {
	case 0:
		c.class = pick(g, "ScriptedSpout", "TellingSpout", "OwnSpoutSendMessage", "ScriptedReliableSpout")
		g.commands(&c)
	default:
		c.class = pick(g, "ScriptedBolt", "ScriptedBolt", "ScriptedBolt", "OwnAck", "OwnEmit", "OwnSendMessage", "OwnReadTuple", "OwnInnerRun", "EmitsFromBehind", "OwnHandler")
		for _, name := range []string{"auto_ack", "auto_anchor", "auto_fail"} {
			c.attributes[name] = g.IntN(4) > 0
		}
		g.tuples(&c)
	}
	return c
}

func (g generator) tuples(c *talk) {
	for i := range 2 + g.IntN(40) {
		switch g.IntN(12) {
		case 0:
			c.input = append(c.input, heartbeat(i))
			continue
		case 1:
			c.input = append(c.input, tick(i))
			continue
		}
		var steps []any
		asked := 0
		for range g.IntN(4) {
			s, asks := g.step(true)
			steps = append(steps, s)
			asked += asks
		}
		c.input = append(c.input, tuple(i, steps...))
		g.answer(c, asked, func() any { return heartbeat(1000 + i) })
	}
}

func (g generator) commands(c *talk) {
	var rounds []any
	c.input = append(c.input, command("activate"))
	for i := range 2 + g.IntN(40) {
		if g.IntN(3) == 0 {
			c.input = append(c.input, verdict(pick(g, "ack", "fail"), pick[any](g, i-1, "x", i)))
			continue
		}
		round := []any{}
		asked := 0
		for range g.IntN(3) {
			s, asks := g.step(false)
			if s[0] == "emit" && g.IntN(2) == 0 {
				s = step{"emit", s[1], object{"tup_id": i}}
				asks = 0
			}
			round = append(round, s)
			asked += asks
		}
		rounds = append(rounds, round)
		c.input = append(c.input, command("next"))
		if c.class == "ScriptedReliableSpout" {
			asked = 0 // an emit without an id is rejected before it asks
		}
		g.answer(c, asked, func() any { return command("next") })
	}
	c.conf = object{"rounds": rounds}
}

// answer sends the task ids that a component waits for, perhaps after other messages.
func (g generator) answer(c *talk, asked int, other func() any) {
	for range asked {
		for range g.IntN(3) {
			c.input = append(c.input, other())
		}
		c.input = append(c.input, []any{g.IntN(9), 7}[:g.IntN(3)])
	}
}

// step is a random step, and the number of lists of task ids that it waits for. After
// a step that waits no other may raise, so that the number is certain.
func (g generator) step(bolt bool) (s step, asks int) {
	value := func() any {
		return pick[any](g, g.IntN(1000), -1, "word", "ü\U0001f600\u2028", 1.5, nil, true, object{"k": []any{1, "x"}},
			step{"value", pick(g, sendable[g.serializer]...)})
	}
	switch g.IntN(12) {
	case 0:
		return step{"log", fmt.Sprint("said ", g.IntN(9)), pick[any](g, nil, "warn", "debug")}, 0
	case 1:
		return step{"logger", pick(g, "info", "error", "debug"), "é"}, 0
	case 2:
		return step{"metric", "m", value()}, 0
	case 3:
		return step{"thread", []any{step{"emit", []any{g.IntN(9)}}}}, 0
	case 4:
		if bolt && g.IntN(2) == 0 {
			return step{pick(g, "ack", "fail")}, 0
		}
	case 5:
		// The tuple's last step: those after it would not run.
		return step{"emit", []any{value()}}, 0
	}
	options := object{}
	if g.IntN(3) == 0 {
		options["stream"] = pick(g, "s", "ü")
	}
	if g.IntN(5) == 0 {
		options["direct_task"] = g.IntN(9)
	}
	if bolt && g.IntN(4) == 0 {
		options["anchors"] = pick[any](g, "tuple", []any{}, []any{"1", "2"})
	}
	if g.IntN(6) == 0 {
		options["need_task_ids"] = true
		if _, direct := options["direct_task"]; !direct {
			return step{"emit", []any{g.IntN(9)}, options}, 1
		}
	}
	values := []any{}
	for range g.IntN(4) {
		values = append(values, value())
	}
	return step{"emit", values, options}, 0
}

func TestTheSameForGeneratedComponents(t *testing.T) {
	count := 10
	if testing.Short() {
		count = 2
	}
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		for seed := range count {
			g := generator{rand.New(rand.NewPCG(uint64(seed), 6)), serializer}
			c := g.talk()
			t.Run(fmt.Sprintf("%d %s", seed, c.class), func(t *testing.T) {
				compare(t, files, python, c)
			})
		}
	})
}
