package top

import (
	"context"
	"errors"
	"flag"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/ui/api"
	"gust/worker"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	time.Local = time.UTC
	fakecomponent.Main()
	if os.Getenv(playsTop) != "" {
		os.Exit(playTop())
	}
	os.Exit(m.Run())
}

// noon is the time in all frames.
var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// frozen is a source that shows always the same, and notes what it is to do.
type frozen struct {
	view     *status.View
	logs     []status.LogLine
	failures []*status.Failure
	did      []string
	refuses  error
}

func (f *frozen) Stream(_ context.Context, w status.Window, show func(*status.View), _ func(error)) error {
	v := *f.view
	v.Window = int(time.Duration(w).Seconds())
	show(&v)
	return context.Canceled // no more of it
}

func (f *frozen) History(_ context.Context, component string, _ status.Window) (points []status.Point, err error) {
	c := f.view.Component(component)
	for i := range 60 {
		p := c.Now
		p.Time = noon.Unix() - 60 + int64(i)
		wave := float32(1+(i*7+len(component)*3)%10) / 10
		p.Emitted *= wave
		p.Executed *= wave
		points = append(points, p)
	}
	return points, nil
}

func (f *frozen) Component(_ context.Context, name string, _ status.Window) (*api.Component, error) {
	c := f.view.Component(name)
	if c == nil {
		return nil, errors.New("no such component")
	}
	one := &api.Component{ComponentView: c}
	for i := range c.Tasks {
		task := status.TaskView{Task: 4 + i, State: worker.TaskRunning, PID: 12300 + i, Uptime: 724, Busy: 0.97,
			Counts: status.Counts{Executed: 120_000, Emitted: 120_000}, Queued: 20_500, Execute: &status.Latency{P99: 900}, Complete: &status.Latency{P99: 1200}}
		if c.Kind == "spout" {
			task.Doing = string(worker.SpoutBackpressure)
		}
		if i == 1 {
			task.State, task.PID, task.Uptime, task.Restarts, task.Death = worker.TaskDown, 0, 0, 3, "exit status 1"
		}
		one.TaskList = append(one.TaskList, task)
	}
	if c.Errors > 0 {
		one.Groups = []status.ErrorGroup{{
			Component: name, Headline: `ValueError: not a word: '\x1b[31m'`, Count: 12, First: noon.Add(-time.Hour), Last: noon.Add(-90 * time.Second), Tasks: []int{4, 5},
			Text: "Traceback (most recent call last):\n  File \"count.py\", line 9, in process\n    raise ValueError(word)\nValueError: not a word: '\\x1b[31m'\n",
		}, {Component: name, Headline: "exit status 1", Count: 1, Last: noon.Add(-5 * time.Minute), Tasks: []int{5}}}
	}
	return one, nil
}

func (f *frozen) Failures(_ context.Context, filter status.FailureFilter) (*api.Failures, error) {
	found := &api.Failures{}
	for _, one := range f.failures {
		if filter.Component == "" || one.Blames() == filter.Component {
			found.Failures = append(found.Failures, one)
		}
	}
	if len(f.failures) > 0 {
		found.Facets = []status.FailureFacet{{Reason: worker.FailedByTimeout, Component: "count", Count: 1234}, {Reason: worker.FailedByBolt, Component: "split", Headline: "ValueError: bad", Count: 2}}
	}
	return found, nil
}

func (f *frozen) Logs(_ context.Context, filter status.LogFilter) (lines []status.LogLine, err error) {
	for _, line := range f.logs {
		if line.Number > filter.After && (filter.Search == nil || filter.Search.MatchString(line.Text)) &&
			(len(filter.Components) == 0 || slices.Contains(filter.Components, line.Component)) {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func (f *frozen) do(what string) error {
	f.did = append(f.did, what)
	return f.refuses
}

func (f *frozen) Activate(context.Context) error   { return f.do("activate") }
func (f *frozen) Deactivate(context.Context) error { return f.do("deactivate") }
func (f *frozen) Kill(_ context.Context, wait time.Duration) error {
	return f.do("kill " + wait.String())
}
func (f *frozen) RestartComponent(_ context.Context, name string) error {
	return f.do("restart " + name)
}

// troubled is a word count whose bolt count is too slow.
func troubled() *frozen {
	point := func(emitted, executed, acked, failed float32) status.Point {
		return status.Point{Time: noon.Unix(), Emitted: emitted, Executed: executed, Acked: acked, Failed: failed}
	}
	f := &frozen{view: &status.View{
		ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", Phase: string(worker.Active), Uptime: 724, Tasks: 6, Restarts: 3, Errors: 12,
		Now: point(1234, 3702, 1200, 4.5), Trees: worker.TreeStats{Emitted: 1_234_567, Acked: 1_200_000, Pending: 34_567, Failed: worker.FailedStats{Timeout: 1234, Bolt: 2}},
		Complete: &status.Latency{Mean: 400, P50: 300, P99: 1234},
		Diagnosis: status.Diagnosis{Kind: status.SlowBolt, Severity: status.Warning, Component: "count",
			Text: "count is the bottleneck: 41,000 tuples queued, busy 98 %, execute p99 900ms, 2 tasks; words waits for it"},
		Components: []status.ComponentView{
			{Name: "words", Kind: "spout", Tasks: 1, Now: point(1234, 0, 1200, 4.5), Pending: 34_567, Complete: &status.Latency{P99: 1234}, Counts: status.Counts{Failed: 1236}, WaitsFor: "count"},
			{Name: "split", Kind: "bolt", Tasks: 2, Loading: 1, Now: point(2468, 1234, 1234, 0), Busy: 0.12, Execute: &status.Latency{P99: 0.35}},
			{Name: "count", Kind: "bolt", Tasks: 2, Down: 1, Now: point(0, 2468, 2400, 0), Busy: 0.98, Queued: 41_000, Execute: &status.Latency{P99: 900}, Restarts: 3, Errors: 12},
			{Name: "a bolt with a rather long name \x1b[2J", Kind: "bolt", Tasks: 1, Now: point(0, 0.4, 0, 0), Execute: &status.Latency{P99: 2.25}},
		},
	}}
	add := func(level, component string, task int, text string) {
		f.logs = append(f.logs, status.LogLine{Number: uint64(len(f.logs) + 1), Time: noon.Add(time.Duration(len(f.logs)) * time.Second), Level: level, Component: component, Task: task, Text: text})
	}
	add("info", "", 0, "running after 0.31s")
	for range 30 {
		add("debug", "words", 1, "emitted a word")
	}
	add("warn", "split", 2, "an odd sentence: \x1b]0;title\a\x9b2J with tabs\tand 日本語, which goes on and on and on, so that it does not fit a screen of eighty columns, and not even one of two hundred columns, because it does not end before it has been read")
	add("error", "count", 4, "ValueError: not a word\nTraceback (most recent call last):\n  File \"count.py\", line 9, in process\n    raise ValueError(word)")
	add("info", "count", 5, "the last word")
	for i := range 12 {
		f.failures = append(f.failures, &status.Failure{Number: uint64(12 - i), Time: noon.Add(-time.Duration(i) * time.Second), Spout: "words", Task: 1, MessageID: "1234" + string(rune('0'+i%10)),
			Values: `["a word", 12, "\u001b[2J"]`, Reason: worker.FailedByTimeout, Attempts: 1 + i%3, Cause: &status.FailedTuple{Component: "count", Task: 4}})
	}
	f.failures = append(f.failures, &status.Failure{Number: 0, Time: noon.Add(-time.Minute), Spout: "words", Task: 1, MessageID: "7", Reason: worker.FailedByBolt, Attempts: 1,
		Values: `["bad"]`, Headline: "ValueError: bad", Cause: &status.FailedTuple{Component: "split", Task: 2}})
	return f
}

// screen is a model that is driven without a terminal.
type screen struct {
	t *testing.T
	*model
	quits bool
}

func newScreen(t *testing.T, source Source, width, height int, o Options) *screen {
	t.Helper()
	m := newModel(t.Context(), source, o)
	m.now = func() time.Time { return noon }
	m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	s := &screen{t: t, model: m}
	m.send = func(msg tea.Msg) { s.take(msg) }
	s.take(tea.WindowSizeMsg{Width: width, Height: height})
	s.run(m.follow())
	return s
}

// take gives the model a message, and runs what it wants to be run.
func (s *screen) take(msg tea.Msg) {
	if _, quits := msg.(tea.QuitMsg); quits {
		s.quits = true
		return
	}
	_, cmd := s.Update(msg)
	s.run(cmd)
}

// run runs a command at once.
func (s *screen) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.run(cmd)
		}
	default:
		if list := sequence(msg); list != nil {
			for _, cmd := range list {
				s.run(cmd)
			}
			return
		}
		s.take(msg)
	}
}

// press presses keys: names between blanks, or "type:" and a text.
func (s *screen) press(keys string) {
	s.t.Helper()
	for key := range strings.FieldsSeq(keys) {
		if text, ok := strings.CutPrefix(key, "type:"); ok {
			for _, r := range text {
				s.take(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
			continue
		}
		special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
			"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "left": tea.KeyLeft, "right": tea.KeyRight}
		switch code, ok := special[key]; {
		case key == "space":
			s.take(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
		case key == "ctrl+c":
			s.take(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
		case ok:
			s.take(tea.KeyPressMsg{Code: code})
		default:
			s.take(tea.KeyPressMsg{Code: []rune(key)[0], Text: key})
		}
	}
}

// text is the screen without styles. It fails the test where it is no whole screen.
func (s *screen) text() string {
	s.t.Helper()
	text := ansi.Strip(s.draw())
	lines := strings.Split(text, "\n")
	if len(lines) != s.height {
		s.t.Errorf("%d lines on a screen of %d", len(lines), s.height)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > s.width {
			s.t.Errorf("a line is %d wide on a screen of %d: %s", w, s.width, line)
		}
	}
	return text
}

func (s *screen) shows(what ...string) {
	s.t.Helper()
	text := s.text()
	for _, w := range what {
		if !strings.Contains(text, w) {
			s.t.Errorf("the screen does not show %q:\n%s", w, text)
		}
	}
}

func (s *screen) hides(what ...string) {
	s.t.Helper()
	text := s.text()
	for _, w := range what {
		if strings.Contains(text, w) {
			s.t.Errorf("the screen shows %q:\n%s", w, text)
		}
	}
}

// Frames of fixed views, without a terminal.
func TestFrames(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"200x50", 200, 50}} {
		for _, tt := range []struct{ name, keys string }{
			{"logs", ""},
			{"failures", "tab"},
			{"tasks", "j j enter"},
			{"help", "?"},
		} {
			t.Run(tt.name+" "+size.name, func(t *testing.T) {
				s := newScreen(t, troubled(), size.width, size.height, Options{})
				s.press(tt.keys)
				golden(t, tt.name+"-"+size.name, trimmed(s.text()))
			})
		}
	}
}

func trimmed(text string) string {
	return regexp.MustCompile(`(?m) +$`).ReplaceAllString(text, "") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Keys without a terminal: what they show, and what they do.
func TestKeys(t *testing.T) {
	f := troubled()
	s := newScreen(t, f, 80, 24, Options{})
	s.shows("▌ words", "┤ Logs ├", "the last word")

	s.press("j j j j j")
	s.shows("▌ a bolt")
	s.press("k up")
	s.shows("▌ split")
	s.press("s s")
	s.shows("sorted by how busy they are", "BUSY")
	if got := names(s); got != "count split words a" {
		t.Errorf("sorted by busy: %s", got)
	}
	s.press("s s s s s")
	if got := names(s); got != "words split count a" {
		t.Errorf("as declared: %s", got)
	}

	s.press("enter")
	s.shows("┤ Tasks ├", "split  2 tasks", "no errors")
	s.press("down")
	s.shows("count  2 tasks", "raise ValueError(word)")
	s.press("tab")
	s.shows("┤ Logs ├", " count ──", "the last word")
	s.hides("emitted a word")
	s.press("tab")
	s.shows("┤ Failures 1236 ├", "caused by count", "1,234  timeout by count")
	s.hides("bolt by split")
	s.press("esc tab tab")
	s.shows("┤ Logs ├", "all components", "emitted a word")

	s.press("pgup")
	s.shows("lines below")
	s.hides("the last word")
	s.press("home")
	s.shows("running after 0.31s")
	s.press("end")
	s.shows("the last word")
	s.hides("below")
	s.press("right right")
	s.shows("…th tabs    and 日本語")
	s.press("left left")

	s.press("/ type:ODD enter")
	s.shows("/ODD", "an odd sentence")
	s.hides("the last word")
	s.press("/ type:( enter")
	s.shows("/ODD(", "error parsing regexp")
	s.press("esc")
	s.shows("/ODD")
	s.press("esc")
	s.shows("the last word")
	s.press("/ type:nothing-has-this enter")
	s.shows("no line matches")
	s.press("esc")

	s.press("?")
	s.shows("Keys", "Columns", "errors since the start")
	s.press("j")
	s.shows("wordcount  ACTIVE")
	s.press("w")
	s.shows("last 3 h")
	s.press("w w")
	s.shows("all time")

	s.press("a R K")
	s.shows("Kill topology wordcount? Tuples in flight may finish first.  y / n")
	s.press("x")
	s.hides("Kill topology")
	s.press("K y")
	s.shows("killing the topology")
	s.view.Status = "INACTIVE"
	s.press("a")
	if got := strings.Join(f.did, ", "); got != "deactivate, restart count, kill 0s, activate" {
		t.Errorf("the keys did: %s", got)
	}
	f.refuses = errors.New("not now\x1b[2J")
	s.press("a")
	s.shows(`cannot activate: not now\x1b[2J`)
	if s.quits {
		t.Fatal("it has quit")
	}
	s.press("q")
	if !s.quits {
		t.Error("q does not quit")
	}
}

// names are the first words of the components, in the order of the table.
func names(s *screen) string {
	var names []string
	for _, c := range s.rows() {
		first, _, _ := strings.Cut(c.Name, " ")
		names = append(names, first)
	}
	return strings.Join(names, " ")
}

// While paused nothing changes; after that the screen shows what is.
func TestPause(t *testing.T) {
	f := troubled()
	s := newScreen(t, f, 80, 24, Options{})
	s.press("space")
	s.shows("PAUSED", "up 12m 4s")
	later := *f.view
	later.Uptime = 3600
	s.take(viewMsg{s.stream.number, &later})
	s.shows("PAUSED", "up 12m 4s")
	s.press("space")
	s.shows("up 1h")
	s.hides("PAUSED")
}

// Where the topology ends with top, quitting is asked about.
func TestQuitsItsOwnRun(t *testing.T) {
	s := newScreen(t, troubled(), 80, 24, Options{Owns: true})
	for _, key := range []string{"q", "ctrl+c"} {
		s.press(key)
		s.shows("Stop the topology and quit?")
		s.press("n")
		if s.quits {
			t.Fatal("it has quit after all")
		}
	}
	s.press("q y")
	if !s.quits {
		t.Error("it does not quit")
	}
	s = newScreen(t, troubled(), 80, 24, Options{Owns: true})
	ended := noon
	s.view.Ended = &ended
	s.press("q")
	if !s.quits {
		t.Error("it asks although the topology has ended")
	}
}

// The header says that views do not come, or will not come any more.
func TestLostConnection(t *testing.T) {
	s := newScreen(t, troubled(), 80, 24, Options{})
	lost := errors.New("no topology runs at /x\nhint: y")
	s.take(lostMsg{s.stream.number, lost})
	s.shows("▲ no topology runs at /x; trying again")
	s.hides("hint")
	s.take(viewMsg{s.stream.number, s.view})
	s.shows("▲ count is the bottleneck")
	s.take(lostMsg{s.stream.number - 1, lost}) // of a stream that was replaced
	s.hides("trying again")
	s.take(overMsg{s.stream.number, lost})
	s.shows("✖ no views any more: no topology runs at /x")
}

// A topology changes while it is shown: components come and go.
func TestReload(t *testing.T) {
	f := troubled()
	s := newScreen(t, f, 80, 24, Options{})
	s.press("j j enter")
	v := *f.view
	v.Components = v.Components[:2]
	f.view = &v
	s.take(viewMsg{s.stream.number, &v})
	s.shows("▌ words")
	s.hides("count ──")
	v.Components = nil
	s.take(viewMsg{s.stream.number, &v})
	s.press("j enter tab tab R K n a esc")
	s.text()
}

// No size breaks the screen, and no key on it.
func TestSizes(t *testing.T) {
	for _, width := range []int{1, 5, 20, 39, 40, 59, 60, 79, 81, 100, 129, 130, 131, 300} {
		for _, height := range []int{1, 2, 3, 5, 8, 12, 24, 100} {
			s := newScreen(t, troubled(), width, height, Options{})
			for _, keys := range []string{"", "tab", "tab pgdown pgup end home", "j enter", "?", "? pgup pgdown s s", "/", "esc K"} {
				s.press(keys)
				s.text()
			}
		}
	}
	// More components than there is room for: the selected one is always to be seen.
	f := troubled()
	for i := range 40 {
		c := f.view.Components[1]
		c.Name = "bolt" + string(rune('A'+i))
		f.view.Components = append(f.view.Components, c)
	}
	s := newScreen(t, f, 80, 24, Options{})
	s.shows("1-8 of 44")
	for range f.view.Components {
		s.shows("▌ " + visible(s.selected)[:5])
		s.press("j")
	}
	s.shows("37-44 of 44")
}

// Nothing that comes from elsewhere reaches the terminal as an escape, or breaks a line.
func TestForeignText(t *testing.T) {
	const odd = "\x1b]0;title\a\x9b2J\r\n\u009b\u0085\x00"
	f := troubled()
	v := f.view
	v.Name, v.Diagnosis.Text = odd, odd
	for i := range v.Components {
		v.Components[i].Name += odd
		v.Components[i].Errors = 1
	}
	for i := range f.logs {
		f.logs[i].Text, f.logs[i].Component, f.logs[i].Level = odd, odd, odd
	}
	for _, one := range f.failures {
		one.Spout, one.MessageID, one.Values, one.Headline, one.Reason = odd, odd, odd, odd, odd
		one.Cause.Component = odd
	}
	s := newScreen(t, f, 80, 24, Options{})
	for _, keys := range []string{"", "tab", "enter", "K", "n R"} {
		s.press(keys)
		drawn := s.draw()
		for _, escape := range regexp.MustCompile(`\x1b(\[[0-9;]*m)?`).FindAllString(drawn, -1) {
			if escape == "\x1b" {
				t.Fatalf("after %q an escape that is no colour's is in %q", keys, drawn)
			}
		}
		if i := strings.IndexFunc(ansi.Strip(drawn), func(r rune) bool { return r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) }); i >= 0 {
			t.Errorf("after %q a control character is in %q", keys, ansi.Strip(drawn)[i:])
		}
		s.text()
	}
}

func TestSparkline(t *testing.T) {
	for _, tt := range []struct {
		values []float32
		width  int
		want   string
	}{
		{nil, 4, "    "},
		{[]float32{0, 0}, 4, "  ▁▁"},
		{[]float32{0, 5, 10}, 4, " ▁▅█"},
		{[]float32{10, 10, 5, 5}, 2, "█▅"},
		{[]float32{1, 2}, 0, ""},
	} {
		if got := sparkline(tt.values, tt.width, 4); got != tt.want {
			t.Errorf("%v in %d: %q, want %q", tt.values, tt.width, got, tt.want)
		}
	}
	for share, want := range map[float64]string{-1: "····", 0: "····", 0.001: "▏···", 0.5: "██··", 0.53: "██▏·", 1: "████", 7: "████"} {
		if full, rest := bar(share, 4); full+rest != want {
			t.Errorf("the bar of %v is %q, want %q", share, full+rest, want)
		}
	}
}

// The colours follow the terminal's background. What they say, words and marks say, too.
func TestColors(t *testing.T) {
	s := newScreen(t, troubled(), 80, 24, Options{})
	plain := s.text()
	drawn := map[bool]string{}
	for _, dark := range []bool{true, false} {
		background := color.Gray{Y: 250}
		if dark {
			background.Y = 5
		}
		s.take(tea.BackgroundColorMsg{Color: background})
		drawn[dark] = s.draw()
		if s.text() != plain {
			t.Errorf("on a dark background (%v) the text is another:\n%s", dark, s.text())
		}
	}
	if drawn[true] == drawn[false] {
		t.Error("a light terminal gets the colours of a dark one")
	}
	for _, mark := range []string{"▲ count is the bottleneck", "▌ words", "┤ Logs ├", "1/2", "ERROR"} {
		if !strings.Contains(plain, mark) {
			t.Errorf("without colours %q is missing", mark)
		}
	}
}
