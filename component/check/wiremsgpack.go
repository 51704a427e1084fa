package check

import "bytes"

// msgpackReader reads messages in msgpack: a sequence of maps.
type msgpackReader struct {
	buf []byte
}

func (r *msgpackReader) feed(p []byte) { r.buf = append(r.buf, p...) }
func (r *msgpackReader) rest() []byte  { return r.buf }

func (r *msgpackReader) next() (frame, bool) {
	if len(r.buf) == 0 {
		return frame{}, false
	}
	if !isMap(r.buf[0]) {
		n := r.strayEnd()
		if n == 0 {
			return frame{}, false
		}
		return r.stray(n), true
	}
	_, end, short, err := parseMsgpack(r.buf)
	switch {
	case short:
		return frame{}, false
	case err != nil:
		b := r.take(min(err.at+1, len(r.buf)))
		return frame{bytes: b, flaws: []flaw{{wellFormed, "invalid msgpack: " + err.Error(), b}}}, true
	}
	b := r.take(end)
	v, _, _, _ := parseMsgpack(b) // again, so that its bytes are the frame's own
	return frame{bytes: b, message: true, value: v}, true
}

func (r *msgpackReader) settle(final bool) (frame, bool) {
	switch {
	case len(r.buf) == 0:
		return frame{}, false
	case !isMap(r.buf[0]):
		return r.stray(len(r.buf)), true
	case final:
		b := r.take(len(r.buf))
		return frame{bytes: b, flaws: []flaw{{wellFormed, "the output ends in the middle of a message", b}}}, true
	}
	return frame{}, false
}

func (r *msgpackReader) take(n int) []byte {
	b := bytes.Clone(r.buf[:n])
	r.buf = r.buf[n:]
	return b
}

// stray takes n bytes that are not a message.
func (r *msgpackReader) stray(n int) frame {
	b := r.take(n)
	f := flaw{strayOutput, "this is not a message", b}
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		f.says = "white space between messages, which msgpack reads as numbers"
	case b[0] == '{':
		f.rule, f.says = wellFormed, "this looks like JSON: give --serializer json, or have the program write msgpack"
	}
	return frame{bytes: b, flaws: []flaw{f}}
}

// strayEnd is the end of bytes that are not a message: after their line, or where a
// message begins; 0 if that is not known yet.
func (r *msgpackReader) strayEnd() int {
	for i, c := range r.buf {
		if c == '\n' {
			return i + 1
		}
		if isMap(c) {
			if v, _, short, err := parseMsgpack(r.buf[i:]); err == nil && !short && isMessage(v) {
				return i
			}
		}
	}
	return 0
}

// isMap reports whether a value that begins with c is a map.
func isMap(c byte) bool { return c&0xf0 == 0x80 || c == 0xde || c == 0xdf }
