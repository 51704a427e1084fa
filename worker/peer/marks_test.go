package peer

import (
	"bytes"
	"testing"
)

func TestMarksAreStates(t *testing.T) {
	m := NewMarks(3, 9)
	if !m.Set(0, 5, true) || m.Set(0, 5, true) || m.Set(1, 5, true) {
		t.Error("only the first teller's OVER changes something")
	}
	if m.Set(0, 5, false) || !m.Over(5) {
		t.Error("a task is over while one teller says so")
	}
	if !m.Set(1, 5, false) || m.Set(1, 5, false) || m.Over(5) {
		t.Error("a task is over although no teller says so")
	}
	m.Set(2, 5, true)
	m.Set(2, 9, true)
	m.Set(1, 9, true)
	if !m.Clear(2) || m.Over(5) || !m.Over(9) {
		t.Error("a lost teller counts, or took another's mark with it")
	}
	if m.Clear(2) {
		t.Error("a teller was lost twice")
	}
}

// told are the frames of a telling at the end of a round.
func told(t *Telling) []byte { return t.Append(nil) }

func TestTellingIsOncePerRound(t *testing.T) {
	tell := NewTelling(9)
	over, under := AppendMark(nil, 3, true), AppendMark(nil, 3, false)
	expect := func(what string, want []byte) {
		t.Helper()
		if got := told(tell); !bytes.Equal(got, want) {
			t.Errorf("%s: told % x, want % x", what, got, want)
		}
	}
	expect("at the start", nil)
	for range 10 {
		tell.Set(3, true)
		tell.Set(3, false)
	}
	expect("over and under in one round", nil)
	tell.Set(3, false)
	tell.Set(3, true)
	expect("over", over)
	expect("the next round", nil)
	tell.Set(3, false)
	tell.Set(3, true)
	expect("under and over in one round", nil)
	tell.Again()
	expect("a new connection", over)
	tell.Set(3, false)
	expect("under", under)
	tell.Set(3, true)
	tell.Again()
	tell.Set(3, false)
	expect("under before the connection stood", nil)
}
