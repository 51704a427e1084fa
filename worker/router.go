package worker

import (
	"errors"
	"strconv"
	"strings"

	"gust/multilang"
	"gust/topology"
)

// emission is the tuple that is being emitted. Its slices are reused for the next one.
type emission struct {
	trees      []treeRef // that it belongs to
	place      kept      // of its values
	targets    []target
	transcoded []byte // its values in the other codec
	taskIDs    []int32
}

// emit sends a tuple to the tasks that the groupings of its stream pick. The values
// stay the bytes that they were; only a fields grouping looks at any of them.
//
// A tuple that cannot go where it should fails its trees. If gust dropped it silently,
// they would be acked and the tuple lost.
func (t *task) emit(m *multilang.Message) {
	l := t.loop
	out := t.streamOf(m.Stream)
	if t.spout != nil {
		t.lastError = "" // it has recovered
		t.spout.commands.Emitted(m.ID != nil, m.NeedTaskIDs && m.Task == 0)
		if l.phase == ending {
			// Nobody gets it, but the spout may wait for the list.
			l.targets = l.targets[:0]
			t.sendTaskIDs(m)
			t.spout.tooLate(out, m.ID)
			return
		}
		t.comp.passed++
	}
	l.stop.progress = l.now
	planted := t.plantOrAnchor(out, m)
	sent := t.deliver(out, m)
	// The list goes out before a verdict: a spout that waits for it may understand no
	// other message there.
	t.sendTaskIDs(m)
	if !sent {
		l.culprit = culprit{task: t}
		for _, tree := range l.trees {
			l.acker.fail(tree, failedByBolt)
		}
		l.acker.fail(planted, failedByBolt)
		l.culprit = culprit{}
	}
	l.acker.done(planted)
}

// plantOrAnchor finds the trees that a tuple belongs to: those of a bolt's anchors, or a
// new one, which it returns, if a spout emits the tuple with an id.
func (t *task) plantOrAnchor(out *taskOutput, m *multilang.Message) (planted treeRef) {
	l := t.loop
	l.trees, l.place = l.trees[:0], kept{}
	if t.bolt != nil {
		l.trees = t.bolt.anchors(m.Anchors, l.trees)
		if len(l.trees) > 0 {
			l.place = l.kept.keep(m.Tuple)
		}
		return treeRef{}
	}
	if m.ID == nil {
		return treeRef{}
	}
	l.place = l.kept.keep(m.Tuple)
	planted = t.spout.plant(out, m.ID, l.place)
	if t.comp.set.tracePercent > 0 {
		t.spout.sample(planted)
	}
	if l.plan.ackers > 0 {
		l.trees = append(l.trees, planted)
	} // otherwise the tree has no tuples, and is acked at once
	return planted
}

// deliver sends a tuple to its targets, and counts it. It is false if there is an error;
// then the tuple has no targets.
func (t *task) deliver(out *taskOutput, m *multilang.Message) bool {
	l := t.loop
	l.targets = l.targets[:0]
	if out == nil || !t.wellFormed(out, m) || !t.route(out, m) || !t.send(out, m) {
		l.targets = l.targets[:0]
		return false
	}
	out.count.emitted++
	out.count.transferred += uint64(len(l.targets))
	if t.comp.set.debug {
		t.logEmit(out, m)
	}
	return true
}

// streamOf returns the output stream with a name, nil if there is none.
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

// declared lists the output streams of a task when it is formatted.
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

// wellFormed says whether a tuple matches the declaration of its stream. As on Storm, it
// need not match if nobody subscribes to the stream: that is reported once, and harmless.
func (t *task) wellFormed(out *taskOutput, m *multilang.Message) bool {
	unused, note := len(out.edges) == 0, ""
	if unused {
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
	case !unused && !m.Flaws.None() && !t.acceptable(out, m):
	case out.Direct && m.Task == 0:
		t.offend("wrong direct emits", "emit to direct stream %q without a task%s", out.Name, note)
	default:
		return true
	}
	out.misfit = unused
	return unused
}

// target is a task that a tuple goes to, over one of the stream's edges.
type target struct {
	task *task
	edge *edge
}

// route picks the targets of a tuple. It is false if there is an error.
func (t *task) route(out *taskOutput, m *multilang.Message) bool {
	if m.Task != 0 {
		return t.routeDirect(out, m)
	}
	l := t.loop
	for i, e := range out.edges {
		tasks := e.to.tasks
		switch e.grouping {
		case topology.LocalOrShuffle:
			if own := e.to.own; len(own) > 0 && downFrom(own, 0) < uint32(len(own)) {
				tasks = own
			}
			fallthrough
		case topology.Shuffle, topology.None:
			l.targets = append(l.targets, target{shuffle(tasks, &out.turns[i]), e})
		case topology.Fields:
			hash, err := multilang.HashFields(m.Tuple, t.comp.codec, e.fields)
			if err != nil {
				t.offend("malformed tuples", "cannot group tuple on stream %q by %q for %q: %v", out.Name, pick(out.Fields, e.fields), e.to.name(), err)
				return false
			}
			l.targets = append(l.targets, target{tasks[hash%uint64(len(tasks))], e})
		case topology.All:
			for _, to := range tasks {
				l.targets = append(l.targets, target{to, e})
			}
		case topology.Global:
			l.targets = append(l.targets, target{tasks[0], e})
		}
	}
	return true
}

// routeDirect picks the task that a direct emit names.
func (t *task) routeDirect(out *taskOutput, m *multilang.Message) bool {
	for _, e := range out.edges {
		if e.grouping != topology.Direct {
			continue
		}
		first := int64(e.to.tasks[0].id)
		if i := m.Task - first; i >= 0 && i < int64(len(e.to.tasks)) {
			t.loop.targets = append(t.loop.targets, target{e.to.tasks[i], e})
			return true
		}
	}
	t.offend("wrong direct emits", "emitted directly to task %d on stream %q, but that task has no direct grouping on the stream", m.Task, out.Name)
	return false
}

// send puts the tuple into the outbox of each target. It is false if a target cannot
// read it; then no target gets it.
func (t *task) send(out *taskOutput, m *multilang.Message) bool {
	l := t.loop
	if !m.Flaws.None() && !t.acceptableToTargets(out, m) {
		return false
	}
	values := [len(multilang.Codecs)][]byte{}
	values[t.comp.codecNo] = m.Tuple
	for _, to := range l.targets {
		codec := to.edge.to.codecNo
		if values[codec] != nil {
			continue
		}
		var err error
		l.transcoded, err = multilang.Transcode(l.transcoded[:0], m.Tuple, t.comp.codec, multilang.Codecs[codec])
		if err != nil {
			t.offendValue(out, to.edge.to, err)
			return false
		}
		values[codec] = l.transcoded
	}
	for _, to := range l.targets {
		codec := to.edge.to.codecNo
		to.edge.given++
		to.task.give(to.edge, t.id, out.origins[codec], values[codec], l.place, l.trees)
		if l.tracing.live > 0 {
			l.traceHop(t, to.task.bolt, l.place, l.trees)
		}
		t.pauseBehind(to)
	}
	return true
}

// offendValue reports a value that the target's serializer cannot represent.
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

// sendTaskIDs answers an emit that asks where its tuple went.
func (t *task) sendTaskIDs(m *multilang.Message) {
	if !m.NeedTaskIDs || m.Task != 0 {
		return
	}
	l := t.loop
	l.taskIDs = l.taskIDs[:0]
	for _, to := range l.targets {
		l.taskIDs = append(l.taskIDs, int32(to.task.id))
	}
	if t.state == greeting {
		// It emits before it sends its pid, and waits for this list before that.
		t.hello.Buf = t.enc.AppendTaskIDs(t.hello.Buf, l.taskIDs)
	} else {
		// It waits for the list now, and would have to buffer all tuples that come before it.
		if t.out.End == nil {
			t.out.End = t.comp.codec.MessageEnd
		}
		t.out.First = t.comp.codec.AppendTaskIDs(t.out.First, l.taskIDs)
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
	tasks := make([]int, len(t.loop.targets))
	for i, to := range t.loop.targets {
		tasks[i] = int(to.task.id)
	}
	e.Ints("to", tasks).Msg("emit")
}
