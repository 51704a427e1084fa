package top

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"gust/internal/terminal"
	"gust/status"
	"gust/worker"
)

// View draws the screen.
func (m *model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	if m.searching {
		if v.Cursor = m.search.Cursor(); v.Cursor != nil {
			v.Cursor.X++
			v.Cursor.Y = m.height - 1
		}
	}
	return v
}

// draw is the screen: as many lines as there are, none wider than it is.
func (m *model) draw() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	lines := m.lines()
	for i, text := range lines {
		lines[i] = ansi.Truncate(text, m.width, "")
	}
	return strings.Join(lines, "\n")
}

func (m *model) lines() []string {
	if m.view == nil {
		what := m.colors.faint.Render("waiting for the topology...")
		if m.stream.lost != nil {
			what = m.colors.trouble.Render(visible(m.stream.lost.Error()))
		}
		return m.filled([]string{"", " " + what})
	}
	if m.help {
		return m.filled(m.helpLines())
	}
	lines := append(m.header(), "")
	// The table has all rows that it needs, up to half of what is left.
	left := m.height - len(lines) - 2
	rows := min(len(m.view.Components), max(2, left/2)) + 1
	lines = append(lines, m.table(m.width-1, min(rows, max(0, left)))...)
	lines = append(lines, m.tabLine())
	lines = append(lines, m.pane(m.width-2, max(0, m.height-len(lines)-1))...)
	return m.filled(lines)
}

// filled gives the screen its last line, and puts that at the bottom.
func (m *model) filled(lines []string) []string {
	lines = lines[:min(len(lines), m.height-1)]
	for len(lines) < m.height-1 {
		lines = append(lines, "")
	}
	return append(lines, m.footer())
}

// header says how the topology is: its name and state, its figures, and the diagnosis.
func (m *model) header() []string {
	v, p := m.view, &m.colors
	state, style := v.Status, p.good
	switch {
	case v.Phase == status.PhaseEnded:
		state, style = "ENDED", p.faint
	case v.Phase != string(worker.Active) && v.Status == "ACTIVE":
		state, style = strings.ToUpper(v.Phase), p.accent
	case v.Status != "ACTIVE":
		style = p.warning
	}
	left := " " + p.bold.Render(visible(v.Name)) + "  " + style.Render(visible(state)) + "  " + p.faint.Render("up "+terminal.BriefSpan(v.Uptime))
	right := p.faint.Render("last " + windowName(m.window))
	if m.window == status.AllTime {
		right = p.faint.Render(windowName(m.window))
	}
	if m.paused {
		right = p.warning.Render("PAUSED") + "  " + right
	}
	lines := []string{sides(left, right+" ", m.width), m.figures()}

	d, mark := v.Diagnosis.Text, ""
	color, mark := p.severity(v.Diagnosis.Severity)
	switch {
	case m.stream.over && m.stream.lost != nil:
		color, mark = p.severity(status.Trouble)
		d = "no views any more: " + firstLine(m.stream.lost.Error())
	case m.stream.lost != nil:
		color, mark = p.severity(status.Warning)
		d = firstLine(m.stream.lost.Error()) + "; trying again"
	}
	for i, text := range wrapped(visible(d), m.width-4, 2) {
		before := "   "
		if i == 0 {
			before = " " + color.Render(mark) + " "
		}
		lines = append(lines, before+color.Render(text))
	}
	return lines
}

// figures are the topology's rates and counts.
func (m *model) figures() string {
	v, p := m.view, &m.colors
	figure := func(value, what string, style lipgloss.Style) string {
		return style.Render(value) + " " + p.faint.Render(what)
	}
	failed := v.Trees.Failed.Sum()
	bad := p.bold
	if failed > 0 {
		bad = p.trouble
	}
	list := []string{
		figure(m.rate(v.Now.Emitted), "emitted/s", p.bold),
		figure(m.rate(v.Now.Acked), "acked/s", p.bold),
		figure(m.count(v.Trees.Pending), "pending", p.bold),
		figure(m.count(failed), "failed", bad),
	}
	if v.Now.Failed > 0 {
		list[3] += " " + bad.Render("("+terminal.BriefRate(v.Now.Failed)+"/s)")
	}
	if v.Complete != nil {
		list = append(list, figure(terminal.BriefMillis(v.Complete.P99), "p99", p.bold))
	}
	if m.width >= 100 {
		list = append(list, figure(m.rate(v.Now.Executed), "executed/s", p.bold), figure(m.count(v.Trees.Acked), "acked", p.bold), figure(fmt.Sprint(v.Tasks), "tasks", p.bold))
	}
	return " " + strings.Join(list, "   ")
}

// count writes a number with all its digits if there is room.
func (m *model) count(n uint64) string {
	if m.width >= wide {
		return terminal.Thousands(n)
	}
	return terminal.Brief(float64(n))
}

// rate does the same for a number per second.
func (m *model) rate(perSecond float32) string {
	if m.width >= wide && perSecond >= 10 {
		return terminal.Thousands(uint64(perSecond + 0.5))
	}
	return terminal.BriefRate(perSecond)
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// tabLine is the pane's title: the tabs, and what the current one shows.
func (m *model) tabLine() string {
	p := &m.colors
	title := p.faint.Render("──")
	failures := "Failures"
	if n := m.view.Trees.Failed.Sum(); n > 0 {
		failures += " " + terminal.Brief(float64(n))
	}
	for t, name := range []string{"Logs", failures, "Tasks"} {
		if tab(t) == m.tab {
			title += p.faint.Render("┤ ") + p.accent.Bold(true).Render(name) + p.faint.Render(" ├──")
			continue
		}
		title += p.faint.Render(" " + name + " ──")
	}
	about := ""
	switch m.tab {
	case logTab:
		about = m.logs.about(m)
	case failureTab:
		about = m.fails.about(m)
	case taskTab:
		about = m.tasks.about(m)
	}
	rule := m.width - lipgloss.Width(title) - lipgloss.Width(about) - 4
	return title + p.faint.Render(strings.Repeat("─", max(0, rule))) + " " + about + " " + p.faint.Render("──")
}

// pane draws what the tab shows in so many lines.
func (m *model) pane(width, height int) []string {
	var lines []string
	switch m.tab {
	case logTab:
		lines = m.logs.lines(m, width, height)
	case failureTab:
		lines = m.fails.lines(m, width, height)
	case taskTab:
		lines = m.tasks.lines(m, width, height)
	}
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

// scroll is how far a pane is scrolled down.
type scroll struct{ by int }

// move scrolls by so many lines.
func (s *scroll) move(by int) { s.by = max(0, s.by+by) }

// of returns the lines that can be seen.
func (s *scroll) of(lines []string, height int) []string {
	s.by = max(0, min(s.by, len(lines)-height))
	return lines[s.by:min(len(lines), s.by+height)]
}

// footer is the last line: a question, a note, the search, or the keys.
func (m *model) footer() string {
	p := &m.colors
	switch {
	case m.question != nil:
		return " " + p.warning.Bold(true).Render(m.question.text) + p.faint.Render("  y / n")
	case m.searching && m.note.text != "":
		return sides(" "+m.search.Prompt+visible(m.search.Value()), p.trouble.Render(m.note.text)+" ", m.width)
	case m.searching:
		return " " + m.search.View()
	case m.note.text != "":
		style := p.accent
		if m.note.bad {
			style = p.trouble
		}
		return " " + style.Render(m.note.text)
	}
	return m.keyLine()
}
