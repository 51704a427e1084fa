package worker

import (
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// readable says whether a tuple with flaws can be read by anybody at all.
func (t *task) readable(out *taskOutput, m *multilang.Message) bool {
	flaw, index, refused := m.Flaws.First(multilang.Unreadable)
	if refused {
		t.offend("unreadable values", "field %q of stream %q contains %s, which would break the components that read it", out.Fields[index], out.Name, flaw)
	}
	return !refused
}

// readableByTargets says whether a tuple with flaws can be read by all that it goes to.
func (t *task) readableByTargets(out *taskOutput, m *multilang.Message) bool {
	for _, to := range t.w.targets {
		reader := to.edge.to
		if flaw, index, refused := m.Flaws.First(reader.set.refused); refused {
			t.offend("values that a component may be unable to read", "field %q of stream %q contains %s, and %q may be unable to read it\nhint: if it can, set %s to true in the config of %q",
				out.Fields[index], out.Name, flaw, reader.name(), conf.GustOddValues, reader.name())
			return false
		}
	}
	return true
}

// refusals are the flaws that break a component's program, as far as anybody knows.
//
// What a program reads it does not say, and there is no asking it: one that is
// given NaN to see whether it dies is dead. But the values in question are
// Python's on one side or the other. Its json writes NaN, and reads it, while the
// parsers of JavaScript, Ruby, Go and the JSON of the standard refuse it; so a
// program gets NaN where it is Python, and topologies in Python go on to pass
// them. Its int refuses endless digits and its Unpacker keys that are no text,
// which others read. The guess is wrong for a Python program with simplejson
// 3.19 or later, which refuses NaN in both directions (so that one such component
// does not emit it to another), and for parsers in other languages that take
// more than they must; for these there is gust.odd.values.
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

// isPython says whether a command runs Python: whether there is an interpreter
// of that name, streamparse_run or a file *.py in it, or in the words of its shell.
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
