package peer

import "gust/topology"

// A mark is the state of a task's queue as one worker sees it: over or not. Each worker
// that sends to a task is a teller, since it knows what waits at home for credit, and the
// task's own worker is one. A spout is not asked while a task downstream of it is over for
// any teller.
//
// Marks are states and not counts: a repeated OVER, or one from before a loss, would
// otherwise stop a spout for good.

// Marks is what a worker knows of all tellers. Tasks and tellers are dense numbers, so it
// is two tables.
type Marks struct {
	tasks   int
	over    []bool  // by teller and task
	tellers []int32 // how many say that a task is over, by task
}

// NewMarks returns marks of tasks up to an id, none of which is over.
func NewMarks(tellers int, last topology.TaskID) *Marks {
	tasks := int(last) + 1
	return &Marks{tasks: tasks, over: make([]bool, tellers*tasks), tellers: make([]int32, tasks)}
}

// Grow makes room for so many tellers, if there is less.
func (m *Marks) Grow(tellers int) {
	if more := tellers*m.tasks - len(m.over); more > 0 {
		m.over = append(m.over, make([]bool, more)...)
	}
}

// Set takes what a teller says about a task, and says whether that changes [Marks.Over].
func (m *Marks) Set(teller int, task topology.TaskID, over bool) (changed bool) {
	at := teller*m.tasks + int(task)
	if m.over[at] == over {
		return false
	}
	m.over[at] = over
	if over {
		m.tellers[task]++
		return m.tellers[task] == 1
	}
	m.tellers[task]--
	return m.tellers[task] == 0
}

// Over says whether the task is over for any teller.
func (m *Marks) Over(task topology.TaskID) bool { return m.tellers[task] > 0 }

// Clear forgets what a teller has said, since the connection to it is lost: it may never
// say UNDER. It says whether that changes anything.
func (m *Marks) Clear(teller int) (changed bool) {
	for task := range m.tasks {
		changed = m.Set(teller, topology.TaskID(task), false) || changed
	}
	return changed
}

// Telling is what a worker tells one other worker about marks. At most one frame about a
// task goes out at the end of a round, however often its mark has changed.
type Telling struct {
	over, told []bool // by task
	changed    []topology.TaskID
	listed     []bool // tasks that are in changed
}

// NewTelling returns a telling about tasks up to an id.
func NewTelling(last topology.TaskID) *Telling {
	tasks := int(last) + 1
	return &Telling{over: make([]bool, tasks), told: make([]bool, tasks), listed: make([]bool, tasks)}
}

// Set says that a task is over or not, for this worker.
func (t *Telling) Set(task topology.TaskID, over bool) {
	if t.over[task] == over {
		return
	}
	t.over[task] = over
	t.list(task)
}

func (t *Telling) list(task topology.TaskID) {
	if !t.listed[task] {
		t.listed[task] = true
		t.changed = append(t.changed, task)
	}
}

// Append appends what has changed since it was told last. It is for the end of a round, and
// while a connection stands.
func (t *Telling) Append(dst []byte) []byte {
	for _, task := range t.changed {
		t.listed[task] = false
		if t.over[task] != t.told[task] {
			t.told[task] = t.over[task]
			dst = AppendMark(dst, task, t.over[task])
		}
	}
	t.changed = t.changed[:0]
	return dst
}

// Again begins a new connection, on which the other worker knows of no mark.
func (t *Telling) Again() {
	for task, over := range t.over {
		t.told[task] = false
		if over {
			t.list(topology.TaskID(task))
		}
	}
}
