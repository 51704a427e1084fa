package worker

import (
	"encoding/json"
	"fmt"
	"testing"

	"gust/internal/fakecomponent"
	"gust/topology"
)

// crowd is the word count, over so many workers.
func crowd(workers, tuples int) *builder {
	b := build("t")
	b.workers = workers
	b.spout("words", 2, stream("default", "key", "n"))
	b.bolt("split", 3, inputs(from("words", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("count", 4, inputs(from("split", topology.Fields, "key")))
	b.plays("words", script{Spout: &fakecomponent.Spout{Tuples: tuples, Keys: 7}})
	b.plays("split", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
	b.plays("count", script{Bolt: &fakecomponent.Bolt{Count: true}})
	return b
}

func TestWordCountOfSeveralWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 5} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			const spouts, tuples = 2, 700
			r := crowd(workers, tuples).run(t)
			r.until("all acks", acks(spouts*tuples))
			stats, entries := r.end()
			if n := failed(stats); n != 0 {
				t.Errorf("%d trees failed", n)
			}
			counts, home := map[string]int{}, map[string]int{}
			for _, e := range entries {
				if e.What != "count" {
					continue
				}
				var key string
				var n int
				if err := json.Unmarshal([]byte(e.Value), &[]any{&key, &n}); err != nil {
					t.Fatal(err)
				}
				if task := home[key]; task != 0 && task != e.Task {
					t.Errorf("%q was counted by the tasks %d and %d", key, task, e.Task)
				}
				counts[key] += n
				home[key] = e.Task
			}
			for n := range 7 {
				if got, want := counts[fmt.Sprint("k", n)], spouts*2*tuples/7; got != want {
					t.Errorf("k%d was counted %d times, want %d", n, got, want)
				}
			}
		})
	}
}
