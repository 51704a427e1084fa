package fakecomponent

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Variable is the environment variable with the script.
const Variable = "GUST_FAKE_COMPONENT"

// Script is the behaviour of a component. One of Spout and Bolt is set.
type Script struct {
	// Wire is "json" or empty, or "msgpack".
	Wire string
	// Shape is the form of messages, and the pieces in which they are written: "" is one
	// line and one write each, "crlf", "pretty" (a message has many lines), "batch" (all
	// answers to one message in one write), "bytes" (a write for each byte), "packs" (it
	// accepts the offer of packs, and answers in packs). The first two are only for JSON.
	Shape string
	// Ledger is the file that the component's life is written to.
	Ledger string

	Start Start
	Spout *Spout
	Bolt  *Bolt
	Deeds []Deed
}

// Start is what to do before the first command or tuple.
type Start struct {
	// NoPID is to never answer the handshake, PIDFirst to answer before reading it.
	NoPID, PIDFirst bool
	// Before and After are messages to send before and after the pid. After an
	// emit that wants task ids, the list is waited for.
	Before, After []map[string]any
}

// Spout is what a spout emits: tuples of a key and a number, which counts from 0 in each
// life and is the tuple's id.
type Spout struct {
	Tuples  int // how many in a life; -1 is endless
	PerNext int // how many for each `next`; 0 is 1
	Keys    int // how many keys there are; 0 is 1
	Pad     int // how many bytes longer the keys are

	Stream     string // "" is the default stream
	Direct     []int  // the tasks to emit to directly, in turn
	Unreliable bool   // no ids
	IDs        string // "" is the number, "text" a text of it, "object" an object around it
	TaskIDs    bool   // it waits for the list of task ids
	Replay     bool   // failed tuples are emitted again
	Pause      time.Duration

	UnaskedSync    bool // it begins with a sync
	SilentActivate bool // it does not answer `activate`
	NoSync         bool // it does not answer `next`, but with what it emits
}

// Bolt is what a bolt does with a tuple.
type Bolt struct {
	Emit    int    // how many children it emits, of the same values
	Stream  string // "" is the default stream
	Direct  []int  // the tasks to emit to directly, in turn
	Anchors string // "" is a list of the tuple's id, "one" the id alone, "twice" a list of it twice, "none" no anchors
	TaskIDs bool   // it waits for the list of task ids
	Batch   int    // if not 0, so many tuples share one child, which is anchored to them all
	Count   bool   // it counts the keys, and writes the counts at the end

	// Answer is "ack" or "", "never", "twice", "number" (the id as a number), "wrong"
	// (with an ack of an unknown id).
	Answer    string
	FailEvery int // if not 0, each so many-th tuple is failed
	Pause     time.Duration
}

// Deed is something that no good component does. It is done when After
// commands `next`, or After tuples, have been dealt with.
type Deed struct {
	After int
	Do    string // see the deeds in deeds.go
	// Once is to do it in one life alone: the lives that follow are well-behaved.
	Once bool
}

// Env is the environment that makes a test's binary play the script. A binary
// with the race detector would sleep for a second at its end.
func (s Script) Env() map[string]string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a script has only plain values
	}
	return map[string]string{Variable: string(text), "GORACE": "atexit_sleep_ms=0"}
}

// Main plays the script in the environment and ends the process. It returns if there is
// no script.
func Main() {
	text := os.Getenv(Variable)
	if text == "" {
		return
	}
	var s Script
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		fmt.Fprintf(os.Stderr, "%s is no script: %v\n", Variable, err)
		os.Exit(2)
	}
	newPlayer(s).play()
	os.Exit(0)
}
