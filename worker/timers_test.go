package worker

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Random arming and disarming against the times themselves.
func TestTimersAgainstModel(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			var ts timers
			all := make([]timer, 40)
			due := map[int]int64{}
			now := int64(0)
			for i := range all {
				all[i].fire = func(at int64) {
					when, ok := due[i]
					if !ok || when > at || at != now {
						t.Fatalf("timer %d fired at %d, due at %d (%v)", i, at, when, ok)
					}
					for _, other := range due {
						if other < when {
							t.Fatalf("timer %d of %d fired before one of %d", i, when, other)
						}
					}
					delete(due, i)
				}
			}
			for range 3000 {
				i := rnd.IntN(len(all))
				switch rnd.IntN(3) {
				case 0:
					ts.disarm(&all[i])
					delete(due, i)
				case 1:
					when := now + rnd.Int64N(100)
					ts.arm(&all[i], when)
					due[i] = when
				default:
					now += rnd.Int64N(30)
					ts.run(now)
					for i, when := range due {
						if when <= now {
							t.Fatalf("timer %d, due at %d, has not fired at %d", i, when, now)
						}
					}
				}
				for i := range all {
					if _, want := due[i]; all[i].armed() != want {
						t.Fatalf("timer %d armed: %v, want %v", i, all[i].armed(), want)
					}
				}
				when, ok := ts.next()
				if ok != (len(due) > 0) {
					t.Fatalf("a next timer: %v, with %d armed", ok, len(due))
				}
				for _, other := range due {
					if other < when {
						t.Fatalf("the next timer is at %d, but one is due at %d", when, other)
					}
				}
			}
		})
	}
}

// A timer without a pause must not keep the loop from its other work.
func TestTimerThatArmsItselfForNowFiresOncePerRun(t *testing.T) {
	var ts timers
	fired := 0
	var eager timer
	eager.fire = func(now int64) {
		fired++
		ts.arm(&eager, now)
	}
	ts.arm(&eager, 5)
	for run := 1; run <= 3; run++ {
		ts.run(5)
		if fired != run {
			t.Fatalf("fired %d times in %d runs", fired, run)
		}
	}
}

func TestTimerMayDisarmAnother(t *testing.T) {
	var ts timers
	var first, second timer
	first.fire = func(int64) { ts.disarm(&second) }
	second.fire = func(int64) { t.Error("a disarmed timer fired") }
	ts.arm(&first, 1)
	ts.arm(&second, 2)
	ts.run(3)
	if _, ok := ts.next(); ok {
		t.Error("a timer is left")
	}
}
