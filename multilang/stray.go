package multilang

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// StrayError is bytes on a child's stdout that are not a message. The decoder skips them;
// no message is lost except the broken one.
type StrayError struct {
	// Bytes is the stray line, without its line feed, cut to 16 KiB if it was
	// printed, otherwise to 1024 bytes. It is the caller's.
	Bytes []byte
	// Reason says what is wrong with it.
	Reason string
	// Printed says that it breaks no message: it is text that stands between two.
	Printed bool
	// Emit says that an emit may be lost with it, which the child takes for
	// done: the words of one are in it. ID says that the emit may have an id.
	Emit, ID bool
}

func (e *StrayError) Error() string { return fmt.Sprintf("%s: %q", e.Reason, e.Bytes) }

// How much of a stray line people see: of a broken message, and of text that a
// component printed, which appears nowhere else.
const (
	maxStray   = 1024
	maxPrinted = 16 << 10
)

// newStray copies what people need to see of line, which is borrowed. A broken
// object is a message that was to be.
func newStray(line []byte, reason string, broken bool) *StrayError {
	for n := len(line); n > 0 && (line[n-1] == '\n' || line[n-1] == '\r'); n-- {
		line = line[:n-1]
	}
	command := hasText(line, "command")
	printed := !broken && !command && utf8.Valid(line)
	most := maxStray
	if printed {
		most = maxPrinted
	}
	return &StrayError{
		Bytes:   append([]byte(nil), line[:min(len(line), most)]...),
		Reason:  reason,
		Printed: printed,
		Emit:    command && hasText(line, "emit"),
		ID:      hasText(line, "id"),
	}
}

// hasText says whether a short string is somewhere in what may be broken JSON or msgpack.
func hasText(line []byte, text string) bool {
	return bytes.Contains(line, []byte(`"`+text+`"`)) || bytes.Contains(line, append([]byte{0xa0 | byte(len(text))}, text...))
}
