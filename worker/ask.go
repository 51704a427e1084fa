package worker

import "gust/multilang"

// asking has the spouts that wait to be asked for more tuples, and scratch memory.
type asking struct {
	pumps []*spoutTask // those that wait

	askedLast, part []*spoutTask // scratch of askEach

	components []*component // scratch of componentsOf
	visit      uint64       // counts its calls
}

// askSpouts asks the spouts that wait for as many tuples as there is room for. Those
// that get less than they want stay on the list.
func (l *loop) askSpouts() {
	for again := len(l.pumps) > 0; again; {
		l.survey()
		again = l.askEach()
		for _, c := range l.componentsOf(l.pumps) {
			again = c.widen(l.now) || again
		}
		again = again && len(l.pumps) > 0
	}
	for _, c := range l.componentsOf(l.pumps) {
		c.probe()
	}
}

// componentsOf returns the components of spouts, each once. The slice is valid until
// the next call.
func (l *loop) componentsOf(spouts []*spoutTask) []*component {
	l.visit++
	l.components = l.components[:0]
	for _, s := range spouts {
		if s.comp.visit != l.visit {
			s.comp.visit = l.visit
			l.components = append(l.components, s.comp)
		}
	}
	return l.components
}

// askEach asks each spout that waits, in turn, for its share. It says whether it asked
// any. Of those that are left, the ones that got nothing are first on the list.
func (l *loop) askEach() (asked bool) {
	line := l.pumps
	l.pumps, l.part = l.askedLast[:0], l.part[:0]
	for i, s := range line {
		s.pumping = false
		wants := s.wants()
		n := wants
		if share := s.comp.mayAsk() / float64(len(line)-i); share <= 0 {
			n = 0
		} else if share < float64(wants) {
			n = max(1, int(share))
		}
		for range n {
			s.put(multilang.Next, nil)
		}
		s.comp.ask(n)
		asked = asked || n > 0
		if n == wants {
			continue
		}
		s.pumping = true
		if n == 0 {
			l.pumps = append(l.pumps, s)
		} else {
			l.part = append(l.part, s)
		}
	}
	l.pumps, l.askedLast = append(l.pumps, l.part...), line
	return asked
}
