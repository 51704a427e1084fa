package run

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gust/internal/terminal"
	"gust/worker"
)

// FailedReasons says why trees failed, without the reasons that never occurred.
func FailedReasons(f worker.FailedStats) []string {
	var reasons []string
	add := func(n uint64, why string) {
		if n > 0 {
			reasons = append(reasons, terminal.Thousands(n)+" "+why)
		}
	}
	add(f.Bolt, "by a bolt")
	add(f.Timeout, "by timeout"+heldBy(f.Held))
	add(f.Died, "because a process died")
	add(f.Shutdown, "because the run ended")
	return reasons
}

// heldBy lists the components that held tuples of the trees that timed out, the worst
// first.
func heldBy(held map[string]uint64) string {
	if len(held) == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(held), func(a, b string) int {
		if held[a] != held[b] {
			return cmp.Compare(held[b], held[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s by %s", terminal.Thousands(held[name]), name)
	}
	return ", held: " + strings.Join(names, ", ")
}
