package solo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"gust/multilang"
	"gust/topology"
)

// Options configure a try.
type Options struct {
	Program Program
	Conf    map[string]any // the conf in the handshake
	// Inputs are the streams that a bolt subscribes to; empty if they are unknown. A
	// tuple belongs to the one that its line names, else to the only one that it fits,
	// else to the default stream of [DefaultSource].
	Inputs []Input
	// Fields are those of the default stream of [DefaultSource], which then is the source
	// of tuples whose lines name no other; nil if the fields are numbered, or named in
	// the lines.
	Fields []string
	// Outputs are the streams that the component declares; nil if they are unknown, and
	// then any emit is valid.
	Outputs []topology.Stream
	Steps   []Step
	// Timeout is the time for a step.
	Timeout time.Duration
	// Said is called with each event, except for syncs and the pid.
	Said func(Event)
}

// Input is a stream that a bolt subscribes to.
type Input struct {
	Component, Stream string
	Fields            []string
}

// quiet is the time without output after which a component counts as finished, if nothing
// else shows it.
const quiet = time.Second

// Try starts a component, sends it the steps, each when it has finished the previous one,
// and ends it. It returns when the process has ended. The error is a [*shell.ExitError]
// if that was too early, with its last output; a [*shell.StartError] if it did not start;
// or about a step.
//
// A bolt has finished a tuple when it answers the heartbeat after it. Tuples that it has
// not acked or failed by then — in a batch that is not full, in another thread — get more
// time at the end, while it still has output. Unanswered is the number of the rest.
func Try(ctx context.Context, o Options) (unanswered int, err error) {
	sources, err := o.sources()
	if err != nil {
		return 0, err
	}
	pidDir, err := o.Program.Guard.TempDir("gust-pids-")
	if err != nil {
		return 0, fmt.Errorf("cannot make a directory for the component's pid: %w", err)
	}
	defer os.RemoveAll(pidDir)
	hello, err := o.Program.Codec.AppendHandshake(nil, o.handshake(sources, pidDir))
	if err != nil {
		return 0, fmt.Errorf("cannot send the conf: %w", err)
	}
	o.Program.Task = ownTask
	p, err := start(&o.Program)
	if err != nil {
		return 0, err
	}
	t := &trial{Options: &o, session: &session{process: p, ctx: ctx}, sources: sources, sink: o.sinkTask(sources), open: map[string]bool{}}
	t.handle = t.hear
	t.send(hello)
	err = t.play()
	t.leaving = true
	broken, _ := errors.AsType[*brokenOff](err)
	if broken != nil && broken.cause != nil {
		p.proc.Kill() // it hangs, and would not notice the end of its input
	}
	t.leave()
	if err == nil || ctx.Err() != nil {
		return len(t.open), ctx.Err()
	}
	if broken != nil {
		err = p.died(broken.cause)
	}
	return len(t.open), err
}

// brokenOff is a try that the process has ended: by its own end, if cause is nil, or by
// not doing what it should.
type brokenOff struct{ cause error }

func (*brokenOff) Error() string { return "the process did not continue" }

// trial is a running try.
type trial struct {
	*Options
	*session
	sources []*source
	sink    int32

	ids     multilang.TupleID // assigned to tuples
	beats   multilang.TupleID
	open    map[string]bool // ids of tuples, as JSON, that are neither acked nor failed
	greeted bool
	syncs   int  // that have come
	asked   int  // heartbeats, or commands, that a sync answers
	owed    bool // the sync of activate may still come
	leaving bool // its input is about to end, so output about that is expected
}

// firstBeat separates the ids of heartbeats from those of tuples, which count from 1.
const firstBeat = 1 << 40

// hear processes an event.
func (t *trial) hear(e Event) {
	switch e.Command {
	case "pid":
		t.greeted = true
		return
	case "sync":
		t.syncs++
		return
	case "emit":
		if e.needTaskIDs {
			t.send(t.Program.Codec.AppendTaskIDs(nil, []int32{t.sink}))
		}
	case "ack", "fail":
		delete(t.open, plainID(e.ID))
	}
	if t.leaving && !(e.Command == "emit" || e.Command == "ack" || e.Command == "fail") {
		return
	}
	t.Said(e)
	for _, problem := range []string{e.flaw, t.undeclared(&e)} {
		if problem != "" {
			t.Said(Event{Stray: problem})
		}
	}
}

// plainID is an id without quotes: some clients send back a number.
func plainID(id []byte) string {
	if n := len(id); n >= 2 && id[0] == '"' {
		id = id[1 : n-1]
	}
	return string(id)
}

// undeclared is the error in a topology of an emit that does not fit the outputs, or
// empty.
func (t *trial) undeclared(e *Event) string {
	if t.Outputs == nil || e.Command != "emit" {
		return ""
	}
	i := slices.IndexFunc(t.Outputs, func(s topology.Stream) bool { return s.Name == e.Stream })
	if i < 0 {
		return fmt.Sprintf("the stream %q is not among the outputs", e.Stream)
	}
	if n, err := countValues(e.Tuple); err == nil && n != len(t.Outputs[i].Fields) {
		return fmt.Sprintf("a tuple of %d values, but the stream %q has %d fields: %v", n, e.Stream, len(t.Outputs[i].Fields), t.Outputs[i].Fields)
	}
	return ""
}

// play runs the steps.
func (t *trial) play() error {
	if err := t.must(t.await(t.Timeout, func() bool { return t.greeted }), "it did not answer the handshake"); err != nil {
		return err
	}
	if t.Program.Kind == topology.Spout && !slices.ContainsFunc(t.Steps, func(s Step) bool { return s.Command == "activate" }) {
		t.activate()
	}
	for i := range t.Steps {
		if err := t.take(&t.Steps[i]); err != nil {
			return err
		}
	}
	if len(t.open) > 0 || t.owed {
		t.quiet(t.Timeout, quiet, func() bool { return len(t.open) == 0 && !t.owed })
		if t.over {
			return &brokenOff{}
		}
	}
	return nil
}

// activate is sent before the first `next`, as Storm does. Some old clients never answer
// it, so no answer is required.
func (t *trial) activate() {
	t.send(t.Program.Codec.AppendCommand(nil, multilang.Activate, nil))
	t.asked++
	if t.await(min(t.Timeout, 2*quiet), t.synced) == late {
		t.asked--
		t.owed = true
	}
}

func (t *trial) synced() bool { return t.syncs >= t.asked }

// must turns the result of waiting into an error.
func (t *trial) must(o outcome, what string) error {
	switch o {
	case late:
		return &brokenOff{fmt.Errorf("%s within %v", what, t.Timeout)}
	case ended:
		return &brokenOff{}
	}
	return nil
}

// take sends the component a step, and waits until it has finished it.
func (t *trial) take(s *Step) error {
	codec := t.Program.Codec
	if s.Wait > 0 {
		if t.await(s.Wait, func() bool { return false }) == ended {
			return &brokenOff{}
		}
		return nil
	}
	if s.Command != "" {
		return t.command(s)
	}
	switch {
	case s.Tuple != nil:
		values, err := fromJSON(codec, s.Tuple)
		if err != nil {
			return fmt.Errorf("line %d of the input: %w", s.Line, err)
		}
		t.send(codec.AppendTuple(nil, t.nextID(), find(t.sources, s.Component, s.Stream).origin, values))
	case s.Tick > 0:
		t.send(codec.AppendTick(nil, t.nextID(), s.Tick))
	}
	t.beats++
	t.asked++
	t.send(codec.AppendHeartbeat(nil, firstBeat+t.beats))
	return t.must(t.await(t.Timeout, t.synced), fmt.Sprintf("it did not finish line %d of the input", s.Line))
}

func (t *trial) nextID() multilang.TupleID {
	t.ids++
	t.open[strconv.FormatUint(uint64(t.ids), 10)] = true
	return t.ids
}

// command sends a spout a command as often as the step has it.
func (t *trial) command(s *Step) error {
	command, _ := spoutCommand(s.Command)
	var id []byte
	if s.ID != nil {
		var err error
		if id, err = fromJSON(t.Program.Codec, s.ID); err != nil {
			return fmt.Errorf("line %d of the input: %w", s.Line, err)
		}
	}
	for range s.Times {
		t.send(t.Program.Codec.AppendCommand(nil, command, id))
		t.asked++
		if err := t.must(t.await(t.Timeout, t.synced), fmt.Sprintf("it did not answer %q", s.Command)); err != nil {
			return err
		}
	}
	return nil
}
