package status

import (
	"slices"
	"time"
)

// history keeps points at several resolutions: each second of the last ten minutes,
// each half minute of three hours, each four minutes of a day.
type history struct {
	series []*series
}

type series struct {
	every      time.Duration
	most       int
	last       *moment
	topology   []Point
	components [][]Point // by component
}

func newHistory() history {
	var h history
	for _, s := range []struct {
		window Window
		every  time.Duration
	}{{TenMinutes, time.Second}, {ThreeHours, 30 * time.Second}, {Day, 4 * time.Minute}} {
		h.series = append(h.series, &series{every: s.every, most: int(time.Duration(s.window) / s.every)})
	}
	return h
}

func (h *history) add(m *moment) {
	for _, s := range h.series {
		s.add(m)
	}
}

// slack is how much earlier than due a point may be made. Snapshots may come a little
// early, and must not miss their turn then.
const slack = 200 * time.Millisecond

func (s *series) add(m *moment) {
	if s.last == nil {
		s.last = m
		return
	}
	if m.at.Sub(s.last.at) < s.every-slack {
		return
	}
	for len(s.components) < len(m.components) {
		s.components = append(s.components, nil)
	}
	s.topology = keep(s.topology, m.pointSince(s.last), s.most)
	seconds := m.at.Sub(s.last.at).Seconds()
	for i, now := range m.components {
		s.components[i] = keep(s.components[i], now.pointSince(s.last.component(i), seconds, m.at), s.most)
	}
	s.last = m
}

// quiet is for how long a component did none of what did looks for, as far back as the
// points of single seconds go.
func (h *history) quiet(component int, did func(Point) bool) time.Duration {
	s := h.series[0]
	if component >= len(s.components) {
		return 0
	}
	n := time.Duration(0)
	for _, p := range slices.Backward(s.components[component]) {
		if did(p) {
			break
		}
		n += s.every
	}
	return n
}

// keep appends a point. When there are too many, it drops the oldest.
func keep(points []Point, p Point, most int) []Point {
	points = append(points, p)
	if len(points) > most+most/4 {
		points = append(make([]Point, 0, most+most/4+1), points[len(points)-most:]...)
	}
	return points
}

// History is what the topology has done in a window, or what a component has where its name
// is not empty: a point each second, half minute or four minutes, oldest first. A topology
// that is younger than the window has the points of a shorter one.
func (s *Status) History(component string, window Window) []Point {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.report != nil {
		if component != "" {
			return append([]Point{}, s.report.Components[component].History...)
		}
		return append([]Point{}, s.report.History...)
	}
	until := time.Now()
	if !s.ended.IsZero() {
		until = s.ended
	}
	span := until.Sub(s.started)
	if window != AllTime {
		span = min(span, time.Duration(window))
	}
	for i, series := range s.history.series {
		if time.Duration(series.most)*series.every < span && i < len(s.history.series)-1 {
			continue
		}
		points := series.topology
		if component != "" {
			points = nil
			if c := s.layout.named(component); c != nil && c.index < len(series.components) {
				points = series.components[c.index]
			}
		}
		return append([]Point{}, points[max(0, len(points)-series.most):]...)
	}
	return []Point{}
}
