package main

import "slices"

// series are measurements of gust, one a second.
type series struct{ samples []resources }

func (s *series) add(r resources) { s.samples = append(s.samples, r) }

// last is the latest sample.
func (s *series) last() resources {
	if len(s.samples) == 0 {
		return resources{}
	}
	return s.samples[len(s.samples)-1]
}

// quarters are the medians of the four quarters of the time.
func (s *series) quarters(value func(resources) int64) (medians [4]int64) {
	n := len(s.samples)
	for q := range medians {
		var values []int64
		for _, r := range s.samples[n*q/4 : n*(q+1)/4] {
			values = append(values, value(r))
		}
		if len(values) > 0 {
			slices.Sort(values)
			medians[q] = values[len(values)/2]
		}
	}
	return medians
}

func rss(r resources) int64         { return r.RSS }
func descriptors(r resources) int64 { return int64(r.Descriptors) }

// How much the median of the last quarter may exceed that of the first. The memory of the
// first minute does not count: tables grow to the size that the load needs. A leak of a
// descriptor with each death shows in a minute, one of a kilobyte for each tuple in a
// few.
const (
	rssSlack         = 8 << 20 // bytes, and a quarter
	descriptorsSlack = 6       // of restarting tasks
)

// leastSamples is the fewest samples whose quarters are significant.
const leastSamples = 20

// checkGrowth adds what grows to the findings.
func (s *series) checkGrowth(found *findings) {
	if len(s.samples) < leastSamples {
		return
	}
	const kind = "gust grows"
	if q := s.quarters(rss); q[3] > q[0]+q[0]/4+rssSlack {
		found.add(kind, "its memory, by the medians of four quarters: %d bytes", q)
	}
	if q := s.quarters(descriptors); q[3] > q[0]+descriptorsSlack {
		found.add(kind, "its open descriptors, by the medians of four quarters: %d", q)
	}
}
