package top

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"gust/internal/terminal"
	"gust/status"
	"gust/ui/api"
)

// failurePane shows failed trees: how many are alike, and the newest of them.
type failurePane struct {
	scroll
	known  *api.Failures
	number int
	asked  bool
}

type failuresMsg struct {
	number   int
	failures *api.Failures
	err      error
}

// mostFailures is how many top requests.
const mostFailures = 200

func (f *failurePane) refresh(m *model) tea.Cmd {
	if f.asked {
		return nil
	}
	f.asked = true
	filter := status.FailureFilter{Component: m.opened, Limit: mostFailures}
	number, source, ctx := f.number, m.source, m.ctx
	return func() tea.Msg {
		failures, err := source.Failures(ctx, filter)
		return failuresMsg{number, failures, err}
	}
}

func (f *failurePane) forget() { *f = failurePane{number: f.number + 1} }

func (f *failurePane) take(m *model, msg failuresMsg) tea.Cmd {
	if msg.number != f.number {
		return nil
	}
	f.asked = false
	if msg.err != nil {
		return m.fetchFailed(msg.err)
	}
	f.known = msg.failures
	return nil
}

func (f *failurePane) about(m *model) string {
	text := scope(m)
	if m.opened != "" {
		text = "caused by " + text
	}
	return m.colors.faint.Render(text)
}

// lines are the groups of failures, and below them the failures one by one.
func (f *failurePane) lines(m *model, width, height int) []string {
	p := &m.colors
	if f.known == nil {
		return nil
	}
	if len(f.known.Failures) == 0 {
		return []string{p.faint.Render("no tuple tree has failed")}
	}
	var all []string
	const most = 3
	for _, facet := range f.known.Facets {
		if m.opened != "" && facet.Component != m.opened {
			continue
		}
		if len(all) == most {
			break
		}
		all = append(all, p.trouble.Render(fit(terminal.Thousands(facet.Count), 9, true))+"  "+
			p.bold.Render(visible(fmt.Sprintf("%s by %s", facet.Reason, facet.Component)))+"  "+p.faint.Render(visible(facet.Headline)))
	}
	columns := f.columns(width)
	heads := make([]cell, len(columns))
	for i, c := range columns {
		heads[i] = cell{text: c.head, style: p.faint}
	}
	all = append(all, "", line(columns, heads))
	for _, one := range f.known.Failures {
		values := one.Values
		if columns[6].width == 0 && one.Headline != "" {
			values = one.Headline
		}
		all = append(all, line(columns, []cell{
			{text: clock(one.Time), style: p.faint}, {text: string(one.Reason), style: p.trouble}, {text: culprit(one), style: p.bold},
			{text: one.MessageID, style: p.plain}, {text: fmt.Sprint(one.Attempts), style: p.plain},
			{text: values, style: p.plain}, {text: strings.TrimSpace(one.Headline), style: p.faint},
		}))
	}
	return f.of(all, height)
}

// culprit is the task because of which a tree failed.
func culprit(f *status.Failure) string {
	if f.Cause != nil {
		return actor(f.Cause.Component, f.Cause.Task)
	}
	return actor(f.Spout, f.Task)
}

// columns are as wide as the failures need. Values and errors share what is left; if that
// is little, one column shows the error or else the values.
func (f *failurePane) columns(width int) []column {
	by, id, values, errors := len("CAUSED BY"), len("ID"), len("VALUES"), len("ERROR")
	for _, one := range f.known.Failures {
		by = max(by, lipgloss.Width(visible(culprit(one))))
		id = max(id, lipgloss.Width(visible(one.MessageID)))
		values = max(values, lipgloss.Width(visible(one.Values)))
		errors = max(errors, lipgloss.Width(visible(one.Headline)))
	}
	list := []column{{"TIME", 8, false}, {"REASON", 8, false}, {"CAUSED BY", min(by, 16), false}, {"ID", min(id, 16), false}, {"TRIES", 5, true}, {"VALUES", 0, false}, {"ERROR", 0, false}}
	rest := width
	for _, c := range list[:5] {
		rest -= c.width + 1
	}
	if rest < 30 {
		list[5].head, list[5].width = "VALUES OR ERROR", max(0, rest)
		return list
	}
	list[5].width = min(values, max(rest/2, rest-errors-1))
	list[6].width = rest - list[5].width - 1
	return list
}
