package top

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"gust/internal/terminal"
	"gust/status"
)

// logPane shows the topology's log, the newest line at the bottom.
type logPane struct {
	kept    []status.LogLine
	pattern *regexp.Regexp // that lines must match, or nil
	number  int            // of the current filter; answers for earlier ones are dropped
	asked   bool           // a request is pending
	known   bool           // an answer has come
	up      int            // rows below the visible ones; 0 follows the log
	column  int            // from which messages are shown
}

// logsMsg has new log lines.
type logsMsg struct {
	number int
	lines  []status.LogLine
	err    error
}

const (
	mostLogLines  = 5000 // to keep
	firstLogLines = 1000 // to ask for at first
)

// refresh asks for the lines after the last one.
func (l *logPane) refresh(m *model) tea.Cmd {
	if l.asked {
		return nil
	}
	l.asked = true
	filter := status.LogFilter{Search: l.pattern, Limit: firstLogLines}
	if m.opened != "" {
		filter.Components = []string{m.opened}
	}
	if n := len(l.kept); n > 0 {
		filter.After, filter.Limit = l.kept[n-1].Number, mostLogLines
	}
	number, source, ctx := l.number, m.source, m.ctx
	return func() tea.Msg {
		lines, err := source.Logs(ctx, filter)
		return logsMsg{number, lines, err}
	}
}

// forget drops all lines, for another filter.
func (l *logPane) forget() {
	*l = logPane{pattern: l.pattern, number: l.number + 1, column: l.column}
}

func (l *logPane) take(m *model, msg logsMsg) tea.Cmd {
	if msg.number != l.number {
		return nil
	}
	l.asked = false
	if msg.err != nil {
		return m.fetchFailed(msg.err)
	}
	l.known = true
	if l.up > 0 { // what the user reads stays in place
		for i := range msg.lines {
			l.up += 1 + strings.Count(msg.lines[i].Text, "\n")
		}
	}
	l.kept = append(l.kept, msg.lines...)
	if more := len(l.kept) - mostLogLines; more > 0 {
		l.kept = append([]status.LogLine(nil), l.kept[more:]...)
	}
	return nil
}

// fetchFailed shows why a request failed, unless the header already does.
func (m *model) fetchFailed(err error) tea.Cmd {
	if m.stream.lost != nil || m.stream.over {
		return nil
	}
	return m.say("", err)
}

func (l *logPane) move(by int) { l.up = max(0, l.up+by) }

func (l *logPane) sideways(by int) { l.column = max(0, l.column+by) }

// anyCase begins the pattern of a search.
const anyCase = "(?i)"

// searched is what the user searches for, or "".
func (l *logPane) searched() string {
	if l.pattern == nil {
		return ""
	}
	return strings.TrimPrefix(l.pattern.String(), anyCase)
}

// about says which lines are shown.
func (l *logPane) about(m *model) string {
	p := &m.colors
	var parts []string
	if l.pattern != nil {
		parts = append(parts, p.bold.Render("/"+visible(l.searched())))
	}
	parts = append(parts, p.faint.Render(scope(m)))
	if l.up > 0 {
		parts = append(parts, p.warning.Render(fmt.Sprintf("↓ %s below", terminal.Count(l.up, "line"))))
	}
	return strings.Join(parts, "  ")
}

// scope names the components that the pane is about.
func scope(m *model) string {
	if m.opened != "" {
		return visible(m.opened)
	}
	return "all components"
}

// lines are the visible rows.
func (l *logPane) lines(m *model, width, height int) []string {
	if len(l.kept) == 0 {
		text := ""
		switch {
		case !l.known:
		case l.pattern != nil:
			text = "no line matches"
		default:
			text = "no log lines yet"
		}
		return []string{styled(m.colors.faint, text)}
	}
	actors := 0
	for i := range l.kept {
		actors = max(actors, lipgloss.Width(visible(actorOf(&l.kept[i]))))
	}
	actors = min(actors, max(10, width/5))
	var seen []string // the last first
	for i := range slices.Backward(l.kept) {
		if len(seen) >= l.up+height {
			break
		}
		rows := l.rows(m, &l.kept[i], width, actors)
		slices.Reverse(rows)
		seen = append(seen, rows...)
	}
	l.up = max(0, min(l.up, len(seen)-height))
	seen = seen[l.up:min(len(seen), l.up+height)]
	slices.Reverse(seen)
	return seen
}

func actorOf(line *status.LogLine) string {
	if line.Component == "" {
		return status.GustLog
	}
	return actor(line.Component, line.Task)
}

// rows draws a log line, which has several rows if its text has several lines.
func (l *logPane) rows(m *model, line *status.LogLine, width, actors int) []string {
	p := &m.colors
	texts := strings.Split(terminal.Visible(line.Text), "\n")
	level := fit(strings.ToUpper(line.Level), 5, false)
	head := p.faint.Render(clock(line.Time)) + " " + p.level(line.Level).Render(level) + " " + p.bold.Render(fit(actorOf(line), actors, false)) + " "
	rows := []string{head + l.message(p, texts[0], width-lipgloss.Width(head))}
	for _, text := range texts[1:] {
		rows = append(rows, "    "+l.message(p, text, width-4))
	}
	return rows
}

// message draws a line of a message, and marks what a search has found.
func (l *logPane) message(p *palette, text string, width int) string {
	text = visible(text)
	if l.column > 0 {
		text = ansi.TruncateLeft(text, l.column, "…")
	}
	text = ansi.Truncate(text, max(0, width), "…")
	if l.pattern == nil {
		return text
	}
	var b strings.Builder
	end := 0
	for _, at := range l.pattern.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		b.WriteString(styled(p.match, text[at[0]:at[1]]))
		end = at[1]
	}
	return b.String() + text[end:]
}
