package main

import "encoding/json"

// Packs: half of the processes accept them.

const (
	offer        = "gust.packs"
	packsVersion = 1
)

// alone is the messages of a pack.
func (m *hostMessage) alone() (messages []*hostMessage) {
	for i := 0; i+1 < len(m.Tuples); i += 2 {
		t := &hostMessage{ID: m.Tuples[i], Comp: m.Comp, Stream: m.Stream, Task: m.Task}
		if json.Unmarshal(m.Tuples[i+1], &t.Tuple) != nil {
			return []*hostMessage{m} // a reader of its id will report that it has none
		}
		messages = append(messages, t)
	}
	for _, id := range m.IDs {
		messages = append(messages, &hostMessage{Command: m.Command, ID: id})
	}
	for range m.Times {
		messages = append(messages, &hostMessage{Command: m.Command})
	}
	if messages == nil {
		return []*hostMessage{m}
	}
	return messages
}

// short is a message in the form that it has in a pack.
func short(message any) any {
	switch m := message.(type) {
	case map[string]string:
		switch m["command"] {
		case "ack":
			return m["id"]
		case "sync":
			return 0
		}
	case emission:
		if m.NeedTaskIDs {
			break
		}
		second := m.ID
		if m.Anchors != nil {
			second = m.Anchors
		}
		values := []any{m.Tuple, second, nil, nil}
		if m.Stream != "" {
			values[2] = m.Stream
		}
		if m.Task != 0 {
			values[3] = m.Task
		}
		return values
	}
	return message
}
