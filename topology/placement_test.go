package topology_test

import (
	"slices"
	"testing"

	"gust/topology"
)

func TestPlaceInterleavesComponents(t *testing.T) {
	tasks := topology.Tasks{{1, topology.AckerComponent}, {2, "count"}, {3, "count"}, {4, "count"}, {5, "words"}, {6, "words"}}
	p := topology.Place(tasks, []string{"a:1", "b:1"})
	if err := p.Check(tasks); err != nil {
		t.Fatal(err)
	}
	if want := []int{-1, -1, 0, 1, 0, 1, 0}; !slices.Equal(p.WorkerOf(tasks), want) {
		t.Errorf("the tasks are on the workers %v, want %v", p.WorkerOf(tasks), want)
	}
	if p.Digest() != topology.Place(tasks, []string{"a:1", "b:1"}).Digest() || p.Digest() == topology.Place(tasks, []string{"a:1", "b:2"}).Digest() {
		t.Error("the digest does not tell placements apart")
	}
}

func TestPlacementCheck(t *testing.T) {
	tasks := topology.Tasks{{1, topology.AckerComponent}, {2, "count"}, {3, "words"}}
	for name, c := range map[string]struct {
		workers [][]topology.TaskID
		want    string
	}{
		"missing": {[][]topology.TaskID{{2}, {}}, `task 3 of "words" is on no worker`},
		"twice":   {[][]topology.TaskID{{2, 3}, {3}}, `task 3 of "words" is on worker 0 and on worker 1`},
		"acker":   {[][]topology.TaskID{{1, 2, 3}}, "worker 0 has task 1, which is not a task of a component"},
		"unknown": {[][]topology.TaskID{{2, 3, 9}}, "worker 0 has task 9, which is not a task of a component"},
		"good":    {[][]topology.TaskID{{3}, {2}}, ""},
	} {
		var p topology.Placement
		for _, ids := range c.workers {
			p.Workers = append(p.Workers, topology.PlacedWorker{Tasks: ids})
		}
		got := ""
		if err := p.Check(tasks); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
