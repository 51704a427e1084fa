package component

import (
	"encoding/json"
	"fmt"
	"strings"

	"gust/component/solo"
	"gust/internal/terminal"
	"gust/topology"
)

// childMessage describes a message from a component.
func childMessage(e *solo.Event) string {
	var b strings.Builder
	b.WriteString(e.Command)
	switch e.Command {
	case "emit":
		if e.Stream != topology.DefaultStream {
			fmt.Fprintf(&b, " to %s", e.Stream)
		}
		if e.ID != nil {
			fmt.Fprintf(&b, " %s", e.ID)
		}
		if e.Task != 0 {
			fmt.Fprintf(&b, " directly to task %d", e.Task)
		}
		fmt.Fprintf(&b, ": %s", e.Tuple)
		for i, anchor := range e.Anchors {
			b.WriteString([]string{", anchored to ", " and "}[min(i, 1)])
			b.Write(anchor)
		}
	case "log":
		fmt.Fprintf(&b, " %s: %s", e.Level, e.Msg)
	case "error":
		fmt.Fprintf(&b, ": %s", e.Msg)
	case "metrics":
		fmt.Fprintf(&b, " %s: %s", e.Name, e.Params)
	case "pid":
		fmt.Fprintf(&b, " %d", e.PID)
	default:
		if e.ID != nil {
			fmt.Fprintf(&b, " %s", e.ID)
		}
	}
	return b.String()
}

// hostMessage describes a message from gust, as JSON.
func hostMessage(text []byte) string {
	if len(text) > 0 && text[0] == '[' {
		return "task ids " + string(text)
	}
	var m struct {
		PIDDir  *string         `json:"pidDir"`
		Conf    map[string]any  `json:"conf"`
		Context map[string]any  `json:"context"`
		Command string          `json:"command"`
		ID      json.RawMessage `json:"id"`
		Comp    string          `json:"comp"`
		Stream  string          `json:"stream"`
		Task    int             `json:"task"`
		Tuple   json.RawMessage `json:"tuple"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return string(text) // Python's NaN, say
	}
	switch {
	case m.PIDDir != nil:
		return fmt.Sprintf("handshake: component %v, task %v, %s of conf", m.Context["componentid"], m.Context["taskid"], terminal.Count(len(m.Conf), "key"))
	case m.Command == "ack" || m.Command == "fail":
		return m.Command + " " + string(m.ID)
	case m.Command != "":
		return m.Command
	case m.Stream == topology.HeartbeatStream:
		return "heartbeat"
	case m.Stream == topology.TickStream:
		return fmt.Sprintf("tick %s: %s", m.ID, m.Tuple)
	}
	return fmt.Sprintf("tuple %s from %s[%d]/%s: %s", m.ID, m.Comp, m.Task, m.Stream, m.Tuple)
}
