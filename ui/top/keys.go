package top

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"gust/status"
)

// keys explains the keys, for the help and the last line. The last line shows those that
// have a brief word, as many as fit.
var keys = []struct{ key, brief, does string }{
	{"↑ ↓  j k", "", "select a component"},
	{"Enter", "open", "show the component's tasks and errors; its logs and failures only"},
	{"Esc", "", "back to all components; end a search"},
	{"Tab", "pane", "show logs, failures or tasks below the table"},
	{"PgUp PgDn", "", "scroll what is below the table; Home and End go to its ends"},
	{"← →", "", "scroll log lines sideways"},
	{"/", "search", "search in the logs by a regular expression"},
	{"s", "sort", "sort the table by another column"},
	{"w", "", "count latencies and failures over another window of time"},
	{"Space", "pause", "pause and resume the screen; the topology goes on"},
	{"a", "", "deactivate the topology, or activate it"},
	{"R", "", "restart the processes of the selected component"},
	{"K", "kill", "kill the topology, after a question"},
	{"?", "help", "show this help"},
	{"q", "quit", "quit"},
}

// keyLine lists the keys in the last line.
func (m *model) keyLine() string {
	text := ""
	width := 0
	for _, k := range keys {
		if k.brief == "" {
			continue
		}
		w := lipgloss.Width(k.key + " " + k.brief + "  ")
		if width+w > m.width {
			break
		}
		width += w
		text += " " + m.colors.accent.Render(k.key) + " " + m.colors.faint.Render(k.brief) + " "
	}
	return text
}

// helpLines explain the keys and the columns.
func (m *model) helpLines() []string {
	p := &m.colors
	lines := []string{" " + p.bold.Render("Keys")}
	for _, k := range keys[:len(keys)-2] { // the last line has the others
		lines = append(lines, "   "+p.accent.Render(fit(k.key, 11, false))+k.does)
	}
	lines = append(lines, "", " "+p.bold.Render("Columns"))
	for _, c := range [][2]string{
		{"RATE/S", "tuples a spout emits or a bolt executes, and its last minute"},
		{"BUSY", "part of the last minute that the busiest task has worked"},
		{"QUEUE", "tuples that wait for a bolt; trees pending of a spout"},
		{"P99", "99th percentile of execute latency; of a spout, complete latency"},
		{"FAILED", "tuples failed in the window"},
		{"RST, ERR", "restarts and errors since the start"},
	} {
		lines = append(lines, "   "+p.accent.Render(fit(c[0], 11, false))+c[1])
	}
	return lines
}

// press handles a key.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case m.question != nil:
		return m.answer(msg)
	case m.searching:
		return m.typeSearch(msg)
	}
	name := msg.String()
	if m.help {
		m.help = false
		if name != "q" && name != "ctrl+c" {
			return nil
		}
	}
	switch name {
	case "q", "ctrl+c":
		return m.quit()
	case "ctrl+z":
		if !m.options.Owns {
			return tea.Suspend
		}
	case "?":
		m.help = true
	case "up", "k":
		return m.selectBy(-1)
	case "down", "j":
		return m.selectBy(1)
	case "enter":
		return m.open()
	case "esc":
		return m.back()
	case "tab":
		return m.turn(1)
	case "shift+tab":
		return m.turn(tabs - 1)
	case "pgup":
		m.scrollPane(-m.page())
	case "pgdown":
		m.scrollPane(m.page())
	case "home", "g":
		m.scrollPane(-1 << 30)
	case "end", "G":
		m.scrollPane(1 << 30)
	case "left":
		m.logs.sideways(-20)
	case "right":
		m.logs.sideways(20)
	case "/":
		return m.beginSearch()
	case "s":
		m.sort = (m.sort + 1) % order(len(orders))
		return m.say("sorted "+orders[m.sort].name, nil)
	case "w":
		return m.nextWindow()
	case "space":
		return m.pause()
	case "a":
		return m.toggle()
	case "R":
		return m.restart()
	case "K":
		m.kill()
	}
	return nil
}

// quit ends top. It asks first if the topology ends with it.
func (m *model) quit() tea.Cmd {
	if m.options.Owns && m.view != nil && m.view.Ended == nil {
		m.question = &question{"Stop the topology and quit?", func() tea.Cmd { return tea.Quit }}
		return nil
	}
	return tea.Quit
}

// answer takes the answer to the question.
func (m *model) answer(msg tea.KeyPressMsg) tea.Cmd {
	q := m.question
	m.question = nil
	switch msg.String() {
	case "y", "Y":
		return q.yes()
	case "ctrl+c":
		return m.quit()
	}
	return nil
}

func (m *model) selectBy(rows int) tea.Cmd {
	m.move(rows)
	if m.opened != "" {
		return m.open()
	}
	if m.tab == taskTab {
		return m.refresh()
	}
	return nil
}

// open makes the pane show only the selected component, at first its tasks.
func (m *model) open() tea.Cmd {
	if m.selected == "" {
		return nil
	}
	if m.opened == "" {
		m.tab = taskTab
	}
	if m.opened != m.selected {
		m.opened = m.selected
		m.logs.forget()
		m.fails.forget()
		m.tasks.forget()
	}
	return m.refresh()
}

// back ends a search, or else goes back to all components.
func (m *model) back() tea.Cmd {
	switch {
	case m.logs.pattern != nil && m.tab == logTab:
		m.logs.pattern = nil
	case m.opened != "":
		m.opened = ""
		m.fails.forget()
	default:
		return nil
	}
	m.logs.forget()
	return m.refresh()
}

// turn shows a later tab.
func (m *model) turn(by tab) tea.Cmd {
	m.tab = (m.tab + by) % tabs
	return m.refresh()
}

// page is how many lines a key scrolls.
func (m *model) page() int { return max(1, m.height/3) }

// scrollPane scrolls down by so many lines.
func (m *model) scrollPane(by int) {
	switch m.tab {
	case logTab:
		m.logs.move(-by)
	case failureTab:
		m.fails.move(by)
	case taskTab:
		m.tasks.move(by)
	}
}

func (m *model) beginSearch() tea.Cmd {
	m.tab = logTab
	m.searching = true
	m.search.SetValue(m.logs.searched())
	m.search.CursorEnd()
	return tea.Batch(m.search.Focus(), m.refresh())
}

// typeSearch passes a message to the search line.
func (m *model) typeSearch(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "enter":
			return m.endSearch()
		case "esc", "ctrl+c":
			m.searching, m.note.text = false, ""
			m.search.Blur()
			return nil
		}
	}
	var cmd tea.Cmd
	m.search, cmd = m.search.Update(msg)
	return cmd
}

// endSearch searches for the pattern that the user typed.
func (m *model) endSearch() tea.Cmd {
	text := m.search.Value()
	var pattern *regexp.Regexp
	if text != "" {
		var err error
		if pattern, err = regexp.Compile(anyCase + text); err != nil {
			return m.say("", err)
		}
	}
	m.searching, m.note.text = false, ""
	m.search.Blur()
	m.logs.pattern = pattern
	m.logs.forget()
	return m.refresh()
}

// windows are the windows that a key cycles through.
var windows = []status.Window{status.Minute, status.TenMinutes, status.ThreeHours, status.Day, status.AllTime}

func (m *model) nextWindow() tea.Cmd {
	at := slices.Index(windows, m.window)
	m.window = windows[(at+1)%len(windows)]
	if m.stream.over {
		return nil
	}
	return m.follow()
}

func (m *model) pause() tea.Cmd {
	m.paused = !m.paused
	if m.paused || m.view == nil {
		return nil
	}
	if m.next != nil {
		m.view, m.next = m.next, nil
	}
	return tea.Batch(m.loadHistory(), m.refresh())
}

func (m *model) toggle() tea.Cmd {
	switch {
	case m.view == nil:
		return nil
	case m.view.Status == "INACTIVE":
		return m.operate("activated: the spouts are asked for tuples", "cannot activate", m.source.Activate)
	}
	return m.operate("deactivated: the spouts are asked for no tuples; a activates", "cannot deactivate", m.source.Deactivate)
}

func (m *model) restart() tea.Cmd {
	name := m.subject()
	if name == "" {
		return nil
	}
	return m.operate("restarting "+name, "cannot restart "+name,
		func(ctx context.Context) error { return m.source.RestartComponent(ctx, name) })
}

func (m *model) kill() {
	if m.view == nil || m.view.Ended != nil {
		return
	}
	m.question = &question{fmt.Sprintf("Kill topology %s? Tuples in flight may finish first.", visible(m.view.Name)), func() tea.Cmd {
		return m.operate("killing the topology", "cannot kill it", func(ctx context.Context) error { return m.source.Kill(ctx, 0) })
	}}
}
