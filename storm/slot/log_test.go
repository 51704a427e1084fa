package slot

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/storm/generated"
)

func TestLogHasStormsForm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "worker.log")
	l, err := openLogFile(file, newLevels(zerolog.InfoLevel))
	if err != nil {
		t.Fatal(err)
	}
	lines := `{"level":"info","component":"count","task":4,"time":"2026-11-29T12:00:00.123Z","message":"10 words"}
{"level":"debug","time":"2026-11-29T12:00:00.124Z","message":"not logged"}
{"level":"error","time":"2026-11-29T12:00:01.000Z","message":"two\nlines"}
`
	if n, err := l.Write([]byte(lines)); n != len(lines) || err != nil {
		t.Fatal(n, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "2026-11-29 12:00:00.123 count task-4 [INFO] 10 words\n2026-11-29 12:00:01.000 gust worker [ERROR] two\nlines\n"
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The logs are numbered up to nine; then the oldest one is deleted.
func TestLogRotates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "worker.log")
	l, err := openLogFile(file, newLevels(zerolog.InfoLevel))
	if err != nil {
		t.Fatal(err)
	}
	l.limit = 60
	for i := range keptLogs + 3 {
		if _, err := fmt.Fprintf(l, `{"level":"info","time":"2026-11-29T12:00:00.123Z","message":"line %d"}`+"\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= keptLogs; i++ {
		packed, err := os.Open(fmt.Sprintf("%s.%d.gz", file, i))
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if want := fmt.Sprintf(" line %d\n", i+1); err != nil || !strings.HasSuffix(string(text), want) {
			t.Errorf("file %d has %q, %v, want %q", i, text, err, want)
		}
		packed.Close()
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(text), " line 11\n") {
		t.Errorf("the log has %q, %v", text, err)
	}
}

func TestLevels(t *testing.T) {
	l := newLevels(zerolog.InfoLevel)
	logs := func(component string, level zerolog.Level, want bool) {
		t.Helper()
		if got := l.Sample(level) && l.logs(component, level); got != want {
			t.Errorf("%s of %q: got %v, want %v", level, component, got, want)
		}
	}
	logs("count", zerolog.DebugLevel, false)
	logs("count", zerolog.InfoLevel, true)
	now := time.UnixMilli(1_800_000_000_000)
	set := func(level string, end time.Time) *generated.LogLevel {
		setting := &generated.LogLevel{Action: generated.LogLevelAction_UPDATE, TargetLogLevel: &level}
		if !end.IsZero() {
			millis := end.UnixMilli()
			setting.ResetLogLevelTimeoutEpoch = &millis
		}
		return setting
	}
	end := now.Add(time.Minute)
	config := &generated.LogConfig{NamedLoggerLevel: map[string]*generated.LogLevel{
		"ROOT": set("ERROR", time.Time{}), "count": set("DEBUG", end), "split": set("TRACE", now),
	}}
	if got := l.apply(config, now); !got.Equal(end) {
		t.Errorf("the first level ends at %v, want %v", got, end)
	}
	logs("count", zerolog.DebugLevel, true)
	logs("count", zerolog.TraceLevel, false)
	logs("split", zerolog.WarnLevel, false) // its level has ended
	logs("", zerolog.ErrorLevel, true)
	if got := l.apply(config, end); !got.IsZero() {
		t.Errorf("a level ends at %v, want none", got)
	}
	logs("count", zerolog.DebugLevel, false)
	l.apply(nil, now)
	logs("", zerolog.InfoLevel, true)
}
