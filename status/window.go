package status

import "time"

// Window is a span of time up to now over which counts are added up.
type Window time.Duration

// The windows of Storm's UI, and one for the last minute. AllTime begins at the start of
// the topology.
const (
	Minute     = Window(time.Minute)
	TenMinutes = Window(10 * time.Minute)
	ThreeHours = Window(3 * time.Hour)
	Day        = Window(24 * time.Hour)
	AllTime    = Window(0)
)

// StormWindows are the windows of Storm's UI, in its order.
var StormWindows = [...]Window{TenMinutes, ThreeHours, Day, AllTime}

// windowSteps is the number of steps in which a window moves (Storm's NUM_STAT_BUCKETS).
// So a window of ten minutes covers between ten and ten and a half minutes.
const windowSteps = 20

// past keeps the moments from which a window is counted.
type past struct {
	span    time.Duration
	moments []*moment // oldest first
}

// add adds a moment, unless the last one is too recent.
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

// begin is the moment at which a window starts: the latest that is at least the window's
// length ago. It is nil if the topology is younger than that.
func (p *past) begin(now time.Time) (begin *moment) {
	for _, m := range p.moments {
		if now.Sub(m.at) < p.span {
			break
		}
		begin = m
	}
	return begin
}
