package terminal

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// elapsed is the time in a line of progress, which depends on the machine.
var elapsed = regexp.MustCompile(`[ \d]{3} s\b`)

func TestProgress(t *testing.T) {
	play := func(width int) string {
		var out bytes.Buffer
		v := NewVoice("gust", &out)
		v.width = width
		tool := v.Output()
		v.Step("making .venv")
		fmt.Fprint(tool, "Collecting stream")
		fmt.Fprint(tool, "parse\n\n\x1b[31mDownloading\x1b[0m it\rhalf a line")
		v.Step("installing")
		v.Clear()
		return elapsed.ReplaceAllString(out.String(), "  0 s")
	}
	if got, want := play(0), "gust: making .venv\n    0 s  Collecting streamparse\ngust: installing\n"; got != want {
		t.Errorf("where there is no terminal: %q, want %q", got, want)
	}
	const erase = "\r\x1b[K"
	want := "gust: making .venv\n    0 s  Collecting s…" + erase + "    0 s  Downloading …" + erase + "gust: installing\n"
	if got := play(23); got != want {
		t.Errorf("on a terminal: %q, want %q", got, want)
	}
}

func TestBar(t *testing.T) {
	if got, want := Bar(0, 0), strings.Repeat("-", 30)+"   0 %  0 B of 1 B"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Bar(1_500_000, 3_000_000), strings.Repeat("#", 15)+strings.Repeat("-", 15)+"  50 %  1.5 MB of 3.0 MB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each line that stays takes the place of the one that moves.
func TestVoice(t *testing.T) {
	var out bytes.Buffer
	v := NewVoice("gust", &out)
	v.Show("uploading")
	v.Say("%d files", 2)
	if got, want := out.String(), "gust: 2 files\n"; got != want {
		t.Errorf("where there is no terminal: %q, want %q", got, want)
	}
	out.Reset()
	v.width = 10
	v.Show("uploading 1 of 2")
	v.Show("two")
	v.Warn("a\nb")
	v.Line("done")
	v.Show("three")
	v.Clear()
	v.Clear()
	const erase = "\r\x1b[K"
	want := "uploadin…" + erase + "two" + erase + "gust: warning: a\n    b\ndone\nthree" + erase
	if out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out.String(), want)
	}
}

// Lines that stay scroll above the one that moves, which goes on below them.
func TestAbove(t *testing.T) {
	var out bytes.Buffer
	v := NewVoice("gust", &out)
	log := v.Above(&out)
	fmt.Fprintln(log, "one")
	v.Show("12 acked/s")
	if got, want := out.String(), "one\n"; got != want {
		t.Errorf("where there is no terminal: %q, want %q", got, want)
	}
	out.Reset()
	v.width = 8
	fmt.Fprintln(log, "one")
	v.Show("12 acked/s")
	if n, err := fmt.Fprint(log, "two\nthree\n"); n != len("two\nthree\n") || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	v.width = 20 // a window that became wider shows the whole line
	fmt.Fprintln(log, "four")
	v.Clear()
	fmt.Fprintln(log, "five")
	const erase = "\r\x1b[K"
	want := "one\n12 ack…" + erase + "two\nthree\n12 ack…" + erase + "four\n12 acked/s" + erase + "five\n"
	if out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out.String(), want)
	}
}
