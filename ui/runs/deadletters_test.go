package runs

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gust/status"
)

func letter(number uint64) status.DeadLetter {
	return status.DeadLetter{Topology: "t-1-1", Failure: &status.Failure{Number: number, Dead: true}}
}

func numbers(t *testing.T, d *DeadLetters) (list []uint64) {
	t.Helper()
	letters, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range letters {
		list = append(list, one.Number)
	}
	return list
}

func TestDeadLetters(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	d, err := DeadLettersOf("a/b")
	if err != nil {
		t.Fatal(err)
	}
	if list := numbers(t, d); list != nil {
		t.Errorf("without a file: %v", list)
	}
	if n, err := d.Remove([]status.LetterKey{{Topology: "t-1-1", Number: 1}}); n != 0 || err != nil {
		t.Errorf("without a file %d were removed (%v)", n, err)
	}
	hostile := letter(1)
	hostile.Cause = &status.FailedTuple{Component: "c\nd", Values: "[\"\x00\u2028\xff\"]", Raw: []byte("\x91\xc4\x01\xff\n"), Serializer: "msgpack"}
	for _, list := range [][]status.DeadLetter{{hostile, letter(2)}, {letter(3)}} {
		if err := d.Append(list); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := d.List()
	if err != nil || len(letters) != 3 || letters[0].Cause.Component != "c\nd" || string(letters[0].Cause.Raw) != "\x91\xc4\x01\xff\n" {
		t.Fatalf("%+v, %v", letters, err)
	}
	if info, err := os.Stat(d.Path); err != nil || info.Mode().Perm() != 0o600 || filepath.Base(d.Path) != "a%2Fb.jsonl" {
		t.Errorf("%s: %v, %v", d.Path, info, err)
	}

	// A full file makes place for another, and both are read and changed.
	if err := os.Truncate(d.Path, mostLetters); err != nil { // its end is zeros: a line that is none
		t.Fatal(err)
	}
	if err := d.Append([]status.DeadLetter{letter(4), letter(5)}); err != nil {
		t.Fatal(err)
	}
	letters, err = d.List()
	if err == nil || !strings.Contains(err.Error(), "line 4 of "+d.Path+".1") || len(letters) != 5 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	if err := os.Truncate(d.Path+".1", 0); err != nil {
		t.Fatal(err)
	}
	old := &DeadLetters{d.Path + ".1"}
	if err := old.Append([]status.DeadLetter{letter(1), letter(2)}); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Remove([]status.LetterKey{letterKey(2), letterKey(4), letterKey(77)}); n != 2 || err != nil {
		t.Errorf("%d were removed (%v)", n, err)
	}
	if list := numbers(t, d); len(list) != 2 || list[0] != 1 || list[1] != 5 {
		t.Errorf("what is left is %v", list)
	}

	// What a full disk has left of a line costs no other line.
	half, err := os.OpenFile(d.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	half.WriteString(`{"topology":"t-1`)
	half.Close()
	if err := d.Append([]status.DeadLetter{letter(6)}); err != nil {
		t.Fatal(err)
	}
	if letters, err := d.List(); err == nil || len(letters) != 3 || letters[2].Number != 6 {
		t.Errorf("%+v, %v", letters, err)
	}
	if _, err := d.Remove([]status.LetterKey{letterKey(1), letterKey(5), letterKey(6)}); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(d.Path); string(text) != `{"topology":"t-1`+"\n" {
		t.Errorf("what is left is %q", text)
	}
}

func letterKey(number uint64) status.LetterKey {
	one := letter(number)
	return one.Key()
}

// Runs append and commands remove at the same time: no letter is lost.
func TestDeadLettersTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	var all sync.WaitGroup
	for w := range uint64(4) {
		all.Go(func() {
			d := &DeadLetters{path} // as another process has it
			for n := range uint64(25) {
				number := 1000*w + n
				if err := d.Append([]status.DeadLetter{letter(number)}); err != nil {
					t.Error(err)
				}
				if n%2 == 0 {
					if removed, err := d.Remove([]status.LetterKey{letterKey(number)}); removed != 1 || err != nil {
						t.Errorf("%d: %d removed, %v", number, removed, err)
					}
				}
			}
		})
	}
	all.Wait()
	if list := numbers(t, &DeadLetters{path}); len(list) != 4*12 {
		t.Errorf("%d letters are left: %v", len(list), list)
	}
}
