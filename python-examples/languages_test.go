package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gust/internal/testenv"
)

func TestNode(t *testing.T) {
	testenv.Program(t, "node")
	t.Parallel()
	const count = 1100
	var want []string
	counts := map[string]int{}
	for _, word := range cycleOf(proverb, count) {
		counts[word]++
		want = append(want, spell(word, counts[word]))
	}
	checkTopologyFile(t, "node", "topology.toml", "words.count", count, map[string][]string{"record": want})
}

func TestRuby(t *testing.T) {
	testenv.Program(t, "ruby")
	t.Parallel()
	const count = 60
	var want []string
	for n := 1; n <= count; n++ {
		steps := 0
		for at := n; at != 1; steps++ {
			if at%2 == 0 {
				at /= 2
			} else {
				at = 3*at + 1
			}
		}
		want = append(want, spell(n, steps))
	}
	checkTopologyFile(t, "ruby", "topology.toml", "numbers.count", count, map[string][]string{"record": want})
}

func TestFlux(t *testing.T) {
	testenv.Program(t, "python3")
	t.Parallel()
	const count = 1000
	var readings, alarms []string
	for number := range count {
		sensor, celsius := number%5, number%41
		readings = append(readings, spell(sensor, float64(celsius)*9/5+32))
		if celsius > 35 {
			alarms = append(alarms, spell(sensor, celsius))
		}
	}
	checkTopologyFile(t, "flux", "topology.yaml", "readings.count", count,
		map[string][]string{"record": readings, "alarms": alarms})
}

// checkTopologyFile runs a topology whose spout emits count trees, none of which fails,
// and compares the records of components.
func checkTopologyFile(t *testing.T, name, file, countKey string, count int, want map[string][]string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(name)); err != nil {
		t.Fatal(err)
	}
	r := start(t, dir, file, "-o", fmt.Sprint(countKey, "=", count))
	for component, records := range want {
		slices.Sort(records)
		r.Until(component+" has all its tuples", func() bool { return len(r.all(component)) >= len(records) })
	}
	s := r.Stop()
	for component, records := range want {
		if got := r.all(component); !slices.Equal(got, records) {
			t.Errorf("%s was given %q, want %q", component, got, records)
		}
	}
	if s.Trees.Acked != count || s.Trees.Emitted != count {
		t.Errorf("trees %+v, want %d, all acked", s.Trees, count)
	}
}
