package peer

import (
	"testing"

	"gust/topology"
)

// marksModel has some tellers and one worker that they tell. It is what a spout sees.
type marksModel struct {
	dice
	tellings []*Telling
	wires    [][]byte // frames in flight, by teller; nil if there is no connection
	marks    *Marks
	notClear bool // a planted bug: a loss leaves the marks
	notAgain bool // a planted bug: a new connection begins where the last one ended
}

const markedTasks = 4

func playMarks(notClear, notAgain bool) func(dice) {
	return func(d dice) {
		m := &marksModel{dice: d, notClear: notClear, notAgain: notAgain}
		for range 1 + d(3) {
			m.tellings, m.wires = append(m.tellings, NewTelling(markedTasks)), append(m.wires, nil)
		}
		m.marks = NewMarks(len(m.tellings), markedTasks)
		for range 10 + d(100) {
			m.step()
		}
		for teller := range m.tellings {
			if m.wires[teller] == nil {
				m.connect(teller)
			}
			m.round(teller)
			m.deliver(teller)
		}
		m.check()
	}
}

func (m *marksModel) step() {
	teller := m.dice(len(m.tellings))
	switch m.dice(6) {
	case 0, 1:
		m.tellings[teller].Set(topology.TaskID(1+m.dice(markedTasks)), m.chance(50))
	case 2:
		m.round(teller)
	case 3, 4:
		m.deliver(teller)
	default:
		if m.wires[teller] == nil {
			m.connect(teller)
		} else if m.chance(30) {
			m.wires[teller] = nil
			if !m.notClear {
				m.marks.Clear(teller)
			}
		}
	}
}

func (m *marksModel) connect(teller int) {
	m.wires[teller] = []byte{}
	if !m.notAgain {
		m.tellings[teller].Again()
	}
}

// round ends a round of a teller.
func (m *marksModel) round(teller int) {
	if m.wires[teller] == nil {
		return
	}
	said := m.tellings[teller].Append(nil)
	frames, err := reading(NewDecoder(1), make([]byte, 1024), said)
	about := map[topology.TaskID]bool{}
	for _, f := range frames {
		if about[f.Task] {
			violated("task %d is named twice in a round", f.Task)
		}
		about[f.Task] = true
	}
	if err != nil {
		violated("%v", err)
	}
	m.wires[teller] = append(m.wires[teller], said...)
}

// deliver lets all arrive that is in flight.
func (m *marksModel) deliver(teller int) {
	frames, err := reading(NewDecoder(1), make([]byte, 1024), m.wires[teller])
	if err != nil {
		violated("%v", err)
	}
	for _, f := range frames {
		before := m.marks.Over(f.Task)
		if changed := m.marks.Set(teller, f.Task, f.Kind == Over); changed != (m.marks.Over(f.Task) != before) {
			violated("a change is reported: %v", changed)
		}
	}
	if m.wires[teller] != nil {
		m.wires[teller] = []byte{}
	}
}

// check compares what all say with what was understood, when all have said it.
func (m *marksModel) check() {
	for task := range topology.TaskID(markedTasks + 1) {
		over := false
		for _, t := range m.tellings {
			over = over || t.over[task]
		}
		if m.marks.Over(task) != over {
			violated("task %d is over: %v, according to its tellers: %v", task, m.marks.Over(task), over)
		}
	}
}

// When all tellers have said what they have to say, a task is over if one of them thinks
// so, whatever was lost before.
func TestMarksAfterLosses(t *testing.T) {
	hold(t, playMarks(false, false))
	t.Run("not cleared", func(t *testing.T) { breaks(t, playMarks(true, false)) })
	t.Run("not told again", func(t *testing.T) { breaks(t, playMarks(false, true)) })
}
