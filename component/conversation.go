package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gust/component/record"
	"gust/component/solo"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/shell"
)

// ShowOptions are how a conversation is shown.
type ShowOptions struct {
	// JSON shows each message as a JSON object (docs/record.md), not as a line for people.
	JSON bool
	// Full does not cut long messages.
	Full bool
}

// Show shows the conversation with a process, as it was recorded.
func Show(w io.Writer, r *record.Reader, o ShowOptions) error {
	shown, err := newConversation(w, r.Header(), o)
	if err != nil {
		return err
	}
	for {
		c, err := r.Next()
		switch {
		case err == io.EOF:
			return shown.end(nil)
		case errors.Is(err, record.ErrTruncated):
			return shown.end(err)
		case err != nil:
			return err
		}
		if err := shown.chunk(c); err != nil {
			return err
		}
	}
}

// conversation shows the chunks of a recording.
type conversation struct {
	w     io.Writer
	o     ShowOptions
	codec multilang.Codec
	in    *record.Cutter
	out   *solo.Decoder
	lines *shell.Lines
	at    time.Duration // of the chunk that is shown
	err   error         // of w
}

// mostShown is how much of a message is shown, without Full.
const mostShown = 200

func newConversation(w io.Writer, h record.Header, o ShowOptions) (conversation, error) {
	codec, ok := multilang.CodecNamed(h.Serializer)
	if !ok {
		return conversation{}, fmt.Errorf("unknown serializer %q", h.Serializer)
	}
	c := conversation{w: w, o: o, codec: codec, in: record.NewCutter(h.Serializer), out: solo.NewDecoder(codec)}
	if o.JSON {
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

// chunk shows the complete messages so far. It returns the writer's error.
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

// end shows incomplete messages at the end, and why the recording ends.
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
	if !c.o.JSON {
		words = terminal.Visible(strings.TrimRight(words, "\r\n"))
		if !c.o.Full {
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
