package peer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// dice decide what happens next in a model: rapid's, which finds the shortest run that
// breaks a rule, or those of a seed.
type dice func(n int) int

// chance is true in so many of a hundred cases.
func (d dice) chance(percent int) bool { return d(100) >= 100-percent }

// violation is what a model panics with when a rule is broken.
type violation string

func violated(format string, args ...any) { panic(violation(fmt.Sprintf(format, args...))) }

// hold plays a model with dice of rapid: no run may break a rule.
func hold(t *testing.T, play func(dice)) {
	t.Helper()
	rapid.Check(t, func(r *rapid.T) {
		defer func() {
			if v := recover(); v != nil {
				if broken, ok := v.(violation); ok {
					r.Fatal(string(broken))
				}
				panic(v)
			}
		}()
		play(func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "") })
	})
}

// breaks plays a model with a planted bug: some run must break a rule, or the model checks
// nothing.
func breaks(t *testing.T, play func(dice)) {
	t.Helper()
	for seed := range uint64(20_000) {
		broken := func() (broken violation) {
			defer func() {
				if v := recover(); v != nil {
					broken = v.(violation)
				}
			}()
			play(rand.New(rand.NewPCG(seed, 0)).IntN)
			return ""
		}()
		if broken != "" {
			t.Logf("seed %d: %s", seed, broken)
			return
		}
	}
	t.Error("no run breaks a rule")
}
