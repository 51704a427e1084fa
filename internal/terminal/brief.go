package terminal

import (
	"fmt"
	"math"
	"strconv"
)

// Brief writes a count in few characters: 999, 12.3k, 4.5M.
func Brief(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n < 0.9995*unit.size || unit.size == 1e3 && n < 9999.5 {
			continue
		}
		if n >= 99.95*unit.size {
			return strconv.FormatFloat(n/unit.size, 'f', 0, 64) + unit.name
		}
		return strconv.FormatFloat(n/unit.size, 'f', 1, 64) + unit.name
	}
	return strconv.FormatFloat(math.Round(n), 'f', 0, 64)
}

// BriefRate writes a number per second, with a decimal if it is small.
func BriefRate(perSecond float32) string {
	if 0 < perSecond && perSecond < 9.95 && perSecond != float32(math.Round(float64(perSecond))) {
		return strconv.FormatFloat(float64(perSecond), 'f', 1, 64)
	}
	return Brief(float64(perSecond))
}

// BriefMillis writes a latency in three digits or so, with its unit.
func BriefMillis(ms float64) string {
	switch {
	case ms <= 0:
		return "0"
	case ms < 0.95:
		return fmt.Sprintf("%.0fµs", ms*1000)
	case ms < 9.95:
		return fmt.Sprintf("%.1fms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0fms", ms)
	case ms < 99_950:
		return fmt.Sprintf("%.1fs", ms/1000)
	}
	return fmt.Sprintf("%.0fs", ms/1000)
}

// BriefSpan writes a number of seconds in its two largest units: 5s, 12m 4s, 3h 7m, 2d 1h.
func BriefSpan(seconds float64) string {
	secs := int(max(0, seconds))
	units := []struct {
		secs int
		name string
	}{{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "m"}, {1, "s"}}
	for i, unit := range units {
		if secs < unit.secs && unit.secs > 1 {
			continue
		}
		text := fmt.Sprintf("%d%s", secs/unit.secs, unit.name)
		if i+1 < len(units) {
			if rest := secs % unit.secs / units[i+1].secs; rest > 0 {
				text += fmt.Sprintf(" %d%s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0s"
}
