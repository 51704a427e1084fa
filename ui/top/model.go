package top

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"gust/status"
)

// model is everything that the screen shows. It belongs to bubbletea's loop: what takes time
// runs as a command, whose result comes as a message.
type model struct {
	ctx     context.Context
	source  Source
	options Options
	send    func(tea.Msg)
	now     func() time.Time
	after   func(time.Duration, func(time.Time) tea.Msg) tea.Cmd

	width, height int
	colors        palette

	// The topology. While paused, what comes waits in next.
	view   *status.View // nil before the first
	next   *status.View
	paused bool
	window status.Window
	rates  map[string][]status.Point // by component, of the last minutes
	stream stream

	// The table of components.
	sort     order
	selected string // a component's name

	// The pane below it.
	tab    tab
	opened string // the component that the pane is about, or ""
	logs   logPane
	fails  failurePane
	tasks  taskPane

	search    textinput.Model
	searching bool
	question  *question
	help      bool
	note      note
}

// stream is the state of the views that come.
type stream struct {
	number int // the views of earlier streams are dropped
	cancel context.CancelFunc
	lost   error // why no views come now, or nil
	over   bool  // no more views will come
}

// tab is what the pane shows.
type tab int

const (
	logTab tab = iota
	failureTab
	taskTab
	tabs
)

// question is asked in the last line. If the answer is y, yes is done.
type question struct {
	text string
	yes  func() tea.Cmd
}

// note is what the last line shows for a while.
type note struct {
	text   string
	bad    bool
	number int
}

// noteFor is how long a note stays.
const noteFor = 4 * time.Second

// Messages.
type (
	viewMsg struct {
		stream int
		view   *status.View
	}
	lostMsg struct {
		stream int
		err    error
	}
	overMsg struct {
		stream int
		err    error
	}
	historyMsg struct {
		component string
		points    []status.Point
	}
	noteMsg struct {
		text string
		err  error
	}
	noteOverMsg struct{ number int }
)

func newModel(ctx context.Context, source Source, o Options) *model {
	m := &model{
		ctx: ctx, source: source, options: o, now: time.Now, after: tea.Tick, send: func(tea.Msg) {},
		colors: newPalette(true), window: status.TenMinutes, rates: map[string][]status.Point{},
		search: textinput.New(),
	}
	m.search.Prompt = "/"
	m.search.SetVirtualCursor(false) // it is the terminal's own
	m.search.Placeholder = "a regular expression; empty shows all lines"
	return m
}

// Init begins the stream of views.
func (m *model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.follow())
}

// follow begins a stream over the window, which replaces the one before.
func (m *model) follow() tea.Cmd {
	if m.stream.cancel != nil {
		m.stream.cancel()
	}
	ctx, cancel := context.WithCancel(m.ctx)
	number := m.stream.number + 1
	m.stream = stream{number: number, cancel: cancel}
	source, window, send := m.source, m.window, m.send
	return func() tea.Msg {
		err := source.Stream(ctx, window,
			func(v *status.View) { send(viewMsg{number, v}) },
			func(err error) { send(lostMsg{number, err}) })
		return overMsg{number, err}
	}
}

// Update changes the model by a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.search.SetWidth(max(10, msg.Width-4))
	case tea.BackgroundColorMsg:
		m.colors = newPalette(msg.IsDark())
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case tea.PasteMsg:
		if m.searching {
			return m, m.typeSearch(msg)
		}
	case viewMsg:
		if msg.stream == m.stream.number {
			return m, m.show(msg.view)
		}
	case lostMsg:
		if msg.stream == m.stream.number {
			m.stream.lost = msg.err
		}
	case overMsg:
		if msg.stream == m.stream.number && !errors.Is(msg.err, context.Canceled) {
			m.stream.over, m.stream.lost = true, msg.err
		}
	case historyMsg:
		m.rates[msg.component] = msg.points
	case logsMsg:
		return m, m.logs.take(m, msg)
	case failuresMsg:
		return m, m.fails.take(m, msg)
	case componentMsg:
		return m, m.tasks.take(m, msg)
	case noteMsg:
		return m, m.say(msg.text, msg.err)
	case noteOverMsg:
		if msg.number == m.note.number {
			m.note.text = ""
		}
	}
	return m, nil
}

// show takes a view, and asks for what the pane needs.
func (m *model) show(v *status.View) tea.Cmd {
	m.stream.lost = nil
	if m.paused && m.view != nil {
		m.next = v
		return nil
	}
	first := m.view == nil
	m.view = v
	for i := range v.Components {
		c := &v.Components[i]
		m.rates[c.Name] = addPoint(m.rates[c.Name], c.Now)
	}
	if v.Component(m.selected) == nil {
		m.selected = ""
		if rows := m.rows(); len(rows) > 0 {
			m.selected = rows[0].Name
		}
	}
	if m.opened != "" && v.Component(m.opened) == nil { // a reload has removed it
		m.opened = ""
		m.logs.forget()
	}
	if first {
		return tea.Batch(m.loadHistory(), m.refresh())
	}
	return m.refresh()
}

// mostPoints is how many points of a component's history are kept: a second each.
const mostPoints = 120

func addPoint(points []status.Point, p status.Point) []status.Point {
	if p.Time == 0 || len(points) > 0 && points[len(points)-1].Time >= p.Time {
		return points
	}
	if len(points) >= mostPoints {
		points = append(points[:0:0], points[len(points)-mostPoints+1:]...)
	}
	return append(points, p)
}

// loadHistory asks for what the components did before top attached.
func (m *model) loadHistory() tea.Cmd {
	var all []tea.Cmd
	for _, c := range m.view.Components {
		all = append(all, func() tea.Msg {
			points, err := m.source.History(m.ctx, c.Name, status.TenMinutes)
			if err != nil {
				return nil // the sparkline grows without it
			}
			return historyMsg{c.Name, points[max(0, len(points)-mostPoints):]}
		})
	}
	return tea.Sequence(all...)
}

// refresh asks for what the pane shows, unless a request for it is pending.
func (m *model) refresh() tea.Cmd {
	if m.view == nil || m.paused {
		return nil
	}
	switch m.tab {
	case logTab:
		return m.logs.refresh(m)
	case failureTab:
		return m.fails.refresh(m)
	case taskTab:
		return m.tasks.refresh(m)
	}
	return nil
}

// subject is the component whose tasks are shown.
func (m *model) subject() string { return cmp.Or(m.opened, m.selected) }

// say shows a note in the last line: the text, and the error if there is one.
func (m *model) say(text string, err error) tea.Cmd {
	if err != nil {
		if m.ctx.Err() != nil {
			return nil
		}
		text = joined(": ", text, err.Error())
	}
	m.note = note{text: visible(text), bad: err != nil, number: m.note.number + 1}
	number := m.note.number
	return m.after(noteFor, func(time.Time) tea.Msg { return noteOverMsg{number} })
}

// operate does something to the topology, and then reports the result in a note.
func (m *model) operate(done, failed string, do func(context.Context) error) tea.Cmd {
	return func() tea.Msg {
		if err := do(m.ctx); err != nil {
			return noteMsg{failed, err}
		}
		return noteMsg{done, nil}
	}
}

// rows are the components in the order of the table.
func (m *model) rows() []*status.ComponentView {
	if m.view == nil {
		return nil
	}
	rows := make([]*status.ComponentView, len(m.view.Components))
	for i := range rows {
		rows[i] = &m.view.Components[i]
	}
	if by := orders[m.sort].by; by != nil {
		slices.SortStableFunc(rows, func(a, b *status.ComponentView) int { return cmp.Compare(by(b), by(a)) })
	}
	return rows
}
