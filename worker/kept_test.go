package worker

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// What is kept is what was given, or it is known to be gone.
func TestKeptValues(t *testing.T) {
	var k keptValues
	if err := k.open(); err != nil {
		t.Fatal(err)
	}
	defer k.close()
	rnd := rand.New(rand.NewPCG(3, 5))
	type one struct {
		place kept
		want  []byte
	}
	var all []one
	total := 0
	for i := 0; total < 3*keptRing; i++ {
		value := bytes.Repeat([]byte(fmt.Sprintf("[%d]", i)), 1+rnd.IntN(800))
		if i%97 == 0 {
			value = bytes.Repeat([]byte("x"), keptMost+1+rnd.IntN(10))
		}
		total += len(value)
		all = append(all, one{k.keep(value), value})
	}
	found, back := 0, 0
	for i := len(all) - 1; i >= 0; i-- {
		back += len(all[i].want)
		got := k.values(all[i].place)
		switch {
		case all[i].place.whole() != (len(all[i].want) <= keptMost):
			t.Fatalf("tuple %d of %d bytes: whole is %v", i, len(all[i].want), all[i].place.whole())
		case got == nil && back < keptRing-2*keptMost:
			t.Fatalf("tuple %d is gone after %d bytes", i, back)
		case got != nil && !bytes.Equal(got, all[i].want[:min(keptMost, len(all[i].want))]):
			t.Fatalf("tuple %d is %.40q, want %.40q", i, got, all[i].want)
		case got != nil:
			found++
		}
	}
	if found == 0 {
		t.Error("nothing was kept")
	}
	var none keptValues
	if got := none.values(none.keep([]byte("[1]"))); got != nil {
		t.Errorf("without a ring %q is kept", got)
	}
}
