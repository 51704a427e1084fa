package fakecomponent

import "fmt"

// Packs: many messages in one, if the host offers them and the script has the shape
// "packs".

// greeting is the answer to the handshake, which accepts the offer.
func (l *link) greeting(handshake map[string]any, pid int) map[string]any {
	greeting := map[string]any{"pid": pid}
	conf, _ := handshake["conf"].(map[string]any)
	if l.shape == "packs" && fmt.Sprint(conf["gust.packs"]) == "1" {
		greeting["packs"] = 1
	}
	return greeting
}

// unpack splits a pack of the host, or returns a single message.
func unpack(m map[string]any) (messages []any) {
	if tuples, ok := m["tuples"].([]any); ok {
		for i := 0; i+1 < len(tuples); i += 2 {
			messages = append(messages, map[string]any{
				"id": tuples[i], "comp": m["comp"], "stream": m["stream"], "task": m["task"], "tuple": tuples[i+1],
			})
		}
		return messages
	}
	if ids, ok := m["ids"].([]any); ok {
		for _, id := range ids {
			messages = append(messages, map[string]any{"command": m["command"], "id": id})
		}
		return messages
	}
	times := 1
	if m["times"] != nil {
		fmt.Sscan(fmt.Sprint(m["times"]), &times)
		m = map[string]any{"command": m["command"]}
	}
	for range times {
		messages = append(messages, m)
	}
	return messages
}

// short is a message in its short form, if it has one.
func short(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	switch m["command"] {
	case "ack":
		if id, ok := m["id"].(string); ok {
			return id
		}
	case "sync":
		return 0
	case "emit":
		if m["need_task_ids"] != false {
			return m
		}
		second := m["anchors"]
		if m["id"] != nil {
			second = m["id"]
		}
		return []any{m["tuple"], second, m["stream"], m["task"]}
	}
	return m
}
