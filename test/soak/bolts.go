package main

import "time"

// attempt is one emission of a spout's tuple.
type attempt struct {
	ID string
	N  int
}

// parse emits two parts of a tuple, and checks their targets.
type parse struct{ *boltContext }

func (b *parse) process(t *tuple) error {
	var a attempt
	var key string
	if err := t.read(&a.ID, &key, &a.N); err != nil {
		return err
	}
	for part := range 2 {
		err := b.emit(emission{Anchors: []string{t.id}, Tuple: []any{a.ID, key, a.N, part}, NeedTaskIDs: true})
		if err != nil {
			return err
		}
		ids, err := b.wire.taskIDs()
		if err != nil {
			return err
		}
		b.checkTargets(ids, "enrich", "audit", "audit")
	}
	return b.ack(t.id)
}

// enrich passes a part on.
type enrich struct{ *boltContext }

func (b *enrich) process(t *tuple) error {
	return b.passOn(t, emission{})
}

// join waits for both parts of an attempt and anchors one tuple to them.
type join struct {
	*boltContext
	held map[attempt]heldPart
}

type heldPart struct {
	id    string
	part  int
	since time.Time
}

func (b *join) process(t *tuple) error {
	var a attempt
	var key string
	var part int
	if err := t.read(&a.ID, &key, &a.N, &part); err != nil {
		return err
	}
	other, ok := b.held[a]
	if !ok {
		b.held[a] = heldPart{t.id, part, time.Now()}
		return nil
	}
	if other.part == part {
		b.violation("part %d of attempt %d of %s came twice", part, a.N, a.ID)
	}
	delete(b.held, a)
	if err := b.emit(emission{Anchors: []string{other.id, t.id}, Tuple: []any{a.ID, a.N}}); err != nil {
		return err
	}
	if err := b.ack(other.id); err != nil {
		return err
	}
	return b.ack(t.id)
}

// tick forgets parts whose other half was lost: their trees have timed out.
func (b *join) tick() error {
	for a, held := range b.held {
		if time.Since(held.since) > b.MessageTimeout {
			delete(b.held, a)
		}
	}
	return nil
}

// batch gathers tuples of many trees and anchors one tuple to all of them.
type batch struct {
	*boltContext
	ids     []string
	members []any
}

// batchSize is the most tuples of a batch.
const batchSize = 5

func (b *batch) process(t *tuple) error {
	var a attempt
	var key string
	if err := t.read(&a.ID, &key, &a.N); err != nil {
		return err
	}
	b.ids = append(b.ids, t.id)
	b.members = append(b.members, []any{a.ID, a.N})
	if len(b.ids) < batchSize {
		return nil
	}
	return b.tick()
}

// tick sends the batch off, full or not.
func (b *batch) tick() error {
	if len(b.ids) == 0 {
		return nil
	}
	if err := b.emit(emission{Anchors: b.ids, Tuple: []any{b.members}}); err != nil {
		return err
	}
	for _, id := range b.ids {
		if err := b.ack(id); err != nil {
			return err
		}
	}
	b.ids, b.members = nil, nil
	return nil
}

// lap sends a tuple round the cycle, three times.
type lap struct{ *boltContext }

func (b *lap) process(t *tuple) error {
	var a attempt
	var key string
	left := 3
	if err := t.read(&a.ID, &key, &a.N); err != nil {
		return err
	}
	if t.comp == "turn" {
		if err := t.read(&a.ID, &key, &a.N, &left); err != nil {
			return err
		}
	}
	e := emission{Anchors: []string{t.id}, Stream: "on", Tuple: []any{a.ID, key, a.N, left - 1}}
	if left == 0 {
		e = emission{Anchors: []string{t.id}, Stream: "done", Tuple: []any{a.ID, a.N}}
	}
	if err := b.emit(e); err != nil {
		return err
	}
	return b.ack(t.id)
}

// turn sends a tuple back to the task that it came from.
type turn struct{ *boltContext }

func (b *turn) process(t *tuple) error {
	return b.passOn(t, emission{Stream: "back", Task: t.task})
}
