package shell

import (
	"fmt"
	"time"
)

// HungError is the cause of an [ExitError] where a process was killed because it
// was silent (ShellBolt and ShellSpout: "subprocess heartbeat timeout").
type HungError struct {
	Silence time.Duration
}

func (e *HungError) Error() string {
	return fmt.Sprintf("it hung: no message came from it for %v", e.Silence)
}

// HandshakeError is the cause of an [ExitError] where a process was killed
// because it did not answer the handshake with its pid.
type HandshakeError struct {
	Within time.Duration
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("it did not answer the handshake within %v", e.Within)
}
