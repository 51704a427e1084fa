package storm

import (
	"fmt"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/internal/program"
)

// NotAliveError is a topology that does not run (NotAliveException).
type NotAliveError struct {
	// Topology is the name, or the id, in the call.
	Topology string
}

func (e *NotAliveError) Error() string {
	return fmt.Sprintf("no topology %q runs on the cluster", e.Topology)
}

// AlreadyAliveError is a topology whose name is in use (AlreadyAliveException). A
// topology that is being killed keeps its name until it is gone.
type AlreadyAliveError struct{ Topology string }

func (e *AlreadyAliveError) Error() string {
	return fmt.Sprintf("a topology %q already runs on the cluster", e.Topology)
}

// InvalidTopologyError is a topology that Nimbus will not have (InvalidTopologyException).
type InvalidTopologyError struct {
	// Reason is Nimbus's own message.
	Reason string
}

func (e *InvalidTopologyError) Error() string { return "Nimbus refuses the topology: " + e.Reason }

// DeniedError is something that the user may not do (AuthorizationException).
type DeniedError struct {
	Call   string
	Reason string
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("Nimbus denies %s: %s", e.Call, e.Reason)
}

// InternalError is a failure of Nimbus whose reason is only in its own log (a
// TApplicationException of type INTERNAL_ERROR).
type InternalError struct {
	Nimbus string // HOST:PORT
	Call   string // such as "getTopologyInfo"
	Detail string
}

func (e *InternalError) Error() string {
	return hint.Join(fmt.Sprintf("Nimbus at %s failed in %s (%s)", e.Nimbus, e.Call, shortened(e.Detail)),
		"the reason is in nimbus.log on that machine")
}

// UnsupportedError is a call that this release of Storm does not have.
type UnsupportedError struct {
	Nimbus string
	Call   string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("Nimbus at %s has no call %s: it runs another release of Storm", e.Nimbus, e.Call)
}

// TimeoutError is a call without an answer in time. Nimbus may still execute it.
type TimeoutError struct {
	Nimbus string
	Call   string
	After  time.Duration
}

func (e *TimeoutError) Error() string {
	return hint.Join(fmt.Sprintf("Nimbus at %s did not answer %s within %v", e.Nimbus, e.Call, e.After),
		"it may be busy or stuck: see nimbus.log, or allow more time with --timeout")
}

// Timeout makes it a timeout for callers that check for the method of a net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// LostError is a connection that broke in the middle of a call which may not be
// repeated blindly: Nimbus may have carried it out, or not.
type LostError struct {
	Nimbus string
	Call   string
	Err    error
}

func (e *LostError) Error() string {
	return hint.Join(fmt.Sprintf("the connection to Nimbus at %s broke during %s, which may or may not have been done: %v", e.Nimbus, e.Call, e.Err),
		fmt.Sprintf("`%s list` shows the current state", program.Name))
}

func (e *LostError) Unwrap() error { return e.Err }

// FrameError is a message that Nimbus would never answer, since it is longer than
// nimbus.thrift.max_buffer_size. It was not sent.
type FrameError struct {
	Size, Max int // bytes
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("the message has %d bytes, but Nimbus reads at most %d (nimbus.thrift.max_buffer_size)", e.Size, e.Max)
}

// WrongPeerError is a server that is not a Nimbus that this client can talk to.
type WrongPeerError struct {
	What   string // the end of a sentence about the server
	Remedy string
}

func (e *WrongPeerError) Error() string { return hint.Join(e.What, e.Remedy) }

// NoNimbusError is a cluster without a leader at any of its seeds.
type NoNimbusError struct {
	// Seeds and Reasons go together.
	Seeds   []string
	Reasons []error
}

func (e *NoNimbusError) Error() string {
	if len(e.Seeds) == 1 {
		return fmt.Sprintf("no Nimbus at %s: %v", e.Seeds[0], e.Reasons[0])
	}
	var b strings.Builder
	b.WriteString("no leading Nimbus at any of the seeds:")
	for i, seed := range e.Seeds {
		fmt.Fprintf(&b, "\n%s: %v", seed, e.Reasons[i])
	}
	return b.String()
}

// Unwrap returns the reasons.
func (e *NoNimbusError) Unwrap() []error { return e.Reasons }

// shortened shortens the text of a Java exception that contains a whole struct.
func shortened(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
