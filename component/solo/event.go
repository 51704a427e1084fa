package solo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"gust/multilang"
)

// Event is a message of a component, a line on stderr, stray output, or its end. Raw
// values are JSON, whatever its serializer is.
type Event struct {
	// Command is the message's: emit, ack, fail, log, error, metrics, sync, pid, or an
	// unknown word. It is empty for other events.
	Command string

	// Stream, Task, Anchors and Tuple are an emit's; ID is an emit's, ack's or fail's,
	// nil if it has none.
	Stream  string
	Task    int64 // of a direct emit, else 0
	Anchors [][]byte
	ID      []byte
	Tuple   []byte

	Level  string // of a log
	Msg    string // of a log or an error
	Name   string // of a metric
	Params []byte // of a metric
	PID    int64  // of a pid

	Stray  string // output on stdout that is not a message
	Stderr string // a line
	Exit   string // how the process ended, such as "exit status 1"

	needTaskIDs bool
	flaw        string // of a malformed tuple
}

var commandWords = [...]string{
	multilang.Emit: "emit", multilang.Ack: "ack", multilang.Fail: "fail", multilang.Log: "log",
	multilang.Error: "error", multilang.Metrics: "metrics", multilang.Sync: "sync", multilang.PID: "pid",
}

var levelWords = [...]string{
	multilang.Trace: "trace", multilang.Debug: "debug", multilang.Info: "info", multilang.Warn: "warn", multilang.Err: "error",
}

// eventOf is a message as an event. It does not refer to the message's memory.
func eventOf(m *multilang.Message, codec multilang.Codec) Event {
	e := Event{ID: text(codec, m.ID), PID: m.PID}
	switch m.Command {
	case multilang.NoCommand:
		return Event{Stray: "a message without a command"}
	case multilang.UnknownCommand:
		e.Command = string(m.Name)
		return e
	}
	e.Command = commandWords[m.Command]
	switch m.Command {
	case multilang.Emit:
		e.Stream, e.Task, e.Tuple = string(m.Stream), m.Task, text(codec, m.Tuple)
		if m.Stream == nil {
			e.Stream = "default"
		}
		for _, anchor := range m.Anchors {
			e.Anchors = append(e.Anchors, text(codec, anchor))
		}
		e.needTaskIDs = m.NeedTaskIDs && m.Task == 0
		if flaw, index, ok := m.Flaws.First(multilang.Unreadable); ok {
			e.flaw = fmt.Sprintf("value %d of the tuple holds %s: a topology fails the tuple", index+1, flaw)
		}
	case multilang.Log:
		e.Level, e.Msg = levelWords[m.Level], string(m.Msg)
	case multilang.Error:
		e.Msg = string(m.Msg)
	case multilang.Metrics:
		e.Name, e.Params = string(m.Name), text(codec, m.Params)
	}
	return e
}

// text is a raw value as JSON on one line, owned by the caller.
func text(codec multilang.Codec, raw []byte) []byte {
	if raw == nil {
		return nil
	}
	if codec != multilang.JSON {
		raw = codec.AppendText(nil, raw, 4*maxMessage)
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil { // Python's NaN, which is not JSON
		return bytes.Clone(raw)
	}
	return compact.Bytes()
}

// Data reports whether the event is part of a component's work: its emits, acks and
// fails, its errors, stray output, and an unexpected end. Other events are not compared.
func (e *Event) Data() bool {
	switch e.Command {
	case "log", "metrics", "sync", "pid":
		return false
	case "":
		return e.Stderr == ""
	}
	return true
}

// AppendJSON appends the event as a JSON object on one line.
func (e *Event) AppendJSON(dst []byte) []byte {
	o := objectWriter{dst: append(dst, '{')}
	switch {
	case e.Command != "":
		o.text("command", e.Command)
	case e.Stray != "":
		o.text("stray", e.Stray)
	case e.Stderr != "":
		o.text("stderr", e.Stderr)
	default:
		o.text("exit", e.Exit)
	}
	switch e.Command {
	case "emit":
		o.text("stream", e.Stream)
		o.raw("id", e.ID)
		if e.Task != 0 {
			o.raw("task", strconv.AppendInt(nil, e.Task, 10))
		}
		if e.Anchors != nil {
			o.raw("anchors", append(append([]byte{'['}, bytes.Join(e.Anchors, []byte{','})...), ']'))
		}
		o.raw("tuple", e.Tuple)
	case "log":
		o.text("level", e.Level)
		o.text("msg", e.Msg)
	case "error":
		o.text("msg", e.Msg)
	case "metrics":
		o.text("name", e.Name)
		o.raw("params", e.Params)
	case "pid":
		o.raw("pid", strconv.AppendInt(nil, e.PID, 10))
	default:
		o.raw("id", e.ID)
	}
	return append(o.dst, '}')
}

// String is the event as JSON.
func (e *Event) String() string { return string(e.AppendJSON(nil)) }

// objectWriter writes the members of a JSON object. The package json would refuse values
// that Python writes and JSON does not have.
type objectWriter struct{ dst []byte }

func (o *objectWriter) raw(key string, value []byte) {
	if value == nil {
		return
	}
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(append(append(o.dst, '"'), key...), `":`...)
	o.dst = append(o.dst, value...)
}

func (o *objectWriter) text(key, value string) { o.raw(key, quote(value)) }

// quote is a string in JSON, with < and & unescaped.
func quote(s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string can be encoded
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
