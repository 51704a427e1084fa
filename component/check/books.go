package check

import (
	"bytes"
	"strconv"

	"gust/multilang"
)

// purpose is what a tuple to a bolt tests.
type purpose uint8

const (
	plainTuple purpose = iota
	heartbeatTuple
	tickTuple
)

// given is a tuple that was sent to a bolt.
type given struct {
	purpose purpose
	acked   bool
	failed  bool
}

func (g *given) answered() bool { return g.acked || g.failed }

// emitted is an emit, as far as a step may want to look at it.
type emitted struct {
	values  []value
	anchors []string
	bytes   []byte
}

// books record the messages of a session.
type books struct {
	pid      int64 // 0 before the first message
	messages int
	answers  int // messages that are an answer to something: no logs, no errors
	before   int // answers when the last message was sent that must be answered
	commands int // to a spout
	beats    int // heartbeats to a bolt
	syncs    int
	errors   int
	reported string // the last error that it reported, or logged as one
	emits    []emitted
	// ids are those of a spout's emits, raw, each once.
	ids   [][]byte
	given map[string]*given
	last  string // the last id that was assigned

	// lists is how many lists of task ids were owed. While holding, they wait in owed.
	lists   int
	holding bool
	owed    []byte
}

func newBooks() books { return books{given: map[string]*given{}} }

// firstID is the id of the first tuple of a session. It is as long as Storm's, which are
// 64 random bits: a program that converts it to a float loses digits.
const firstID = 6955786537413359385

func (s *session) newID(p purpose) multilang.TupleID {
	id := firstID + multilang.TupleID(len(s.books.given))
	s.books.last = strconv.FormatUint(uint64(id), 10)
	s.books.given[s.books.last] = &given{purpose: p}
	return id
}

// say records that out has, from that place on, a message that must be answered.
func (s *session) say(from int) {
	s.asked = bytes.Clone(s.out[from:])
	s.books.before = s.books.answers
}

// give sends a tuple, with values as a list in the codec's bytes, and returns its record.
func (s *session) give(values []byte) *given {
	from := len(s.out)
	id := s.newID(plainTuple)
	s.out = s.Codec.AppendTuple(s.out, id, s.Codec.NewOrigin(sourceName, "default", sourceTask), values)
	s.say(from)
	return s.books.given[s.books.last]
}

// tick sends a tick tuple.
func (s *session) tick() *given {
	from := len(s.out)
	s.out = s.Codec.AppendTick(s.out, s.newID(tickTuple), 1)
	s.say(from)
	return s.books.given[s.books.last]
}

// beat sends a heartbeat.
func (s *session) beat() {
	from := len(s.out)
	s.out = s.Codec.AppendHeartbeat(s.out, s.newID(heartbeatTuple))
	s.books.beats++
	s.say(from)
}

// command sends a command to a spout.
func (s *session) command(c multilang.SpoutCommand, id []byte) {
	from := len(s.out)
	s.out = s.Codec.AppendCommand(s.out, c, id)
	s.books.commands++
	s.say(from)
}

// synced reports whether every command or heartbeat has been answered.
func (s *session) synced() bool {
	return s.books.syncs >= s.books.commands+s.books.beats
}

// release sends the lists of task ids that were delayed.
func (s *session) release() {
	s.out = append(s.out, s.books.owed...)
	s.books.owed, s.books.holding = nil, false
}
