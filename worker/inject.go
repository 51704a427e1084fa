package worker

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// Injection is a tuple that is sent to a bolt although no task emits it, such as one that
// has failed before.
type Injection struct {
	Ticket uint64    // [InjectedEnd] names it
	Bolt   string    // the component
	From   InputName // the stream on which it comes; its first task is the source
	// Task gets the tuple if the stream's grouping is all or direct. All other groupings
	// choose the task.
	Task       int
	Values     []byte // a list, in the bytes of Serializer
	Serializer string
}

// InjectedEnd is how an injected tuple, and all that was anchored to it, has ended.
type InjectedEnd struct {
	Ticket uint64
	Time   time.Time
	Took   time.Duration // since the injection
	Acked  bool
	// These say why, if it was not acked.
	Reason FailReason
	Bolt   string // that failed it, or held it last; empty if none did
	Task   int
	Error  string // of that task
}

// mostInjected is how many injected tuples may be in flight at once. They pass by the limits
// that backpressure sets for spouts.
const mostInjected = 1000

// Inject sends a tuple to a bolt, as its grouping says. It returns when the tuple is in
// flight; the journal has its end. It may be called from any goroutine.
//
// The tuple has a tree that no spout has planted: the stats of trees do not count it, since
// they are the sums of what the spouts have emitted. At the end of a run, gust waits for
// it as for those of spouts.
func (w *Worker) Inject(i Injection) error {
	answer := make(chan error, 1)
	w.loop.post(func() { answer <- w.loop.inject(&i) })
	select {
	case err := <-answer:
		return err
	case <-w.ended:
		return errEnding
	}
}

var errEnding = errors.New("the topology is being stopped")

// injections are the trees of injected tuples.
type injections struct {
	list uint32 // in the acker
	n    int    // in flight
	turn uint32 // where the shuffle of the next one goes on
}

// injected is what a tree of an injected tuple has instead of a spout.
type injected struct {
	loop   *loop
	ticket uint64
}

func (l *loop) inject(i *Injection) error {
	if l.phase.stopping() {
		return errEnding
	}
	if l.injections.n >= mostInjected {
		return fmt.Errorf("%d replayed tuples are in flight: try again when some of them have ended", l.injections.n)
	}
	bolt := l.plan.byName[i.Bolt]
	if bolt == nil || bolt.spec.Kind != topology.Bolt {
		return fmt.Errorf("the topology has no bolt %q", i.Bolt)
	}
	over, out := l.plan.edge(i.From, bolt)
	if over == nil {
		return fmt.Errorf("bolt %q does not subscribe to stream %q of %q", i.Bolt, i.From.Stream, i.From.Component)
	}
	codec, ok := multilang.CodecNamed(i.Serializer)
	if !ok {
		return fmt.Errorf("unknown serializer %q (want json or msgpack)", i.Serializer)
	}
	m, err := parseValues(codec, i.Values, bolt.set.maxMessage)
	if err != nil {
		return err
	}
	if m.Values != len(out.Fields) {
		return fmt.Errorf("stream %q of %q has %d fields %q, and the tuple has %d values", out.Name, out.from, len(out.Fields), out.Fields, m.Values)
	}
	for _, refusals := range []multilang.Refusals{multilang.Unreadable, bolt.set.refused} {
		if flaw, index, refused := m.Flaws.First(refusals); refused {
			return fmt.Errorf("field %q contains %s, and %q may be unable to read it", out.Fields[index], flaw, i.Bolt)
		}
	}
	values, err := multilang.Transcode(nil, m.Tuple, codec, bolt.codec)
	if err != nil {
		return fmt.Errorf("%q cannot read the tuple, since it uses %s: %w", i.Bolt, bolt.codec.Name(), err)
	}
	to, err := l.injectTo(over, i, m.Tuple, codec)
	if err != nil {
		return err
	}
	origin := out.origins[bolt.codecNo]
	l.injections.n++
	tree := l.acker.plantInjected(l.injections.list, &injected{l, i.Ticket}, l.now)
	l.trees = append(l.trees[:0], tree)
	to.give(over, l.plan.byName[i.From.Component].tasks[0].id, origin, values, kept{}, l.trees)
	l.acker.done(tree)
	return nil
}

// injectTo is the task that gets an injected tuple.
func (l *loop) injectTo(over *edge, i *Injection, values []byte, codec multilang.Codec) (*task, error) {
	tasks := over.to.tasks
	switch over.grouping {
	case topology.Fields:
		hash, err := multilang.HashFields(values, codec, over.fields)
		if err != nil {
			return nil, fmt.Errorf("cannot group the tuple for %q: %w", i.Bolt, err)
		}
		return tasks[hash%uint64(len(tasks))], nil
	case topology.Global:
		return tasks[0], nil
	case topology.All, topology.Direct:
		if t := l.plan.known(topology.TaskID(i.Task)); t != nil && t.comp == over.to {
			return t, nil
		}
		return nil, fmt.Errorf("%q no longer has the task %d", i.Bolt, i.Task)
	}
	return shuffle(tasks, &l.injections.turn), nil
}

// parseValues reads values that come from outside, as those of a component are read: what
// is broken must not break the bolt that gets them.
func parseValues(codec multilang.Codec, values []byte, limit int) (*multilang.Message, error) {
	message := append([]byte("\x82\xa7command\xa4emit\xa5tuple"), values...)
	if codec == multilang.JSON {
		values = bytes.TrimSpace(values)
		message = fmt.Appendf(nil, `{"command":"emit","tuple":%s}`+"\nend\n", values)
	}
	d, m := codec.NewDecoder(limit), &multilang.Message{}
	_, err := d.Fill(make([]byte, 2*len(message)+minChunk), func(chunk []byte) (int, error) { return copy(chunk, message), nil })
	if err != nil {
		return nil, err
	}
	ok, err := d.Next(m)
	if errors.Is(err, multilang.ErrTooLarge) {
		return nil, fmt.Errorf("%w of %d bytes (%s)", err, limit, conf.GustMaxMessageBytes)
	}
	// What is not a single list may be read as another message, or as several.
	if err != nil || !ok || !bytes.Equal(m.Tuple, values) || len(d.Rest()) > 0 {
		return nil, fmt.Errorf("the tuple is not a list of values in %s", codec.Name())
	}
	return m, nil
}

// minChunk is the least that a decoder reads into.
const minChunk = 4096

// judge notes the end of an injected tuple.
func (in *injected) judge(t *tree, v verdict) {
	l := in.loop
	l.injections.n--
	end := InjectedEnd{Ticket: in.ticket, Time: l.kernel.Time(), Took: time.Duration(l.now - t.emitted), Acked: v == acked}
	if v != acked {
		end.Reason = failReasons[v]
		if by := l.culprit.task; by != nil {
			end.Bolt, end.Task = by.comp.name(), int(by.id)
		}
		end.Error = l.culprit.said(v)
	}
	l.journal.Injected = append(l.journal.Injected, end)
}
