package check

import (
	"fmt"
	"slices"
	"strings"

	"gust/multilang"
)

// probe is a rule about values that a program is to pass on, and the values, in
// JSON, that show whether it does.
type probe struct {
	rule    string
	step    string
	control string // a value of the same type that does no harm
	values  []string
}

// probes are the values that programs often get wrong, without those that the serializer
// cannot express.
func (c *checker) probes() []probe {
	const words = `"Gust says: 1 + 1, please."`
	big := []string{"9007199254740993", "-9223372036854775808"}
	if c.Codec == multilang.JSON {
		big = append(big, "123456789012345678901234567890")
	} else {
		big = append(big, "18446744073709551615")
	}
	probes := []probe{
		{unicodeText, "unicode", words, []string{"\"naïve Ω 漢字 😀 \u2028 ~\"", `"\"quoted\" \\ / \t tab \n line"`}},
		{bigIntegers, "big integers", "41", big},
		{floats, "floats", "41", []string{"1.0", "0.1", "1e300", "-2.5e-8"}},
		{nan, "NaN", "41", []string{"NaN", "Infinity", "-Infinity"}},
		{largeTuple, "1 MiB", words, []string{`"` + strings.Repeat("The storm bent the reed. ", 1<<20/25) + `"`}},
	}
	if c.Codec == multilang.JSON {
		probes = append(probes, probe{surrogates, "surrogates", words, []string{`"half \ud83d and \ude00 half"`}})
	}
	return probes
}

// valueSteps are a step for each probe.
func (c *checker) valueSteps() []step {
	var steps []step
	for _, p := range c.probes() {
		steps = append(steps, step{p.step, func(s *session) { s.tryValues(p) }})
	}
	return steps
}

// tryValues sends the bolt a harmless value, and others only if the bolt emits that: a
// bolt that does not accept numbers is not wrong about large ones.
func (s *session) tryValues(p probe) {
	if !s.facts.answers {
		s.notes.note(p.rule, "it answers no tuples")
		return
	}
	place, ok := s.place(p.control)
	if !ok {
		s.notes.note(p.rule, "its tuple has no value of that type: see --tuple")
		return
	}
	if !s.meet() {
		return
	}
	control := s.put(place, p.control)
	id := s.books.last
	s.nudge()
	if s.await(control.answered) != heard || !control.acked {
		s.notes.note(p.rule, fmt.Sprintf("it does not accept %s there: see --tuple", p.control))
		return
	}
	at, echoes := s.findEcho(id, p.control)
	for _, literal := range p.values {
		s.books.emits = nil
		g := s.put(place, literal)
		id := s.books.last
		s.nudge()
		if o := s.await(g.answered); o != heard {
			s.blame(p.rule, o, "no answer to a tuple with it, and one to "+p.control, g.answered)
			return
		}
		if p.rule == largeTuple {
			s.keep(p.rule)
		}
		if echoes && !s.compare(p.rule, at, id, literal) {
			return
		}
	}
	if !echoes {
		s.notes.note(p.rule, "it accepts the values, but passes none on")
	}
}

// place is where in the tuple a value like the control belongs: at the first value of its
// type, else at the first string.
func (s *session) place(control string) (int, bool) {
	kind, _, _ := parseJSON([]byte(control))
	tuple, _, _ := parseJSON([]byte(s.Tuple))
	for _, wanted := range []valueKind{kind.kind, text} {
		for i, v := range tuple.items {
			if v.kind == wanted {
				return i, true
			}
		}
	}
	return 0, false
}

// put is the tuple with another value in one place.
func (s *session) put(place int, literal string) *given {
	values, _ := parseTuple(s.Tuple)
	values[place] = literal
	b, _ := multilang.Transcode(nil, []byte("["+strings.Join(values, ",")+"]"), multilang.JSON, s.Codec)
	return s.give(b)
}

// echo is where a program emits a value of its input: in which of the emits for a tuple,
// and as which value.
type echo struct{ emit, value int }

// emitsFor are the emits that may belong to a tuple: those that are anchored to it, or to
// nothing. Others may be late ones of the previous tuple.
func (s *session) emitsFor(id string) []emitted {
	return slices.DeleteFunc(slices.Clone(s.books.emits), func(e emitted) bool {
		return len(e.anchors) > 0 && !slices.Contains(e.anchors, id)
	})
}

// findEcho looks for a value in the emits for a tuple.
func (s *session) findEcho(id, literal string) (echo, bool) {
	want, _, _ := parseJSON([]byte(literal))
	for i, e := range s.emitsFor(id) {
		for j, v := range e.values {
			if same(v, want) {
				return echo{i, j}, true
			}
		}
	}
	return echo{}, false
}

// compare checks whether an emitted value has changed.
func (s *session) compare(rule string, at echo, id, literal string) bool {
	emits := s.emitsFor(id)
	if at.emit >= len(emits) || at.value >= len(emits[at.emit].values) {
		return true // it did something else this time
	}
	want, _, _ := parseJSON([]byte(literal))
	e := emits[at.emit]
	if got := e.values[at.value]; !same(got, want) {
		s.fault(rule, fmt.Sprintf("%s has become %s", excerpt([]byte(literal)), excerpt(got.raw)), e.bytes)
		return false
	}
	s.keep(rule)
	return true
}
