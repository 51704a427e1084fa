package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"gust/component/record"
	"gust/component/solo"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// conversation shows the chunks of a recording.
type conversation struct {
	w     io.Writer
	o     *showOptions
	codec multilang.Codec
	in    *record.Cutter
	out   *solo.Decoder
	lines *shell.Lines
	at    time.Duration // of the chunk that is shown
	err   error         // of w
}

// mostShown is how much of a message is shown, unless all is asked for.
const mostShown = 200

func newConversation(w io.Writer, h record.Header, o *showOptions) (conversation, error) {
	codec, ok := multilang.CodecNamed(h.Serializer)
	if !ok {
		return conversation{}, fmt.Errorf("unknown serializer %q", h.Serializer)
	}
	c := conversation{w: w, o: o, codec: codec, in: record.NewCutter(h.Serializer), out: solo.NewDecoder(codec)}
	if o.json {
		text, err := json.Marshal(h)
		if err != nil {
			return c, err
		}
		_, err = fmt.Fprintf(w, "{\"recording\":%s}\n", text)
		return c, err
	}
	_, err := fmt.Fprintf(w, "%s %s[%d], pid %d, %s: %s\nlife %d, part %d, begun %s\n",
		h.Kind, h.Component, h.Task, h.PID, h.Serializer, strings.Join(h.Command, " "),
		h.Life, h.Part, h.Begun.Format("2006-01-02 15:04:05.000"))
	return c, err
}

// chunk shows what is whole now. It returns the writer's error.
func (c *conversation) chunk(chunk record.Chunk) error {
	c.at = chunk.At
	switch chunk.Pipe {
	case record.Stdin, record.Hello:
		c.in.Feed(chunk.Bytes)
		for m := c.in.Next(); m != nil; m = c.in.Next() {
			c.given(m)
		}
	case record.Stdout:
		c.out.Feed(chunk.Bytes, c.said)
	case record.Stderr:
		c.stderr(chunk.Bytes)
	case record.Lost:
		c.show("lost", fmt.Sprintf("%s bytes missing here", chunk.Bytes), nil)
	case record.Exit:
		c.exit(chunk.Bytes)
	}
	return c.err
}

// end shows what is not whole at the end, and why there is no more.
func (c *conversation) end(broken error) error {
	c.out.Last(c.said)
	if c.lines != nil {
		c.lines.Flush()
	}
	if broken != nil {
		c.show("lost", broken.Error(), nil)
	}
	return c.err
}

func (c *conversation) stderr(p []byte) {
	if c.lines == nil {
		c.lines = shell.NewLines(func(line []byte) { c.show("err", string(line), nil) })
	}
	c.lines.Write(p)
}

func (c *conversation) exit(text []byte) {
	var end record.End
	if json.Unmarshal(text, &end) != nil {
		c.show("exit", string(text), nil)
		return
	}
	words := end.Exit
	if end.Cause != "" {
		words += ", killed by gust: " + end.Cause
	}
	if end.Asked {
		words += ", after the end of its input"
	}
	c.show("exit", words, text)
}

// given shows a message to the process.
func (c *conversation) given(message []byte) {
	value, err := solo.MessageJSON(c.codec, message)
	if err != nil {
		c.show("in", fmt.Sprintf("a message that cannot be read: %v: %q", err, message), nil)
		return
	}
	c.show("in", hostMessage(value), value)
}

// said shows an event of the process.
func (c *conversation) said(e solo.Event) {
	text := e.AppendJSON(nil)
	if e.Stray != "" {
		c.show("out", "stray output: "+e.Stray, text)
		return
	}
	c.show("out", childMessage(&e), text)
}

// show writes a line; message is what it is about, as JSON, or nil.
func (c *conversation) show(pipe, words string, message []byte) {
	if c.err != nil {
		return
	}
	if !c.o.json {
		words = terminal.Visible(strings.TrimRight(words, "\r\n"))
		if !c.o.full {
			words = terminal.Shorten(words, mostShown)
		}
		_, c.err = fmt.Fprintf(c.w, "%10.3f  %-4s  %s\n", c.at.Seconds(), pipe, strings.ReplaceAll(words, "\n", "\n                  "))
		return
	}
	if message == nil || !json.Valid(message) {
		message, _ = json.Marshal(words)
	}
	_, c.err = fmt.Fprintf(c.w, "{\"at\":%.6f,\"pipe\":%q,\"message\":%s}\n", c.at.Seconds(), pipe, message)
}

// childMessage words what a component said.
func childMessage(e *solo.Event) string {
	var b strings.Builder
	b.WriteString(e.Command)
	switch e.Command {
	case "emit":
		if e.Stream != topology.DefaultStream {
			fmt.Fprintf(&b, " to %s", e.Stream)
		}
		if e.ID != nil {
			fmt.Fprintf(&b, " %s", e.ID)
		}
		if e.Task != 0 {
			fmt.Fprintf(&b, " directly to task %d", e.Task)
		}
		fmt.Fprintf(&b, ": %s", e.Tuple)
		for i, anchor := range e.Anchors {
			b.WriteString([]string{", anchored to ", " and "}[min(i, 1)])
			b.Write(anchor)
		}
	case "log":
		fmt.Fprintf(&b, " %s: %s", e.Level, e.Msg)
	case "error":
		fmt.Fprintf(&b, ": %s", e.Msg)
	case "metrics":
		fmt.Fprintf(&b, " %s: %s", e.Name, e.Params)
	case "pid":
		fmt.Fprintf(&b, " %d", e.PID)
	default:
		if e.ID != nil {
			fmt.Fprintf(&b, " %s", e.ID)
		}
	}
	return b.String()
}

// hostMessage words what gust said, which is JSON.
func hostMessage(text []byte) string {
	if len(text) > 0 && text[0] == '[' {
		return "task ids " + string(text)
	}
	var m struct {
		PIDDir  *string         `json:"pidDir"`
		Conf    map[string]any  `json:"conf"`
		Context map[string]any  `json:"context"`
		Command string          `json:"command"`
		ID      json.RawMessage `json:"id"`
		Comp    string          `json:"comp"`
		Stream  string          `json:"stream"`
		Task    int             `json:"task"`
		Tuple   json.RawMessage `json:"tuple"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return string(text) // Python's NaN, say
	}
	switch {
	case m.PIDDir != nil:
		return fmt.Sprintf("handshake: component %v, task %v, %s of conf", m.Context["componentid"], m.Context["taskid"], terminal.Count(len(m.Conf), "key"))
	case m.Command == "ack" || m.Command == "fail":
		return m.Command + " " + string(m.ID)
	case m.Command != "":
		return m.Command
	case m.Stream == topology.HeartbeatStream:
		return "heartbeat"
	case m.Stream == topology.TickStream:
		return fmt.Sprintf("tick %s: %s", m.ID, m.Tuple)
	}
	return fmt.Sprintf("tuple %s from %s[%d]/%s: %s", m.ID, m.Comp, m.Task, m.Stream, m.Tuple)
}
