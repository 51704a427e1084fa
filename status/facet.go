package status

import (
	"cmp"
	"slices"
	"time"

	"gust/worker"
)

// FailureFacet counts failures that are alike.
type FailureFacet struct {
	Reason    worker.FailReason `json:"reason"`
	Component string            `json:"component"`
	Headline  string            `json:"headline"` // without the numbers in which they differ
	Count     uint64            `json:"count"`
	First     time.Time         `json:"first"`
	Last      time.Time         `json:"last"`
	// Minutes are the last ones with such failures, the oldest first. Only reports have them.
	Minutes []FailureMinute `json:"minutes,omitempty"`
}

// FailureMinute counts failures in a minute.
type FailureMinute struct {
	Time  time.Time `json:"time"` // its start
	Count uint64    `json:"count"`
}

// FailureSpan counts failures in a span of time.
type FailureSpan struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"` // not included
	Count uint64    `json:"count"`
}

// mostFailureMinutes is how many minutes are counted of a facet.
const mostFailureMinutes = 180

// facetLog counts all failures.
type facetLog map[facetKey]*FailureFacet

type facetKey struct {
	reason              worker.FailReason
	component, headline string
}

// count adds a failure to its facet.
func (l facetLog) count(f *Failure) {
	key := facetKey{f.Reason, f.Blames(), alike(f.Headline)}
	if l[key] == nil && len(l) >= mostFacets {
		key.headline = "(others)"
	}
	facet := l[key]
	if facet == nil {
		facet = &FailureFacet{Reason: key.reason, Component: key.component, Headline: key.headline, First: f.Time}
		l[key] = facet
	}
	facet.add(1, f.Time)
}

// notKept is the headline of failures of which only the number is known: too many came at once.
const notKept = "(too many at once to tell why)"

// countMore counts failures of which nothing else is known.
func (l facetLog) countMore(n uint64, at time.Time) {
	key := facetKey{headline: notKept}
	if l[key] == nil {
		l[key] = &FailureFacet{Headline: notKept, First: at}
	}
	l[key].add(n, at)
}

// add counts failures at a time. They come nearly in the order of their times.
func (f *FailureFacet) add(n uint64, at time.Time) {
	f.Count += n
	if at.Before(f.First) {
		f.First = at
	}
	if at.After(f.Last) {
		f.Last = at
	}
	minute := at.Truncate(time.Minute)
	i, found := slices.BinarySearchFunc(f.Minutes, minute, func(m FailureMinute, t time.Time) int { return m.Time.Compare(t) })
	if !found {
		f.Minutes = slices.Insert(f.Minutes, i, FailureMinute{Time: minute})
	}
	f.Minutes[i].Count += n
	f.Minutes = f.Minutes[max(0, len(f.Minutes)-mostFailureMinutes):]
}

// picked are the facets that a filter picks, the most frequent first, without their minutes.
// If the filter has times, the counts are those of the minutes in between.
func (l facetLog) picked(filter *FailureFilter) []FailureFacet {
	list := []FailureFacet{}
	for _, f := range l {
		if !filter.PicksFacet(f) {
			continue
		}
		one := *f
		one.Minutes = nil
		if !filter.Since.IsZero() || !filter.Until.IsZero() {
			one.Count = 0
			for _, m := range f.Minutes {
				if filter.picksTime(m.Time) {
					one.Count += m.Count
				}
			}
		}
		if one.Count > 0 {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b FailureFacet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last), cmp.Compare(a.Headline, b.Headline))
	})
	return list
}

// whole are all facets with their minutes, the most frequent first.
func (l facetLog) whole() []FailureFacet {
	list := l.picked(&FailureFilter{})
	for i := range list {
		f := &list[i]
		f.Minutes = slices.Clone(l[facetKey{f.Reason, f.Component, f.Headline}].Minutes)
	}
	return list
}

// failureSpans are the possible lengths of a span.
var failureSpans = [...]time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// spans are the failures that the filter picks, whatever their time, over time: at most so
// many spans of equal length, one after the other.
func (l facetLog) spans(filter *FailureFilter, most int) []FailureSpan {
	counts := map[time.Time]uint64{} // by minute
	var first, last time.Time
	for _, f := range l {
		if !filter.PicksFacet(f) {
			continue
		}
		for _, m := range f.Minutes {
			counts[m.Time] += m.Count
			if first.IsZero() || m.Time.Before(first) {
				first = m.Time
			}
			if m.Time.After(last) {
				last = m.Time
			}
		}
	}
	spans := []FailureSpan{}
	if len(counts) == 0 {
		return spans
	}
	most = max(2, most) // an edge of spans may lie between the first and the last minute, however long they are
	length := failureSpans[0]
	for i := 0; int(last.Sub(first.Truncate(length))/length)+1 > most; i++ {
		if length *= 2; i+1 < len(failureSpans) {
			length = failureSpans[i+1]
		}
	}
	first = first.Truncate(length)
	for at := first; !at.After(last); at = at.Add(length) {
		spans = append(spans, FailureSpan{From: at, Until: at.Add(length)})
	}
	for minute, n := range counts {
		spans[int(minute.Sub(first)/length)].Count += n
	}
	return spans
}

// CountLetters counts dead letters as [Status.FailureFacets] and [Status.FailureSpans] count
// failures.
func CountLetters(letters []DeadLetter, filter FailureFilter, most int) ([]FailureFacet, []FailureSpan) {
	l := facetLog{}
	for _, letter := range letters {
		l.count(letter.Failure)
	}
	return l.picked(&filter), l.spans(&filter, most)
}

// FailureFacets count all failures that the filter picks, the most frequent first. If the
// filter has times, they are those of the last hours only.
func (s *Status) FailureFacets(filter FailureFilter) []FailureFacet {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failures.facets.picked(&filter)
}

// FailureSpans count the failures of the last hours that the filter picks, whatever their
// time, in at most so many spans of equal length.
func (s *Status) FailureSpans(filter FailureFilter, most int) []FailureSpan {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failures.facets.spans(&filter, most)
}
