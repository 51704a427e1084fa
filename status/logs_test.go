package status

import (
	"fmt"
	"testing"
	"time"
)

// A line keeps all that the log says, with the fields that only some lines have.
func TestLogFields(t *testing.T) {
	const at = `"time":"2026-01-31T12:00:01.123Z"`
	for _, tt := range []struct {
		line string
		want LogLine
	}{
		{`{"level":"info","component":"count","task":7,` + at + `,"message":"counted"}`, LogLine{Level: "info", Component: "count", Task: 7, Text: "counted"}},
		{`{"level":"debug","component":"count","task":7,"stream":"default","tuple":"[1]",` + at + `,"message":"emit"}`, LogLine{Level: "debug", Component: "count", Task: 7, Text: "emit stream=default tuple=[1]"}},
		{`{"level":"warn","pid":7,"error":"exit status 1",` + at + `,"message":"died\nwith lines"}`, LogLine{Level: "warn", Text: "died pid=7\nwith lines: exit status 1"}},
		{`{"level":"info",` + at + `,"message":"{\"a\":1,\"b\":2,\"c\":3}"}`, LogLine{Level: "info", Text: `{"a":1,"b":2,"c":3}`}},
		{`{"level":"error","error":"alone",` + at + `}`, LogLine{Level: "error", Text: "alone"}},
	} {
		logs := newLogs()
		fmt.Fprintln(logs, tt.line)
		got := logs.Find(LogFilter{})
		tt.want.Number, tt.want.Time = 1, time.Date(2026, 1, 31, 12, 0, 1, 123_000_000, time.UTC)
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s is %+v, want %+v", tt.line, got, tt.want)
		}
	}
	logs := newLogs()
	fmt.Fprintln(logs, "no JSON")
	if got := logs.Find(LogFilter{}); len(got) != 1 || got[0].Text != "no JSON" || got[0].Level != "info" {
		t.Errorf("what is not JSON is %+v", got)
	}
}
