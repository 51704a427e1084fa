package solo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"gust/component/record"
	"gust/multilang"
	"gust/topology"
)

// Replayed is the result of a replay.
type Replayed struct {
	// Recorded and Now are the data ([Event.Data]) of the recording and of the replay.
	Recorded, Now []Line
	// Stalled is where the component did not send what it had sent in the recording, so
	// that the replay continued without it; else it is empty.
	Stalled string
	// Exit is how the process ended.
	Exit string
}

// ReplayOptions configure a replay.
type ReplayOptions struct {
	Life    *record.Life
	Program Program
	Timeout time.Duration // for the component's recorded output at a point
}

// Recorded is the program of a recording, as it was started there.
func Recorded(life *record.Life) (Program, error) {
	h := life.Header
	codec, ok := multilang.CodecNamed(h.Serializer)
	if !ok {
		return Program{}, fmt.Errorf("unknown serializer %q", h.Serializer)
	}
	if h.Midway {
		return Program{}, errors.New("it begins in the middle of a message, and the earlier parts are gone")
	}
	own := topology.Component{Env: h.Env}
	p := Program{
		Name: h.Component, Kind: topology.Bolt, Task: h.Task,
		Command: h.Command, Dir: h.Dir, Env: own.Environ(os.Environ(), nil), Codec: codec,
	}
	if h.Kind == topology.Spout.String() {
		p.Kind = topology.Spout
	}
	return p, nil
}

// given is a message to the component, with the amount of its output before it.
type given struct {
	bytes []byte
	after int // of the counted events
	syncs int
}

// script is a parsed recording.
type script struct {
	given []given
	said  []Event // the counted events: see counts
	syncs int
}

// counts reports whether an event is compared between the two processes, besides syncs:
// log lines may come at any time.
func counts(e *Event) bool {
	return e.Command == "pid" || e.Data() && e.Stray == "" && e.Exit == ""
}

// Replay starts a component and sends it the input of a recorded process. It sends each
// message when the component has sent as much as the recorded one had: so a spout is not
// asked too early, and a list of task ids does not come before its emit. It returns when
// the process has ended.
func Replay(ctx context.Context, o ReplayOptions) (*Replayed, error) {
	plot, err := o.plot()
	if err != nil {
		return nil, err
	}
	pidDir, err := o.Program.Guard.TempDir("gust-pids-")
	if err != nil {
		return nil, fmt.Errorf("cannot make a directory for the component's pid: %w", err)
	}
	defer os.RemoveAll(pidDir)
	if len(plot.given) > 0 {
		if plot.given[0].bytes, err = withPIDDir(plot.given[0].bytes, o.Program.Codec, pidDir); err != nil {
			return nil, err
		}
	}
	p, err := start(&o.Program)
	if err != nil {
		return nil, err
	}
	r := &rerun{session: &session{process: p, ctx: ctx}, timeout: o.Timeout}
	r.handle = r.hear
	r.play(plot)
	end := o.Life.End
	asked := end == nil || end.Asked || end.Cause != ""
	if !asked && r.await(o.Timeout, func() bool { return r.over }) == late {
		r.stall("it keeps running, but the recorded process had ended: " + end.Exit)
	}
	unasked := r.over
	r.leaving = true
	if r.stalled != "" {
		p.proc.Kill() // it hangs, and would not notice the end of its input
	}
	r.leave()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result := &Replayed{Stalled: r.stalled, Exit: p.exit.String(), Now: r.data}
	for i := range plot.said {
		if e := plot.said[i]; e.Data() {
			result.Recorded = append(result.Recorded, LineOf(e))
		}
	}
	if unasked {
		result.Now = append(result.Now, LineOf(Event{Exit: p.exit.String()}))
	}
	if !asked {
		result.Recorded = append(result.Recorded, LineOf(Event{Exit: end.Exit}))
	}
	return result, nil
}

// plot parses the recording.
func (o *ReplayOptions) plot() (*script, error) {
	life, codec := o.Life, o.Program.Codec
	plot := &script{}
	in, out := record.NewCutter(life.Header.Serializer), NewDecoder(codec)
	known := map[string]bool{} // ids of tuples that the replayed part sends
	for _, c := range life.Chunks {
		switch c.Pipe {
		case record.Stdin:
			in.Feed(c.Bytes)
			for m := in.Next(); m != nil; m = in.Next() {
				plot.given = append(plot.given, given{bytes.Clone(m), len(plot.said), plot.syncs})
				if life.Headless {
					known[givenID(codec, m)] = true
				}
			}
		case record.Stdout:
			out.Feed(c.Bytes, func(e Event) {
				if e.Command == "sync" {
					plot.syncs++
				}
				if counts(&e) && !(life.Headless && strange(&e, known)) {
					plot.said = append(plot.said, e)
				}
			})
		}
	}
	if len(plot.given) == 0 {
		return nil, fmt.Errorf("the recording ends before the handshake")
	}
	return plot, nil
}

// givenID is the id of a message to a component, or empty.
func givenID(codec multilang.Codec, message []byte) string {
	value, err := toJSON(codec, unframed(codec, message))
	if err != nil {
		return ""
	}
	var m struct{ ID json.RawMessage }
	if json.Unmarshal(value, &m) != nil {
		return ""
	}
	return plainID(m.ID)
}

// strange reports whether an event is about tuples that were sent before the recording
// begins.
func strange(e *Event, known map[string]bool) bool {
	if e.Command == "ack" || e.Command == "fail" {
		return !known[plainID(e.ID)]
	}
	for _, anchor := range e.Anchors {
		if !known[plainID(anchor)] {
			return true
		}
	}
	return false
}

// unframed is a message without the line `end`.
func unframed(codec multilang.Codec, message []byte) []byte {
	if codec != multilang.JSON {
		return message
	}
	message = bytes.TrimRight(message, "\r\n")
	return bytes.TrimSuffix(message, []byte("end"))
}

// withPIDDir is a handshake with another pidDir: that of the recording does not exist any
// more, and a component that cannot write its file there dies.
func withPIDDir(hello []byte, codec multilang.Codec, dir string) ([]byte, error) {
	value, err := toJSON(codec, unframed(codec, hello))
	if err != nil {
		return nil, fmt.Errorf("the recording does not begin with a handshake: %w", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(value, &members); err != nil || members["pidDir"] == nil {
		return nil, fmt.Errorf("the recording does not begin with a handshake: %.60q", hello)
	}
	members["pidDir"] = quote(dir)
	changed, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	if changed, err = fromJSON(codec, changed); err != nil {
		return nil, err
	}
	if codec == multilang.JSON {
		changed = append(changed, "\nend\n"...)
	}
	return changed, nil
}

// rerun is a running replay.
type rerun struct {
	*session
	timeout time.Duration
	said    int // that count
	short   int // how much less than the recorded process it has sent, permanently
	syncs   int
	beats   int // heartbeats to it: those of the recording, and ours
	data    []Line
	stalled string
	leaving bool
}

func (r *rerun) hear(e Event) {
	if counts(&e) {
		r.said++
	}
	if e.Command == "sync" {
		r.syncs++
	}
	if !e.Data() || e.Exit != "" || e.Stray != "" {
		return
	}
	if r.leaving && e.Command == "error" {
		return // of the end of its input
	}
	r.data = append(r.data, LineOf(e))
}

func (r *rerun) play(plot *script) {
	for i, g := range plot.given {
		if r.stalled == "" {
			switch r.reach(g.after, g.syncs) {
			case late:
				r.stall(fmt.Sprintf("it did not continue within %v, after %d of %d messages to it", r.timeout, i, len(plot.given)))
			case ended:
				return
			}
		}
		r.send(g.bytes)
		if r.Kind == topology.Bolt && isHeartbeat(r.Codec, g.bytes) {
			r.beats++
		}
	}
	if r.stalled == "" && r.reach(len(plot.said), plot.syncs) == late {
		r.stall(fmt.Sprintf("it did not finish within %v with the %d messages to it", r.timeout, len(plot.given)))
	}
	if r.stalled != "" {
		r.quiet(r.timeout, quiet, func() bool { return false })
	}
}

// reach waits until the component has sent as much as the recorded process had at a
// point. If it has finished its input and sent less, reach does not wait, and from then
// on expects that much less.
func (r *rerun) reach(after, syncs int) outcome {
	there := func() bool { return r.said+r.short >= after && r.syncs >= syncs }
	patience := min(quiet, r.timeout)
	if r.short > 0 {
		patience = 0 // it is another one, and most likely short again
	}
	if o := r.await(patience, there); o != late {
		return o
	}
	idle := func() bool { return r.syncs >= syncs }
	if r.Kind == topology.Bolt {
		// A bolt answers our heartbeat after all its earlier input. It may work in other
		// threads, so it gets a little more time.
		r.beats++
		r.send(r.Codec.AppendHeartbeat(nil, multilang.TupleID(firstBeat+r.beats)))
		idle = func() bool { return r.syncs >= r.beats }
	}
	o := r.await(r.timeout, func() bool { return there() || idle() })
	if o == happened && !there() {
		r.quiet(r.timeout, patience, there)
		r.short = max(r.short, after-r.said)
	}
	return o
}

// isHeartbeat reports whether a message to a bolt is one.
func isHeartbeat(codec multilang.Codec, message []byte) bool {
	return bytes.Contains(message, []byte(topology.HeartbeatStream)) && givenStream(codec, message) == topology.HeartbeatStream
}

func givenStream(codec multilang.Codec, message []byte) string {
	var m struct{ Stream string }
	if value, err := toJSON(codec, unframed(codec, message)); err != nil || json.Unmarshal(value, &m) != nil {
		return ""
	}
	return m.Stream
}

func (r *rerun) stall(why string) {
	if r.stalled == "" {
		r.stalled = why
	}
}
