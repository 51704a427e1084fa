package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/internal/testenv"
)

// writeTopology writes a topology of fake components that runs until it is stopped, and
// returns its file.
func writeTopology(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	play := func(name string, script fakecomponent.Script) {
		text := "#!/bin/sh\n"
		for key, value := range script.Env() {
			text += fmt.Sprintf("export %s='%s'\n", key, value)
		}
		testenv.Write(t, dir, map[string]string{name + "*": text + "exec " + program + "\n"})
	}
	play("words", fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 5, Pause: time.Millisecond}})
	play("count", fakecomponent.Script{Bolt: &fakecomponent.Bolt{}})
	file := filepath.Join(dir, "wordcount.toml")
	writeFile(t, file, `name = "wordcount"

[spouts.words]
command = ["./words"]
serializer = "json"
outputs = ["key", "n"]

[bolts.count]
command = ["./count"]
serializer = "json"
inputs = [{ from = "words" }]
`)
	return file
}

// On a terminal a status line stays below the log, and is gone before the summary.
func TestRunStatusLine(t *testing.T) {
	noRuns(t)
	o := gustOnTerminal(t, "run", writeTopology(t))
	o.screen.WaitForAll(t, "running after", " emitted/s | ", " pending | 0 failed")
	o.typeKeys(t, ctrlC)
	o.endsWith(t, exitDone, "trees: ")
	text := o.screen.String()
	if !strings.Contains(text, "\r\x1b[K") {
		t.Errorf("nothing of the line was erased: %q", text)
	}
	_, summary, _ := strings.Cut(text, "component  kind")
	if strings.Contains(summary, "emitted/s |") {
		t.Errorf("the line stands in the summary: %q", summary)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, " INFO ") && strings.Contains(line, "acked/s") && !strings.Contains(line, "\x1b[K") {
			t.Errorf("the log and the line are mixed: %q", line)
		}
	}
}

// With --top, quitting stops the run, which then prints its summary.
func TestRunTop(t *testing.T) {
	noRuns(t)
	o := gustOnTerminal(t, "run", "--top", writeTopology(t))
	o.screen.WaitForAll(t, "wordcount", "ACTIVE", "quit")
	o.typeKeys(t, "q")
	o.screen.WaitForAll(t, "Stop the topology and quit?")
	o.typeKeys(t, "y")
	o.endsWith(t, exitDone, "stopping (top was quit)")
	o.screen.WaitForAll(t, "trees: ")
	if !o.echoes(t) {
		t.Error("the terminal does not show any more what is typed")
	}

	o = gustOnTerminal(t, "run", "--top", "-t", "2", writeTopology(t)) // it ends by itself
	o.endsWith(t, exitDone, "trees: ")
	if !o.echoes(t) {
		t.Error("the terminal does not show any more what is typed")
	}
	gust(t, "run", "--top", writeTopology(t)).refuses(t, exitUsage, "--top needs a terminal")
}
