package fakecomponent

import "strconv"

// command executes a command of the host as a spout.
func (p *player) command(m map[string]any) {
	s := p.Script.Spout
	word, _ := m["command"].(string)
	switch word {
	case "next":
		p.misbehave()
		pause(s.Pause)
		for range max(1, s.PerNext) {
			if s.Tuples < 0 || p.emitted < s.Tuples {
				p.emitTuple(p.emitted)
				p.emitted++
			}
		}
	case "ack":
		p.note(Entry{What: word, ID: text(m["id"])})
	case "fail":
		p.note(Entry{What: word, ID: text(m["id"])})
		if s.Replay {
			p.emitTuple(s.numberOf(m["id"]))
		}
	default:
		p.note(Entry{What: word})
	}
	if !(word == "activate" && s.SilentActivate) && !(word == "next" && s.NoSync) {
		p.send(map[string]any{"command": "sync"})
	}
}

func (p *player) emitTuple(n int) {
	s := p.Script.Spout
	values := []any{key(n%max(1, s.Keys), s.Pad), n}
	m := map[string]any{"command": "emit", "tuple": values, "need_task_ids": s.TaskIDs}
	if s.Stream != "" {
		m["stream"] = s.Stream
	}
	p.direct(m, s.Direct)
	e := Entry{What: "emit", Value: text(values)}
	if !s.Unreliable {
		m["id"] = s.id(n)
		e.ID = text(m["id"])
	}
	p.note(e)
	p.send(m)
	if s.TaskIDs && len(s.Direct) == 0 {
		p.awaitTaskIDs()
	}
}

// id is the id of a tuple's number, of the type that the script wants.
func (s *Spout) id(n int) any {
	switch s.IDs {
	case "text":
		return strconv.Itoa(n)
	case "object":
		return map[string]any{"n": n}
	}
	return n
}

// numberOf is the number of a tuple's id.
func (s *Spout) numberOf(id any) int {
	if o, ok := id.(map[string]any); ok {
		id = o["n"]
	}
	n, err := strconv.Atoi(unquoted(text(id)))
	if err != nil {
		panic(err)
	}
	return n
}

func unquoted(s string) string {
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}
