package worker

import (
	"errors"
	"strconv"
	"strings"

	"gust/multilang"
	"gust/topology"
)

// emit takes a tuple from a component to the tasks that its stream's groupings
// pick. The values go on as the bytes that they were; only a fields grouping
// looks at any of them.
//
// A tuple that cannot go where it should fails the trees that it belongs to:
// were it dropped in silence, they would be acked, and it would be lost.
func (t *task) emit(m *multilang.Message) {
	w := t.w
	out := t.streamOf(m.Stream)
	if t.spout != nil {
		t.lastError = "" // it has got over it
		t.spout.commands.Emitted(m.ID != nil, m.NeedTaskIDs && m.Task == 0)
		if w.closed {
			// After the end of the run nobody takes it; but the spout may wait for the list.
			w.targets = w.targets[:0]
			t.tellTaskIDs(m)
			t.spout.tooLate(out, m.ID)
			return
		}
		t.comp.passed++
	}
	w.stop.progress = w.now
	w.trees, w.place = w.trees[:0], kept{}
	if t.bolt != nil {
		w.trees = t.bolt.anchors(m.Anchors, w.trees)
		if len(w.trees) > 0 {
			w.place = w.kept.keep(m.Tuple)
		}
	}
	var planted treeRef
	if t.spout != nil && m.ID != nil {
		w.place = w.kept.keep(m.Tuple)
		planted = t.spout.plant(out, m.ID, w.place)
		if w.plan.ackers > 0 {
			w.trees = append(w.trees, planted)
		} // else the tree has no tuples, and so is acked at once
	}

	w.targets = w.targets[:0]
	sent := out != nil && t.wellFormed(out, m) && t.route(out, m) && t.send(out, m)
	if sent {
		out.count.emitted++
		out.count.transferred += uint64(len(w.targets))
		if t.comp.set.debug {
			t.logEmit(out, m)
		}
	} else {
		w.targets = w.targets[:0]
	}
	// The list goes out before a verdict: a spout that waits for it may know no
	// other message at that place.
	t.tellTaskIDs(m)
	if !sent {
		w.culprit = culprit{task: t}
		for _, tree := range w.trees {
			w.acker.fail(tree, failedByBolt)
		}
		w.acker.fail(planted, failedByBolt)
		w.culprit = culprit{}
	}
	w.acker.done(planted)
}

func (t *task) streamOf(name []byte) *taskOutput {
	if name == nil {
		for i := range t.outs {
			if t.outs[i].Name == topology.DefaultStream {
				return &t.outs[i]
			}
		}
	}
	for i := range t.outs {
		if t.outs[i].Name == string(name) {
			return &t.outs[i]
		}
	}
	if name == nil {
		name = []byte(topology.DefaultStream)
	}
	t.offend("emits to undeclared streams", "emitted to undeclared stream %q (declared: %v)", name, declared(t.outs))
	return nil
}

// declared is the output streams of a task as people read them.
type declared []taskOutput

// String is their names.
func (outs declared) String() string {
	if len(outs) == 0 {
		return "none; set outputs to the fields of its emits"
	}
	names := make([]string, len(outs))
	for i := range outs {
		names[i] = strconv.Quote(outs[i].Name)
	}
	return strings.Join(names, ", ")
}

// wellFormed says whether a tuple is as its stream declares it. One that goes to
// nobody need not be, as on Storm: that is reported once, and does no harm.
func (t *task) wellFormed(out *taskOutput, m *multilang.Message) bool {
	unread, note := len(out.edges) == 0, ""
	if unread {
		if out.misfit {
			return true
		}
		note = "; harmless, since nothing subscribes to the stream (reported once)"
	}
	switch {
	case m.Tuple == nil:
		t.offend("malformed tuples", "emit to stream %q without a list of values as its \"tuple\"%s", out.Name, note)
	case m.Values != len(out.Fields):
		t.offend("malformed tuples", "tuple on stream %q has %d values, but the stream has %d fields %q: %s%s",
			out.Name, m.Values, len(out.Fields), out.Fields, t.show(m.Tuple), note)
	case !unread && !m.Flaws.None() && !t.readable(out, m):
	case out.Direct && m.Task == 0:
		t.offend("wrong direct emits", "emit to direct stream %q without a task%s", out.Name, note)
	default:
		return true
	}
	out.misfit = unread
	return unread
}

// target is a task that a tuple goes to, over one of the stream's edges.
type target struct {
	task *task
	edge *edge
}

// route picks the targets of a tuple.
func (t *task) route(out *taskOutput, m *multilang.Message) bool {
	if m.Task != 0 {
		return t.routeDirect(out, m)
	}
	w := t.w
	for i, e := range out.edges {
		tasks := e.to.tasks
		switch e.grouping {
		case topology.Shuffle, topology.LocalOrShuffle, topology.None:
			w.targets = append(w.targets, target{shuffle(tasks, &out.turns[i]), e})
		case topology.Fields:
			hash, err := multilang.HashFields(m.Tuple, t.comp.codec, e.fields)
			if err != nil {
				t.offend("malformed tuples", "cannot group tuple on stream %q by %q for %q: %v", out.Name, pick(out.Fields, e.fields), e.to.name(), err)
				return false
			}
			w.targets = append(w.targets, target{tasks[hash%uint64(len(tasks))], e})
		case topology.All:
			for _, to := range tasks {
				w.targets = append(w.targets, target{to, e})
			}
		case topology.Global:
			w.targets = append(w.targets, target{tasks[0], e})
		}
	}
	return true
}

// routeDirect finds the task that a direct emit names.
func (t *task) routeDirect(out *taskOutput, m *multilang.Message) bool {
	for _, e := range out.edges {
		if e.grouping != topology.Direct {
			continue
		}
		first := int64(e.to.tasks[0].id)
		if i := m.Task - first; i >= 0 && i < int64(len(e.to.tasks)) {
			t.w.targets = append(t.w.targets, target{e.to.tasks[i], e})
			return true
		}
	}
	t.offend("wrong direct emits", "emitted directly to task %d on stream %q, but that task has no direct grouping on the stream", m.Task, out.Name)
	return false
}

// shuffle takes the tasks in turn, so that they get the same number of tuples.
// Those whose process is down or just starting are passed over, unless they all
// are. Where half of the next one's window is used already, the one with the emptiest
// window is taken: of all tasks where the windows are small, since the
// bolts are slow and a search costs nothing; of two where they are large, since two
// choices are nearly as good as all of them.
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
	if 2*w.queued() < w.limited && !first.over {
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

// slowWindow is a window so small that the bolt has time for a search.
const slowWindow = 64

// downFrom is how many tasks in a row, from a turn on, have no process at work.
func downFrom(tasks []*task, turn uint32) uint32 {
	n := uint32(len(tasks))
	for i := range n {
		if tasks[(turn+i)%n].state == running {
			return i
		}
	}
	return n
}

// send puts the tuple into the outbox of each target.
func (t *task) send(out *taskOutput, m *multilang.Message) bool {
	w := t.w
	if !m.Flaws.None() && !t.readableByTargets(out, m) {
		return false
	}
	values := [len(codecs)][]byte{}
	values[t.comp.codecNo] = m.Tuple
	for _, to := range w.targets {
		codec := to.edge.to.codecNo
		if values[codec] != nil {
			continue
		}
		var err error
		w.transcoded, err = multilang.Transcode(w.transcoded[:0], m.Tuple, t.comp.codec, codecs[codec])
		if err != nil {
			t.offendValue(out, to.edge.to, err)
			return false
		}
		values[codec] = w.transcoded
	}
	for _, to := range w.targets {
		codec := to.edge.to.codecNo
		to.task.bolt.give(to.edge, out.origins[codec], values[codec], w.place, w.trees)
		t.holdBehind(to)
	}
	return true
}

// offendValue tells of a value that the target's serializer cannot carry.
func (t *task) offendValue(out *taskOutput, to *component, err error) {
	field, reason := "?", err.Error()
	var value *multilang.ValueError
	if errors.As(err, &value) {
		reason = value.Reason
		if value.Index < len(out.Fields) {
			field = out.Fields[value.Index]
		}
	}
	t.offend("values that cannot be transcoded", "cannot send field %q of stream %q to %q, which uses %s: %s", field, out.Name, to.name(), to.codec.Name(), reason)
}

// tellTaskIDs answers an emit that wants to know where its tuple went.
func (t *task) tellTaskIDs(m *multilang.Message) {
	if !m.NeedTaskIDs || m.Task != 0 {
		return
	}
	w := t.w
	w.taskIDs = w.taskIDs[:0]
	for _, to := range w.targets {
		w.taskIDs = append(w.taskIDs, int32(to.task.id))
	}
	if t.state == greeting {
		// It emits before its pid, and waits for this list before it sends it.
		t.hello.Buf = t.enc.AppendTaskIDs(t.hello.Buf, w.taskIDs)
	} else {
		// It waits for the list now, and would have to keep all tuples that come before it.
		if t.out.End == nil {
			t.out.End = t.comp.codec.MessageEnd
		}
		t.out.First = t.comp.codec.AppendTaskIDs(t.out.First, w.taskIDs)
	}
	t.touch()
}

func (t *task) logEmit(out *taskOutput, m *multilang.Message) {
	e := t.log.Debug()
	if !e.Enabled() {
		return
	}
	e.Str("stream", out.Name).Stringer("tuple", t.show(m.Tuple))
	if m.ID != nil {
		e.Stringer("id", t.show(m.ID))
	}
	tasks := make([]int, len(t.w.targets))
	for i, to := range t.w.targets {
		tasks[i] = int(to.task.id)
	}
	e.Ints("to", tasks).Msg("emit")
}
