package worker

import (
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// acceptable says whether any program can read a tuple with flaws.
func (t *task) acceptable(out *taskOutput, m *multilang.Message) bool {
	flaw, index, refused := m.Flaws.First(multilang.Unreadable)
	if refused {
		t.offend("unreadable values", "field %q of stream %q contains %s, which would break the components that read it", out.Fields[index], out.Name, flaw)
	}
	return !refused
}

// acceptableToTargets says whether all targets of a tuple with flaws can read it.
func (t *task) acceptableToTargets(out *taskOutput, m *multilang.Message) bool {
	for _, to := range t.loop.targets {
		bolt := to.edge.to
		if flaw, index, refused := m.Flaws.First(bolt.set.refused); refused {
			t.offend("values that a component may be unable to read", "field %q of stream %q contains %s, and %q may be unable to read it\nhint: if it can, set %s to true in the config of %q",
				out.Fields[index], out.Name, flaw, bolt.name(), conf.GustOddValues, bolt.name())
			return false
		}
	}
	return true
}

// refusals guesses the flaws that break a component's program.
//
// A program does not say what it can read, and gust cannot try: a program that is sent
// NaN to see whether it dies may be dead. But the values in question depend on whether
// the program is in Python. Python's json writes and reads NaN, while the parsers of
// JavaScript, Ruby and Go refuse it, as the JSON standard does. So gust sends NaN to
// Python programs, and topologies in Python can use it. Python's int refuses very long
// numbers, and its Unpacker refuses keys that are not strings; others read both.
//
// The guess is wrong for a Python program with simplejson 3.19 or later, which refuses
// NaN in both directions (so such a component does not emit it to another), and for
// parsers in other languages that accept more than they must. They need
// gust.odd.values.
func refusals(spec *topology.Component, codec multilang.Codec, c conf.Conf) (multilang.Refusals, error) {
	python := isPython(spec.Command)
	nan, others := !python, python
	if c[conf.GustOddValues] != nil {
		reads, err := c.Bool(conf.GustOddValues, false)
		if err != nil {
			return multilang.Refusals{}, err
		}
		nan, others = !reads, !reads
	}
	if codec == multilang.JSON {
		return multilang.Refusals{multilang.NaN: nan, multilang.LongInteger: others}, nil
	}
	return multilang.Refusals{multilang.OddKey: others}, nil
}

// isPython says whether a command runs Python: whether one of its words, or a word of
// a shell command in it, is an interpreter of that name, streamparse_run or a *.py file.
func isPython(command []string) bool {
	for _, argument := range command {
		for _, word := range strings.Fields(argument) {
			name := filepath.Base(word)
			if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy") || name == "streamparse_run" || strings.HasSuffix(name, ".py") {
				return true
			}
		}
	}
	return false
}
