package worker

// shuffle takes the tasks in turn, so that they get the same number of tuples. It skips
// tasks whose process is down or starting, unless all are.
//
// If half of the next task's window is used, it takes a task with an emptier window. If
// the windows are small, the bolts are slow, a search costs nothing, and it takes the
// emptiest of all. If they are large, it takes the emptier of two, since two choices
// are nearly as good as all of them.
func shuffle(tasks []*task, turn *uint32) *task {
	n := uint32(len(tasks))
	if n == 1 {
		return tasks[0]
	}
	first := tasks[*turn%n]
	*turn++
	if first.state != running {
		skipped := downFrom(tasks, *turn)
		if skipped == n {
			return first
		}
		first = tasks[(*turn+skipped)%n]
		*turn += skipped + 1
	}
	w := &first.bolt.window
	if 2*w.queued() < w.limited && !first.overMark {
		return first
	}
	if w.limited > slowWindow {
		if second := tasks[(*turn+downFrom(tasks, *turn))%n]; second.bolt.window.emptier(w) {
			return second
		}
		return first
	}
	for i := range n {
		if t := tasks[(*turn+i)%n]; t.state == running && t.bolt.window.emptier(&first.bolt.window) {
			first = t
		}
	}
	return first
}

// slowWindow is a window so small that the bolt is slow compared with a search.
const slowWindow = 64

// downFrom is how many tasks in a row, from a turn on, have no running process.
func downFrom(tasks []*task, turn uint32) uint32 {
	n := uint32(len(tasks))
	for i := range n {
		if tasks[(turn+i)%n].state == running {
			return i
		}
	}
	return n
}
