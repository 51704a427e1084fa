package top

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"gust/internal/terminal"
	"gust/status"
	"gust/ui/api"
	"gust/worker"
)

// taskPane shows a component's tasks and its errors.
type taskPane struct {
	scroll
	known *api.Component
	asked string // the component of the pending request, or ""
}

type componentMsg struct {
	name      string
	component *api.Component
	err       error
}

func (t *taskPane) refresh(m *model) tea.Cmd {
	name := m.subject()
	if name == "" || t.asked == name {
		return nil
	}
	t.asked = name
	source, ctx, window := m.source, m.ctx, m.window
	return func() tea.Msg {
		c, err := source.Component(ctx, name, window)
		return componentMsg{name, c, err}
	}
}

func (t *taskPane) forget() { *t = taskPane{} }

func (t *taskPane) take(m *model, msg componentMsg) tea.Cmd {
	if msg.name == t.asked {
		t.asked = ""
	}
	if msg.name != m.subject() {
		return nil
	}
	if msg.err != nil {
		return m.fetchFailed(msg.err)
	}
	if t.known == nil || t.known.ComponentView == nil || t.known.Name != msg.name {
		t.scroll = scroll{}
	}
	t.known = msg.component
	return nil
}

func (t *taskPane) about(m *model) string {
	text := visible(m.subject())
	if c := t.subjectOf(m); c != nil {
		text = fmt.Sprintf("%s  %s, %s", text, terminal.Count(len(c.TaskList), "task"), terminal.Count(c.Errors, "error"))
	}
	return m.colors.faint.Render(text)
}

// subjectOf is what is known of the component that the pane is about, or nil.
func (t *taskPane) subjectOf(m *model) *api.Component {
	if t.known == nil || t.known.ComponentView == nil || t.known.Name != m.subject() {
		return nil
	}
	return t.known
}

// lines are a table of the tasks, and below it the errors, the last one whole.
func (t *taskPane) lines(m *model, width, height int) []string {
	p := &m.colors
	c := t.subjectOf(m)
	if c == nil {
		return nil
	}
	columns := []column{{"TASK", 4, true}, {"WORKER", 6, true}, {"STATE", 9, false}, {"PID", 7, true}, {"UP", 8, true}, {"DONE", 7, true}, {"BUSY", 5, true},
		{"QUEUE", 6, true}, {"P99", 7, true}, {"FAILED", 6, true}, {"", 0, false}}
	if m.view == nil || len(m.view.Workers) == 0 {
		columns[1].width = 0
	}
	spout := c.Kind == "spout"
	if spout {
		columns[5].head, columns[6].width = "EMITTED", 0
	}
	used := 2
	for _, one := range columns {
		if one.width > 0 {
			used += one.width + 1
		}
	}
	columns[10].width = max(0, width-used)
	heads := make([]cell, len(columns))
	for i, one := range columns {
		heads[i] = cell{text: one.head, style: p.faint}
	}
	all := []string{line(columns, heads)}
	for i := range c.TaskList {
		all = append(all, t.row(m, columns, &c.TaskList[i], spout))
	}
	for i, group := range c.Groups {
		all = append(all, "", p.trouble.Render(visible(group.Headline))+p.faint.Render(fmt.Sprintf("  %s, last %s ago, %s",
			times(group.Count), terminal.BriefSpan(m.now().Sub(group.Last).Seconds()), worker.TaskList(group.Tasks))))
		if i > 0 {
			continue
		}
		for text := range strings.SplitSeq(strings.TrimRight(terminal.Visible(group.Text), "\n"), "\n") {
			if text != group.Headline {
				all = append(all, "  "+visible(text))
			}
		}
	}
	if len(c.Groups) == 0 {
		all = append(all, "", p.faint.Render("no errors"))
	}
	return t.scroll.of(all, height)
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return terminal.Thousands(n) + " times"
}

// row draws a task.
func (t *taskPane) row(m *model, columns []column, task *status.TaskView, spout bool) string {
	p := &m.colors
	state, style := string(task.State), p.accent
	switch task.State {
	case worker.TaskRunning:
		style = p.good
	case worker.TaskDown:
		style = p.trouble
	}
	done, queue, latency := task.Counts.Executed, task.Queued, task.Execute
	if spout {
		done, queue, latency = task.Counts.Emitted, uint64(task.Pending), task.Complete
	}
	p99 := "·"
	if latency != nil && latency.P99 > 0 {
		p99 = terminal.BriefMillis(latency.P99)
	}
	notes := []string{}
	if task.Doing != "" {
		notes = append(notes, task.Doing)
	}
	if task.UnreadFor != "" {
		notes = append(notes, "waits for "+task.UnreadFor)
	}
	if task.Restarts > 0 {
		notes = append(notes, terminal.Count(task.Restarts, "restart"))
	}
	if task.Death != "" {
		notes = append(notes, firstLine(task.Death))
	}
	pid := cell{text: "·", style: p.faint}
	if task.PID > 0 {
		pid = cell{text: fmt.Sprint(task.PID), style: p.plain}
	}
	failed := cell{text: "·", style: p.faint}
	if task.Counts.Failed > 0 {
		failed = cell{text: terminal.Brief(float64(task.Counts.Failed)), style: p.trouble}
	}
	return line(columns, []cell{
		{text: fmt.Sprint(task.Task), style: p.bold}, {text: fmt.Sprint(task.Worker), style: p.plain}, {text: state, style: style}, pid, {text: terminal.BriefSpan(task.Uptime), style: p.plain},
		{text: terminal.Brief(float64(done)), style: p.plain}, {text: fmt.Sprintf("%.0f%%", 100*task.Busy), style: p.load(task.Busy)},
		{text: terminal.Brief(float64(queue)), style: p.plain}, {text: p99, style: p.plain}, failed,
		{text: strings.Join(notes, ", "), style: p.faint},
	})
}
