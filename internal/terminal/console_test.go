package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const testTime = `"time":"2026-01-31T12:00:01.123+01:00"`

func TestConsoleLines(t *testing.T) {
	tests := []struct {
		name, line, want string
	}{
		{"a component's task",
			`{"level":"info","component":"count","task":7,` + testTime + `,"message":"counted"}`,
			"12:00:01.123 INFO  count[7]    counted\n"},
		{"gust itself",
			`{"level":"warn",` + testTime + `,"message":"slow"}`,
			"12:00:01.123 WARN  gust        slow\n"},
		{"a component without a task",
			`{"level":"debug","component":"count",` + testTime + `,"message":"x"}`,
			"12:00:01.123 DEBUG count       x\n"},
		{"more fields, in their order",
			`{"level":"info","component":"count","task":7,"pid":123,"dir":"/a b",` + testTime + `,"empty":"","list":[1,"x y"],"tuple":"[\"the\"]","message":"up"}`,
			`12:00:01.123 INFO  count[7]    up pid=123 dir="/a b" empty="" list=[1,"x y"] tuple=["the"]` + "\n"},
		{"a tuple with a line feed in it",
			`{"level":"info","tuple":"[1,\n2]",` + testTime + `,"message":"up"}`,
			`12:00:01.123 INFO  gust        up tuple="[1,\n2]"` + "\n"},
		{"an error",
			`{"level":"error","error":"exit status 1",` + testTime + `,"message":"died"}`,
			"12:00:01.123 ERROR gust        died: exit status 1\n"},
		{"an error alone",
			`{"level":"error","error":"exit status 1",` + testTime + `}`,
			"12:00:01.123 ERROR gust        exit status 1\n"},
		{"a traceback",
			`{"level":"error","component":"count","task":7,"pid":9,` + testTime + `,"message":"failed\nTraceback (most recent call last):\n  File \"x.py\", line 3\n\nValueError: x\n"}`,
			"12:00:01.123 ERROR count[7]    failed pid=9\n" +
				"    Traceback (most recent call last):\n" +
				"      File \"x.py\", line 3\n" +
				"    \n" +
				"    ValueError: x\n"},
		{"line ends of Windows",
			`{"level":"info",` + testTime + `,"message":"one\r\ntwo\r\n"}`,
			"12:00:01.123 INFO  gust        one\n    two\n"},
		{"control characters and colours",
			`{"level":"info",` + testTime + `,"message":"\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 \u001b[2J\ttab"}`,
			"12:00:01.123 INFO  gust        red\\x1b]0;title\\a \\x1b[2J\ttab\n"},
		{"no level",
			`{` + testTime + `,"message":"plain"}`,
			"12:00:01.123       gust        plain\n"},
		{"a longer name than expected",
			`{"level":"info","component":"a_rather_long_name","task":12,` + testTime + `,"message":"m"}`,
			"12:00:01.123 INFO  a_rather_long_name[12]  m\n"},
		{"no time", `{"level":"info","message":"m"}`, " INFO  gust        m\n"},
		{"no JSON", `panic: what`, "panic: what\n"},
		{"no object", `[1]`, "[1]\n"},
		{"cut off", `{"level":"info","mess`, `{"level":"info","mess` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			c := NewConsole(&out, "gust", len("count[10]")+1, false)
			n, err := c.Write([]byte(tt.line + "\n"))
			if err != nil || n != len(tt.line)+1 {
				t.Fatalf("Write = %d, %v", n, err)
			}
			if out.String() != tt.want {
				t.Errorf("got  %q\nwant %q", out.String(), tt.want)
			}
		})
	}
}

func TestConsoleColors(t *testing.T) {
	var out bytes.Buffer
	c := NewConsole(&out, "gust", 4, true)
	fmt.Fprintln(c, `{"level":"error",`+testTime+`,"pid":1,"message":"m"}`)
	want := "\x1b[2m12:00:01.123\x1b[0m \x1b[31mERROR\x1b[0m \x1b[1mgust\x1b[0m  m \x1b[2mpid=\x1b[0m1\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

// stopAfter fails once its bytes are used up.
type stopAfter struct{ left int }

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.left < len(p) {
		return 0, errors.New("full")
	}
	s.left -= len(p)
	return len(p), nil
}

func TestConsoleTellsHowMuchWasWritten(t *testing.T) {
	line := `{"level":"info",` + testTime + `,"message":"` + strings.Repeat("x", chunk/2) + `"}` + "\n"
	c := NewConsole(&stopAfter{left: 3 * chunk / 2}, "gust", 4, false)
	n, err := c.Write([]byte(strings.Repeat(line, 6)))
	if err == nil || n != 2*len(line) {
		t.Errorf("Write = %d, %v; want the %d bytes of two lines, and an error", n, err, 2*len(line))
	}
}

func FuzzConsole(f *testing.F) {
	f.Add(`{"level":"info","message":"m\n\n","x":{"y":[1]}}`)
	f.Add(`{"level":1,"time":"2026","task":[]}`)
	f.Add("\x1b[")
	f.Fuzz(func(t *testing.T, line string) {
		var out bytes.Buffer
		c := NewConsole(&out, "gust", 4, false)
		if n, err := c.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	})
}

func BenchmarkConsole(b *testing.B) {
	line := []byte(`{"level":"info","component":"count","task":7,` + testTime + `,"message":"counted the word \"storm\""}` + "\n")
	c := NewConsole(&bytes.Buffer{}, "gust", 10, false)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		c.w.(*bytes.Buffer).Reset()
		c.Write(line)
	}
}

func TestLogText(t *testing.T) {
	for line, want := range map[string]string{
		`{"level":"info","component":"count","task":7,` + testTime + `,"message":"emit","stream":"default","tuple":"[\"a b\"]"}`: `emit stream=default tuple=["a b"]`,
		`{"level":"error","pid":7,"error":"exit status 1\nTraceback",` + testTime + `,"message":"died"}`:                         "died: exit status 1 pid=7\nTraceback",
		`{"message":"plain"}`: "plain",
	} {
		if got, ok := LogText([]byte(line)); !ok || got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if _, ok := LogText([]byte("no JSON")); ok {
		t.Error("what is not JSON is a line of the log")
	}
}
