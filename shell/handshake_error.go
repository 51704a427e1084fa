package shell

import (
	"fmt"
	"time"
)

// HandshakeError is the cause of an [ExitError] if gust killed the process because it
// did not answer the handshake with its pid.
type HandshakeError struct {
	Within time.Duration
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("it did not answer the handshake within %v", e.Within)
}
