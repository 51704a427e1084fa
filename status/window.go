package status

import "time"

// Window is a span of time up to now over which counts are added up.
type Window time.Duration

// The windows that Storm's UI has, and one for the last minute. AllTime is since the
// start of the topology.
const (
	Minute     = Window(time.Minute)
	TenMinutes = Window(10 * time.Minute)
	ThreeHours = Window(3 * time.Hour)
	Day        = Window(24 * time.Hour)
	AllTime    = Window(0)
)

// StormWindows are those of Storm's UI, in its order.
var StormWindows = [...]Window{TenMinutes, ThreeHours, Day, AllTime}

// windowSteps is in how many steps a window moves on (Storm's NUM_STAT_BUCKETS): the
// counts of ten minutes are those of ten minutes to ten and a half.
const windowSteps = 20

// past keeps the moments from which a window is counted.
type past struct {
	span    time.Duration
	moments []*moment // oldest first
}

// add notes a moment, unless the last one is too near.
func (p *past) add(m *moment) {
	if n := len(p.moments); n > 0 && m.at.Sub(p.moments[n-1].at) < p.span/windowSteps {
		return
	}
	p.moments = append(p.moments, m)
	for len(p.moments) > 1 && m.at.Sub(p.moments[1].at) >= p.span {
		p.moments[0] = nil
		p.moments = p.moments[1:]
	}
}

// begin is the moment from which the window counts at a time: the latest that lies a
// whole span back. It is nil where the topology is younger than that.
func (p *past) begin(now time.Time) (begin *moment) {
	for _, m := range p.moments {
		if now.Sub(m.at) < p.span {
			break
		}
		begin = m
	}
	return begin
}
