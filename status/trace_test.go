package status_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gust/conf"
	"gust/status"
	"gust/status/statustest"
	"gust/topology"
	"gust/worker"
)

// Each traced tree of a word count goes to one split and two counts.
func TestTracesOfAWordCount(t *testing.T) {
	live := statustest.Start(t, "words", statustest.WordCount(), conf.Conf{conf.GustTracePercent: int64(100)})
	live.Until(t, "ten traces", func(*status.View) bool { return live.Trace(10) != nil })
	for _, trace := range live.Traces(status.TraceFilter{Limit: 10}) {
		var way []string
		for _, h := range trace.Hops {
			way = append(way, fmt.Sprintf("%d %s-%s %s", h.Parent, h.From, h.To, h.State))
			if h.Taken == nil || h.Answered == nil || h.Given > *h.Taken || *h.Taken > *h.Answered || h.Ended(trace) > trace.Took {
				t.Errorf("hop: %+v", h)
			}
		}
		if want := []string{"0 words-split acked", "1 split-count acked", "1 split-count acked"}; !slices.Equal(way, want) {
			t.Errorf("the way: %q, want %q", way, want)
		}
		if trace.Spout != "words" || trace.Values == "" || trace.MessageID == "" || trace.HopCount != 3 {
			t.Errorf("trace: %+v", trace)
		}
	}
}

func TestTracesAreFilteredAndBounded(t *testing.T) {
	s := status.New(&topology.Topology{Name: "t"}, conf.Conf{}, time.Now())
	update := func(traces ...worker.Trace) {
		s.Update(&worker.Snapshot{Time: time.Now(), Journal: worker.Journal{Traces: traces}})
	}
	update(
		worker.Trace{Spout: "a", Took: time.Second},
		worker.Trace{Spout: "b", Took: time.Millisecond, Failed: worker.FailedByBolt, Error: "Traceback:\nValueError: x", Missed: 2, Hops: []worker.Hop{{State: worker.HopQueued}, {State: worker.HopWorking, Parent: 1, Cause: true}}},
		worker.Trace{Spout: "a", Took: 2 * time.Second},
	)
	for _, c := range []struct {
		filter status.TraceFilter
		want   []uint64
	}{
		{status.TraceFilter{}, []uint64{3, 2, 1}}, {status.TraceFilter{Spout: "a"}, []uint64{3, 1}}, {status.TraceFilter{Failed: true}, []uint64{2}},
		{status.TraceFilter{Slower: 1500}, []uint64{3}}, {status.TraceFilter{After: 1}, []uint64{3, 2}}, {status.TraceFilter{Before: 3, Limit: 1}, []uint64{2}},
	} {
		var got []uint64
		for _, trace := range s.Traces(c.filter) {
			got = append(got, trace.Number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.filter, got, c.want)
		}
	}
	failed := s.Trace(2)
	if failed.Headline != "ValueError: x" || failed.HopCount != 4 || failed.Hops[0].Taken != nil || failed.Hops[1].Taken == nil || failed.Hops[1].Answered != nil || failed.Hops[1].Ended(failed) != 1 {
		t.Errorf("trace 2: %+v", failed)
	}
	hops := make([]worker.Hop, 1000)
	for range 100 {
		update(worker.Trace{Hops: hops}) // 200 kB each
	}
	kept := s.Traces(status.TraceFilter{})
	if len(kept) == 0 || len(kept) > 50 || s.Trace(1) != nil || s.Trace(103) == nil || s.Trace(104) != nil {
		t.Errorf("%d traces are kept", len(kept))
	}
	for range 3000 {
		update(worker.Trace{})
	}
	if n := len(s.Traces(status.TraceFilter{})); n != 2000 {
		t.Errorf("%d small traces are kept", n)
	}
}
