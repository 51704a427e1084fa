package status

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/worker"
)

func TestWatch(t *testing.T) {
	moves := Point{Emitted: 1}
	well := View{Phase: string(worker.Active), Now: moves, Diagnosis: Diagnosis{Kind: Running, Severity: Good, Text: "running"}}
	slow := View{Phase: string(worker.Active), Now: moves, Diagnosis: Diagnosis{Kind: SlowBolt, Severity: Warning, Component: "count", Text: "count is slow"}}
	hot := View{Phase: string(worker.Active), Now: moves, Diagnosis: Diagnosis{Kind: HotTask, Severity: Warning, Component: "count", Text: "count[4] is slow"}}
	crash := View{Phase: string(worker.Active), Now: moves, Diagnosis: Diagnosis{Kind: CrashLoop, Severity: Trouble, Component: "split", Text: "split dies"}}
	idle := View{Phase: string(worker.Active), Diagnosis: Diagnosis{Kind: NoData, Severity: Notice, Component: "words", Text: "words has no data"}}
	waits := View{Phase: string(worker.Active), Now: moves, Diagnosis: Diagnosis{Kind: MaxPending, Severity: Notice, Component: "words", Text: "words waits for acks"}}
	starts := View{Phase: string(worker.Starting), Diagnosis: Diagnosis{Kind: WaitsToStart, Severity: Notice, Text: "starting"}}
	stopped := View{Phase: string(worker.Active), Diagnosis: Diagnosis{Kind: AtBreakpoint, Severity: Warning, Component: "count", Text: "count is stopped"}}
	ended := View{Phase: PhaseEnded, Diagnosis: Diagnosis{Kind: HasEnded, Severity: Trouble, Text: "ended"}}

	type span struct {
		view View
		secs int
	}
	for _, tt := range []struct {
		name  string
		spans []span
		want  string
	}{
		{"all is well", []span{{well, 60}}, ""},
		{"for a moment only", []span{{well, 10}, {slow, 4}, {well, 10}, {slow, 4}}, ""},
		{"once, however long, and its end", []span{{well, 10}, {slow, 200}, {well, 10}}, "warn: count is slow / info: all is well again: running"},
		{"not again at once", []span{{slow, 10}, {well, 10}, {slow, 60}, {well, 60}}, "warn: count is slow / info: all is well again: running"},
		{"again after a while", []span{{slow, 10}, {well, 310}, {slow, 10}}, "warn: count is slow / info: all is well again: running / warn: count is slow"},
		{"another cause", []span{{slow, 10}, {crash, 10}}, "warn: count is slow / error: split dies"},
		{"one that changes", []span{{slow, 3}, {hot, 3}, {slow, 3}, {hot, 3}, {slow, 3}}, "warn: count[4] is slow / warn: count is slow"},
		{"nothing moves", []span{{idle, 30}}, "info: words has no data"},
		{"a notice while all moves", []span{{waits, 30}}, ""},
		{"what the run says itself", []span{{starts, 30}, {well, 10}, {ended, 30}}, ""},
		{"a breakpoint for a while", []span{{well, 10}, {stopped, 100}, {well, 10}}, ""},
		{"a breakpoint that is forgotten", []span{{stopped, 800}, {well, 10}}, "warn: count is stopped / warn: count is stopped"},
		{"it stops while it is slow", []span{{slow, 10}, {ended, 10}}, "warn: count is slow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			w := Watch{Log: zerolog.New(&out)}
			now := time.Unix(1_700_000_000, 0)
			for _, s := range tt.spans {
				for range s.secs {
					w.Look(&s.view, now)
					now = now.Add(time.Second)
				}
			}
			var lines []string
			for line := range strings.Lines(out.String()) {
				l := parseLogLine([]byte(line))
				lines = append(lines, l.Level+": "+l.Text)
			}
			if got := strings.Join(lines, " / "); got != tt.want {
				t.Errorf("logged %q, want %q", got, tt.want)
			}
		})
	}
}
