package check

import (
	"bytes"
	"fmt"
)

// frame is a piece of the program's output: a message, or something else.
type frame struct {
	bytes   []byte // the original bytes, with the end; owned by the frame
	message bool
	value   value // the message
	flaws   []flaw
}

// flaw is an error in the form of a frame.
type flaw struct {
	rule, says string
	bytes      []byte
}

// reader splits the program's output into frames, and reports every error. An error in
// one frame does not affect the next: it understands a program that forgets the line
// `end`.
type reader interface {
	// feed adds bytes, which it copies.
	feed(p []byte)
	// next is the next frame, and false if it needs more bytes.
	next() (frame, bool)
	// settle is next if nothing more has come for some time, or ever will: it accepts an
	// incomplete message without its end.
	settle(final bool) (frame, bool)
	// rest is the bytes that are not a frame yet.
	rest() []byte
}

// maxUnread limits the memory for output that never becomes a message.
const maxUnread = 64 << 20

// isMessage reports whether an object may be a message to the host.
func isMessage(v value) bool {
	return v.kind == object && (v.has("command") || v.has("pid"))
}

// jsonReader reads messages in JSON: a value, and a line that is exactly `end`.
type jsonReader struct {
	buf   []byte
	line  int // the beginning of the first unread line
	queue []frame
	// endless is set when a message came without its end: then it is useless to wait for
	// the next one's.
	endless bool
}

func (r *jsonReader) feed(p []byte) { r.buf = append(r.buf, p...) }
func (r *jsonReader) rest() []byte  { return r.buf }

func (r *jsonReader) next() (frame, bool) {
	for len(r.queue) == 0 {
		if !r.cut() {
			return frame{}, false
		}
	}
	f := r.queue[0]
	r.queue = r.queue[1:]
	return f, true
}

// cut takes the bytes before the next end line, if that is complete.
func (r *jsonReader) cut() bool {
	for {
		n := bytes.IndexByte(r.buf[r.line:], '\n') + 1
		if n == 0 {
			return false
		}
		line := r.buf[r.line : r.line+n]
		body := r.buf[:r.line]
		if flaws, ends := endOf(line); ends {
			r.take(body, line, flaws)
			return true
		}
		if line[0] == '{' && wholeMessage(body) {
			r.endless = true
			r.take(body, nil, []flaw{missingEnd(body)})
			return true
		}
		r.line += n
	}
}

// endOf reports whether a line is the end of a message, and its error.
func endOf(line []byte) (flaws []flaw, ends bool) {
	switch {
	case string(line) == "end\n":
		return nil, true
	case string(line) == "end\r\n":
		return []flaw{{lineFeed, `the line after a message is "end\r\n"`, line}}, true
	case string(bytes.TrimSpace(line)) == "end":
		return []flaw{{endLine, fmt.Sprintf("the line after a message is \"%s\"", show(line)), line}}, true
	}
	return nil, false
}

func missingEnd(body []byte) flaw {
	return flaw{endLine, "a message without the line `end` after it", body}
}

func wholeMessage(b []byte) bool {
	v, end, err := parseJSON(b)
	return err == nil && isMessage(v) && len(bytes.TrimSpace(b[end:])) == 0
}

// take queues the frames of a body, and continues after its end line.
func (r *jsonReader) take(body, end []byte, flaws []flaw) {
	n := len(body) + len(end)
	whole := bytes.Clone(r.buf[:n])
	frames := salvage(whole[:len(body)])
	for i, f := range flaws {
		flaws[i].bytes = bytes.Clone(f.bytes)
	}
	switch last := len(frames) - 1; {
	case last >= 0:
		frames[last].flaws = append(frames[last].flaws, flaws...)
		frames[last].bytes = whole[len(body)-len(frames[last].bytes):]
	case !r.endless:
		frames = []frame{{bytes: whole, flaws: []flaw{{endLine, "an end line without a message before it", whole}}}}
	}
	r.queue = append(r.queue, frames...)
	r.buf = r.buf[n:]
	r.line = 0
}

func (r *jsonReader) settle(final bool) (frame, bool) {
	if len(bytes.TrimSpace(r.buf)) == 0 || r.endless && string(bytes.TrimSpace(r.buf)) == "end" {
		r.buf, r.line = nil, 0
		return frame{}, false
	}
	body := r.buf
	v, end, err := parseJSON(body)
	switch {
	case err == nil && isMessage(v):
		behind := bytes.TrimLeft(body[end:], " \t\r\n")
		f := missingEnd(body)
		if bytes.HasPrefix(behind, []byte("end")) {
			f.says = "`end` is not a line of its own after a message"
			end = len(body) - len(behind) + len("end")
		}
		r.endless = true
		f.bytes = bytes.Clone(body[:end])
		v, _, _ = parseJSON(f.bytes)
		r.buf, r.line = body[end:], 0
		return frame{bytes: f.bytes, message: true, value: v, flaws: []flaw{f}}, true
	case final || body[0] != '{' && body[len(body)-1] == '\n':
		r.take(body, nil, nil)
		return r.next()
	}
	return frame{}, false
}

// maxTries limits the work on a body that is not one message.
const maxTries = 64

// salvage cuts a body, which should be one message, into messages and the rest.
func salvage(body []byte) []frame {
	var frames []frame
	for i := 0; ; {
		i += len(body[i:]) - len(bytes.TrimLeft(body[i:], " \t\r\n"))
		if i == len(body) {
			return frames
		}
		v, n, err := parseJSON(body[i:])
		if err == nil && isMessage(v) {
			if last := len(frames) - 1; last >= 0 && frames[last].message {
				frames[last].flaws = append(frames[last].flaws, missingEnd(frames[last].bytes))
			}
			frames = append(frames, frame{bytes: body[i:], message: true, value: v})
			if len(bytes.TrimSpace(body[i+n:])) > 0 {
				frames[len(frames)-1].bytes = body[i : i+n]
			}
			i += n
			continue
		}
		if err == nil && v.kind == object && len(frames) == 0 && len(bytes.TrimSpace(body[n:])) == 0 {
			return []frame{{bytes: body, message: true, value: v}} // without a command
		}
		next := nextMessage(body, i)
		frames = append(frames, stray(body[i:next], v, err))
		i = next
	}
}

// nextMessage is the index of the next message after body[i] that ends with its line,
// else the body's length.
func nextMessage(body []byte, i int) int {
	from := i + 1
	for range maxTries {
		n := bytes.IndexByte(body[from:], '{')
		if n < 0 {
			break
		}
		from += n
		if v, end, err := parseJSON(body[from:]); err == nil && isMessage(v) {
			line, _, _ := bytes.Cut(body[from+end:], []byte("\n"))
			if len(bytes.TrimSpace(line)) == 0 {
				return from
			}
		}
		from++
	}
	return len(body)
}

// stray is a frame that is not a message: b, whose value is v if it has one.
func stray(b []byte, v value, err *syntaxError) frame {
	f := flaw{strayOutput, "this is not a message", b}
	switch {
	case err == nil && v.kind == list:
		f.rule, f.says = wellFormed, "a message is an object, but this is a list"
	case err != nil && b[0] == '{':
		f.rule, f.says = wellFormed, "invalid JSON: "+err.Error()
	case b[0] >= 0x80 && b[0] < 0x90:
		f.rule, f.says = wellFormed, "this looks like msgpack: give --serializer msgpack"
	}
	return frame{bytes: b, flaws: []flaw{f}}
}
