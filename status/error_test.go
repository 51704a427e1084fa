package status

import (
	"testing"
	"time"

	"gust/conf"
	"gust/topology"
	"gust/worker"
)

// Errors are alike if they differ in numbers only, regardless of the process that had them.
func TestErrorsThatAreAlikeAreOneGroup(t *testing.T) {
	s := New(&topology.Topology{Name: "t"}, conf.Conf{}, time.Now())
	for headline, errors := range map[string][]string{
		"ValueError: no words in sentence …": {"Traceback (most recent call last):\n  File \"b.py\", line 7\nValueError: no words in sentence 22", "ValueError: no words in sentence 182"},
		"KeyError: 'user-…'":                 {"KeyError: 'user-40f3a1b2-4d5e'", "KeyError: 'user-1234'", "KeyError: 'user-99'"},
		"died: exit status 137":              {`bolt "b" (task 2, pid 1234) died: exit status 137`, `bolt "b" (task 3, pid 77) died: exit status 137`},
		"died: exit status 139":              {`bolt "b" (task 2, pid 1235) died: exit status 139`},
	} {
		before := len(s.ErrorGroups("b"))
		var j worker.Journal
		for i, text := range errors {
			j.Errors = append(j.Errors, worker.ErrorReport{Time: time.Now(), Component: "b", Task: i, Text: text})
			j.Failures = append(j.Failures, worker.FailedTree{Time: time.Now(), Spout: "s", Reason: worker.FailedByBolt, Cause: &worker.FailedTuple{Bolt: "b"}, Error: text})
		}
		s.Update(&worker.Snapshot{Time: time.Now(), Journal: j})
		groups := s.ErrorGroups("b")
		if len(groups) != before+1 {
			t.Errorf("%q: %d groups more, want 1", errors, len(groups)-before)
		}
		if g := groups[0]; g.Headline != headline || g.Count != uint64(len(errors)) || g.Text != errors[len(errors)-1] {
			t.Errorf("group %+v, want %q", g, headline)
		}
		if found := s.Failures(FailureFilter{Headline: headline}); len(found) != len(errors) {
			t.Errorf("%q: %d failures, want %d", headline, len(found), len(errors))
		}
	}
	// Failures for which a journal had no place are counted apart.
	s.Update(&worker.Snapshot{Time: time.Now(), Journal: worker.Journal{MoreFailures: 7}})
	facets := s.FailureFacets(FailureFilter{})
	if len(facets) != 5 || facets[0].Count != 7 || facets[0].Headline != notKept {
		t.Errorf("facets: %+v", facets)
	}
}
