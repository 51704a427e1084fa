package main

import (
	"bytes"
	"regexp"
	"testing"
)

// elapsed is the time in a line of progress, which depends on the machine.
var elapsed = regexp.MustCompile(`[ \d]{3} s\b`)

func TestProgress(t *testing.T) {
	play := func(width int) string {
		var out bytes.Buffer
		p := &progress{c: &cli{name: "gust", stderr: &out}, width: width}
		p.step("making .venv")
		p.Write([]byte("Collecting stream"))
		p.Write([]byte("parse\n\n\x1b[31mDownloading\x1b[0m it\rhalf a line"))
		p.step("installing")
		p.end()
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
