package top

import (
	"cmp"
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"gust/internal/terminal"
	"gust/status"
)

// order is an order of the table of components.
type order int

// orders are the orders that a key cycles through. All but the first put the highest value first.
var orders = []struct {
	name   string // as a note says it
	column string // that is marked
	by     func(*status.ComponentView) float64
}{
	{"as declared", "", nil},
	{"by rate", "RATE/S", func(c *status.ComponentView) float64 { return float64(rateOf(c.Kind, c.Now)) }},
	{"by how busy they are", "BUSY", func(c *status.ComponentView) float64 { return c.Busy }},
	{"by queue", "QUEUE", func(c *status.ComponentView) float64 { return float64(queueOf(c)) }},
	{"by p99", "P99", func(c *status.ComponentView) float64 { return p99Of(c) }},
	{"by failed tuples", "FAILED", func(c *status.ComponentView) float64 { return float64(c.Counts.Failed) }},
	{"by errors", "ERR", func(c *status.ComponentView) float64 { return float64(c.Errors) }},
}

// rateOf is what a component does: a spout emits, a bolt executes.
func rateOf(kind string, p status.Point) float32 {
	if kind == "spout" {
		return p.Emitted
	}
	return p.Executed
}

// queueOf is how many tuples wait for a bolt, or trees of a spout are pending.
func queueOf(c *status.ComponentView) uint64 {
	if c.Kind == "spout" {
		return uint64(c.Pending)
	}
	return c.Queued
}

// p99Of is the complete latency of a spout, the execute latency of a bolt.
func p99Of(c *status.ComponentView) float64 {
	l := c.Execute
	if c.Kind == "spout" {
		l = c.Complete
	}
	if l == nil {
		return 0
	}
	return l.P99
}

// column is a column of a table on the screen: its head and the width of its cells.
type column struct {
	head  string
	width int
	right bool
}

// cell is a string with its style.
type cell struct {
	text  string
	style lipgloss.Style
	// rest follows the text in its own style, such as the rest of a bar.
	rest      string
	restStyle lipgloss.Style
}

// line draws cells below the columns.
func line(columns []column, cells []cell) string {
	var b strings.Builder
	for i, c := range columns {
		if c.width <= 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		one := cells[i]
		if one.rest != "" {
			room := c.width - lipgloss.Width(one.rest)
			b.WriteString(styled(one.style, fit(one.text, room, c.right)))
			b.WriteString(styled(one.restStyle, one.rest))
			continue
		}
		text := fit(one.text, c.width, c.right)
		if strings.TrimSpace(text) != "" {
			text = one.style.Render(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// wide is the width from which the table has its long heads, and numbers with all digits.
const wide = 130

// sparkPoints is how many seconds a sparkline shows.
const sparkPoints = 60

// columnsIn are the columns of the table of components for a width.
func columnsIn(width, names int) []column {
	list := []column{
		{"COMPONENT", 0, false}, {"KIND", 5, false}, {"TASKS", 5, true}, {"RATE/S", 6, true}, {"", 0, false},
		{"BUSY", 4, true}, {"QUEUE", 6, true}, {"P99", 6, true}, {"FAILED", 6, true}, {"RST", 3, true}, {"ERR", 3, true},
	}
	long := width >= wide-1 // as the screen is, but for its margin
	if long {
		copy(list, []column{
			{"COMPONENT", 0, false}, {"KIND", 6, false}, {"TASKS", 6, true}, {"RATE/S", 11, true}, {"LAST MINUTE", 0, false},
			{"BUSY", 5, true}, {"QUEUE", 11, true}, {"P99", 9, true}, {"FAILED", 11, true}, {"RESTARTS", 9, true}, {"ERRORS", 9, true},
		})
	}
	fixed := 2 // the mark before the name
	for i := range list {
		fixed += list[i].width + 1
	}
	room := width - fixed
	// Names come first. The sparkline and the bar share the rest.
	name := max(9, min(names, room-8, 40))
	rest := max(0, room-name)
	list[0].width = name
	bar := 4
	if long {
		bar = 16
	}
	if rest < 12 {
		bar = 0
	}
	list[5].width += bar
	list[4].width = min(sparkPoints, rest-bar)
	if width < 60 { // only what matters most
		for _, i := range []int{1, 4, 9, 10} {
			list[i].width = 0
		}
	}
	return list
}

// table draws the components in so many lines, its head included.
func (m *model) table(width, height int) []string {
	rows := m.rows()
	names := 0
	at := 0
	for i, c := range rows {
		names = max(names, lipgloss.Width(visible(c.Name)))
		if c.Name == m.selected {
			at = i
		}
	}
	shown := min(len(rows), max(1, height-1))
	first := min(max(0, at-shown/2), len(rows)-shown)
	columns := columnsIn(width, names)
	heads := make([]cell, len(columns))
	for i, c := range columns {
		heads[i] = cell{text: c.head, style: m.colors.faint}
		if c.head != "" && strings.HasPrefix(c.head, orders[m.sort].column) && orders[m.sort].column != "" {
			heads[i] = cell{text: c.head + "▾", style: m.colors.bold}
			if lipgloss.Width(c.head)+1 > c.width {
				heads[i].text = c.head
			}
		}
	}
	if shown < len(rows) {
		heads[0].text = fmt.Sprintf("%d-%d of %d", first+1, first+shown, len(rows))
	}
	lines := []string{"  " + line(columns, heads)}
	for _, c := range rows[first : first+shown] {
		lines = append(lines, m.row(columns, c))
	}
	return lines
}

// row draws a component.
func (m *model) row(columns []column, c *status.ComponentView) string {
	p := &m.colors
	// Zeros are faint, so that the eye finds what is bad.
	unlessZero := func(n uint64, style lipgloss.Style) cell {
		if n == 0 {
			return cell{text: "·", style: p.faint}
		}
		return cell{text: m.count(n), style: style}
	}
	mark, name := "  ", p.plain
	if c.Name == m.selected {
		mark, name = p.accent.Render("▌")+" ", p.bold
	}
	tasks := cell{text: fmt.Sprint(c.Tasks), style: p.plain}
	if up := c.Tasks - c.Down - c.Loading; up < c.Tasks {
		tasks = cell{text: fmt.Sprintf("%d/%d", up, c.Tasks), style: p.warning}
		if c.Down > 0 {
			tasks.style = p.trouble
		}
	}
	perSecond := rateOf(c.Kind, c.Now)
	speed := cell{text: m.rate(perSecond), style: p.plain}
	if perSecond == 0 {
		speed.style = p.faint
	}
	points := m.rates[c.Name]
	values := make([]float32, len(points))
	for i, point := range points {
		values[i] = rateOf(c.Kind, point)
	}
	busy := cell{text: "·", style: p.faint}
	if c.Kind != "spout" {
		percent := fmt.Sprintf("%3.0f%%", 100*c.Busy)
		full, rest := bar(c.Busy, max(0, columns[5].width-len(percent)))
		busy = cell{text: full, style: p.load(c.Busy), rest: rest + percent, restStyle: p.faint}
		if c.Busy >= 0.7 {
			busy.rest, busy.restStyle = rest+percent, p.load(c.Busy)
		}
	}
	queue := unlessZero(queueOf(c), p.plain)
	if c.Kind != "spout" && c.Queued > 0 && c.Busy >= 0.7 {
		queue.style = p.warning
	}
	p99 := cell{text: "·", style: p.faint}
	if ms := p99Of(c); ms > 0 {
		p99 = cell{text: terminal.BriefMillis(ms), style: p.plain}
	}
	cells := []cell{
		{text: c.Name, style: name}, {text: c.Kind, style: p.faint}, tasks, speed,
		{text: sparkline(values, columns[4].width, sparkPoints), style: p.accent},
		busy, queue, p99, unlessZero(c.Counts.Failed, p.trouble), unlessZero(c.Restarts, p.warning), unlessZero(c.Errors, p.trouble),
	}
	return mark + line(columns, cells)
}

// move selects the component so many rows further down.
func (m *model) move(by int) {
	rows := m.rows()
	if len(rows) == 0 {
		return
	}
	at := 0
	for i, c := range rows {
		if c.Name == m.selected {
			at = i
		}
	}
	m.selected = rows[min(max(0, at+by), len(rows)-1)].Name
}

// windowName is a window as the screen names it.
func windowName(w status.Window) string {
	return cmp.Or(map[status.Window]string{
		status.Minute: "1 min", status.TenMinutes: "10 min", status.ThreeHours: "3 h", status.Day: "1 day",
	}[w], "all time")
}
