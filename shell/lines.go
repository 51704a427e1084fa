package shell

import (
	"bytes"
	"unicode/utf8"
)

// maxLine is the most bytes of a line that come in one piece, the marker included.
const maxLine = 16 << 10

// cutMarker ends a piece of a line that goes on in the next piece.
const cutMarker = " [line continues]"

// Lines cuts what a process writes to stderr into lines for the log.
//
// A line ends with LF, CR LF or a CR alone: otherwise a progress bar, which returns to the
// start of its line again and again, would be one line for hours. A line that is too long
// comes in pieces, so that memory is bounded. Bytes that are not UTF-8 become U+FFFD.
type Lines struct {
	emit func(line []byte)
	rest []byte // the start of a line whose end has not come; less than maxLine
	cr   bool   // the last byte was a CR: an LF that follows belongs to it
}

// NewLines calls emit with each line, without its end. The slice is borrowed: it
// is valid until emit returns.
func NewLines(emit func(line []byte)) *Lines { return &Lines{emit: emit} }

// Write takes the next bytes, wherever they begin and end, and keeps no reference to the
// slice. It never fails.
func (l *Lines) Write(chunk []byte) (int, error) {
	n := len(chunk)
	for len(chunk) > 0 {
		if l.cr && chunk[0] == '\n' {
			chunk = chunk[1:]
			l.cr = false
			continue
		}
		l.cr = false
		end := bytes.IndexAny(chunk, "\r\n")
		if end < 0 {
			l.gather(chunk)
			break
		}
		l.line(chunk[:end])
		l.cr = chunk[end] == '\r'
		chunk = chunk[end+1:]
	}
	return n, nil
}

// Flush emits the last line if it has no end. It is for the end of stderr.
func (l *Lines) Flush() {
	l.cr = false
	if len(l.rest) > 0 {
		l.line(nil)
	}
}

// line emits a line whose end has come: what was gathered of it, and tail.
func (l *Lines) line(tail []byte) {
	if len(l.rest) == 0 && len(tail) < maxLine {
		l.hand(tail, "")
		return
	}
	l.gather(tail)
	l.hand(l.rest, "")
	l.rest = l.rest[:0]
}

// gather adds to a line whose end has not come, and emits what is too much for one piece.
func (l *Lines) gather(part []byte) {
	for len(part) > 0 {
		n := min(len(part), maxLine-len(l.rest))
		l.rest = append(l.rest, part[:n]...)
		part = part[n:]
		if len(l.rest) == maxLine {
			cut := runeStart(l.rest, maxLine-len(cutMarker))
			l.hand(l.rest[:cut], cutMarker)
			l.rest = append(l.rest[:0], l.rest[cut:]...)
		}
	}
}

// hand emits a line, or a piece of one, as valid UTF-8. The replacement of an invalid byte
// is longer than the byte, so the line may have to be cut again.
func (l *Lines) hand(text []byte, marker string) {
	if utf8.Valid(text) && marker == "" {
		l.emit(text)
		return
	}
	text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	for len(text)+len(marker) > maxLine {
		cut := runeStart(text, maxLine-len(cutMarker))
		l.emit(append(bytes.Clone(text[:cut]), cutMarker...))
		text = text[cut:]
	}
	l.emit(append(text, marker...))
}
