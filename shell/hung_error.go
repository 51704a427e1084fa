package shell

import (
	"fmt"
	"strings"
	"time"
)

// HungError is the cause of an [ExitError] if gust killed the process because it
// was silent (ShellBolt and ShellSpout: "subprocess heartbeat timeout").
type HungError struct {
	Silence time.Duration
	// Command is what a spout did not answer; empty is a bolt's heartbeat.
	Command string
	// Streamparse says that a method of a class answers the command, and that the
	// library sends the sync.
	Streamparse bool
	// Spoke says that messages came after the command, and only the sync did not.
	Spoke bool
}

func (e *HungError) Error() string {
	switch {
	case e.Command == "":
		return fmt.Sprintf("it sent nothing for %v and did not answer heartbeats", e.Silence)
	case e.Spoke && !e.Streamparse:
		return fmt.Sprintf("it sent messages after command %q, but no sync, and then nothing for %v", e.Command, e.Silence)
	}
	return fmt.Sprintf("it did not answer command %q within %v", e.Command, e.Silence)
}

// hint says what to do about it.
func (e *HungError) hint() string {
	const timeout = "raise topology.subprocess.timeout.secs"
	switch {
	case e.Command == "":
		return "if a tuple may take this long, " + timeout
	case e.Streamparse:
		return strings.Replace(e.Command, "next", "next_tuple", 1) + "() must not block: let it return if there is nothing to do, or " + timeout
	case e.Spoke:
		return `answer every command with {"command": "sync"}, after the tuples emitted for it`
	}
	return `a spout must not block: answer every command with {"command": "sync"}, even if there is nothing to emit; if it may take this long, ` + timeout
}
