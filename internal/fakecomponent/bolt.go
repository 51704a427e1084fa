package fakecomponent

import (
	"encoding/json"
	"maps"
	"slices"
)

// boltMemory is the state of a bolt.
type boltMemory struct {
	tuples int
	counts map[string]int
	batch  []any // ids that wait for their common child
}

// tuple does a bolt's work on a tuple, a tick or a heartbeat.
func (p *player) tuple(m map[string]any) {
	id := m["id"]
	switch m["stream"] {
	case "__heartbeat":
		p.send(map[string]any{"command": "sync"})
		return
	case "__tick":
		p.note(Entry{What: "tick", ID: text(id), Value: text(m["tuple"])})
		p.send(map[string]any{"command": "ack", "id": id})
		return
	}
	p.misbehave()
	b := p.Script.Bolt
	pause(b.Pause)
	from, _ := m["comp"].(string)
	p.note(Entry{What: "tuple", ID: text(id), From: from, Value: text(m["tuple"])})
	if b.Count {
		p.count(m["tuple"])
	}
	p.memory.tuples++
	if b.FailEvery > 0 && p.memory.tuples%b.FailEvery == 0 {
		p.send(map[string]any{"command": "fail", "id": id})
		return
	}
	if b.Batch > 0 {
		p.gather(id, m["tuple"])
		return
	}
	for range b.Emit {
		p.child(b.anchors(id), m["tuple"])
	}
	p.answer(id)
}

func (b *Bolt) anchors(id any) any {
	switch b.Anchors {
	case "one":
		return id
	case "twice":
		return []any{id, id}
	case "none":
		return []any{}
	}
	return []any{id}
}

// gather keeps a tuple until there are enough for one child of them all.
func (p *player) gather(id, values any) {
	p.memory.batch = append(p.memory.batch, id)
	if len(p.memory.batch) < p.Script.Bolt.Batch {
		return
	}
	p.child(slices.Clone(p.memory.batch), values)
	for _, id := range p.memory.batch {
		p.answer(id)
	}
	p.memory.batch = nil
}

func (p *player) child(anchors, values any) {
	b := p.Script.Bolt
	m := map[string]any{"command": "emit", "anchors": anchors, "tuple": values, "need_task_ids": b.TaskIDs}
	if b.Stream != "" {
		m["stream"] = b.Stream
	}
	p.direct(m, b.Direct)
	p.send(m)
	if b.TaskIDs && len(b.Direct) == 0 {
		p.awaitTaskIDs()
	}
}

func (p *player) answer(id any) {
	ack := map[string]any{"command": "ack", "id": id}
	switch p.Script.Bolt.Answer {
	case "never":
		return
	case "twice":
		p.send(ack)
	case "wrong":
		p.send(map[string]any{"command": "ack", "id": "4711471147114711"})
	case "number":
		ack["id"] = json.Number(id.(string))
	}
	p.send(ack)
}

// count counts a tuple's first value.
func (p *player) count(values any) {
	if p.memory.counts == nil {
		p.memory.counts = map[string]int{}
	}
	p.memory.counts[values.([]any)[0].(string)]++
}

func (p *player) tellCounts() {
	for _, key := range slices.Sorted(maps.Keys(p.memory.counts)) {
		p.note(Entry{What: "count", Value: text([]any{key, p.memory.counts[key]})})
	}
}
