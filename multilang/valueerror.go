package multilang

import (
	"fmt"
)

// ValueError is a value of a tuple that cannot be written in another codec, or
// cannot be hashed. The host knows the field's name by its index.
type ValueError struct {
	// Index is the value's position in the tuple, from 0.
	Index int
	// Reason says what is wrong with it.
	Reason string
}

func (e *ValueError) Error() string { return fmt.Sprintf("value %d: %s", e.Index, e.Reason) }
