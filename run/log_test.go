package run

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/terminal"
)

func TestConsoleReadsWhatTheLogWrites(t *testing.T) {
	var out bytes.Buffer
	var lowest threshold
	lowest.level.Store(int32(zerolog.InfoLevel))
	log := openLog(terminal.NewConsole(&out, "gust", 4, false), io.Discard, &lowest, nil)
	log.Debug().Msg("not at this level")
	log.Warn().Str("component", "count").Int("task", 4).Err(errors.New("e")).Msg("m")
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	line := out.String()
	if len(line) < 12 || line[2] != ':' || line[8] != '.' {
		t.Fatalf("no time in %q", line)
	}
	if want := " WARN  count[4]  m: e\n"; line[12:] != want {
		t.Errorf("got %q, want %q", line[12:], want)
	}
}

func TestMissingLinesAreALogLine(t *testing.T) {
	var out bytes.Buffer
	if _, err := terminal.NewConsole(&out, "gust", 4, false).Write(missingLines(1234)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), " WARN  gust  1,234 lines of the log dropped") {
		t.Errorf("got %q", out.String())
	}
}

func TestLogLevel(t *testing.T) {
	tests := []struct {
		conf conf.Conf
		want zerolog.Level
	}{
		{nil, zerolog.InfoLevel},
		{conf.Conf{conf.TopologyDebug: true}, zerolog.DebugLevel},
		{conf.Conf{conf.PystormLogLevel: "debug"}, zerolog.DebugLevel},
		{conf.Conf{conf.PystormLogLevel: "trace"}, zerolog.TraceLevel},
		{conf.Conf{conf.PystormLogLevel: "critical"}, zerolog.InfoLevel}, // for the component alone
	}
	for _, tt := range tests {
		if got := logLevel(tt.conf); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.conf, got, tt.want)
		}
	}
}
