package fakecomponent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// player plays a script.
type player struct {
	Script
	*link
	ledger
	done     int // commands `next`, or tuples, that have been dealt with
	emitted  int
	turn     int // of direct emits
	memory   boltMemory
	stubborn bool
}

func newPlayer(s Script) *player {
	return &player{Script: s, link: newLink(s.Wire, s.Shape)}
}

// play returns at the end of the input.
func (p *player) play() {
	if p.Script.Start.PIDFirst {
		p.send(map[string]any{"pid": os.Getpid()})
		p.flush()
	}
	if !p.shakeHands() {
		return
	}
	for {
		m, err := p.next()
		if err != nil {
			p.endOfInput()
			return
		}
		if p.Script.Spout != nil {
			p.command(m)
		} else {
			p.tuple(m)
		}
	}
}

// shakeHands reads the handshake and answers it.
func (p *player) shakeHands() bool {
	m, err := p.next()
	if err != nil {
		return false
	}
	context := m["context"].(map[string]any)
	p.own.Component = context["componentid"].(string)
	p.own.Task, _ = strconv.Atoi(fmt.Sprint(context["taskid"]))
	if err := p.open(p.Script.Ledger); err != nil {
		panic(err)
	}
	p.note(Entry{What: "start"})
	p.say(p.Script.Start.Before)
	if p.Script.Start.NoPID {
		io.Copy(io.Discard, p.in)
		return false
	}
	if !p.Script.Start.PIDFirst {
		pidFile := filepath.Join(m["pidDir"].(string), strconv.Itoa(os.Getpid()))
		if err := os.WriteFile(pidFile, nil, 0o644); err != nil {
			panic(err)
		}
		greeting := p.greeting(m, os.Getpid())
		p.send(greeting)
		p.packs = greeting["packs"] != nil
	}
	p.say(p.Script.Start.After)
	if p.Script.Spout != nil && p.Script.Spout.UnaskedSync {
		p.send(map[string]any{"command": "sync"})
	}
	p.flush()
	return true
}

func (p *player) say(messages []map[string]any) {
	for _, m := range messages {
		if m["command"] == "emit" && m["id"] != nil {
			p.note(Entry{What: "emit", ID: text(m["id"]), Value: text(m["tuple"])})
		}
		p.send(m)
		if m["command"] == "emit" && m["need_task_ids"] != false {
			p.awaitTaskIDs()
		}
	}
}

func (p *player) awaitTaskIDs() {
	list, err := p.taskIDs()
	if err != nil {
		p.endOfInput()
		os.Exit(0)
	}
	p.note(Entry{What: "ids", Value: text(list)})
}

func (p *player) endOfInput() {
	if b := p.Script.Bolt; b != nil && b.Count {
		p.tellCounts()
	}
	p.note(Entry{What: "eof"})
	if p.stubborn {
		select {}
	}
}

// misbehave does the deeds that are due.
func (p *player) misbehave() {
	for _, d := range p.Deeds {
		if d.After == p.done && (!d.Once || p.first(d.Do)) {
			deeds[d.Do](p)
		}
	}
	p.done++
}

// first reports whether no earlier life did a deed that happens only once.
func (p *player) first(deed string) bool {
	f, err := os.OpenFile(fmt.Sprintf("%s.%s.%d.%s", p.Script.Ledger, p.own.Component, p.own.Task, deed), os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// direct adds the task of a direct emit, in turn.
func (p *player) direct(m map[string]any, tasks []int) {
	if len(tasks) > 0 {
		m["task"] = tasks[p.turn%len(tasks)]
		p.turn++
	}
}

func pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}

// key is a key of a spout's tuples.
func key(n, pad int) string { return "k" + strconv.Itoa(n) + strings.Repeat("x", pad) }
