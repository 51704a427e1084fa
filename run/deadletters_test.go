package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gust/status"
	"gust/ui/runs"
)

func TestDeadLetters(t *testing.T) {
	file := &runs.DeadLetters{Path: filepath.Join(t.TempDir(), "below", "t.jsonl")}
	var log bytes.Buffer
	d := &deadLetters{file: file, log: zerolog.New(&log), id: "t-1-2"}
	d.update(status.News{Failures: []*status.Failure{{Number: 1}}})
	if _, err := os.Stat(file.Path); err == nil {
		t.Error("there is a file before the first letter")
	}
	d.update(status.News{Failures: []*status.Failure{{Number: 2, Dead: true, Values: `["a"]`}, {Number: 3}, {Number: 4, Dead: true}}})
	d.update(status.News{Failures: []*status.Failure{{Number: 5, Dead: true}}})
	letters, err := file.List()
	if err != nil || len(letters) != 3 || letters[0].Topology != "t-1-2" || letters[0].Number != 2 || letters[0].Values != `["a"]` {
		t.Errorf("the file has %+v (%v)", letters, err)
	}
	if !strings.Contains(log.String(), file.Path) || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("the log is %s", log.String())
	}

	// A replay that is acked removes the letter, also one of an earlier run.
	d.update(status.News{Replays: []*status.Replay{
		{Topology: "t-1-2", Failure: 2, Dead: true, State: status.ReplayAcked},
		{Topology: "t-1-2", Failure: 4, Dead: true, State: status.ReplayFailed},
		{Topology: "t-1-1", Failure: 5, Dead: true, State: status.ReplayAcked},
	}})
	if letters, err = file.List(); err != nil || len(letters) != 2 || letters[0].Number != 4 {
		t.Errorf("after the replays: %+v (%v)", letters, err)
	}

	// Errors of writing are logged once.
	log.Reset()
	d = &deadLetters{file: &runs.DeadLetters{Path: filepath.Join(file.Path, "no", "directory")}, log: zerolog.New(&log)}
	for range 2 {
		d.update(status.News{Failures: []*status.Failure{{Dead: true}, {Dead: true}}})
	}
	if strings.Count(log.String(), "cannot write dead letters") != 1 {
		t.Errorf("the log is %s", log.String())
	}
}
