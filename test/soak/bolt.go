package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// bolt is the behaviour of a bolt component. It answers each tuple with ack or fail, at
// once or later, or not at all.
type bolt interface {
	// process processes a tuple.
	process(t *tuple) error
	// tick processes a tick.
	tick() error
}

// bolts makes a bolt of each name.
var bolts = map[string]func(*boltContext) bolt{
	"parse":   func(c *boltContext) bolt { return &parse{c} },
	"enrich":  func(c *boltContext) bolt { return &enrich{c} },
	"join":    func(c *boltContext) bolt { return &join{boltContext: c, held: map[attempt]heldPart{}} },
	"batch":   func(c *boltContext) bolt { return &batch{boltContext: c} },
	"lap":     func(c *boltContext) bolt { return &lap{c} },
	"turn":    func(c *boltContext) bolt { return &turn{c} },
	"count":   newSink,
	"audit":   newSink,
	"pairs":   newSink,
	"finish":  newSink,
	"archive": newSink,
}

// boltContext is what bolts share.
type boltContext struct {
	*component
	misdeeds *book
}

// tuple is a tuple from a component.
type tuple struct {
	id     string
	comp   string
	task   int
	values []json.RawMessage
}

// read stores the first values in variables.
func (t *tuple) read(into ...any) error {
	if len(t.values) < len(into) {
		return fmt.Errorf("a tuple from %q has %d values, not %d", t.comp, len(t.values), len(into))
	}
	var errs []error
	for i, v := range into {
		errs = append(errs, json.Unmarshal(t.values[i], v))
	}
	return errors.Join(errs...)
}

func (c *component) runBolt(newBolt func(*boltContext) bolt) error {
	book, err := openBook(bookPath(c.dir, misdeeds, c.name, c.task))
	if err != nil {
		return err
	}
	ctx := &boltContext{c, book}
	b := newBolt(ctx)
	for {
		m, err := c.wire.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		c.pause()
		if err := ctx.handle(b, m); err != nil {
			return err
		}
	}
}

func (c *boltContext) handle(b bolt, m *hostMessage) error {
	switch m.Stream {
	case "__heartbeat":
		return c.wire.send(map[string]string{"command": "sync"})
	case "__tick":
		if err := b.tick(); err != nil {
			return err
		}
	}
	t := &tuple{comp: m.Comp, task: m.Task, values: m.Tuple}
	if err := json.Unmarshal(m.ID, &t.id); err != nil {
		return fmt.Errorf("the id of a tuple is not a string: %s", m.ID)
	}
	if m.Stream == "__tick" {
		return c.ack(t.id)
	}
	if wrong, err := c.misbehave(t.id); wrong || err != nil {
		return err
	}
	return b.process(t)
}

// misbehave fails or forgets a tuple on purpose, and writes it down first.
func (c *boltContext) misbehave(id string) (bool, error) {
	if !c.mischief.Load() {
		return false, nil
	}
	if unlucky(c.dice, c.ForgetOneIn) {
		return true, c.misdeeds.note(forgot)
	}
	if !unlucky(c.dice, c.FailOneIn) {
		return false, nil
	}
	trees := 1
	if c.name == "archive" {
		trees = batchSize
	}
	if err := c.misdeeds.note("%s %d", failed, trees); err != nil {
		return true, err
	}
	return true, c.wire.send(map[string]string{"command": "fail", "id": id})
}

func (c *boltContext) ack(id string) error {
	err := c.wire.send(map[string]string{"command": "ack", "id": id})
	c.lastAck.Store(id) // not before: a forged ack would be the true one
	return err
}

func (c *boltContext) emit(e emission) error {
	e.Command = "emit"
	return c.wire.send(e)
}

// passOn emits a tuple's values, anchored to it, and acks it.
func (c *boltContext) passOn(t *tuple, e emission) error {
	e.Anchors, e.Tuple = []string{t.id}, make([]any, len(t.values))
	for i, v := range t.values {
		e.Tuple[i] = v
	}
	if err := c.emit(e); err != nil {
		return err
	}
	return c.ack(t.id)
}

// tick is the tick of a bolt that has nothing to do then.
func (c *boltContext) tick() error { return nil }
