package multilang

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrTooLarge is a message beyond the decoder's limit. What follows it cannot
// be told from it any more: the child has to be started again.
var ErrTooLarge = errors.New("the message is larger than the limit")

// ValueError is a value of a tuple that cannot be written in another codec, or
// cannot be hashed. The host knows the field's name by its index.
type ValueError struct {
	// Index is the value's position in the tuple, from 0.
	Index int
	// Reason says what is wrong with it.
	Reason string
}

func (e *ValueError) Error() string { return fmt.Sprintf("value %d: %s", e.Index, e.Reason) }

// How much of a stray line is shown to people: of a broken message, and of text
// that a component printed, which nobody else would see.
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

// hasText says whether a short text is somewhere in what may be broken JSON or msgpack.
func hasText(line []byte, text string) bool {
	return bytes.Contains(line, []byte(`"`+text+`"`)) || bytes.Contains(line, append([]byte{0xa0 | byte(len(text))}, text...))
}
