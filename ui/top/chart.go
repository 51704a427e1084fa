package top

import (
	"math"
	"strings"
)

// sparks are the heights of a sparkline, the lowest first.
var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws the last values as a line, the newest at the right. Its scale begins at
// zero, so that a steady rate looks steady. If there are more values than places, a place
// shows the mean of several.
func sparkline(values []float32, width, most int) string {
	if width <= 0 {
		return ""
	}
	values = values[max(0, len(values)-most):]
	each := max(1, most/width)
	var places []float32
	for end := len(values); end > 0 && len(places) < width; end -= each {
		sum, n := float32(0), 0
		for _, v := range values[max(0, end-each):end] {
			sum += v
			n++
		}
		places = append(places, sum/float32(n))
	}
	top := float32(0)
	for _, v := range places {
		top = max(top, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(places)))
	for i := range places {
		v := places[len(places)-1-i]
		height := 0
		if top > 0 {
			height = int(math.Round(float64(v / top * float32(len(sparks)-1))))
		}
		b.WriteRune(sparks[height])
	}
	return b.String()
}

// eighths are the parts of a cell that a bar fills.
var eighths = []rune(" ▏▎▍▌▋▊▉")

// bar draws a share from 0 to 1, and the rest of its width.
func bar(share float64, width int) (full, rest string) {
	if width <= 0 {
		return "", ""
	}
	filled := int(math.Round(min(1, max(0, share)) * float64(8*width)))
	if share > 0 {
		filled = max(1, filled)
	}
	full = strings.Repeat("█", filled/8)
	cells := filled / 8
	if part := filled % 8; part > 0 {
		full += string(eighths[part])
		cells++
	}
	return full, strings.Repeat("·", width-cells)
}
