package shell

import (
	"fmt"
	"strings"

	"gust/internal/hint"
)

// ExitError is the death of a component's process.
type ExitError struct {
	Kind      string // as in [Spec]
	Component string
	Task      int
	PID       int
	// Dir is its working directory; empty is gust's.
	Dir string
	// Exit is how the process ended.
	Exit Exit
	// LastWords are the last lines that it wrote to stderr.
	LastWords []string
	// Cause is why gust killed it, such as a [*HungError], a [*HandshakeError] or
	// an error of the codec. It is nil if the process ended by itself.
	Cause error
}

// Error is such as
//
//	bolt "count" (task 7, pid 123) died: exit status 1
//	    ModuleNotFoundError: No module named 'redis'
//	hint: install it into ...
//
// with all of the last words, indented.
func (e *ExitError) Error() string {
	var text strings.Builder
	text.WriteString(e.headline())
	for _, line := range e.LastWords {
		text.WriteString("\n    ")
		text.WriteString(line)
	}
	return hint.Join(text.String(), e.Hint())
}

func (e *ExitError) headline() string {
	return actor(e.Kind, e.Component, fmt.Sprintf("task %d, pid %d", e.Task, e.PID)) + " " + e.Fate()
}

// Fate is what the headline says after the process, such as "died: exit status 1"
// or "was killed: sent no pid within 30s".
func (e *ExitError) Fate() string {
	if e.Cause != nil && atPrompt(e.LastWords) {
		return fmt.Sprintf("was killed: it is waiting in a debugger%s: %v", WaitsAt(e.LastWords), e.Cause)
	}
	if e.Cause != nil {
		return fmt.Sprintf("was killed: %v", e.Cause)
	}
	return fmt.Sprintf("died: %v", e.Exit)
}

// Reason is the death in one line: how the process ended, and, if it ended by itself, the
// last line that it wrote. Of a traceback or a stack trace, that is the exception.
func (e *ExitError) Reason() string {
	if last := Headline(strings.Join(e.LastWords, "\n")); last != "" && e.Cause == nil {
		return e.headline() + ": " + last
	}
	return e.headline()
}

// Unwrap is the Cause.
func (e *ExitError) Unwrap() error { return e.Cause }

// Hint says what to do about it, as far as its stderr and its exit show, or is empty.
func (e *ExitError) Hint() string { return hintOf(e.Cause, e.LastWords, e.Exit, e.Dir) }
